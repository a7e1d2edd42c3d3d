// The outcome of the last check, kept in the appliance's folder: who checks may be another user than the agent, at another time.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { countsOf } from "#edge/check.ts";
import { alteredIn, type Requirements } from "#edge/check-requirements.ts";
import { readIfThere, writeWhole } from "#io/files.ts";
import type { CheckFinding, CheckProfile } from "#model/site-check.ts";
import { type CheckOutcome, checkOutcome, mostFailures } from "#wire/check.ts";

const everyMs = 30_000;
const firstMs = 1000;

export function outcomeOf(
  findings: readonly CheckFinding[],
  facts: { readonly atMs: number; readonly profile: CheckProfile; readonly wanted: Requirements },
): CheckOutcome {
  const { atMs, profile, wanted } = facts;
  const failed = findings.filter(
    ({ weight, verdict }) =>
      weight === "required" && (verdict === "does-not-hold" || verdict === "cannot-be-told"),
  );
  return {
    atMs: Math.round(atMs),
    profile,
    altered: [...alteredIn(profile, wanted)],
    counts: countsOf(findings),
    failures: failed.slice(0, mostFailures).map(({ weight: _, ...failure }) => failure),
  };
}

export async function keepOutcome(dir: string, outcome: CheckOutcome): Promise<void> {
  await writeWhole(pathIn(dir), `${JSON.stringify(outcome)}\n`, 0o644);
}

function pathIn(dir: string): string {
  return join(dir, "state/check.json");
}

/** What an agent tells of it. Looked at anew now and then, in the background: a report does not hang on a disk. */
export class KeptCheck {
  readonly #dir: string;
  #known: CheckOutcome | undefined;
  #looking: Promise<void> | undefined;
  #lookedAtMs: number | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** As it was at most a minute ago. Only the first look is waited for, and not long. */
  async told(): Promise<CheckOutcome | undefined> {
    const nowMs = performance.now();
    const isFirst = this.#lookedAtMs === undefined;
    if (nowMs - (this.#lookedAtMs ?? Number.NEGATIVE_INFINITY) >= everyMs) {
      this.#lookedAtMs = nowMs;
      const looking = this.look();
      if (isFirst) await Promise.race([looking, sleep(firstMs, undefined, { ref: false })]);
    }
    return this.#known;
  }

  /** Looks now. What is no outcome is none; a disk that cannot be read leaves what was known. */
  look(): Promise<void> {
    this.#looking ??= readIfThere(pathIn(this.#dir))
      .then(
        (text) => {
          this.#known = text === undefined ? undefined : readOutcome(text);
        },
        () => undefined,
      )
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }
}

export function readOutcome(text: string): CheckOutcome | undefined {
  if (text.length > 1 << 20) return undefined;
  const parsed = checkOutcome.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
