// Refresh tokens as a machine. A device's tokens are numbered 1, 2, …; each is good once, and its use makes the next one.
// So whoever stole a token and its owner cannot both go on: the second of them presents one that was used, and then the
// device is signed out. Source: RFC 9700 §4.14.2; OWASP ASVS 5.0, 10.4.5 and 10.4.8.
//
// Two tabs may present the same token in the same second, and an answer may be lost on its way. For a short grace after
// a use the token that was used opens still, and brings the very successor that its first use brought: a token too, so
// nothing forks.

/** What is remembered of a device. */
export interface Family {
  /** Number of the token that is good now. */
  readonly generation: number;
  /** When that one was made. */
  readonly rotatedAtMs: number;
  /** Absolute: no use moves it. */
  readonly endsAtMs: number;
}

export type Presented =
  /** The token was good; the next one is now. */
  | { readonly kind: "rotated"; readonly family: Family }
  /** Used a moment ago: its successor is handed out once more. */
  | { readonly kind: "repeated" }
  /** Used before: someone else has it. The device must end. */
  | { readonly kind: "reused" }
  | { readonly kind: "over" };

/** The token of that number is presented. Its maker and device were proved before. */
export function present(
  family: Family,
  generation: number,
  { nowMs, graceMs }: { readonly nowMs: number; readonly graceMs: number },
): Presented {
  // A later one than there is: the database was put back to an earlier day. Nobody stole anything; sign in again.
  if (nowMs >= family.endsAtMs || generation > family.generation) return { kind: "over" };
  if (generation === family.generation) {
    return { kind: "rotated", family: { ...family, generation: generation + 1, rotatedAtMs: nowMs } };
  }
  // A clock that was put back makes the grace no longer.
  const isRecent = Math.abs(nowMs - family.rotatedAtMs) <= graceMs;
  return generation === family.generation - 1 && isRecent ? { kind: "repeated" } : { kind: "reused" };
}
