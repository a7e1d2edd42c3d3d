// What became of the sessions of a broken-segment experiment, arm by arm.
import { type Arm, armOf, type BrokenSegment, type Damage } from "#model/experiment.ts";
import type { PlaySession, SessionSummary } from "#model/playback.ts";
import {
  type Interval,
  meanDifference,
  meanInterval,
  type Share,
  sampleOf,
  shareDifference,
  wilson,
} from "./intervals.ts";

/** A session that was enrolled. */
export interface Enrolled {
  readonly session: Pick<PlaySession, "id" | "startedAtMs">;
  readonly summary: SessionSummary | undefined;
  /** Lengths of the title's segments; undefined when the title is gone. */
  readonly segmentMs: readonly number[] | undefined;
}

export type Verdict =
  /** Played on past the broken segment. */
  | "survived"
  /** Came near it, and ended or fell silent before its end. */
  | "lost"
  /** Under way. */
  | "pending"
  /** Ended long before it, or its title is gone. */
  | "not-reached";

export interface Outcome {
  readonly arm: Exclude<Arm["kind"], "none">;
  readonly damage: Damage | undefined;
  readonly verdict: Verdict;
  readonly stallCount: number;
  readonly stallMs: number;
  readonly switchCount: number;
}

/**
 * Nearer than this to the segment's start, a player may have asked for it. Chosen by us: longer than players buffer, and
 * the same for both arms, so that it favours none.
 */
export const nearMs = 60_000;

/** Undefined for a session that is in neither arm. */
export function outcomeOf(
  enrolled: Enrolled,
  rule: BrokenSegment,
  now: { readonly nowMs: number; readonly silentMs: number },
): Outcome | undefined {
  const arm = armOf(enrolled.session.id, rule);
  if (arm.kind === "none") return undefined;
  const { summary } = enrolled;
  return {
    arm: arm.kind,
    damage: arm.kind === "treatment" ? arm.damage : undefined,
    verdict: verdictOf(enrolled, rule.segment, now),
    stallCount: summary?.stallCount ?? 0,
    stallMs: summary?.stallMs ?? 0,
    switchCount: summary?.switchCount ?? 0,
  };
}

function verdictOf(
  { session, summary, segmentMs = [] }: Enrolled,
  segment: number,
  now: { readonly nowMs: number; readonly silentMs: number },
): Verdict {
  if (segmentMs.length < segment) return "not-reached";
  const endMs = segmentMs.slice(0, segment).reduce((sum, ms) => sum + ms, 0);
  const startMs = endMs - (segmentMs[segment - 1] ?? 0);
  const positionMs = summary?.positionMs ?? 0;
  if (positionMs >= endMs || summary?.state === "ended") return "survived";
  if (isUnderWay({ session, summary }, now)) return "pending";
  // A player that gave up may stand anywhere: it says 0 when it failed before its first picture.
  return positionMs >= startMs - nearMs || summary?.state === "failed" ? "lost" : "not-reached";
}

/** Neither ended nor silent for too long. */
export function isUnderWay(
  { session, summary }: Pick<Enrolled, "session" | "summary">,
  { nowMs, silentMs }: { readonly nowMs: number; readonly silentMs: number },
): boolean {
  if (summary !== undefined && ["ended", "failed", "closed"].includes(summary.state)) return false;
  return nowMs - (summary?.lastSeenMs ?? session.startedAtMs) < silentMs;
}

export interface ArmResult {
  readonly sessions: number;
  readonly pending: number;
  readonly notReached: number;
  readonly survived: number;
  readonly lost: number;
  /** Of those that survived or were lost, as all that follows. */
  readonly survival: Interval | undefined;
  readonly stalled: Interval | undefined;
  readonly stallCount: Interval | undefined;
  readonly stallMs: Interval | undefined;
  readonly switchCount: Interval | undefined;
}

export interface ExperimentResult {
  readonly confidence: number;
  readonly treatment: ArmResult;
  readonly control: ArmResult;
  /** Treatment less control. */
  readonly difference: {
    readonly survival: Interval | undefined;
    readonly stalled: Interval | undefined;
    readonly stallCount: Interval | undefined;
    readonly stallMs: Interval | undefined;
    readonly switchCount: Interval | undefined;
  };
  readonly byDamage: readonly {
    readonly damage: Damage;
    readonly survived: number;
    readonly lost: number;
    readonly survival: Interval | undefined;
  }[];
}

/** Both arms with the intervals of their shares (Wilson), means (Student) and differences (Newcombe, Welch). */
export function resultOf(
  outcomes: readonly Outcome[],
  kinds: readonly Damage[],
  confidence: number,
): ExperimentResult {
  const treated = outcomes.filter((one) => one.arm === "treatment");
  const untouched = outcomes.filter((one) => one.arm === "control");
  const [a, b] = [judged(treated), judged(untouched)];
  const means = (of: (one: Outcome) => number): Interval | undefined =>
    meanDifference(sampleOf(a.map(of)), sampleOf(b.map(of)), confidence);
  return {
    confidence,
    treatment: armResult(treated, confidence),
    control: armResult(untouched, confidence),
    difference: {
      survival: shareDifference(survivors(a), survivors(b), confidence),
      stalled: shareDifference(stalledOnes(a), stalledOnes(b), confidence),
      stallCount: means((one) => one.stallCount),
      stallMs: means((one) => one.stallMs),
      switchCount: means((one) => one.switchCount),
    },
    byDamage: kinds.map((damage) => {
      const { hits, of } = survivors(a.filter((one) => one.damage === damage));
      return { damage, survived: hits, lost: of - hits, survival: wilson({ hits, of }, confidence) };
    }),
  };
}

function armResult(arm: readonly Outcome[], confidence: number): ArmResult {
  const counted = judged(arm);
  const survival = survivors(counted);
  const count = (verdict: Verdict): number => arm.filter((one) => one.verdict === verdict).length;
  const mean = (of: (one: Outcome) => number): Interval | undefined =>
    meanInterval(sampleOf(counted.map(of)), confidence);
  return {
    sessions: arm.length,
    pending: count("pending"),
    notReached: count("not-reached"),
    survived: survival.hits,
    lost: survival.of - survival.hits,
    survival: wilson(survival, confidence),
    stalled: wilson(stalledOnes(counted), confidence),
    stallCount: mean((one) => one.stallCount),
    stallMs: mean((one) => one.stallMs),
    switchCount: mean((one) => one.switchCount),
  };
}

export function judged(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter((one) => one.verdict === "survived" || one.verdict === "lost");
}

export function survivors(outcomes: readonly Outcome[]): Share {
  return { hits: outcomes.filter((one) => one.verdict === "survived").length, of: outcomes.length };
}

/** Sessions with a stall, however many. */
export function stalledOnes(outcomes: readonly Outcome[]): Share {
  return { hits: outcomes.filter((one) => one.stallCount > 0).length, of: outcomes.length };
}
