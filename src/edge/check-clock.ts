// The clock: signed paths end by it, and so does a certificate.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, holds, holdsNot, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

/** Which program or file said whether the clock follows a time server. */
export interface ClockSync {
  readonly isSynchronised: boolean;
  readonly says: string;
}

/** timedatectl(1), `show --property=NTPSynchronized --value`. */
export function readTimedatectl(text: string): ClockSync | undefined {
  const word = text.trim();
  return word === "yes" || word === "no"
    ? { isSynchronised: word === "yes", says: "timedatectl" }
    : undefined;
}

/** chronyc(1), `-c tracking`: the last field is the leap status, "Not synchronised" when it follows nobody. */
export function readChrony(text: string): ClockSync | undefined {
  const fields = text.trim().split("\n")[0]?.split(",") ?? [];
  if (fields.length < 14) return undefined;
  return { isSynchronised: fields.at(-1) !== "Not synchronised" && fields[2] !== "0", says: "chronyc" };
}

export function judgeSync(sync: Told<ClockSync>): CheckFinding {
  const question: Question = { what: "clock", weight: "required", wanted: "follows a time server" };
  if (sync.kind === "untold") return cannotTell(question, sync.because, sync.mend);
  const { isSynchronised, says } = sync.value;
  if (isSynchronised) return holds(question, `synchronised (${says})`);
  const mend = "apt-get install chrony, and let UDP port 123 out";
  return holdsNot(question, `not synchronised (${says})`, mend);
}

export interface ClockOffset {
  /** Control's clock less this one, in ms. */
  readonly offsetMs: number;
  /** Half of the round trip, and half of the second that a Date header is rounded to. */
  readonly errorMs: number;
}

/**
 * From a Date header, which names a whole second, and when its answer was asked for and came, all in ms of the epoch.
 * The moment it was written is taken to lie in the middle. Source: RFC 9110 §6.6.1; RFC 5905 §8 for the middle.
 */
export function offsetBy(dateMs: number, askedMs: number, cameMs: number): ClockOffset {
  return { offsetMs: dateMs + 500 - (askedMs + cameMs) / 2, errorMs: 500 + (cameMs - askedMs) / 2 };
}

export function judgeOffset(offset: Told<ClockOffset>, { clockOffsetMs }: Requirements): CheckFinding {
  const question: Question = {
    what: "clock and control",
    weight: "required",
    wanted: `at most ${clockOffsetMs} ms apart`,
  };
  if (offset.kind === "untold") return cannotTell(question, offset.because, offset.mend);
  const { offsetMs, errorMs } = offset.value;
  const found = `${Math.round(offsetMs)} ms ± ${Math.round(errorMs)} ms`;
  if (Math.abs(offsetMs) - errorMs > clockOffsetMs) {
    return holdsNot(question, found, "Let both follow a time server");
  }
  return holds(question, found);
}
