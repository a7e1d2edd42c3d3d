// What a session's summary gained over the one before: what fleets of players are judged by, added up without keeping any session.
import type { SessionSummary } from "#model/playback.ts";

export interface Gain {
  /** Milliseconds from play to picture, of sessions whose picture is new. */
  readonly startupsMs: readonly number[];
  readonly stalls: number;
  readonly stalledMs: number;
  /** How far positions moved on, and no further than time did: a seek is not played. */
  readonly playedMs: number;
}

export const noGain: Gain = { startupsMs: [], stalls: 0, stalledMs: 0, playedMs: 0 };

/** `known` are the summaries before, by session. Told twice, a summary gains nothing the second time. */
export function gainOf(
  known: ReadonlyMap<string, SessionSummary>,
  summaries: readonly SessionSummary[],
): Gain {
  return summaries.map((after) => gainOfOne(known.get(after.sessionId), after)).reduce(added, noGain);
}

export function added(a: Gain, b: Gain): Gain {
  return {
    startupsMs: [...a.startupsMs, ...b.startupsMs],
    stalls: a.stalls + b.stalls,
    stalledMs: a.stalledMs + b.stalledMs,
    playedMs: a.playedMs + b.playedMs,
  };
}

function gainOfOne(before: SessionSummary | undefined, after: SessionSummary): Gain {
  const isPictureNew = after.startupMs > 0 && (before?.startupMs ?? 0) === 0;
  const passedMs = before === undefined ? 0 : Math.max(0, after.lastSeenMs - before.lastSeenMs);
  const movedMs = Math.max(0, after.positionMs - (before?.positionMs ?? 0));
  return {
    startupsMs: isPictureNew ? [after.startupMs] : [],
    stalls: Math.max(0, after.stallCount - (before?.stallCount ?? 0)),
    stalledMs: Math.max(0, after.stallMs - (before?.stallMs ?? 0)),
    playedMs: Math.min(movedMs, passedMs),
  };
}
