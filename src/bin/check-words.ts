// What a check found, in words for a terminal.
import type { CheckFinding, CheckProfile } from "#model/site-check.ts";
import type { CheckOutcome } from "#wire/check.ts";

const marks = { holds: "✓", "does-not-hold": "✗", "cannot-be-told": "?", "not-asked": "–" } as const;

/** One finding per line, as the doctor's; below it what was wanted and how to mend it, where it does not hold. */
export function checkText(findings: readonly CheckFinding[], outcome: CheckOutcome): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.flatMap((finding) => linesOf(finding, width));
  return `${[...lines, "", summary(outcome)].join("\n")}\n`;
}

function linesOf(
  { what, weight, verdict, found, wanted, mend }: CheckFinding,
  width: number,
): readonly string[] {
  const mark = weight === "advised" && verdict !== "holds" ? "~" : marks[verdict];
  const isUnknown = verdict === "cannot-be-told" ? "cannot be told: " : "";
  const line = `${mark} ${what.padEnd(width)}  ${isUnknown}${found}`;
  const indent = " ".repeat(width + 4);
  if (verdict === "holds") return [line];
  if (verdict === "not-asked") return [line, `${indent}not asked of a laboratory: ${wanted}`];
  const advice = weight === "advised" ? "advised" : "wanted";
  return [line, `${indent}${advice}: ${wanted}`, ...(mend === "" ? [] : [`${indent}mend: ${mend}`])];
}

function summary({ counts, profile, altered }: CheckOutcome): string {
  const { holds, doesNotHold, cannotBeTold, notAsked } = counts;
  const parts = [
    `${holds} hold`,
    `${doesNotHold} ${doesNotHold === 1 ? "does" : "do"} not hold`,
    `${cannotBeTold} cannot be told`,
    ...(notAsked === 0 ? [] : [`${notAsked} not asked`]),
  ];
  const numbers = altered.length === 0 ? "" : `, with other numbers for ${altered.join(", ")}`;
  return `Required of ${nameOf(profile)}${numbers}: ${parts.join(", ")}.`;
}

function nameOf(profile: CheckProfile): string {
  return profile === "lab" ? "a laboratory" : "a site";
}
