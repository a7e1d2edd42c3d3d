// Which version may take the place of which: one rule for values and tombstones, in every cache.
import { assert } from "#units/assert.ts";

export type Held =
  | { readonly kind: "value"; readonly version: number }
  /** Versions below it were removed. */
  | { readonly kind: "tombstone"; readonly version: number };

/** Whether a value of this version, or a tombstone for all below it, may take the place of what is held. */
export function admits(held: Held | undefined, version: number): boolean {
  if (held === undefined) return true;
  return held.kind === "value" ? version > held.version : version >= held.version;
}

export function demandVersion(version: number): void {
  assert(Number.isSafeInteger(version) && version >= 0, `a version is a whole number, found ${version}`);
}
