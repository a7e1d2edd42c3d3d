// When a hold may be taken, and for how long its holder may be sure of it.
//
// The database's clock says when a hold is over. It is a wall clock and may jump, so a stand-by that waits is a witness as well: it
// takes nothing before it saw no heartbeat for the hold's whole life by its own monotonic clock. The holder counts the same life from
// before its last heartbeat was sent, and stops a tenth sooner. So of the two clocks of machines that run alike within a hundredth,
// the holder's ends first, whatever the database's shows.
import type { HoldSeen } from "./ports-plane.ts";

/** A heartbeat may hang for as long as until the next one is due, and for a second in any case. */
export function beatDeadlineMs(beatMs: number): number {
  return Math.max(1000, beatMs);
}

/**
 * The shortest life that outlives a heartbeat which hangs to its deadline: the one before it was sent a beat earlier, the one after it
 * goes out a beat later, and its holder must be sure of the hold until then.
 */
export function leastLifeMs(beatMs: number): number {
  return Math.floor((2 * beatMs + beatDeadlineMs(beatMs)) / sureShare) + 1;
}

const sureShare = 0.9;

/** By monotonic clock, how long a stand-by has seen no change. A plane that has just come has seen nothing yet. */
export type Watched = { readonly kind: "not-yet" } | { readonly kind: "unchanged"; readonly forMs: number };

export function mayTake(seen: HoldSeen, watched: Watched): boolean {
  if (seen.holder === "") return true;
  const overMs = seen.nowMs - seen.beatMs;
  if (watched.kind === "not-yet") return overMs >= seen.lifeMs;
  // A clock that shows less than at the last heartbeat was set back, and says nothing of how long ago that was.
  return watched.forMs >= seen.lifeMs && (overMs >= seen.lifeMs || overMs < 0);
}

/** The moment by the database's clock at which the hold of a holder that is gone is over. */
export function overAtMs({ nowMs, beatMs, lifeMs }: HoldSeen): number {
  return Math.min(beatMs, nowMs) + lifeMs;
}

/** How long a holder is sure, from before the heartbeat was sent. */
export function sureForMs(lifeMs: number): number {
  return lifeMs * sureShare;
}
