// An event whose window is out already: it is counted at once, as a correction.
import { noFigures, weighed } from "./figures.ts";
import { foldEvent } from "./session-fold.ts";
import { bucketOf } from "./sketch.ts";
import type { StreamEvent } from "./stream-event.ts";
import { ownSessions, type Work } from "./stream-work.ts";
import { countKind, sessionKey } from "./window-end.ts";

/**
 * It is folded onto what the session has told by now: newer events may have gone past it, and then only its existence is new.
 *
 * A session that is over stays over; one that nobody knows begins, and its session window is not out.
 */
export function correct(work: Work, event: StreamEvent): void {
  work.counts.late += 1;
  const { gapMs } = work.settings;
  const key = sessionKey(event);
  const known = work.sessions.live.get(key) ?? work.sessions.over.get(key);
  const folded = foldEvent(known, event, gapMs);
  if (folded === undefined) {
    work.counts.repeated += 1;
    return;
  }
  countKind(work, folded.kind, event);
  const { live, over } = ownSessions(work);
  const out = over.get(key);
  // What comes next of it is after the gap, and a session window of its own.
  if (out !== undefined) over.set(key, { ...folded.state, lastMs: out.lastMs, figures: noFigures() });
  else live.set(key, folded.state);
  if (!event.counts && event.response === undefined) return;
  const { labels, state } = folded;
  const { weight = 1 } = event;
  const added = weighed(folded.added, weight);
  work.records.push({
    kind: "correction",
    atMs: event.atMs,
    ...{ sessionId: event.sessionId, source: event.source, seq: event.seq, sessionStartMs: state.startMs },
    ...labels,
    ...added,
    startupBuckets: added.starts > 0 ? { [String(bucketOf(folded.added.startupMs))]: added.starts } : {},
    ...(weight !== 1 && { estimates: 1 }),
  });
}
