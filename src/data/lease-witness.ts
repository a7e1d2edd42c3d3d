// The lease clock is the database's wall clock, which may jump: an operator sets it, a time service steps it, a virtual
// machine wakes up. Each program that uses it is a witness. It remembers one reading and knows by its own monotonic
// clock how much later any other reading can be, at least and at most. A reading outside of that is not believed, and
// the transaction that it was made in is undone; then the clock's shift is mended so that it goes on where it was.

/** One reading of the lease clock, between two moments of the reader's own monotonic clock. Milliseconds. */
export interface Reading {
  readonly atMs: number;
  readonly sentMs: number;
  readonly heardMs: number;
}

export type Verdict = "steady" | "ahead" | "behind";

/** Two sound clocks drift apart by less. Source: research, control-telemetry §4 (ρ). */
const drift = 1e-3;

/**
 * Milliseconds that a step may have: small against any grace worth having, and more than time services step in
 * ordinary operation (128 ms) or the nodes of one CockroachDB may differ by (500 ms).
 */
export const stepMs = 1000;

/** Whether the reading can be true, if the anchor was. */
export function judge(anchor: Reading, reading: Reading): Verdict {
  const atLeast = Math.max(0, reading.sentMs - anchor.heardMs);
  const atMost = reading.heardMs - anchor.sentMs;
  const passed = reading.atMs - anchor.atMs;
  if (passed > atMost * (1 + drift) + stepMs) return "ahead";
  if (passed < atLeast * (1 - drift) - stepMs) return "behind";
  return "steady";
}

/** What the lease clock shows at the reader's moment, if the anchor was true. */
export function expectedMs(anchor: Reading, monoMs: number): number {
  return Math.round(anchor.atMs + Math.max(0, monoMs - anchor.heardMs));
}

/** A reading that took longer than this says too little of when it was made. */
const sharpMs = 50;
const staleMs = 10_000;

/** The reading to remember of two that agree: drift adds up, so an old one is replaced by the next sharp one. */
export function laterAnchor(anchor: Reading, reading: Reading): Reading {
  const old = reading.heardMs - anchor.heardMs > staleMs;
  return old && reading.heardMs - reading.sentMs <= sharpMs ? reading : anchor;
}
