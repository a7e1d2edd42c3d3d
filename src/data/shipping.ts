// How events go from the spool to Kafka: how many at once, how fast after an outage, and what is kept to send again.
import type { LogRecord } from "./ports.ts";

/**
 * Between two tries: half of it certain, half by chance, twice as long each time, up to `mostMs`. Without the chance
 * every machine would come back in the same moment.
 */
export function backoffMs(failures: number, mostMs: number, chance: number): number {
  const whole = Math.min(mostMs, firstBackoffMs * 2 ** Math.min(failures - 1, 20));
  return whole / 2 + (whole / 2) * chance;
}

const firstBackoffMs = 200;

/** The first records that go together: at most `mostBytes`, and at least one. */
export function oneShipment(records: readonly LogRecord[], mostBytes: number): readonly LogRecord[] {
  let bytes = 0;
  const over = records.findIndex(({ value }, index) => {
    bytes += value.length;
    return index > 0 && bytes > mostBytes;
  });
  return over < 0 ? records : records.slice(0, over);
}

/**
 * From this fill of the spool on, sending goes as fast as it can, and nothing is kept twice: others may wait, sooner than
 * beacons are left out, which begins at a half (control's thinning.ts).
 */
const hurryFill = 0.4;

/**
 * How long to rest after a shipment that took `tookMs`. Sending without a pause is the capacity, whatever it is just
 * now; resting as long as the work took is half of it. Whoever is not behind need not rest: it waits for beacons anyway.
 */
export function paceMs(facts: {
  readonly tookMs: number;
  readonly behind: number;
  readonly shipment: number;
  readonly fill: number;
}): number {
  const isReplaying = facts.behind > facts.shipment;
  return isReplaying && facts.fill < hurryFill ? facts.tookMs : 0;
}

/** All below `offset` had been acknowledged at this moment. */
export interface Mark {
  readonly offset: number;
  readonly atMs: number;
}

/**
 * What the spool may let go: what was acknowledged `keepMs` ago. A broker answers when it has the records in memory, so
 * for that long they may have to be sent again. A spool that fills up keeps nothing twice.
 */
export function released(
  marks: readonly Mark[],
  facts: { readonly nowMs: number; readonly keepMs: number; readonly fill: number },
): { readonly marks: readonly Mark[]; readonly below: number | undefined } {
  const old =
    facts.fill >= hurryFill
      ? marks.length - 1
      : marks.findLastIndex(({ atMs }) => atMs <= facts.nowMs - facts.keepMs);
  return { marks: marks.slice(old + 1), below: marks[old]?.offset };
}

/** Marks at most about a thousand times in `keepMs`; the newest always counts. */
export function marked(marks: readonly Mark[], mark: Mark, keepMs: number): readonly Mark[] {
  const before = marks.at(-2);
  const isClose = before !== undefined && mark.atMs - before.atMs < keepMs / 1000;
  return [...(isClose ? marks.slice(0, -1) : marks), mark];
}
