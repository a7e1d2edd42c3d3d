// What an operator asks for when an appliance is to be lost on purpose, from the fields of the form.
import type { DrillBody, DrillView } from "#wire/drills.ts";
import type { ExperimentBody } from "#wire/experiment.ts";

export const lossKinds = ["drain", "kill", "withdraw", "broken"] as const;
export type LossKind = (typeof lossKinds)[number];

/** As the form has it. */
export interface Loss {
  readonly kind: LossKind;
  readonly seconds: number;
  readonly prefix: string;
  readonly segment: number;
  /** Of new sessions at the appliance, in each arm. */
  readonly percent: number;
}

export type LossOrder =
  | { readonly kind: Exclude<LossKind, "broken">; readonly body: DrillBody }
  | { readonly kind: "broken"; readonly body: ExperimentBody };

/** What is left out is for the control plane to say. */
export function lossOrder(applianceId: string, { kind, seconds, prefix, segment, percent }: Loss): LossOrder {
  const durationMs = Math.round(seconds * 1000);
  switch (kind) {
    case "broken":
      return { kind, body: { applianceId, segment, share: percent / 100, limitMs: durationMs } };
    case "withdraw":
      return { kind, body: { durationMs, prefix } };
    default:
      return { kind, body: { durationMs } };
  }
}

export interface Progress {
  /** 0 … 1 of its time. */
  readonly share: number;
  readonly leftSeconds: number;
}

/** By the clock of whoever looks; the end is what counts, and it never runs backwards. */
export function progressOf(
  { startedAtMs, endsAtMs }: Pick<DrillView, "startedAtMs" | "endsAtMs">,
  nowMs: number,
): Progress {
  const share = (nowMs - startedAtMs) / Math.max(1, endsAtMs - startedAtMs);
  return {
    share: Math.min(1, Math.max(0, share)),
    leftSeconds: Math.max(0, Math.ceil((endsAtMs - nowMs) / 1000)),
  };
}
