// What players are told when the event log has no room: when to come again, each another time.
import { randomInt } from "node:crypto";
import { controlFaults } from "#control/faults.ts";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";

/** Chosen by us: a heartbeat at least, so that the wait halves what comes. */
const fullMs = 10_000;

/** A full log is no failure of ours to mend at once: 429 in the place of 503. */
export function crowded(error: unknown): unknown {
  const isFull = error instanceof Fault && error.code === dataFaults.logFull.code;
  return isFull ? crowdedFor(fullMs, error) : error;
}

export function crowdedFor(afterMs: number, cause?: unknown): Fault {
  const seconds = Math.ceil((afterMs / 1000) * (1 + randomInt(1000) / 2000));
  return new Fault(controlFaults.logCrowded, { seconds }, cause);
}
