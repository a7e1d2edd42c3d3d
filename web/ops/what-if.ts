// What another cutoff would do, by the planner's own two equations: each server keeps its part of the storage and of the traffic, and
// its weights in the popular band and in the tail follow (src/place/split.ts has the theory).
import { shareAt } from "#draw/demand-curve.ts";
import type { OpsPlacement } from "#wire/ops.ts";

type Plan = Pick<OpsPlacement, "cutoff" | "weights" | "theory">;

export interface WhatIf {
  readonly cutoff: number;
  /** P(D) at that cutoff. */
  readonly share: number;
  /** P(D) − D. */
  readonly gain: number;
  readonly weights: readonly { readonly serverId: string; readonly alpha: number; readonly beta: number }[];
  /** Servers with a negative weight: more than none, and the cutoff cannot be had. */
  readonly impossible: number;
  /** Bytes that move from day to day ÷ those at the plan's cutoff, as far as as much crosses everywhere. */
  readonly churn: number | undefined;
}

/** Below this popular and tail do not differ, and the equations have no answer. */
const flat = 1e-6;

/** Undefined where a plan has no cutoff. */
export function whatIf(plan: Plan, cutoff: number): WhatIf | undefined {
  const { theory } = plan;
  if (theory?.method !== "two-bands") return undefined;
  const { curve } = theory;
  const [share, planned] = [shareAt(curve, cutoff), shareAt(curve, plan.cutoff)];
  const [gain, plannedGain] = [share - cutoff, planned - plan.cutoff];
  if (gain < flat)
    return { cutoff, share, gain, weights: [], impossible: plan.weights.length, churn: undefined };
  const weights = plan.weights.map(({ serverId, alpha, beta }) => {
    const storage = alpha * plan.cutoff + beta * (1 - plan.cutoff);
    const traffic = alpha * planned + beta * (1 - planned);
    const pull = (traffic - storage) / gain;
    return { serverId, alpha: storage + pull * (1 - cutoff), beta: storage - pull * cutoff };
  });
  // What is negative by rounding alone is nought.
  const impossible = weights.filter(({ alpha, beta }) => Math.min(alpha, beta) < -1e-9).length;
  return {
    cutoff,
    share,
    gain,
    weights,
    impossible,
    churn: plannedGain > flat ? plannedGain / gain : undefined,
  };
}
