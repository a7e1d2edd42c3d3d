// The broken-segment experiment as control, qoe and edge speak of it: a rule that tells from a session's id alone what
// happens to it, so that nobody has to be asked while a segment is served.
import { hash64, unitInterval } from "#units/hash.ts";

/** The ways a segment can be broken. */
export const damages = [
  /** One bit of the media differs. */
  "bit-flip",
  /** The file ends early, and the length that is announced is the short one. */
  "truncation",
  /** 404. */
  "not-found",
  /** 503. */
  "unavailable",
  /** The first half, silence, the rest. */
  "stall",
  /** The boxes and the length of the segment, with other media in it. */
  "wrong-content",
  /** More is announced than comes. */
  "lying-length",
] as const;
export type Damage = (typeof damages)[number];

/** What an appliance has to know. It ends by itself. */
export interface BrokenSegment {
  /** Of the experiment; matches `experimentPattern`. */
  readonly id: string;
  /** Share of sessions in each of the two arms, at most one half. */
  readonly share: number;
  /** Number in the file's name, from 1. */
  readonly segment: number;
  readonly damages: readonly Damage[];
  /** Silence of a `stall`. */
  readonly stallMs: number;
  /** From this moment on nothing is broken. */
  readonly endsAtMs: number;
}

export type Arm =
  | { readonly kind: "treatment"; readonly damage: Damage }
  | { readonly kind: "control" }
  | { readonly kind: "none" };

type Draw = Pick<BrokenSegment, "id" | "share" | "damages">;

export const experimentPattern = /^x[0-9a-f]{8}$/;

/** The arm that a new session of this name would be in. Two arms of `share` each; chances of arm and damage are apart. */
export function drawArm(name: string, { id, share, damages: kinds }: Draw): Arm {
  const place = unitInterval(`${id} arm ${name}`);
  if (place >= 2 * share) return { kind: "none" };
  if (place >= share) return { kind: "control" };
  const [high] = hash64(`${id} damage ${name}`);
  const damage = kinds[(high >>> 0) % kinds.length];
  return damage === undefined ? { kind: "none" } : { kind: "treatment", damage };
}

/** The id of a session that takes part. Both arms carry the same mark; sessions without it are never touched. */
export function enrolledId(name: string, { id }: Pick<BrokenSegment, "id">): string {
  return `${id}.${name}`;
}

/** The arm of a session: "none" unless it was enrolled in this very experiment. */
export function armOf(sessionId: string, rule: Draw): Arm {
  const mark = enrolledId("", rule);
  return sessionId.startsWith(mark) ? drawArm(sessionId.slice(mark.length), rule) : { kind: "none" };
}
