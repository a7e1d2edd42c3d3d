// What is still written when nobody reads the event log and it fills up. The fuller, the less: first what only the quality of
// experience needs, then all of a session's way but its newest position. What a play's story hangs on is never left out, and neither
// is where a viewer is. Source: control-telemetry research §3.4, the outage ladder.
import type { Beacon } from "#model/beacon.ts";
import { hash64 } from "#units/hash.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";

export const stages = ["all", "sampled", "newest", "bare"] as const;
/** How much is written. See the README, Telemetry. */
export type Stage = (typeof stages)[number];

/** Share of the log from which on a stage holds. Source: as above. */
const beginsAt: Readonly<Record<Stage, number>> = { all: 0, sampled: 0.5, newest: 0.75, bare: 0.9 };
/** How far it must fall below that before the stage ends: a log that is read in gulps would flap otherwise. */
const givesWay = 0.05;

export function stageOf(before: Stage, fill: number): Stage {
  const reached = stages.findLast((stage) => fill >= beginsAt[stage]) ?? "all";
  if (stages.indexOf(reached) >= stages.indexOf(before)) return reached;
  const held = stages.findLast((stage) => fill >= beginsAt[stage] - givesWay) ?? "all";
  return stages.indexOf(held) < stages.indexOf(before) ? held : before;
}

/** One session in so many stands for the others while only some are kept. */
export const sampleOf = 10;

export function isSampled(sessionId: string): boolean {
  return (hash64(`sample ${sessionId}`)[1] >>> 0) % sampleOf === 0;
}

export const eventClasses = ["milestone", "moment", "heartbeat", "state-report", "sample-report"] as const;
export type EventClass = (typeof eventClasses)[number];
export type Tally = Partial<Readonly<Record<EventClass, number>>>;

/** Milestones: start, ended, failed, closed, the first stall. Moments: pauses, seeks, later stalls. Heartbeats: it plays on. */
export function classOf({ state, stallCount }: Pick<Beacon, "state" | "stallCount">): EventClass {
  switch (state) {
    case "start":
    case "ended":
    case "failed":
    case "closed":
      return "milestone";
    case "stalled":
      return stallCount <= 1 ? "milestone" : "moment";
    case "paused":
    case "seeking":
      return "moment";
    case "playing":
      return "heartbeat";
  }
}

/** Changes of state and errors, or what comes all the time: responses and intervals. */
export function reportClass({ e }: Pick<CmcdEvent, "e">): EventClass {
  return e === "ps" || e === "e" ? "state-report" : "sample-report";
}

export interface Weighed<T> {
  readonly said: T;
  /** For how many it stands; absent: 1. */
  readonly weight?: number;
}

/** Of one session's request: what is written at this stage. The newest is always among it. */
export function thinned(
  stage: Stage,
  sessionId: string,
  events: readonly Beacon[],
): readonly Weighed<Beacon>[] {
  if (stage === "all") return events.map((said) => ({ said }));
  const sampled = stage !== "bare" && isSampled(sessionId);
  const newest = newestPosition(events);
  return events.flatMap((said): readonly Weighed<Beacon>[] => {
    const kind = classOf(said);
    if (kind === "milestone") return [{ said }];
    if (kind === "moment") return stage === "sampled" || said === newest ? [{ said }] : [];
    if (sampled && (stage === "sampled" || said === newest)) return [{ said, weight: sampleOf }];
    return said === newest ? [{ said, weight: 0 }] : [];
  });
}

/** Reports hold no position: of those that come all the time only the sample's are written, and in the end none. */
export function thinnedReports(
  stage: Stage,
  sessionId: string,
  events: readonly CmcdEvent[],
): readonly Weighed<CmcdEvent>[] {
  if (stage === "all") return events.map((said) => ({ said }));
  const sampled = stage !== "bare" && isSampled(sessionId);
  return events.flatMap((said): readonly Weighed<CmcdEvent>[] => {
    if (reportClass(said) === "state-report") return [{ said }];
    return sampled ? [{ said, weight: sampleOf }] : [];
  });
}

/** Of what may be left out, the one with the highest number: milestones need not say where the viewer is. */
function newestPosition(events: readonly Beacon[]): Beacon | undefined {
  let newest: Beacon | undefined;
  for (const event of events) {
    if (classOf(event) !== "milestone" && event.seq >= (newest?.seq ?? 0)) newest = event;
  }
  return newest;
}

export function tally<T>(said: readonly T[], classOfOne: (one: T) => EventClass): Tally {
  const sums: Partial<Record<EventClass, number>> = {};
  for (const one of said) {
    const name = classOfOne(one);
    sums[name] = (sums[name] ?? 0) + 1;
  }
  return sums;
}

export function less(all: Tally, part: Tally): Tally {
  const left: Partial<Record<EventClass, number>> = {};
  for (const name of eventClasses) {
    const lacking = (all[name] ?? 0) - (part[name] ?? 0);
    if (lacking > 0) left[name] = lacking;
  }
  return left;
}
