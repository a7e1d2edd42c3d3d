// What is added up for one box in one day.
import { type WindowAt, windowAt } from "#edge/fill-window.ts";
import type { Box } from "./appliance.ts";
import type { Moved } from "./transfers.ts";

export interface Tally {
  readonly fill: { peer: number; tier: number; origin: number };
  outsideWindowBytes: number;
  /** Files that came whole from outside its site, and those of them that another box there, with power, had on its disk. */
  externalFiles: number;
  externalTwice: number;
  sentBytes: number;
  /** By hour. */
  readonly utilisation: number[];
  removedBytes: number;
}

export const freshTally = (): Tally => ({
  fill: { peer: 0, tier: 0, origin: 0 },
  outsideWindowBytes: 0,
  externalFiles: 0,
  externalTwice: 0,
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

/** Windows of sites, each looked up once for as long as it stays as it is. */
export class Windows {
  private readonly now = new Map<string, WindowAt>();

  /** Whether a box may fetch nothing but what is urgent all through an hour. */
  isShut({ siteId, fill }: Pick<Box, "siteId" | "fill">, startMs: number): boolean {
    const { window } = fill.rules;
    if (window === undefined) return false;
    const known = this.now.get(siteId);
    const isCurrent = known !== undefined && known.sinceMs <= startMs && startMs < known.untilMs;
    const { isOpen, untilMs } = isCurrent ? known : windowAt(window, startMs);
    if (!isCurrent) this.now.set(siteId, windowAt(window, startMs));
    return !isOpen && untilMs >= startMs + 3_600_000;
  }
}
