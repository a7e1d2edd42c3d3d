// Whether a machine and its site are what an appliance needs, before it takes viewers: facts, each with a verdict. What a
// program or the kernel said is handed in as text, or as the reason why it said nothing; nothing here asks anybody.
// Source of the requirements: Netflix Open Connect, "Requirements for deploying embedded appliances".
import type { CheckFinding, CheckVerdict } from "#model/site-check.ts";

/** What somebody said, or why it could not be learned and what would help. */
export type Told<T> =
  | { readonly kind: "told"; readonly value: T }
  | { readonly kind: "untold"; readonly because: string; readonly mend: string };

export function told<T>(value: T): Told<T> {
  return { kind: "told", value };
}

export function untold(because: string, mend: string): Told<never> {
  return { kind: "untold", because, mend };
}

/** What a judge asks: the same for all that it may find. */
export interface Question {
  readonly what: string;
  readonly weight: CheckFinding["weight"];
  readonly wanted: string;
}

export function holds(question: Question, found: string): CheckFinding {
  return finding(question, "holds", found, "");
}

export function holdsNot(question: Question, found: string, mend: string): CheckFinding {
  return finding(question, "does-not-hold", found, mend);
}

export function cannotTell(question: Question, because: string, mend: string): CheckFinding {
  return finding(question, "cannot-be-told", because, mend);
}

const longest = 300;

/** What came from outside stands in terminals, reports and pages: it is short, and has no control characters. */
function finding(question: Question, verdict: CheckVerdict, found: string, mend: string): CheckFinding {
  return {
    what: printable(question.what, 60),
    weight: question.weight,
    verdict,
    found: printable(found, longest),
    wanted: printable(question.wanted, longest),
    mend: printable(mend, longest),
  };
}

/**
 * Text without control characters, direction marks and half surrogates, at most so long.
 * Source: Unicode categories Cc, Cf, Cs, Zl, Zp.
 */
export function printable(text: string, most: number): string {
  const plain = text
    .slice(0, 4 * most)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  const signs = [...plain];
  return signs.length <= most ? plain : `${signs.slice(0, most - 1).join("")}…`;
}

export interface CheckCounts {
  readonly holds: number;
  readonly doesNotHold: number;
  readonly cannotBeTold: number;
  readonly notAsked: number;
}

/** Of what is required; what is only advised counts for nothing. */
export function countsOf(findings: readonly CheckFinding[]): CheckCounts {
  const count = (verdict: CheckVerdict): number =>
    findings.filter((entry) => entry.weight === "required" && entry.verdict === verdict).length;
  return {
    holds: count("holds"),
    doesNotHold: count("does-not-hold"),
    cannotBeTold: count("cannot-be-told"),
    notAsked: count("not-asked"),
  };
}

export function gigabits(bitsPerSecond: number): string {
  return `${Number((bitsPerSecond / 1e9).toPrecision(3))} Gbit/s`;
}
