// What a provider says about a charge comes twice, late and out of order. Each saying only ever adds to what is known:
// a join, so that any order and any repetition end alike.
import type { ChargeOutcome, ChargeState, DisputeStanding } from "#model/billing.ts";

export const nothingKnown: ChargeState = {
  outcome: "unknown",
  refundedMinor: 0,
  dispute: "none",
  disputedMinor: 0,
};

/** A charge that failed may yet succeed (the customer confirms after all); one that succeeded never fails. */
const outcomes: readonly ChargeOutcome[] = ["unknown", "needs-action", "failed", "succeeded"];
const disputes: readonly DisputeStanding[] = ["none", "open", "won", "lost"];

export function joined(known: ChargeState, told: ChargeState): ChargeState {
  return {
    outcome: later(outcomes, known.outcome, told.outcome),
    refundedMinor: Math.max(known.refundedMinor, told.refundedMinor),
    dispute: later(disputes, known.dispute, told.dispute),
    disputedMinor: Math.max(known.disputedMinor, told.disputedMinor),
  };
}

/** Nobody gives back, or disputes, more than was taken; and only what was taken. */
export function bounded(told: ChargeState, amountMinor: number): ChargeState {
  const refundedMinor = Math.min(amountMinor, Math.max(0, told.refundedMinor));
  const disputedMinor = told.dispute === "none" ? 0 : Math.min(amountMinor, Math.max(0, told.disputedMinor));
  const isTaken = refundedMinor > 0 || told.dispute !== "none";
  return {
    outcome: isTaken ? "succeeded" : told.outcome,
    refundedMinor,
    dispute: told.dispute,
    disputedMinor,
  };
}

function later<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
