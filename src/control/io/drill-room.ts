// Looks after drills: keeps them, carries out what control itself does for them, looks at what they do to viewers, ends them.
import { setTimeout as rest } from "node:timers/promises";
import { beforeDrill, type DrillFacts, isWatched, seenOf, withSeen } from "#control/drill-sight.ts";
import {
  type Drill,
  drillIn,
  drillOrder,
  endedDrill,
  fleetWithDrills,
  isRunning,
  recalledDrills,
  withDrill,
} from "#control/drills.ts";
import { controlFaults } from "#control/faults.ts";
import { healthIn } from "#control/fleet.ts";
import type { PlacedAppliance } from "#control/network.ts";
import { opsSessionsOf } from "#control/ops.ts";
import { rankFor } from "#control/steering.ts";
import type { DrillKind } from "#model/drill.ts";
import { Fault } from "#units/fault.ts";
import type { DrillBody } from "#wire/drills.ts";
import { type Desk, momentOf, steeringOrder } from "./desk.ts";

const recalled = 100;
const mostSessions = 1000;

/** What was kept before a restart, after the routes were recalled. What ran on runs on; what is over meanwhile is over. */
export async function recallDrills(desk: Desk): Promise<void> {
  const { drills, unreadable } = recalledDrills(await desk.ports.stores.drills.newest(recalled));
  for (const drill of unreadable) desk.logger.warn({ drill }, "a drill is unreadable");
  const nowMs = desk.clock.wallMs();
  for (const drill of drills.toReversed()) {
    const now = endedDrill(drill, nowMs);
    if (now === drill) setDrill(desk, drill);
    else await keepDrill(desk, now);
    if (isRunning(now, nowMs)) await hush(desk, now);
  }
}

interface DrillAsked {
  readonly kind: DrillKind;
  readonly applianceId: string;
  readonly body: DrillBody;
  readonly by: string;
}

/** @throws Fault unknown-appliance, drill-too-long, drill-refused */
export async function startDrill(desk: Desk, { kind, applianceId, body, by }: DrillAsked): Promise<Drill> {
  const appliance = desk.state.network.appliances.get(applianceId);
  if (appliance === undefined) throw new Fault(controlFaults.unknownAppliance, { applianceId });
  const { health } = healthIn(desk.state.fleet, appliance, momentOf(desk));
  const announced = (prefix: string) => desk.routes.announced(appliance, prefix);
  const wish = { kind, applianceId, body, health, announced };
  const order = () => drillOrder(wish, desk.state.drills, desk.ports.settings, desk.clock.wallMs());
  order();
  const facts = await factsOf(desk, appliance, []);
  // Somebody else may have begun one meanwhile.
  const { durationMs, prefix } = order();
  const nowMs = desk.clock.wallMs();
  const id = `d${desk.ports.digest(desk.ports.chance.newId()).slice(0, 8)}`;
  const drill: Drill = {
    ...{ id, kind, applianceId, prefix, by },
    ...{ startedAtMs: nowMs, endsAtMs: nowMs + durationMs, state: "running", endedAtMs: null, because: "" },
    ...{ noticedAfterMs: null, backAfterMs: null, seen: null },
    ...beforeDrill(applianceId, facts, touchedBy(desk, kind, appliance)),
  };
  await keepDrill(desk, drill).catch((error: unknown) => {
    changeDrill(desk, endedDrill(drill, desk.clock.wallMs(), "its start could not be kept"));
    throw error;
  });
  // Its time may have passed, or somebody may have aborted it, while it was saved.
  const begun = drillIn(desk.state.drills, id);
  if (isRunning(begun, desk.clock.wallMs())) await hush(desk, begun);
  desk.logger.warn({ drill: id, kind, appliance: applianceId, by }, "an operator started a drill");
  return drillIn(desk.state.drills, id);
}

/** A site's routes file speaks for all that stand there. */
function touchedBy(
  { state }: Desk,
  kind: DrillKind,
  { id, siteId }: Pick<PlacedAppliance, "id" | "siteId">,
): readonly string[] {
  if (kind !== "withdraw") return [id];
  return [...state.network.appliances.values()].filter((one) => one.siteId === siteId).map((one) => one.id);
}

/** Changes nothing when it is over. Answered only once the database knows of the end. */
export async function abortDrill(desk: Desk, id: string, by: string): Promise<Drill> {
  await endIfDue(desk, id, `${by} aborted it`);
  await settleDrill(desk, id);
  return drillIn(desk.state.drills, id);
}

/** A database that fails, or does not answer, delays saves and looks; the end holds without it, here and at the appliance. */
export async function watchDrills(desk: Desk, signal: AbortSignal): Promise<void> {
  const failing = new Set<string>();
  let looking: Promise<void> | undefined;
  const alone = async (id: string, what: "end" | "save" | "look", work: () => Promise<void>) => {
    const key = `${what} ${id}`;
    try {
      await work();
      failing.delete(key);
    } catch (error) {
      if (!failing.has(key))
        desk.logger.error({ err: error, drill: id, what }, "a drill could not be looked after");
      failing.add(key);
    }
  };
  const look = async (): Promise<void> => {
    for (const id of desk.state.drillSaves.unsaved()) await alone(id, "save", () => settleDrill(desk, id));
    const due = desk.state.drills.filter((one) => isWatched(one, desk.clock.wallMs()));
    for (const { id } of due) if (!signal.aborted) await alone(id, "look", () => lookAt(desk, id));
  };
  while (!signal.aborted) {
    await rest(desk.ports.settings.experimentPollMs, undefined, { signal }).catch(() => undefined);
    const running = desk.state.drills.filter(({ endedAtMs }) => endedAtMs === null);
    for (const { id } of running) await alone(id, "end", () => endIfDue(desk, id));
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }
  await looking;
}

async function lookAt(desk: Desk, id: string): Promise<void> {
  const drill = drillIn(desk.state.drills, id);
  const appliance = desk.state.network.appliances.get(drill.applianceId);
  // After a restart nobody has reported yet: what steering answers then is no news of the drill.
  if (appliance === undefined || !desk.state.fleet.boxes.has(drill.applianceId)) return;
  const facts = await factsOf(desk, appliance, Object.keys(drill.watched));
  // It may have ended meanwhile: then this look is of neither time.
  const now = drillIn(desk.state.drills, id);
  if (now.state !== drill.state || (now.endedAtMs === null && !isRunning(now, facts.nowMs))) return;
  const seen = withSeen(now, seenOf(now, facts));
  if (seen === now) return;
  const isNews = seen.endedAtMs !== null || seen.noticedAfterMs !== now.noticedAfterMs;
  if (isNews) await keepDrill(desk, seen);
  else setDrill(desk, seen);
}

/** At once for steering, the appliance and the routes; the database hears of it when the drill is settled. */
async function endIfDue(desk: Desk, id: string, abortedBecause?: string): Promise<void> {
  const before = drillIn(desk.state.drills, id);
  const after = endedDrill(before, desk.clock.wallMs(), abortedBecause);
  if (after === before) return;
  changeDrill(desk, after);
  desk.logger.info({ drill: id, state: after.state, because: after.because }, "a drill is over");
  if (after.kind === "withdraw") await desk.routes.unhush(id);
}

async function hush(desk: Desk, { id, kind, applianceId, prefix }: Drill): Promise<void> {
  const appliance = desk.state.network.appliances.get(applianceId);
  if (kind !== "withdraw" || prefix === null || appliance === undefined) return;
  await desk.routes.hush(id, appliance, prefix);
}

function setDrill(desk: Desk, drill: Drill): void {
  desk.state.drills = withDrill(desk.state.drills, drill);
  desk.state.fleet = fleetWithDrills(desk.state.fleet, desk.state.drills);
}

/** With something that the database is to know. */
function changeDrill(desk: Desk, drill: Drill): void {
  setDrill(desk, drill);
  desk.state.drillSaves.changed(drill.id);
}

async function keepDrill(desk: Desk, drill: Drill): Promise<void> {
  changeDrill(desk, drill);
  await settleDrill(desk, drill.id);
}

async function settleDrill({ state, ports }: Desk, id: string): Promise<void> {
  await state.drillSaves.settle(id, async () => {
    const value = state.drills.find((one) => one.id === id);
    if (value !== undefined) await ports.stores.drills.save({ id, createdAtMs: value.startedAtMs, value });
  });
}

async function factsOf(
  desk: Desk,
  appliance: PlacedAppliance,
  watched: readonly string[],
): Promise<DrillFacts> {
  const [{ sessions }, summaries] = await Promise.all([
    opsSessionsOf(desk.ports, { limit: mostSessions, appliance: appliance.id }),
    watched.length === 0 ? [] : desk.ports.stores.playback.summaries(watched),
  ]);
  const { fleet, network } = desk.state;
  return {
    nowMs: desk.clock.wallMs(),
    ...healthIn(fleet, appliance, momentOf(desk)),
    ...{ sessions, summaries, viewpoints: [...network.viewpoints.values()] },
    rank: ({ id, address }) =>
      rankFor({ ...steeringOrder(desk, undefined, { address, viewpoint: id }, "map"), name: "met" }),
  };
}
