// What a check of an appliance's machine and site found: written by edge, told in reports, read by control and the page.

export const checkVerdicts = ["holds", "does-not-hold", "cannot-be-told", "not-asked"] as const;
export type CheckVerdict = (typeof checkVerdicts)[number];

/** `lab` does without a LAG, optics, fast ports and public addresses. */
export const checkProfiles = ["site", "lab"] as const;
export type CheckProfile = (typeof checkProfiles)[number];

/** One requirement, and what became of it. */
export interface CheckFinding {
  /** "lag", "ipv4", "optics eth0". */
  readonly what: string;
  /** `advised` is told and counts for nothing. */
  readonly weight: "required" | "advised";
  readonly verdict: CheckVerdict;
  /** With its unit; why it cannot be told, where it cannot. */
  readonly found: string;
  readonly wanted: string;
  /** What to do; empty when it holds. */
  readonly mend: string;
}
