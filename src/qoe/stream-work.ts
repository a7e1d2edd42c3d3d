// A batch under way: the state's maps, copied when they are first written to, so that a batch that only waits copies nothing.
import { type Cells, copied } from "./cells.ts";
import type { SessionState } from "./session-fold.ts";
import type { StreamEvent } from "./stream-event.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamSettings } from "./stream-settings.ts";
import type { StreamCounts, StreamState } from "./stream-state.ts";
import type { Partition } from "./watermark.ts";

export interface Work {
  readonly settings: StreamSettings;
  readonly records: StreamRecord[];
  readonly partitions: Map<number, Partition>;
  watermarkMs: number | undefined;
  frontierMs: number | undefined;
  /** The map is this batch's own; of the pieces only the last of each, where `ownPieces` has it. */
  readonly waiting: Map<number, readonly (readonly StreamEvent[])[]>;
  readonly ownPieces: Map<number, StreamEvent[]>;
  waitingCount: number;
  readonly sessions: Sessions;
  readonly counts: { -readonly [K in keyof StreamCounts]: StreamCounts[K] };
  long: Cells;
  ownsLong: boolean;
}

interface Sessions {
  live: ReadonlyMap<string, SessionState>;
  over: ReadonlyMap<string, SessionState>;
  own: { readonly live: Map<string, SessionState>; readonly over: Map<string, SessionState> } | undefined;
}

export function begun(state: StreamState, settings: StreamSettings): Work {
  return {
    settings,
    records: [],
    partitions: new Map(state.partitions),
    watermarkMs: state.watermarkMs,
    frontierMs: state.frontierMs,
    waiting: new Map(state.waiting),
    ownPieces: new Map(),
    waitingCount: state.waitingCount,
    sessions: { live: state.live, over: state.over, own: undefined },
    counts: { ...state.counts },
    long: state.long,
    ownsLong: false,
  };
}

export function done(work: Work): StreamState {
  const { partitions, watermarkMs, frontierMs, waiting, waitingCount, sessions, long, counts } = work;
  return {
    ...{ partitions, watermarkMs, frontierMs, waiting, waitingCount },
    live: sessions.live,
    over: sessions.over,
    ...{ long, counts },
  };
}

/** To be written to. */
export function ownSessions(work: Work): NonNullable<Sessions["own"]> {
  const { sessions } = work;
  sessions.own ??= { live: new Map(sessions.live), over: new Map(sessions.over) };
  sessions.live = sessions.own.live;
  sessions.over = sessions.own.over;
  return sessions.own;
}

/** To be written to. */
export function ownLong(work: Work): Cells {
  if (!work.ownsLong) work.long = copied(work.long);
  work.ownsLong = true;
  return work.long;
}

/** Start of the first short window that has events; infinity without any. */
export function firstWaiting(work: Work): number {
  let first = Number.POSITIVE_INFINITY;
  for (const startMs of work.waiting.keys()) first = Math.min(first, startMs);
  return first;
}
