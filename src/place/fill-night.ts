// How much one night may bring to a box, and what has to wait for the next.
import type { FillFile } from "./fill-facts.ts";
import type { PlaceSettings } from "./settings.ts";

export type BoxRole = "storage" | "flash" | "global";

/** What a box was given so far in one night. */
export interface Night {
  readonly id: string;
  readonly admitted: ReadonlySet<string>;
}

export interface Admission {
  readonly night: Night;
  readonly tonight: readonly FillFile[];
  /** Not lost: the first of the next night. */
  readonly deferred: readonly FillFile[];
}

type RateSettings = Pick<
  PlaceSettings,
  "fillRates" | "fillStorageBps" | "fillFlashBps" | "fillGlobalBps" | "fillHours" | "fillChurnPercent"
>;

/** bit/s; 0 is no limit. */
export function fillRateOf(role: BoxRole, zone: string | undefined, settings: RateSettings): number {
  if (zone === undefined && settings.fillRates !== "all") return 0;
  const rates = {
    storage: settings.fillStorageBps,
    flash: settings.fillFlashBps,
    global: settings.fillGlobalBps,
  };
  return rates[role];
}

/**
 * Bytes that one night may bring: what the rate carries through the window, and no more than a part of the storage. A box
 * without a window has the whole day.
 *
 * 1.2 Gbit/s for 12 h is 6.48 TB, 3.2 % of 200 TB; 0.3 Gbit/s is 1.62 TB, 9 % of 18 TB. Source: placement research §2.2.
 */
export function nightBudget(
  box: { readonly role: BoxRole; readonly storageBytes: number; readonly zone: string | undefined },
  settings: RateSettings,
): number {
  const rate = fillRateOf(box.role, box.zone, settings);
  const hours = box.zone === undefined ? 24 : settings.fillHours;
  const carried = rate === 0 ? Number.POSITIVE_INFINITY : (rate / 8) * hours * 3600;
  const { fillChurnPercent } = settings;
  return fillChurnPercent === 0 ? carried : Math.min(carried, (fillChurnPercent / 100) * box.storageBytes);
}

/** From one opening of the window to the next, named by the local date on which it began. Without a zone by UTC. */
export function nightOf(zone: string | undefined, nowMs: number, opensAtMinute: number): string {
  const { date, minute } = wallClock(zone ?? "UTC", nowMs);
  if (minute >= opensAtMinute) return date;
  const evening = nowMs - (minute + eveningMinutes) * 60_000;
  return wallClock(zone ?? "UTC", evening).date;
}

/** So long before midnight it is yesterday, whether or not clocks were changed since. */
const eveningMinutes = 360;

/** Local date, and minutes since midnight as the clock on the wall has it. */
function wallClock(timeZone: string, atMs: number): { readonly date: string; readonly minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, hourCycle: "h23" },
    ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  }).formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** Whether this is a time zone that clocks can be set by: an IANA name, not a bare offset. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Takes what is lacking, in the order it is given, until the night's bytes are spent; what was taken earlier in the night
 * stays, and urgent files are always taken. The first file of a night is taken whatever its size: else it never would be.
 */
export function admitTonight(order: {
  readonly before: Night | undefined;
  readonly nightId: string;
  /** Best first. */
  readonly lacking: readonly FillFile[];
  readonly isUrgent: (file: FillFile) => boolean;
  readonly budget: number;
  /** What the file has cost or will cost tonight: its bytes while the box holds it or is to fetch it, else 0. */
  readonly cost: (fileId: string) => number;
}): Admission {
  const { nightId, lacking, budget } = order;
  const before = order.before?.id === nightId ? order.before.admitted : new Set<string>();
  const admitted = new Set<string>();
  let spent = 0;
  for (const id of before) {
    const cost = order.cost(id);
    if (cost > 0) admitted.add(id);
    spent += cost;
  }
  const tonight: FillFile[] = [];
  const deferred: FillFile[] = [];
  for (const file of lacking) {
    const isTaken = admitted.has(file.id) || order.isUrgent(file);
    const fits = deferred.length === 0 && (spent === 0 || spent + file.sizeBytes <= budget);
    if (!isTaken && !fits) {
      deferred.push(file);
      continue;
    }
    if (!admitted.has(file.id)) spent += file.sizeBytes;
    admitted.add(file.id);
    tonight.push(file);
  }
  return { night: { id: nightId, admitted }, tonight, deferred };
}
