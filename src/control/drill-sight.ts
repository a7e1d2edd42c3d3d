// What is seen of a drill while it runs: where its appliance's plays went, what stalled or failed, and what steering answers.
import type { SessionSummary } from "#model/playback.ts";
import type { Ranking } from "#model/steering.ts";
import type { Health } from "#steer/health.ts";
import type { DrillSeen } from "#wire/drills.ts";
import type { OpsSessions } from "#wire/ops.ts";
import { type Drill, firstAt, isGone } from "./drills.ts";
import type { Viewpoint } from "./network.ts";
import { isServed, mostViewpoints } from "./ops-map.ts";

type Session = OpsSessions["sessions"][number];

/** Players report every few seconds: whoever is silent for so long is not called still there. */
const heardWithinMs = 60_000;
/** Named in a look. */
const mostSteered = 50;
/** After its end, how long it is looked for whether all is back. */
export const recoveryMs = 600_000;

export interface DrillFacts {
  readonly nowMs: number;
  readonly health: Health;
  readonly because: string;
  /** Of the plays that are watched. */
  readonly summaries: readonly SessionSummary[];
  /** That began last. */
  readonly sessions: readonly Session[];
  readonly viewpoints: readonly Viewpoint[];
  /** For a new play there. */
  readonly rank: (viewpoint: Viewpoint) => Ranking;
}

/**
 * Where a drill begins: plays that the appliance serves, how it does, and the viewpoints where somebody is first whom the drill
 * touches: the appliance, and where a prefix is withdrawn others of its site, whose routes file speaks for all of them.
 */
export function beforeDrill(
  applianceId: string,
  facts: Pick<DrillFacts, "nowMs" | "health" | "sessions" | "viewpoints" | "rank">,
  touched: readonly string[] = [applianceId],
): Pick<Drill, "watched" | "firsts" | "plays" | "healthBefore"> {
  const { nowMs, health, sessions, viewpoints, rank } = facts;
  const served = sessions.filter((one) => one.applianceId === applianceId && isServed(one, nowMs));
  return {
    ...{ plays: served.length, healthBefore: health },
    watched: Object.fromEntries(served.map(({ sessionId, stallCount }) => [sessionId, stallCount])),
    firsts: Object.fromEntries(
      viewpoints
        .slice(0, mostViewpoints)
        .map((viewpoint) => [viewpoint.id, firstOf(rank(viewpoint))] as const)
        .filter(([, first]) => touched.includes(first)),
    ),
  };
}

function firstOf({ ranked }: Ranking): string {
  return ranked[0]?.id ?? "";
}

export function seenOf(drill: Drill, facts: DrillFacts): DrillSeen {
  const { nowMs, health, because, sessions } = facts;
  const fates = Map.groupBy(facts.summaries, (summary) => fateOf(summary, drill.applianceId, nowMs));
  const count = (fate: Fate): number => fates.get(fate)?.length ?? 0;
  const known = facts.summaries.length;
  return {
    ...{ atMs: nowMs, health, because },
    ...{ still: count("still"), moved: count("moved"), over: count("over"), failed: count("failed") },
    unheard: count("unheard") + Math.max(0, drill.plays - known),
    stalls: facts.summaries.reduce((sum, one) => sum + stallsSince(drill, one), 0),
    begun: sessions.filter(
      ({ startedAtMs, applianceId }) => startedAtMs >= drill.startedAtMs && applianceId === drill.applianceId,
    ).length,
    steered: steeredOf(drill, facts),
  };
}

type Fate = "still" | "moved" | "over" | "failed" | "unheard";

function fateOf({ state, applianceId, lastSeenMs }: SessionSummary, lost: string, nowMs: number): Fate {
  if (state === "failed") return "failed";
  if (state === "ended" || state === "closed") return "over";
  if (nowMs - lastSeenMs > heardWithinMs) return "unheard";
  return applianceId === lost ? "still" : "moved";
}

function stallsSince({ watched }: Drill, { sessionId, stallCount }: SessionSummary): number {
  return Math.max(0, stallCount - (watched[sessionId] ?? stallCount));
}

function steeredOf(
  { firsts }: Drill,
  { viewpoints, rank }: Pick<DrillFacts, "viewpoints" | "rank">,
): DrillSeen["steered"] {
  return viewpoints
    .slice(0, mostViewpoints)
    .flatMap((viewpoint) => {
      const before = firsts[viewpoint.id];
      if (before === undefined) return [];
      const ranking = rank(viewpoint);
      const now = firstOf(ranking);
      if (now === before) return [];
      const out = ranking.eliminated.find(({ id }) => id === before);
      const why = { by: out?.by ?? null, because: out?.because ?? null };
      return [{ viewpointId: viewpoint.id, name: viewpoint.name, before, now, ...why }];
    })
    .slice(0, mostSteered);
}

/** The drill with what was seen of it. After its end it is only looked for whether all is back; the same again: nothing new. */
export function withSeen(drill: Drill, seen: DrillSeen): Drill {
  const isAway = isAwayIn(drill, seen);
  if (drill.endedAtMs === null) {
    const noticed = isAway === true ? seen.atMs - drill.startedAtMs : null;
    return { ...drill, seen, noticedAfterMs: drill.noticedAfterMs ?? noticed };
  }
  if (isAway !== false || drill.backAfterMs !== null) return drill;
  return { ...drill, backAfterMs: Math.max(0, seen.atMs - drill.endedAtMs) };
}

/** Whether new plays go elsewhere that went there before; undefined: nowhere is it seen. */
function isAwayIn(drill: Drill, { health, steered }: DrillSeen): boolean | undefined {
  const { kind, healthBefore } = drill;
  const isWorse = isGone(health) ? !isGone(healthBefore) : health !== "healthy" && healthBefore === "healthy";
  if (isWorse || steered.length > 0) return true;
  return kind === "withdraw" && firstAt(drill) === 0 ? undefined : false;
}

/** Whether it is worth a look. */
export function isWatched({ endedAtMs, backAfterMs }: Drill, nowMs: number): boolean {
  return endedAtMs === null || (backAfterMs === null && nowMs - endedAtMs < recoveryMs);
}
