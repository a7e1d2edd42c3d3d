// A secret that people can guess: each guess counts as a failure before it is checked, and a success forgets them. So a
// burst of guesses at the same time meets the same lock as one after another. What could not be checked does not count.
import { type Attempts, admit, failed, succeeded, withdrawn } from "#account/attempts.ts";

/** Where the failures are kept. */
export interface Tally {
  attempts: Attempts;
}

export type Checked<T> =
  | { readonly kind: "right"; readonly value: T }
  | { readonly kind: "wrong" }
  | { readonly kind: "locked"; readonly retryAfterMs: number };

/** `monoMs`: by the clock that never jumps. `check` answers undefined for a wrong guess. */
export async function guarded<T>(
  tally: Tally,
  { key, monoMs }: { readonly key: string; readonly monoMs: number },
  check: () => Promise<T | undefined>,
): Promise<Checked<T>> {
  const admission = admit(tally.attempts, key, monoMs);
  if (admission.kind === "locked") return admission;
  tally.attempts = failed(tally.attempts, key, monoMs);
  const value = await check().catch((error: unknown) => {
    tally.attempts = withdrawn(tally.attempts, key, monoMs);
    throw error;
  });
  if (value === undefined) return { kind: "wrong" };
  tally.attempts = succeeded(tally.attempts, key);
  return { kind: "right", value };
}
