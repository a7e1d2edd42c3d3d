// The network as the operator's map draws it: who is where, who would serve whom, and who does.
import type { Ranking } from "#model/steering.ts";
import type { OpsSessions } from "#wire/ops.ts";
import type { OpsMap, OpsWithout } from "#wire/ops-network.ts";
import { type Fleet, healthIn, type Moment } from "./fleet.ts";
import { type Network, originId, type PlacedAppliance, type Viewpoint } from "./network.ts";

export const mostViewpoints = 200;
const namedSources = 4;
const mostPrefixes = 20;
/** Players report every few seconds; whoever is silent for so long is not drawn as watching. */
const heardWithinMs = 60_000;

type Session = Pick<OpsSessions["sessions"][number], "viewpoint" | "applianceId" | "lastSeenMs" | "state">;

export interface MapKnown {
  readonly network: Network;
  readonly fleet: Fleet;
  readonly now: Moment;
  readonly sessions: readonly Session[];
  /** When the oldest of them began, where there are more than were read; otherwise null. */
  readonly sessionsSinceMs: number | null;
  /** For a new play at this viewpoint, of any title; with `without`, as if that appliance were silent. */
  readonly rank: (viewpoint: Viewpoint, without?: string) => Ranking;
}

/** Of the latest sessions, newest start first: the first `most`, and since when that is, if there are more. */
export function latestOf<S extends { readonly startedAtMs: number }>(
  latest: readonly S[],
  most: number,
): { readonly sessions: readonly S[]; readonly sessionsSinceMs: number | null } {
  const sessions = latest.slice(0, most);
  const isCut = latest.length > most;
  return { sessions, sessionsSinceMs: isCut ? (sessions.at(-1)?.startedAtMs ?? null) : null };
}

export function mapOf({ network, fleet, now, sessions, sessionsSinceMs, rank }: MapKnown): OpsMap {
  const viewpoints = [...network.viewpoints.values()];
  return {
    sites: network.sites.map(({ id, name, kind, location }) => ({
      ...{ id, name, kind, location: location ?? null },
    })),
    appliances: [...network.appliances.values()].map((appliance) => {
      const { health } = healthIn(fleet, appliance, now);
      const load = health === "silent" ? undefined : fleet.boxes.get(appliance.id)?.report.load;
      return {
        ...{ id: appliance.id, siteId: appliance.siteId, health, throughputBps: appliance.throughput },
        bitsPerSecond: load?.bitsPerSecond ?? 0,
      };
    }),
    viewpoints: viewpoints.slice(0, mostViewpoints).map((viewpoint) => ({
      ...{ id: viewpoint.id, name: viewpoint.name, address: viewpoint.address },
      location: viewpoint.location ?? null,
      ranked: idsOf(rank(viewpoint)).slice(0, namedSources),
    })),
    flows: flowsOf(sessions, now.wallMs),
    sessionsSinceMs,
    viewpointsLeftOut: Math.max(0, viewpoints.length - mostViewpoints),
  };
}

function idsOf({ ranked }: Ranking): readonly string[] {
  return ranked.map(({ id }) => id);
}

export function flowsOf(sessions: readonly Session[], nowMs: number): OpsMap["flows"] {
  const groups = Map.groupBy(
    sessions.filter((one) => isServed(one, nowMs)),
    ({ viewpoint, applianceId }) => JSON.stringify([viewpoint, applianceId]),
  );
  return [...groups.values()]
    .map((group) => ({
      viewpointId: group[0]?.viewpoint ?? "",
      applianceId: group[0]?.applianceId ?? "",
      sessions: group.length,
    }))
    .toSorted((a, b) => b.sessions - a.sessions);
}

export function isServed({ applianceId, lastSeenMs, state }: Session, nowMs: number): boolean {
  const over = state === "ended" || state === "failed";
  return applianceId !== "" && !over && nowMs - lastSeenMs <= heardWithinMs;
}

/** What new plays and files would lose with this appliance. */
export function withoutOf(known: MapKnown, applianceId: string, planned: readonly string[]): OpsWithout {
  const { network, fleet, sessions, now, rank } = known;
  const viewpoints = [...network.viewpoints.values()].slice(0, mostViewpoints);
  const others = standing(known).filter(({ id }) => id !== applianceId);
  const isElsewhere = (file: string): boolean =>
    others.some(({ id }) => fleet.boxes.get(id)?.verified.has(file) === true);
  const own = fleet.boxes.get(applianceId)?.verified;
  return {
    applianceId,
    sessions: sessions.filter((one) => one.applianceId === applianceId && isServed(one, now.wallMs)).length,
    sessionsSinceMs: known.sessionsSinceMs,
    moved: viewpoints
      .filter((viewpoint) => idsOf(rank(viewpoint))[0] === applianceId)
      .map((viewpoint) => ({
        viewpointId: viewpoint.id,
        name: viewpoint.name,
        to: idsOf(rank(viewpoint, applianceId))[0] ?? originId,
      })),
    lastCopies: planned.filter((file) => own?.has(file) && !isElsewhere(file)).length,
    viewpoints: viewpoints.length,
    prefixes: [
      ...new Set(
        viewpoints.flatMap((viewpoint) =>
          rank(viewpoint).ranked.flatMap(({ id, prefix }) =>
            id === applianceId && prefix !== undefined ? [prefix] : [],
          ),
        ),
      ),
    ].slice(0, mostPrefixes),
  };
}

/** Of the appliances that there are, those whose copies can be believed in: a silent one's disk may be dead. */
function standing({ network, fleet, now }: MapKnown): readonly PlacedAppliance[] {
  return [...network.appliances.values()].filter((appliance) => {
    const { health } = healthIn(fleet, appliance, now);
    return health !== "silent" && health !== "unhealthy";
  });
}
