// What may not be served though its signature is right: control says so, appliances hold to it.

export interface Denial {
  readonly kind: "session" | "title";
  readonly id: string;
  /** Milliseconds since 1970. From then on no path that this forbids can be valid any more. */
  readonly untilMs: number;
}

/** More than these are refused: nginx keeps them in memory, per worker, and reads them at each reload. */
export const mostDenials = 4096;

/** Those that still forbid something. */
export function inForce<D extends Denial>(denials: readonly D[], nowMs: number): readonly D[] {
  return denials.filter((denial) => denial.untilMs > nowMs);
}
