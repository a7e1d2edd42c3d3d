// Drills: an operator loses an appliance on purpose for a while, to see how viewers fare. Who may be lost, for how long, and
// what a drill means meanwhile for steering, for the appliance and for the routes. That one is over follows from the clock
// alone: nobody has to be there to end it.
import { type DrillKind, type Killed, longestDrillMs } from "#model/drill.ts";
import type { Health } from "#steer/health.ts";
import { Fault } from "#units/fault.ts";
import { type DrillBody, type DrillView, type KeptDrill, keptDrill } from "#wire/drills.ts";
import { controlFaults } from "./faults.ts";
import type { Fleet } from "./fleet.ts";

export type Drill = KeptDrill;

const kept = 50;
const usualMs = 60_000;

interface DrillLimits {
  readonly drillSeconds: number;
  readonly drillsAtOnce: number;
}

export interface DrillWish {
  readonly kind: DrillKind;
  readonly applianceId: string;
  readonly body: DrillBody;
  /** Of the appliance now. */
  readonly health: Health;
  /** Whether the appliance, or the routes file for its site, announces a prefix; its usual spelling, or undefined. */
  readonly announced: (prefix: string) => string | undefined;
}

/** What may be done, once it was found to be allowed. */
export interface DrillOrder {
  readonly durationMs: number;
  readonly prefix: string | null;
}

export function mostDrillMs({ drillSeconds }: Pick<DrillLimits, "drillSeconds">): number {
  return Math.min(longestDrillMs, Math.round(drillSeconds * 1000));
}

/** @throws Fault drill-too-long, drill-refused */
export function drillOrder(
  wish: DrillWish,
  drills: readonly Drill[],
  limits: DrillLimits,
  nowMs: number,
): DrillOrder {
  const { kind, applianceId, body, health } = wish;
  const refuse = (because: string): never => {
    throw new Fault(controlFaults.drillRefused, { applianceId, because });
  };
  const most = mostDrillMs(limits);
  const durationMs = body.durationMs ?? Math.min(usualMs, most);
  if (durationMs > most) throw new Fault(controlFaults.drillTooLong, { asked: durationMs, most });
  const running = drills.filter((one) => isRunning(one, nowMs));
  const same = running.find((one) => one.applianceId === applianceId);
  if (same !== undefined) refuse(`drill ${same.id} runs on it`);
  if (running.length >= limits.drillsAtOnce) {
    refuse(`${running.length} drills run, and MILLRACE_DRILLS_AT_ONCE allows ${limits.drillsAtOnce}`);
  }
  if (kind !== "withdraw" && isGone(health))
    refuse(`${goneWords[health]}: it gets no new plays already, so that nothing would change`);
  return { durationMs, prefix: prefixOf(wish, refuse) };
}

type Gone = Exclude<Health, "healthy" | "degraded">;

const goneWords: Readonly<Record<Gone, string>> = {
  draining: "it is drained already",
  silent: "its agent is silent",
  unhealthy: "it is unhealthy",
  unadmitted: "it is not admitted",
};

/** Gets no new plays. */
export function isGone(health: Health): health is Gone {
  return health !== "healthy" && health !== "degraded";
}

function prefixOf({ kind, body, announced }: DrillWish, refuse: (because: string) => never): string | null {
  if (kind !== "withdraw") {
    return body.prefix === undefined ? null : refuse(`a prefix has no part in a ${kind}`);
  }
  if (body.prefix === undefined) return refuse("wanted the prefix that is withdrawn");
  return (
    announced(body.prefix) ?? refuse(`neither it nor the routes file for its site announces ${body.prefix}`)
  );
}

export function isRunning({ endedAtMs, endsAtMs }: Drill, nowMs: number): boolean {
  return endedAtMs === null && nowMs < endsAtMs;
}

/** The same again when it was over before. Its time goes before any other end. */
export function endedDrill(drill: Drill, nowMs: number, abortedBecause?: string): Drill {
  if (drill.endedAtMs !== null) return drill;
  if (nowMs >= drill.endsAtMs) return { ...drill, state: "ended", endedAtMs: drill.endsAtMs };
  if (abortedBecause === undefined) return drill;
  return { ...drill, state: "aborted", endedAtMs: nowMs, because: abortedBecause };
}

export function drillIn(drills: readonly Drill[], id: string): Drill {
  const found = drills.find((one) => one.id === id);
  if (found === undefined) throw new Fault(controlFaults.unknownDrill, { drillId: id });
  return found;
}

/** One more, or one that changed. The oldest are forgotten, never one that runs. */
export function withDrill(drills: readonly Drill[], drill: Drill): readonly Drill[] {
  const others = drills.filter(({ id }) => id !== drill.id);
  const all = [drill, ...others].toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  return [...all.slice(0, kept), ...all.slice(kept).filter(({ endedAtMs }) => endedAtMs === null)];
}

/** What was kept before a restart. A value that cannot be read is left out and named. */
export function recalledDrills(rows: readonly { readonly id: string; readonly value: unknown }[]): {
  readonly drills: readonly Drill[];
  readonly unreadable: readonly string[];
} {
  const read = rows.map(({ id, value }) => ({ id, parsed: keptDrill.safeParse(value) }));
  return {
    drills: read.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : [])),
    unreadable: read.filter(({ parsed }) => !parsed.success).map(({ id }) => id),
  };
}

/** Steering takes those that are drained for a drill out of new plays, each until its end. */
export function fleetWithDrills(fleet: Fleet, drills: readonly Drill[]): Fleet {
  const drains = drills.filter(({ kind, endedAtMs }) => kind === "drain" && endedAtMs === null);
  return { ...fleet, drilled: new Map(drains.map((one) => [one.applianceId, one])) };
}

/** What an appliance is told of a kill. */
export function killedFor(drills: readonly Drill[], applianceId: string, nowMs: number): Killed | undefined {
  const kill = drills.find(
    (one) => one.kind === "kill" && one.applianceId === applianceId && isRunning(one, nowMs),
  );
  if (kill === undefined) return undefined;
  const { id, startedAtMs, endsAtMs } = kill;
  return { id, endsAtMs, durationMs: endsAtMs - startedAtMs };
}

/** Viewpoints that can show the drill. */
export function firstAt({ firsts }: Pick<Drill, "firsts">): number {
  return Object.keys(firsts).length;
}

export function viewOf({ watched, firsts, healthBefore, ...drill }: Drill): DrillView {
  return { ...drill, firstAt: firstAt({ firsts }) };
}
