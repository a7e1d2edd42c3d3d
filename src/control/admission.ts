// Admission: whether an appliance's site was checked, and held. Told to the operator always; required only when asked for.
import type { CheckOutcome } from "#wire/check.ts";

export interface AdmissionRule {
  readonly kind: "tell" | "require";
  /** How long a check counts. */
  readonly days: number;
}

export interface Admission {
  readonly verdict: "passed" | "failed" | "unchecked";
  /** One sentence. */
  readonly because: string;
}

export const tellOnly: AdmissionRule = { kind: "tell", days: 90 };

const dayMs = 86_400_000;
const shown = 3;

export function admissionOf(
  check: CheckOutcome | undefined,
  nowMs: number,
  { days }: Pick<AdmissionRule, "days">,
): Admission {
  if (check === undefined) {
    return {
      verdict: "unchecked",
      because: "Its site was not checked, as far as it reports. Run millrace appliance check on it.",
    };
  }
  const because = complaintAbout(check, nowMs, days);
  if (because !== undefined) return { verdict: "failed", because };
  const { holds } = check.counts;
  const numbers = check.altered.length === 0 ? "" : `, with other numbers for ${check.altered.join(", ")}`;
  return { verdict: "passed", because: `All ${holds} requirements hold${numbers}.` };
}

function complaintAbout(check: CheckOutcome, nowMs: number, days: number): string | undefined {
  const { counts, failures, profile, atMs } = check;
  const required = counts.holds + counts.doesNotHold + counts.cannotBeTold + counts.notAsked;
  if (counts.doesNotHold + counts.cannotBeTold > 0) {
    const parts = [
      ...(counts.doesNotHold === 0 ? [] : [`${counts.doesNotHold} of ${required} requirements do not hold`]),
      ...(counts.cannotBeTold === 0 ? [] : [`${counts.cannotBeTold} of ${required} cannot be told`]),
    ];
    const named = failures.slice(0, shown).map(({ what, found }) => `${what}: ${found}`);
    const more = failures.length > shown ? "; …" : "";
    return `${parts.join(", ")}${named.length === 0 ? "" : ` (${named.join("; ")}${more})`}.`;
  }
  if (profile === "lab") {
    return "Its last check was for a laboratory, which is not asked for LAG, optics and public addresses.";
  }
  if (required === 0) return "Its last check asked for nothing.";
  const age = (nowMs - atMs) / dayMs;
  if (age > days) return `Its last check was ${Math.floor(age)} days ago; one counts for ${days} days.`;
  // A day's tolerance: a clock that is wrong by less is what the check itself finds.
  if (age < -1) return "Its last check lies in the future: a clock is wrong.";
  return undefined;
}
