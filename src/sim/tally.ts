// What is added up for one box in one day.
import { type FillWindow, windowAt } from "#edge/fill-window.ts";
import type { Moved } from "./transfers.ts";

export interface Tally {
  readonly fill: { peer: number; tier: number; origin: number };
  outsideWindowBytes: number;
  sentBytes: number;
  /** By hour. */
  readonly utilisation: number[];
  removedBytes: number;
}

export const freshTally = (): Tally => ({
  fill: { peer: 0, tier: 0, origin: 0 },
  outsideWindowBytes: 0,
  sentBytes: 0,
  utilisation: [],
  removedBytes: 0,
});

export function addMoved(tally: Tally, { kind, bytes }: Moved, isShut: boolean): void {
  tally.fill[kind] += bytes;
  if (isShut) tally.outsideWindowBytes += bytes;
}

export function addSent(tally: Tally, bytes: number, throughputBps: number): void {
  tally.sentBytes += bytes;
  tally.utilisation.push((bytes * 8) / 3600 / throughputBps);
}

/** Whether a site's window is shut all through an hour. */
export function isShutIn(window: FillWindow, startMs: number): boolean {
  const { isOpen, untilMs } = windowAt(window, startMs);
  return !isOpen && untilMs >= startMs + 3_600_000;
}
