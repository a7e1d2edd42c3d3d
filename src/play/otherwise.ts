// What a rule would have chosen in another moment: with half or twice of what it went by.
import type { Context } from "./types.ts";

export interface Otherwise {
  readonly when: "half-buffer" | "double-buffer" | "half-estimate" | "double-estimate" | "no-cap";
  readonly rung: number;
}

/** `top` is the film's highest rung: a cap below it is lifted for once. Without an estimate none is halved. */
export function otherwiseOf(
  context: Context,
  top: number,
  choose: (context: Context) => number,
): readonly Otherwise[] {
  const { bufferMs, maxBufferMs, estimateKbps, maxRung } = context;
  const others: [Otherwise["when"], Partial<Context>][] = [
    ["half-buffer", { bufferMs: bufferMs / 2 }],
    ["double-buffer", { bufferMs: Math.min(maxBufferMs, 2 * bufferMs) }],
  ];
  if (estimateKbps !== undefined) {
    others.push(["half-estimate", { estimateKbps: estimateKbps / 2 }]);
    others.push(["double-estimate", { estimateKbps: 2 * estimateKbps }]);
  }
  if (maxRung < top) others.push(["no-cap", { maxRung: top }]);
  return others.map(([when, change]) => ({ when, rung: choose({ ...context, ...change }) }));
}
