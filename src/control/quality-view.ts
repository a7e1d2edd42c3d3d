// What operators are told of quality: figures of windows and corrections added up, and the measures taken of the sums.
import type { QoeQuery, QoeSums } from "#data/ports-qoe.ts";
import { estimates, figures, measures, watchingFigures } from "#qoe/definitions.ts";
import { add, measured, noFigures, type Sum } from "#qoe/figures.ts";
import { missFigures, missMeasures } from "#qoe/miss-record.ts";
import { addSketch, fromSketchRow } from "#qoe/sketch.ts";
import { longMs, shortMs, windowStart } from "#qoe/stream-settings.ts";
import type { OpsQuality, OpsQualityDefinitions, QualityFigures, QualityQuery } from "#wire/quality.ts";
import type { OpenWindows } from "./quality-so-far.ts";

/** An hour of short windows, six of long ones. */
const mostWindows = 360;
const mostGroups = 50;

export type Asked =
  | { readonly kind: "asked"; readonly query: QoeQuery }
  | { readonly kind: "too-long"; readonly most: string };

/** Whole windows; the latest hour, or six, where no time is named. */
export function askedOf({ by, from, to, step }: QualityQuery, nowMs: number): Asked {
  const sizeMs = step === "10" ? shortMs : longMs;
  const untilMs = Math.ceil((to ?? nowMs) / sizeMs) * sizeMs;
  const fromMs = windowStart(from ?? Math.max(0, untilMs - mostWindows * sizeMs), sizeMs);
  if (untilMs - fromMs > mostWindows * sizeMs) {
    return { kind: "too-long", most: `${(mostWindows * sizeMs) / 3_600_000} h in steps of ${step} s` };
  }
  return { kind: "asked", query: { by, sizeMs, fromMs, untilMs } };
}

interface Cell {
  readonly sum: Sum;
  readonly startups: Map<number, number>;
  estimates: number;
  watchedMs: number;
  atEnd: number;
}

/** What is kept, and what is not yet. */
export function qualityOf(
  { by, sizeMs, fromMs, untilMs }: QoeQuery,
  kept: QoeSums,
  { open, waitingFor }: { readonly open: OpenWindows; readonly waitingFor: string },
): OpsQuality {
  const found = together(kept, open.sums);
  const groups = new Map<string, Map<number, Cell>>();
  const cellAt = (key: string, startMs: number): Cell => {
    const windows = groups.get(key) ?? new Map<number, Cell>();
    const cell = windows.get(startMs) ?? newCell();
    groups.set(key, windows.set(startMs, cell));
    return cell;
  };
  for (const row of found.sums) {
    const cell = cellAt(row.key, row.startMs);
    add(cell.sum, row);
    cell.estimates += row.estimates;
  }
  for (const { key, startMs, buckets } of found.startups) {
    addSketch(cellAt(key, startMs).startups, fromSketchRow(buckets));
  }
  for (const { key, startMs, watchedMs, atEnd } of found.watching) {
    const cell = cellAt(key, startMs);
    cell.watchedMs += watchedMs;
    cell.atEnd += atEnd;
  }
  const ends = kept.sums.map(({ startMs }) => startMs + sizeMs);
  const settledMs = open.settledUntilMs ?? ends.reduce((latest, endMs) => Math.max(latest, endMs), 0);
  const hasWatching = by === "title" || by === "appliance";
  const all = [...groups]
    .map(([key, windows]) => ({ key, windows, whole: wholeOf(windows) }))
    .toSorted((a, b) => b.whole.sum.plays - a.whole.sum.plays || (a.key < b.key ? -1 : 1));
  return {
    ...{ by, fromMs, untilMs, stepMs: sizeMs },
    settledUntilMs: settledMs === 0 ? null : settledMs,
    groups: all.slice(0, mostGroups).map(({ key, windows, whole }) => ({
      key,
      whole: figuresOf(whole, hasWatching),
      windows: inOrder(windows).map(([startMs, cell]) => ({
        ...{ startMs, soFar: startMs >= settledMs },
        ...figuresOf(cell, hasWatching),
      })),
    })),
    leftOut: Math.max(0, all.length - mostGroups),
    heardUntilMs: open.heardUntilMs ?? null,
    waitingFor,
  };
}

function together(a: QoeSums, b: QoeSums): QoeSums {
  return {
    sums: [...a.sums, ...b.sums],
    startups: [...a.startups, ...b.startups],
    watching: [...a.watching, ...b.watching],
  };
}

function newCell(): Cell {
  return { sum: noFigures(), startups: new Map(), estimates: 0, watchedMs: 0, atEnd: 0 };
}

function inOrder(windows: ReadonlyMap<number, Cell>): readonly (readonly [number, Cell])[] {
  return [...windows].toSorted(([a], [b]) => a - b);
}

/** Who watches at the end is told by the last window. */
function wholeOf(windows: ReadonlyMap<number, Cell>): Cell {
  const whole = newCell();
  for (const [, cell] of inOrder(windows)) {
    add(whole.sum, cell.sum);
    addSketch(whole.startups, cell.startups);
    whole.watchedMs += cell.watchedMs;
    whole.estimates += cell.estimates;
    whole.atEnd = cell.atEnd;
  }
  return whole;
}

function figuresOf(
  { sum, startups, estimates: estimated, watchedMs, atEnd }: Cell,
  hasWatching: boolean,
): QualityFigures {
  const { plays, startFailures, exits, failures: failed, stalls, switches, playMs, stallMs } = sum;
  const of = measured(sum, startups);
  return {
    ...{ plays, startFailures, exits, failures: failed, stalls, switches, playMs, stallMs },
    startupMedian: of.startupMedian ?? null,
    startupSlow: of.startupSlow ?? null,
    startFailureRatio: of.startFailureRatio ?? null,
    failureRatio: of.failureRatio ?? null,
    stallRatio: of.stallRatio ?? null,
    bitrate: of.bitrate ?? null,
    height: of.height ?? null,
    atEnd: hasWatching ? atEnd : null,
    watchedMs: hasWatching ? watchedMs : null,
    estimates: estimated,
  };
}

/** What every name means, from the tables that the figures are computed by. */
export function qualityDefinitions(): OpsQualityDefinitions {
  return {
    definitions: [
      ...Object.entries(figures).map(([id, row]) => ({ id, kind: "figure" as const, ...row })),
      ...Object.entries(estimates).map(([id, row]) => ({ id, kind: "figure" as const, ...row })),
      ...Object.entries(measures).map(([id, row]) => ({ id, kind: "measure" as const, ...row })),
      ...Object.entries(watchingFigures).map(([id, row]) => ({ id, kind: "watching" as const, ...row })),
      ...Object.entries(missFigures).map(([id, row]) => ({ id, kind: "miss" as const, ...row })),
      ...Object.entries(missMeasures).map(([id, row]) => ({ id, kind: "miss-measure" as const, ...row })),
    ],
  };
}
