// One window while it is added up: figures by series, by title and by appliance, and who watched.
import { add, type Figures, noFigures, type Sum, weighed } from "./figures.ts";
import { addSketch, fromSketchRow, sketchIn, sketchRow } from "./sketch.ts";
import type { Labels } from "./stream-event.ts";
import type { Division, WatchingRecord, WindowRecord } from "./stream-record.ts";

interface Cell {
  readonly labels: Labels;
  readonly sum: Sum;
  readonly startups: Map<number, number>;
  /** Events that did not count for just themselves. */
  estimates: number;
}

interface Watching {
  readonly by: WatchingRecord["by"];
  readonly appliance: string;
  readonly title: string;
  watchedMs: number;
  atEnd: number;
}

export interface Cells {
  readonly series: Map<string, Cell>;
  readonly title: Map<string, Cell>;
  readonly appliance: Map<string, Cell>;
  readonly watching: Map<string, Watching>;
}

export interface Watched {
  readonly ms: number;
  readonly atEnd: number;
}

const divisions: readonly Division[] = ["series", "title", "appliance"];
const all = "all";
const other = "other";

export function noCells(): Cells {
  return { series: new Map(), title: new Map(), appliance: new Map(), watching: new Map() };
}

export function isEmpty(cells: Cells): boolean {
  return cells.series.size === 0 && cells.watching.size === 0;
}

/** Puts in what an event adds, as often as it stands for others. Returns in how many divisions it found no series of its own. */
export function count(
  cells: Cells,
  labels: Labels,
  { added, weight }: { readonly added: Figures; readonly weight: number },
  most: number,
): number {
  const sum = weighed(added, weight);
  let crowdedOut = 0;
  for (const by of divisions) {
    const cell = cellOf(cells[by], labelsFor(by, labels), most);
    if (cell.labels[by === "series" ? "title" : by] === other) crowdedOut += 1;
    add(cell.sum, sum);
    if (weight !== 1) cell.estimates += 1;
    if (sum.starts > 0) sketchIn(cell.startups, added.startupMs, sum.starts);
  }
  return crowdedOut;
}

export function watch(cells: Cells, labels: Labels, watched: Watched, most: number): void {
  const { appliance, title } = labels;
  const { watching } = cells;
  raise(watchingOf(watching, { by: "all", appliance: all, title: all }, most), watched);
  raise(watchingOf(watching, { by: "title", appliance: all, title }, most), watched);
  raise(watchingOf(watching, { by: "appliance", appliance, title: all }, most), watched);
}

/** Puts a short window into a long one. Who watches at the end is told by the last. */
export function merge(into: Cells, from: Cells, most: number): void {
  for (const by of divisions) {
    for (const { labels, sum, startups, estimates } of from[by].values()) {
      const cell = cellOf(into[by], labels, most);
      cell.estimates += estimates;
      add(cell.sum, sum);
      addSketch(cell.startups, startups);
    }
  }
  for (const one of into.watching.values()) one.atEnd = 0;
  for (const one of from.watching.values()) {
    raise(watchingOf(into.watching, one, most), { ms: one.watchedMs, atEnd: one.atEnd });
  }
}

export function windowRecords(cells: Cells, startMs: number, sizeMs: number): readonly WindowRecord[] {
  return divisions.flatMap((by) =>
    [...cells[by].values()].map(({ labels, sum, startups, estimates }) => ({
      kind: "window" as const,
      ...{ by, sizeMs, startMs, endMs: startMs + sizeMs },
      ...labels,
      ...sum,
      startupBuckets: sketchRow(startups),
      ...(estimates > 0 && { estimates }),
    })),
  );
}

export function watchingRecords(cells: Cells, startMs: number, sizeMs: number): readonly WatchingRecord[] {
  return [...cells.watching.values()].map((one) => ({
    kind: "watching" as const,
    ...{ sizeMs, startMs, endMs: startMs + sizeMs },
    ...one,
  }));
}

/** As JSON can hold it. */
export interface SavedCells {
  readonly cells: readonly (readonly [
    Division,
    Labels,
    Figures,
    Readonly<Record<string, number>>,
    estimates?: number,
  ])[];
  readonly watching: readonly Readonly<Watching>[];
}

export function savedCells(cells: Cells): SavedCells {
  return {
    cells: divisions.flatMap((by) =>
      [...cells[by].values()].map(
        ({ labels, sum, startups, estimates }) =>
          [by, labels, { ...sum }, sketchRow(startups), estimates] as const,
      ),
    ),
    watching: [...cells.watching.values()].map((one) => ({ ...one })),
  };
}

export function restoredCells(saved: SavedCells): Cells {
  const cells = noCells();
  for (const [by, labels, sum, startups, estimates = 0] of saved.cells) {
    const cell = { labels, sum: { ...sum }, startups: fromSketchRow(startups), estimates };
    cells[by].set(keyOf(labels), cell);
  }
  for (const one of saved.watching) cells.watching.set(watchingKey(one), { ...one });
  return cells;
}

export function copied(cells: Cells): Cells {
  return restoredCells(savedCells(cells));
}

function labelsFor(by: Division, labels: Labels): Labels {
  switch (by) {
    case "series":
      return labels;
    case "title":
      return { appliance: all, network: all, title: labels.title, device: all };
    case "appliance":
      return { appliance: labels.appliance, network: all, title: all, device: all };
  }
}

function keyOf({ appliance, network, title, device }: Labels): string {
  return `${appliance}\n${network}\n${title}\n${device}`;
}

function cellOf(cells: Map<string, Cell>, labels: Labels, most: number): Cell {
  const key = keyOf(labels);
  const known = cells.get(key);
  if (known !== undefined) return known;
  if (cells.size >= most) return otherOf(cells, labels);
  const cell = { labels, sum: noFigures(), startups: new Map<number, number>(), estimates: 0 };
  cells.set(key, cell);
  return cell;
}

/** The one cell beyond the bound. */
function otherOf(cells: Map<string, Cell>, like: Labels): Cell {
  const name = (value: string): string => (value === all ? all : other);
  const labels = {
    appliance: name(like.appliance),
    network: name(like.network),
    title: name(like.title),
    device: name(like.device),
  };
  return cellOf(cells, labels, Number.POSITIVE_INFINITY);
}

type WatchingLabels = Pick<Watching, "by" | "appliance" | "title">;

function watchingKey({ by, appliance, title }: WatchingLabels): string {
  return `${by}\n${appliance}\n${title}`;
}

function watchingOf(
  watching: Map<string, Watching>,
  { by, appliance, title }: WatchingLabels,
  most: number,
): Watching {
  const key = watchingKey({ by, appliance, title });
  const known = watching.get(key);
  if (known !== undefined) return known;
  // Titles and appliances share the room.
  if (watching.size >= 2 * most && by !== "all" && (by === "title" ? title : appliance) !== other) {
    return watchingOf(
      watching,
      by === "title" ? { by, appliance, title: other } : { by, appliance: other, title },
      most,
    );
  }
  const one = { by, appliance, title, watchedMs: 0, atEnd: 0 };
  watching.set(key, one);
  return one;
}

function raise(one: Watching, { ms, atEnd }: Watched): void {
  one.watchedMs += ms;
  one.atEnd += atEnd;
}
