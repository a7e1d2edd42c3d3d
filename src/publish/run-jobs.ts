// From what a job came to, to the jobs that follow. A run is gone through again and again: each time as far as what is there
// allows; what lacks becomes jobs side by side, and one behind them that goes through again.
//
// survey → trials … → choose → pieces … → choose (→ pieces … → choose) → scores … → package → publish
import type { Job, JobKind, NewJob } from "#model/job.ts";

export interface Followers {
  /** Done side by side. */
  readonly kind: JobKind;
  readonly specs: readonly unknown[];
  /** Behind them, once; undefined: nothing. */
  readonly last: { readonly kind: JobKind; readonly spec: unknown } | undefined;
}

export interface FollowOrder extends Followers {
  readonly step: number;
  readonly needs: string;
  readonly tools: string | undefined;
  /** sha256, lowercase hex. */
  readonly digest: (text: string) => string;
}

/**
 * The same result gives the same jobs, by name too: a step that is decided twice adds nothing twice. The base of each is the hash
 * of what it is told and of what came before it, so that equal work is known again whatever run it belongs to.
 */
export function followers(
  of: Pick<Job, "runId" | "base" | "priority">,
  order: FollowOrder,
): readonly NewJob[] {
  const { kind, specs, last, step, needs, tools, digest } = order;
  const { runId, priority, base } = of;
  const nameOf = (index: number): string => `${runId}.${step}.${index}`;
  const made = specs.map((spec, index): NewJob => {
    const facts = { id: nameOf(index + 1), runId, kind, spec, priority, tools, after: [] };
    return {
      ...facts,
      needs: kind === "publish" ? controlNeeds : needs,
      base: digest(textOf([kind, base, spec])),
    };
  });
  if (last === undefined) return made;
  const behind: NewJob = {
    ...{ id: nameOf(0), runId, kind: last.kind, spec: last.spec, needs, tools, priority },
    base: digest(textOf([last.kind, base, last.spec, made.map((job) => job.base)])),
    after: made.map(({ id }) => id),
  };
  return [...made, behind];
}

/** What only the control plane itself can do. */
export const controlNeeds = "control";

/** The key of a result: what it was made from, and what by. */
export function resultKey(job: Pick<Job, "base">, tools: string, digest: (text: string) => string): string {
  return digest(`${job.base} ${tools}`);
}

/** What every job of an encrypted title needs of its worker: one of them ends with the package. */
export const encryptNeeds = "cbcs";

/** "av1+h264+vmaf" */
export function needsOf(abilities: readonly string[]): string {
  return [...new Set(abilities)].sort().join("+");
}

const mostAbilities = 8;

/** Every `needs` that somebody with these abilities can meet. */
export function needsMet(abilities: readonly string[]): readonly string[] {
  const sorted = [...new Set(abilities)].sort().slice(0, mostAbilities);
  const sets: (readonly string[])[] = [];
  for (const ability of sorted) {
    for (const set of [...sets]) sets.push([...set, ability]);
    sets.push([ability]);
  }
  return sets.map((set) => set.join("+"));
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}
