// What came of killing one target again and again.
import type { Kept } from "#test/fixtures/kept.ts";

export interface Killed extends Kept {
  /** What else the target promises: one sentence for each time that it did not. */
  readonly violations: readonly string[];
  /** What the target promises of `found`. */
  readonly promises: "all, once" | "all, perhaps twice" | "nothing old or false";
}

/** Why it cannot be had here. */
export interface Missing {
  readonly missing: string;
}
