// What an account may do now, as its subscription or the operator left it. Kept on the account's own row, so that a play
// reads it under the lock that it takes anyway.

/** "none": never subscribed, or cancelled; "suspended": unpaid for too long. Only "good" plays. */
export type Standing = "good" | "none" | "suspended";

export interface Entitlement {
  readonly standing: Standing;
  /** Streams at the same time. */
  readonly screens: number;
  /** Pixels: the highest rung that is signed or licensed. */
  readonly maxHeight: number;
}

/** Of an account that nobody sold anything to: an installation without billing holds nobody back but by screens. */
export const unsold: Entitlement = { standing: "good", screens: 4, maxHeight: 4320 };
