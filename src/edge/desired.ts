// Whether a desired state can be taken over at all. It comes from the control plane, and its paths become names on our
// disk: nothing in it is believed before it was looked at.
import { type Denial, mostDenials } from "#model/denial.ts";
import { idPattern } from "#units/id.ts";
import type { WantedBundle } from "./fill-state.ts";
import { isServable } from "./nginx-config.ts";

/** What is wrong with a plan, in the operator's words; undefined when nothing is. */
export function complaintAboutPlan(bundles: readonly WantedBundle[]): string | undefined {
  const hashes = new Map<string, string>();
  const ids = new Set<string>();
  for (const { id, titleId, files } of bundles) {
    if (ids.has(id)) return `the plan names "${id}" twice`;
    ids.add(id);
    if (!idPattern.test(titleId)) return `the plan's title id "${titleId}" cannot stand in a path`;
    for (const { path, sha256 } of files) {
      const key = `${titleId}/${path}`;
      if (!isServable(key)) return `the plan's path "${key}" could never be served`;
      if ((hashes.get(key) ?? sha256) !== sha256) return `the plan wants two different files at "${key}"`;
      hashes.set(key, sha256);
    }
  }
  return undefined;
}

/** What is wrong with a desired state, in the operator's words; undefined when nothing is. */
export function complaintAbout(desired: {
  readonly files: readonly WantedBundle[];
  readonly denied?: readonly Denial[] | undefined;
}): string | undefined {
  return complaintAboutPlan(desired.files) ?? complaintAboutDenials(desired.denied ?? []);
}

/** What is wrong with a deny-list. */
export function complaintAboutDenials(denied: readonly Denial[]): string | undefined {
  if (denied.length <= mostDenials) return undefined;
  return `the state denies ${denied.length} sessions and titles, at most ${mostDenials} are taken`;
}
