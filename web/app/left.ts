// Where a film was left a moment ago: the pages behind the player are there before the control plane has heard of it.
import type { ResumePoint, TitleCard } from "#wire/viewer.ts";

export interface Left extends ResumePoint {
  readonly atMs: number;
}

/** Chosen by us: beacons are folded four times a second, and by then even a slow control plane has its own answer. */
const believedMs = 5000;
/** So near the end only the control plane knows whether the film counts as finished. */
const endShare = 0.9;

let latest: Left | undefined;

export function rememberLeft(point: ResumePoint): void {
  latest = { ...point, atMs: performance.now() };
}

/** The card with what this page knows better than the answer it came in. */
export function recalled<Card extends TitleCard>(card: Card): Card {
  return withLeft(card, latest, performance.now());
}

export function withLeft<Card extends TitleCard>(card: Card, left: Left | undefined, nowMs: number): Card {
  if (left === undefined || left.titleId !== card.id || nowMs - left.atMs > believedMs) return card;
  const { titleId, positionMs, durationMs } = left;
  if (positionMs === 0 || positionMs > endShare * durationMs) return card;
  return { ...card, resume: { titleId, positionMs, durationMs } };
}
