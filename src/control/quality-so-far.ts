// The part of the quality figures that the database does not have yet: what waits to be saved, and windows that are not whole.
import type { KeptFigures, QoeQuery, QoeSum, QoeSums } from "#data/ports-qoe.ts";
import { soFar } from "#qoe/so-far.ts";
import type { CorrectionRecord, WatchingRecord, WindowRecord } from "#qoe/stream-record.ts";
import { streamDefaults, windowStart } from "#qoe/stream-settings.ts";
import type { StreamState } from "#qoe/stream-state.ts";
import type { Quality } from "./quality.ts";

export interface OpenWindows {
  readonly sums: QoeSums;
  /** Windows from here on are not whole; undefined: nothing was read yet. */
  readonly settledUntilMs: number | undefined;
  /** What was said up to here is in. */
  readonly heardUntilMs: number | undefined;
}

type Counted = WindowRecord | CorrectionRecord;

export const nothingOpen: OpenWindows = {
  sums: { sums: [], startups: [], watching: [] },
  settledUntilMs: undefined,
  heardUntilMs: undefined,
};

/** The same state is asked for by many pages. */
const known = new WeakMap<StreamState, ReturnType<typeof soFar>>();

export function openWindows({ job, records }: Quality, query: QoeQuery, lateMs: number): OpenWindows {
  const ahead = known.get(job) ?? soFar(job, { ...streamDefaults, latenessMs: lateMs });
  known.set(job, ahead);
  const fresh = [...records, ...ahead];
  const counted = fresh.filter((one) => one.kind === "window" || one.kind === "correction");
  const heard = [...job.partitions.values()].map(({ maxMs }) => maxMs ?? 0);
  return {
    sums: {
      ...countedIn(counted, query),
      watching: fresh.filter((one) => one.kind === "watching").flatMap((one) => watchingIn(one, query)),
    },
    settledUntilMs: job.frontierMs === undefined ? undefined : windowStart(job.frontierMs, query.sizeMs),
    heardUntilMs: Math.max(0, ...heard) || undefined,
  };
}

function countedIn(records: readonly Counted[], query: QoeQuery): Pick<QoeSums, "sums" | "startups"> {
  const rows = records.flatMap((record) => {
    const startMs = startIn(record, query);
    return startMs === undefined ? [] : [{ record, key: record[query.by], startMs }];
  });
  return {
    sums: rows.map(
      ({ record, key, startMs }): QoeSum => ({
        ...figuresOf(record),
        ...{ key, startMs, estimates: record.estimates ?? 0 },
      }),
    ),
    startups: rows.map(({ record, key, startMs }) => ({ key, startMs, buckets: record.startupBuckets })),
  };
}

/** The start of its window, if that is asked for. */
function startIn(record: Counted, { by, sizeMs, fromMs, untilMs }: QoeQuery): number | undefined {
  const division = by === "title" || by === "appliance" ? by : "series";
  const isOther = record.kind === "window" && (record.by !== division || record.sizeMs !== sizeMs);
  const startMs = record.kind === "window" ? record.startMs : windowStart(record.atMs, sizeMs);
  return isOther || startMs < fromMs || startMs >= untilMs ? undefined : startMs;
}

function figuresOf(record: Counted): KeptFigures {
  const { events, plays, starts, startupMs, startFailures, exits, failures, playMs, stallMs } = record;
  const { stalls, switches, playedBits, heightMs, responses, badResponses } = record;
  return {
    ...{ events, plays, starts, startupMs, startFailures, exits, failures, playMs, stallMs },
    ...{ stalls, switches, playedBits, heightMs, responses, badResponses },
  };
}

function watchingIn(record: WatchingRecord, { by, sizeMs, fromMs, untilMs }: QoeQuery): QoeSums["watching"] {
  if (record.by !== by || (by !== "title" && by !== "appliance") || record.sizeMs !== sizeMs) return [];
  const { startMs, watchedMs, atEnd } = record;
  return startMs < fromMs || startMs >= untilMs ? [] : [{ key: record[by], startMs, watchedMs, atEnd }];
}

/** In words, what is waited for; empty when all that was said is in whole windows. */
export function waitingWords(
  { settledUntilMs, heardUntilMs }: OpenWindows,
  { sizeMs, lateMs, saveMs }: { readonly sizeMs: number; readonly lateMs: number; readonly saveMs: number },
): string {
  if (heardUntilMs === undefined) return "No player has said anything since the event log was begun.";
  if (settledUntilMs !== undefined && heardUntilMs < settledUntilMs) return "";
  const seconds = (ms: number): number => Math.round(ms / 1000);
  const wait = seconds(streamDefaults.disorderMs + lateMs);
  return `Windows of ${seconds(sizeMs)} s that are marked so far are not whole: each is ${wait} s after its end, when what is late is in, and is saved within ${seconds(saveMs)} s after that.`;
}
