// Figures of a showing, from what page and server kept of it. Pure.
import type { Sidecar } from "#wire/sidecar.ts";
import { median } from "./bench.ts";
import type { SeenByPage, Served, Showing } from "./play-showing.ts";

export interface Figures {
  readonly firstFrameMs: number;
  readonly stallMs: number;
  readonly stalls: number;
  /** The film stood still, or went slower, with film ready: a machine that has too much to do. No rule can help. */
  readonly slowMs: number;
  /** Of the frames that were to be shown. The machine's, too. */
  readonly droppedShare: number;
  /** stall / (start-up + film + stall). */
  readonly rebufferRatio: number;
  /** Mean VMAF of the seconds that were shown; undefined for a film scored otherwise. */
  readonly vmaf: number | undefined;
  /** Mean rate, as the ladder has it, of the seconds that were shown. */
  readonly kbps: number;
  readonly switches: number;
  /** Requests for a segment of the picture that had been asked for before, in whatever rung. */
  readonly again: number;
}

export type Judged =
  | { readonly kind: "figures"; readonly figures: Figures }
  | { readonly kind: "failed"; readonly because: string };

/** The playhead lags its clock by less than this from sample to sample when nothing is wrong, milliseconds. */
const jitterMs = 100;
/** With more than this ready, a film that stands still waits for the machine and not for the network, seconds. */
const emptyS = 0.5;
/** From here on the film has begun to move, seconds. */
const movedS = 0.02;

export function judge({ page, server }: Showing, sidecar: Sidecar, untilS: number): Judged {
  if (page.end !== "ended") return { kind: "failed", because: page.end };
  if (page.firstFrameMs === null) return { kind: "failed", because: "no frame was ever shown" };
  const shown = shownSeconds(page, sidecar, untilS);
  if (shown.kind === "unknown") return { kind: "failed", because: shown.because };
  const { stallMs, stalls, slowMs, startMs } = stillness(page.playhead, untilS);
  const whole = shown.parts.reduce((sum, { seconds }) => sum + seconds, 0);
  const mean = (of: (part: Part) => number): number =>
    shown.parts.reduce((sum, part) => sum + of(part) * part.seconds, 0) / whole;
  const rendition = ({ rung }: Part) => sidecar.renditions[rung];
  const order = shown.parts.map(({ rung }) => rung);
  return {
    kind: "figures",
    figures: {
      ...{ firstFrameMs: page.firstFrameMs, stallMs, stalls, slowMs },
      droppedShare: page.frames.dropped / Math.max(1, page.frames.total),
      rebufferRatio: stallMs / (startMs + whole * 1000 + stallMs),
      vmaf:
        sidecar.metric.name === "vmaf"
          ? mean((part) => rendition(part)?.quality[part.segment] ?? Number.NaN)
          : undefined,
      kbps: mean((part) => (rendition(part)?.bitrateBps ?? Number.NaN) / 1000),
      switches: order.filter((rung, index) => index > 0 && rung !== order[index - 1]).length,
      again: askedAgain(server.served, sidecar),
    },
  };
}

/** A stretch of one segment that was shown in one rung. */
interface Part {
  readonly segment: number;
  readonly rung: number;
  readonly seconds: number;
}

type Shown =
  | { readonly kind: "shown"; readonly parts: readonly Part[] }
  | { readonly kind: "unknown"; readonly because: string };

/** Whatever was appended last for a segment is what the playhead meets there. */
export function shownSeconds(page: SeenByPage, sidecar: Sidecar, untilS: number): Shown {
  const starts = startsOf(sidecar);
  const inBuffer = appendedRungs(page, sidecar, starts);
  if (typeof inBuffer === "string") return { kind: "unknown", because: inBuffer };
  const parts: Part[] = [];
  for (const [index, { wallMs, filmS }] of page.playhead.entries()) {
    const from = page.playhead[index - 1]?.filmS ?? 0;
    for (
      let segment = segmentAt(starts, from);
      (starts[segment] ?? untilS) < Math.min(filmS, untilS);
      segment++
    ) {
      const begin = Math.max(from, starts[segment] ?? 0);
      const seconds = Math.min(filmS, untilS, starts[segment + 1] ?? untilS) - begin;
      if (seconds <= 0) continue;
      const rung = inBuffer.findLast((one) => one.segment === segment && one.wallMs <= wallMs)?.rung;
      if (rung === undefined)
        return { kind: "unknown", because: `segment ${segment + 1} was shown and never appended` };
      const last = parts.at(-1);
      if (last?.segment === segment && last.rung === rung)
        parts[parts.length - 1] = { ...last, seconds: last.seconds + seconds };
      else parts.push({ segment, rung, seconds });
    }
  }
  return parts.length > 0 ? { kind: "shown", parts } : { kind: "unknown", because: "nothing was shown" };
}

/** First second of each segment, and the end of the last. */
function startsOf({ durationsMs }: Sidecar): readonly number[] {
  let reached = 0;
  const ends = durationsMs.map((ms) => {
    reached += ms / 1000;
    return reached;
  });
  return [0, ...ends];
}

function segmentAt(starts: readonly number[], filmS: number): number {
  return Math.max(
    0,
    starts.findLastIndex((start) => start <= filmS + 1e-6),
  );
}

interface InBuffer {
  readonly wallMs: number;
  readonly segment: number;
  readonly rung: number;
}

/** A rung is told by the size of its file: two that are of one size to the byte are one picture. */
function appendedRungs(
  page: SeenByPage,
  sidecar: Sidecar,
  starts: readonly number[],
): readonly InBuffer[] | string {
  const found: InBuffer[] = [];
  for (const { wallMs, startS, bytes } of page.appended) {
    // Half a frame of tolerance would do; the shortest segments are of several frames.
    const near = segmentAt(starts, startS + 0.1);
    const hit = [near, near - 1, near + 1].flatMap((segment) => {
      const rung = sidecar.renditions.findIndex((one) => one.bytes[segment] === bytes);
      return rung < 0 ? [] : [{ wallMs, segment, rung }];
    })[0];
    if (hit === undefined) return `${bytes} bytes at ${startS.toFixed(2)} s are no segment of the package`;
    found.push(hit);
  }
  return found;
}

interface Stillness {
  /** Until the film moved. */
  readonly startMs: number;
  readonly stallMs: number;
  readonly stalls: number;
  readonly slowMs: number;
}

/** A stall is a run of samples between which less film than time passed, with nothing ready at either end of each. */
export function stillness(playhead: SeenByPage["playhead"], untilS: number): Stillness {
  const begun = playhead.findIndex(({ filmS }) => filmS > movedS);
  const first = playhead[begun];
  if (first === undefined) return { startMs: playhead.at(-1)?.wallMs ?? 0, stallMs: 0, stalls: 0, slowMs: 0 };
  let [stallMs, stalls, slowMs, still] = [0, 0, 0, false];
  for (const [index, { wallMs, filmS, readyS }] of playhead.entries()) {
    const before = playhead[index - 1];
    if (index <= begun || before === undefined || before.filmS >= untilS) continue;
    const lost = wallMs - before.wallMs - (filmS - before.filmS) * 1000;
    const stands = lost > jitterMs && Math.min(readyS, before.readyS) < emptyS;
    stallMs += stands ? lost : 0;
    slowMs += stands ? 0 : lost;
    stalls += stands && !still ? 1 : 0;
    still = stands;
  }
  return { startMs: first.wallMs - first.filmS * 1000, stallMs, stalls, slowMs: Math.max(0, slowMs) };
}

export function askedAgain(log: readonly Served[], { renditions }: Sidecar): number {
  const numbers = log.flatMap(({ path }) => {
    const [, id, number] = /([^/]+)\/(\d+)\.m4s$/.exec(path) ?? [];
    return number !== undefined && renditions.some((one) => one.id === id) ? [number] : [];
  });
  return numbers.length - new Set(numbers).size;
}

/** Middle of several showings, figure by figure. Asked again: the sum, since one is too many. */
export function middle(all: readonly Figures[]): Figures {
  const of = (pick: (figures: Figures) => number): number => median(all.map(pick));
  const scored = all.flatMap(({ vmaf }) => (vmaf === undefined ? [] : [vmaf]));
  return {
    firstFrameMs: of(({ firstFrameMs }) => firstFrameMs),
    stallMs: of(({ stallMs }) => stallMs),
    stalls: of(({ stalls }) => stalls),
    slowMs: of(({ slowMs }) => slowMs),
    droppedShare: of(({ droppedShare }) => droppedShare),
    rebufferRatio: of(({ rebufferRatio }) => rebufferRatio),
    vmaf: scored.length === 0 ? undefined : median(scored),
    kbps: of(({ kbps }) => kbps),
    switches: of(({ switches }) => switches),
    again: all.reduce((sum, { again }) => sum + again, 0),
  };
}

type Row = Readonly<Record<string, string | number>>;

/** Rows as a table of a document. Columns are those of all rows, in the order in which they first come. */
export function markdown(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  const body = rows.map((row) => line(columns.map((column) => row[column] ?? "")));
  return [line(columns), line(columns.map(() => "---")), ...body].join("\n");
}
