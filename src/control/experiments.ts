// The broken-segment experiment in the control plane: who takes part, what became of them, and how it is ordered.
import { armOf, type BrokenSegment, damages, drawArm, enrolledId } from "#model/experiment.ts";
import {
  admits,
  type Experiment,
  type ExperimentEvent,
  type ExperimentOrder,
  ruleOf,
  step,
} from "#qoe/experiment.ts";
import type { Interval } from "#qoe/intervals.ts";
import { type ArmResult, isUnderWay, type Outcome, outcomeOf, resultOf } from "#qoe/outcomes.ts";
import { Fault } from "#units/fault.ts";
import {
  type ExperimentBody,
  type ExperimentReport,
  experiment as experimentRecord,
} from "#wire/experiment.ts";
import type { Catalogue, PublishedTitle } from "./catalogue.ts";
import { controlFaults } from "./faults.ts";
import type { ControlPorts } from "./ports.ts";

type ExperimentPorts = Pick<ControlPorts, "stores" | "settings">;

/** What the control plane holds in memory of its experiments. */
export interface Laboratory {
  /** Newest first. */
  readonly experiments: readonly Experiment[];
  /** Sessions of the one that runs which are under way, with the moment of their start. */
  readonly underWay: ReadonlyMap<string, number>;
}

export const emptyLaboratory: Laboratory = { experiments: [], underWay: new Map() };

const kept = 50;
const reportConfidence = 0.95;
/** Heartbeats that are missed before a session counts as gone. */
const missedHeartbeats = 6;
/** From a play's answer to its row in the database, at most. */
const openingMs = 60_000;
const defaultStallMs = 8000;

/** The order with what was left out, or a Fault naming what is more than the settings allow. */
export function orderOf(body: ExperimentBody, settings: ExperimentPorts["settings"]): ExperimentOrder {
  const share = settings.experimentSharePercent / 100;
  const limitMs = settings.experimentMinutes * 60_000;
  const order: ExperimentOrder = {
    share: body.share ?? share,
    segment: body.segment ?? settings.experimentSegment,
    damages: [...new Set(body.damages ?? damages)],
    stallMs: body.stallMs ?? defaultStallMs,
    mostSessions: body.mostSessions ?? settings.experimentSessions,
    limitMs: body.limitMs ?? limitMs,
    looks: settings.experimentLooks,
    falseAlarm: settings.experimentFalseAlarmPercent / 100,
    margin: settings.experimentMarginPercent / 100,
    leastPerArm: settings.experimentLeastPerArm,
    ...(body.applianceId === undefined ? {} : { applianceId: body.applianceId }),
  };
  const limits = [
    ["share", order.share, share, "MILLRACE_EXPERIMENT_SHARE_PERCENT"],
    ["mostSessions", order.mostSessions, settings.experimentSessions, "MILLRACE_EXPERIMENT_SESSIONS"],
    ["limitMs", order.limitMs, limitMs, "MILLRACE_EXPERIMENT_MINUTES"],
  ] as const;
  for (const [what, asked, most, setting] of limits) {
    if (asked > most) throw new Fault(controlFaults.experimentTooBig, { what, asked, most, setting });
  }
  return order;
}

export function experimentIn({ experiments }: Laboratory, id: string): Experiment {
  const found = experiments.find((one) => one.id === id);
  if (found === undefined) throw new Fault(controlFaults.unknownExperiment, { experimentId: id });
  return found;
}

export function runningIn({ experiments }: Laboratory): Experiment | undefined {
  return experiments.find((one) => one.state.kind === "running");
}

/** What an appliance is told now. */
export function brokenNow(
  laboratory: Laboratory,
  applianceId: string,
  nowMs: number,
): BrokenSegment | undefined {
  const running = runningIn(laboratory);
  if (running === undefined) return undefined;
  const { applianceId: only } = running.order;
  if (only !== undefined && only !== applianceId) return undefined;
  const rule = ruleOf(running);
  return nowMs < rule.endsAtMs ? rule : undefined;
}

/** One more, or one in another state. The oldest are forgotten, never the one that runs. */
export function withExperiment(laboratory: Laboratory, experiment: Experiment): Laboratory {
  const others = laboratory.experiments.filter((one) => one.id !== experiment.id);
  const all = [experiment, ...others].toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  const running = all.slice(kept).filter((one) => one.state.kind === "running");
  const experiments = [...all.slice(0, kept), ...running];
  return { ...laboratory, experiments };
}

/** A start is refused while another one runs, or when it had its time. */
export function started(laboratory: Laboratory, id: string, nowMs: number): Experiment {
  const experiment = experimentIn(laboratory, id);
  const other = runningIn(laboratory);
  const refuse = (because: string): never => {
    throw new Fault(controlFaults.experimentRefused, { experimentId: id, because });
  };
  if (other !== undefined && other.id !== id) refuse(`${other.id} is running, and only one may`);
  if (experiment.state.kind !== "created") refuse(`it is ${experiment.state.kind} already`);
  return step(experiment, { kind: "start" }, nowMs);
}

export function stepped(
  laboratory: Laboratory,
  id: string,
  event: ExperimentEvent,
  nowMs: number,
): Experiment {
  return step(experimentIn(laboratory, id), event, nowMs);
}

/**
 * The id that a new session of this name gets, and the laboratory that knows of it. `firstFor` is the source that a session of
 * an id would begin with: asked where the experiment is one appliance's.
 */
export function enrolled(
  laboratory: Laboratory,
  name: string,
  title: Pick<PublishedTitle, "package">,
  nowMs: number,
  firstFor: (sessionId: string) => string | undefined,
): { readonly sessionId: string; readonly laboratory: Laboratory } {
  const aside = { sessionId: name, laboratory };
  const running = runningIn(laboratory);
  if (running === undefined || !admits(running, laboratory.underWay.size, nowMs)) return aside;
  const { segmentMs = [] } = title.package;
  if (segmentMs.length < running.order.segment) return aside;
  if (drawArm(name, ruleOf(running)).kind === "none") return aside;
  const sessionId = enrolledId(name, running);
  const { applianceId } = running.order;
  if (applianceId !== undefined && firstFor(sessionId) !== applianceId) return aside;
  const underWay = new Map(laboratory.underWay).set(sessionId, nowMs);
  return { sessionId, laboratory: { ...laboratory, underWay } };
}

/** What was kept before a restart, with whoever is under way. A value that cannot be read is left out and named. */
export async function recalledLaboratory(
  ports: ExperimentPorts,
  catalogue: Pick<Catalogue, "titles">,
  nowMs: number,
): Promise<{ readonly laboratory: Laboratory; readonly unreadable: readonly string[] }> {
  const rows = await ports.stores.experiments.newest(kept);
  const read = rows.map((row) => ({ id: row.id, parsed: experimentRecord.safeParse(row.value) }));
  const experiments = read.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : []));
  const unreadable = read.filter(({ parsed }) => !parsed.success).map(({ id }) => id);
  const laboratory: Laboratory = { ...emptyLaboratory, experiments };
  const running = runningIn(laboratory);
  if (running === undefined) return { laboratory, unreadable };
  const { underWay } = await gather(ports, catalogue, running, nowMs);
  return { laboratory: { ...laboratory, underWay }, unreadable };
}

export interface Gathered {
  readonly outcomes: readonly Outcome[];
  readonly underWay: ReadonlyMap<string, number>;
}

/** What became of the sessions of an experiment so far. */
export async function gather(
  ports: ExperimentPorts,
  catalogue: Pick<Catalogue, "titles">,
  experiment: Experiment,
  nowMs: number,
): Promise<Gathered> {
  const rule = ruleOf(experiment);
  const sessions = await ports.stores.playback.marked(enrolledId("", experiment), experiment.createdAtMs);
  const now = { nowMs, silentMs: missedHeartbeats * ports.settings.heartbeatMs };
  const outcomes = sessions.flatMap((session) => {
    const segmentMs = catalogue.titles.get(session.titleId)?.package.segmentMs;
    const outcome = outcomeOf({ session, summary: session.summary, segmentMs }, rule, now);
    return outcome === undefined ? [] : [outcome];
  });
  const underWay = sessions
    .filter((session) => armOf(session.id, rule).kind !== "none")
    .filter((session) => isUnderWay({ session, summary: session.summary }, now))
    .map((session) => [session.id, session.startedAtMs] as const);
  return { outcomes, underWay: new Map(underWay) };
}

/** The database's word on who is under way, and those that it cannot know of yet. */
export function recounted(laboratory: Laboratory, known: Gathered["underWay"], since: number): Laboratory {
  const opening = [...laboratory.underWay].filter(([, startedMs]) => since - startedMs < openingMs);
  const seen = opening.filter(([id]) => !known.has(id));
  return { ...laboratory, underWay: new Map([...known, ...seen]) };
}

export function reportOf(experiment: Experiment, { outcomes, underWay }: Gathered): ExperimentReport {
  const kinds = experiment.order.damages;
  const { treatment, control, difference, byDamage } = resultOf(outcomes, kinds, reportConfidence);
  return {
    experiment: recordOf(experiment),
    underWay: underWay.size,
    confidence: reportConfidence,
    treatment: armOnWire(treatment),
    control: armOnWire(control),
    difference: {
      survival: orNull(difference.survival),
      stalled: orNull(difference.stalled),
      stallCount: orNull(difference.stallCount),
      stallMs: orNull(difference.stallMs),
      switchCount: orNull(difference.switchCount),
    },
    byDamage: byDamage.map((one) => ({ ...one, survival: orNull(one.survival) })),
  };
}

export function recordOf(experiment: Experiment): ExperimentReport["experiment"] {
  const { order } = experiment;
  return { ...experiment, order: { ...order, damages: [...order.damages] } };
}

function armOnWire(arm: ArmResult): ExperimentReport["treatment"] {
  const { survival, stalled, stallCount, stallMs, switchCount, ...counts } = arm;
  return {
    ...counts,
    survival: orNull(survival),
    stalled: orNull(stalled),
    stallCount: orNull(stallCount),
    stallMs: orNull(stallMs),
    switchCount: orNull(switchCount),
  };
}

function orNull(interval: Interval | undefined): Interval | null {
  return interval ?? null;
}
