// The life of a broken-segment experiment: created, running, then ended by its time limit or aborted, by an operator or
// because the arm with the broken segment fares worse than the other.
import type { BrokenSegment } from "#model/experiment.ts";
import { shareDifference } from "./intervals.ts";
import { judged, type Outcome, stalledOnes, survivors } from "./outcomes.ts";

export interface ExperimentOrder extends Omit<BrokenSegment, "id" | "endsAtMs"> {
  /** Enrolled sessions that are under way at the same time, both arms together. */
  readonly mostSessions: number;
  readonly limitMs: number;
  /** It alone breaks segments, and only sessions that begin there take part; absent: all appliances. */
  readonly applianceId?: string | undefined;
  /** Moments, evenly over the time limit, at which the arms are compared. */
  readonly looks: number;
  /** Chance, over all looks, of an abort although the arms fare alike. */
  readonly falseAlarm: number;
  /** By how much the broken arm's share of survivors, or of sessions with a stall, may be worse. */
  readonly margin: number;
  /** Judged sessions that each arm must have before it is compared. */
  readonly leastPerArm: number;
}

export type ExperimentState =
  | { readonly kind: "created" }
  | {
      readonly kind: "running";
      readonly startedAtMs: number;
      readonly endsAtMs: number;
      /** The number of the last look that was taken. */
      readonly look: number;
    }
  | { readonly kind: "ended"; readonly startedAtMs: number; readonly endedAtMs: number }
  | {
      readonly kind: "aborted";
      /** Null when it had not begun. */
      readonly startedAtMs: number | null;
      readonly endedAtMs: number;
      readonly because: string;
    };

export interface Experiment {
  readonly id: string;
  readonly createdAtMs: number;
  readonly order: ExperimentOrder;
  readonly state: ExperimentState;
}

export type ExperimentEvent =
  | { readonly kind: "start" }
  | { readonly kind: "abort"; readonly because: string }
  | { readonly kind: "tick" }
  | { readonly kind: "look"; readonly outcomes: readonly Outcome[] };

/** The same experiment again when the event means nothing to it. The time limit goes before every other event. */
export function step(experiment: Experiment, event: ExperimentEvent, nowMs: number): Experiment {
  const { state, order } = experiment;
  if (state.kind === "created") {
    if (event.kind === "abort") return stopped(experiment, nowMs, event.because);
    if (event.kind !== "start") return experiment;
    const endsAtMs = nowMs + order.limitMs;
    return { ...experiment, state: { kind: "running", startedAtMs: nowMs, endsAtMs, look: 0 } };
  }
  if (state.kind !== "running") return experiment;
  if (nowMs >= state.endsAtMs) {
    const { startedAtMs, endsAtMs } = state;
    return { ...experiment, state: { kind: "ended", startedAtMs, endedAtMs: endsAtMs } };
  }
  if (event.kind === "abort") return stopped(experiment, nowMs, event.because);
  const look = dueLook(experiment, nowMs);
  if (event.kind !== "look" || look === undefined) return experiment;
  const because = harmIn(event.outcomes, order);
  return because === undefined
    ? { ...experiment, state: { ...state, look } }
    : stopped(experiment, nowMs, because);
}

function stopped(experiment: Experiment, nowMs: number, because: string): Experiment {
  const { state } = experiment;
  const startedAtMs = state.kind === "created" ? null : state.startedAtMs;
  return { ...experiment, state: { kind: "aborted", startedAtMs, endedAtMs: nowMs, because } };
}

/** The look whose moment has come and that was not taken; of several that were missed only the last. */
export function dueLook({ state, order }: Experiment, nowMs: number): number | undefined {
  if (state.kind !== "running") return undefined;
  const look = Math.min(order.looks, Math.floor(((nowMs - state.startedAtMs) * order.looks) / order.limitMs));
  return look > state.look ? look : undefined;
}

/**
 * Why the broken arm fares worse than the order allows, with its numbers; undefined while that is not sure.
 *
 * Two shares are compared at each look: survivors and sessions with a stall. Each comparison is one-sided at
 * falseAlarm / (2 · looks), so that over all of them the chance of a false alarm is at most falseAlarm (Bonferroni), as
 * far as Newcombe's interval keeps its level: the number of looks is fixed before, and a look left out only helps.
 */
export function harmIn(outcomes: readonly Outcome[], order: ExperimentOrder): string | undefined {
  const arm = (kind: Outcome["arm"]): readonly Outcome[] =>
    judged(outcomes.filter((one) => one.arm === kind));
  const [broken, whole] = [arm("treatment"), arm("control")];
  if (Math.min(broken.length, whole.length) < order.leastPerArm) return undefined;
  // Two-sided at twice the level: only the lower end is looked at.
  const confidence = 1 - order.falseAlarm / order.looks;
  const lostMore = shareDifference(survivors(whole), survivors(broken), confidence);
  if (lostMore !== undefined && lostMore.low > order.margin) {
    return `${words(survivors(broken))} sessions went on past the broken segment, ${words(survivors(whole))} past the whole one: worse by more than ${percent(order.margin)} for sure`;
  }
  const stalledMore = shareDifference(stalledOnes(broken), stalledOnes(whole), confidence);
  if (stalledMore !== undefined && stalledMore.low > order.margin) {
    return `${words(stalledOnes(broken))} sessions stalled with the broken segment, ${words(stalledOnes(whole))} with the whole one: worse by more than ${percent(order.margin)} for sure`;
  }
  return undefined;
}

function words({ hits, of }: { readonly hits: number; readonly of: number }): string {
  return `${hits} of ${of}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** The rule that appliances follow while the experiment runs. */
export function ruleOf({ id, order, state }: Experiment): BrokenSegment {
  const { share, segment, damages, stallMs } = order;
  const endsAtMs = state.kind === "running" ? state.endsAtMs : 0;
  return { id, share, segment, damages, stallMs, endsAtMs };
}

/** Whether one more session may take part now. */
export function admits({ state, order }: Experiment, underWay: number, nowMs: number): boolean {
  return state.kind === "running" && nowMs < state.endsAtMs && underWay < order.mostSessions;
}
