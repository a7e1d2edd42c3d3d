// What the drawer draws and the test hook reports: a bounded record of fetches, decisions, buffer, stalls and notes.
import type { Otherwise } from "./otherwise.ts";
import type { Grounds } from "./rule.ts";

/** One segment that arrived. Times are milliseconds since the play request. */
export interface Fetched {
  readonly kind: "fetched";
  readonly atMs: number;
  readonly media: "video" | "audio";
  readonly segment: number;
  /** Rendition id. */
  readonly rendition: string;
  readonly height: number;
  /** Mean rate of the rendition; 0 for audio. */
  readonly kbps: number;
  readonly bytes: number;
  readonly ms: number;
  readonly throughputKbps: number;
  readonly sourceId: string;
}

export interface Decided {
  readonly kind: "decided";
  readonly atMs: number;
  /** Segment the decision is for. */
  readonly segment: number;
  readonly rung: number;
  readonly height: number;
  readonly kbps: number;
  readonly bufferMs: number;
  readonly maxBufferMs: number;
  readonly estimateKbps: number | undefined;
  readonly latencyMs: number;
  /** Highest rung that the viewer and the device allowed. */
  readonly maxRung: number;
  /** Of the rule that decided. */
  readonly rule: string;
  readonly otherwise: readonly Otherwise[];
  /** Undefined where the rule computed none. */
  readonly grounds: Grounds | undefined;
  readonly because: string;
}

export interface BufferSeen {
  readonly kind: "buffer";
  readonly atMs: number;
  readonly bufferMs: number;
  readonly positionMs: number;
  readonly stalled: boolean;
}

/** A sentence about appliances: who failed, who serves. */
export interface Noted {
  readonly kind: "noted";
  readonly atMs: number;
  readonly text: string;
}

export type LogEntry = Fetched | Decided | BufferSeen | Noted;

export interface PlayLog {
  readonly fetched: readonly Fetched[];
  readonly decided: readonly Decided[];
  readonly buffer: readonly BufferSeen[];
  readonly noted: readonly Noted[];
  /** Changes of rung from one video segment to the next, over the whole play. */
  readonly switches: number;
  /** Every source that served a segment, in the order of their first. Bounded by the ranked list. */
  readonly sourcesUsed: readonly string[];
}

/** Bounds: half an hour of buffer, two minutes of it at four samples a second; an hour of six-second segments. */
export const kept = { fetched: 1200, decided: 600, buffer: 2400, noted: 100, sources: 64 } as const;

export const emptyLog: PlayLog = {
  fetched: [],
  decided: [],
  buffer: [],
  noted: [],
  switches: 0,
  sourcesUsed: [],
};

export function foldLog(log: PlayLog, entry: LogEntry): PlayLog {
  switch (entry.kind) {
    case "fetched":
      return withFetched(log, entry);
    case "decided":
      return { ...log, decided: [...log.decided, entry].slice(-kept.decided) };
    case "buffer":
      return { ...log, buffer: [...thinned(log.buffer), entry].slice(-kept.buffer) };
    case "noted":
      return { ...log, noted: [...log.noted, entry].slice(-kept.noted) };
  }
}

/** The fetch of a video segment that is on screen or was last. */
export function lastVideo(log: PlayLog): Fetched | undefined {
  return log.fetched.findLast((entry) => entry.media === "video");
}

/** So many samples stay as they came; of older ones, one a second is enough to draw. */
const fine = 480;
const coarseMs = 1000;

/** Without the sample that has just become old, unless it shows a change or its second has no other. */
function thinned(buffer: readonly BufferSeen[]): readonly BufferSeen[] {
  const at = buffer.length - fine;
  const [before, seen, next] = [buffer[at - 1], buffer[at], buffer[at + 1]];
  if (before === undefined || seen === undefined || next === undefined) return buffer;
  const changes = before.stalled !== seen.stalled || seen.stalled !== next.stalled;
  return changes || next.atMs - before.atMs > coarseMs ? buffer : buffer.toSpliced(at, 1);
}

/** Runs of time in which the picture stood still. */
export function stallsOf(log: PlayLog): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const runs: { fromMs: number; toMs: number }[] = [];
  let open: { fromMs: number; toMs: number } | undefined;
  for (const seen of log.buffer) {
    if (open !== undefined) open.toMs = seen.atMs;
    if (!seen.stalled) open = undefined;
    else if (open === undefined) {
      open = { fromMs: seen.atMs, toMs: seen.atMs };
      runs.push(open);
    }
  }
  return runs;
}

function withFetched(log: PlayLog, entry: Fetched): PlayLog {
  const before = entry.media === "video" ? lastVideo(log) : undefined;
  const switched = before !== undefined && before.rendition !== entry.rendition;
  const known = log.sourcesUsed.includes(entry.sourceId) || log.sourcesUsed.length >= kept.sources;
  return {
    ...log,
    fetched: [...log.fetched, entry].slice(-kept.fetched),
    switches: log.switches + (switched ? 1 : 0),
    sourcesUsed: known ? log.sourcesUsed : [...log.sourcesUsed, entry.sourceId],
  };
}
