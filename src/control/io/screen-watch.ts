// Sessions that lost their screen while paths of theirs still work: appliances are told to refuse them.
import { setTimeout as rest } from "node:timers/promises";
import { evicted } from "#control/denials.ts";
import { controlFaults } from "#control/faults.ts";
import { dueAt, forgotten, heard, type OtherPlayers, recalled, watched } from "#control/other-players.ts";
import { lossOf } from "#control/screens.ts";
import type { SteeringGrant } from "#control/steering-token.ts";
import type { LongPaths } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import { setDenials } from "./deny-list.ts";
import type { Desk } from "./desk.ts";

/**
 * Refused by appliances as soon as they hear of it, until its last path ends.
 *
 * Needed where paths are long, and where somebody wants the screen at once. A list that is full, or a database that does not keep
 * it, leaves the paths of our own player working until their lease's end and the grace.
 */
export async function denySession(desk: Desk, sessionId: string): Promise<void> {
  const { settings, stores } = desk.ports;
  const nowMs = desk.clock.wallMs();
  const long = desk.state.otherPlayers.get(sessionId)?.pathsEndMs ?? 0;
  const pathsEndMs = Math.max(nowMs + settings.leaseTtlMs + settings.leaseGraceMs, long);
  const answer = evicted(desk.state.denials, sessionId, pathsEndMs, nowMs);
  if (answer.kind === "full") {
    desk.logger.warn(
      { session: sessionId },
      "a session that lost its screen is not denied: the deny list is full",
    );
    return;
  }
  desk.state.otherPlayers = forgotten(desk.state.otherPlayers, sessionId);
  setDenials(desk, answer.denials);
  await stores.denials.add(answer.denial).catch((error: unknown) => {
    desk.logger.warn({ err: error, session: sessionId }, "a denial is not kept over a restart");
  });
}

/** For a session that gave its screen back: only long paths would outlive it. */
export async function denyLongPaths(desk: Desk, sessionId: string): Promise<void> {
  if (desk.state.otherPlayers.has(sessionId)) await denySession(desk, sessionId);
}

/**
 * A player that is not ours asked: its screen is held on for as long as such a player is silent.
 *
 * @throws Fault screen-lost, account-suspended, not-subscribed, other-players-off, other-players-full; whatever the stores throw
 */
export async function holdForOtherPlayer(
  desk: Desk,
  { sessionId, endsAtMs: pathsEndMs }: Pick<SteeringGrant, "sessionId" | "endsAtMs">,
): Promise<void> {
  const { settings, stores } = desk.ports;
  if (settings.otherPlayers === "none") throw new Fault(controlFaults.otherPlayersOff);
  const known = desk.state.otherPlayers.get(sessionId) ?? (await stores.playback.session(sessionId));
  if (known === undefined) throw new Fault(controlFaults.screenLost);
  const { accountId, generation } = known;
  const ttlMs = settings.otherPlayerLeaseSeconds * 1000;
  const graceMs = settings.leaseGraceMs;
  const nowMs = desk.clock.wallMs();
  const paths = { sessionId, accountId, generation, pathsEndMs };
  if ((desk.state.otherPlayers.get(sessionId)?.pathsEndMs ?? 0) < pathsEndMs) {
    // Refused where there is no room, before anything is kept.
    withPaths(desk, paths);
    await stores.playback.keepLongPaths(sessionId, pathsEndMs);
  }
  // Before the lease is looked at: whoever evicts meanwhile must know of the long paths.
  desk.state.otherPlayers = withPaths(desk, paths);
  const renewed = await stores.leases.renew({ accountId, sessionId, generation, ttlMs, graceMs });
  if (renewed.kind === "renewed") {
    const checkAtMs = nowMs + renewed.lease.leftMs + graceMs;
    desk.state.otherPlayers = heard(desk.state.otherPlayers, sessionId, checkAtMs);
    return;
  }
  await denySession(desk, sessionId);
  throw lossOf(renewed);
}

/** @throws Fault other-players-full */
function withPaths({ state, ports, clock }: Desk, { sessionId, ...paths }: LongPaths): OtherPlayers {
  const { pathsEndMs, checkAtMs } = state.otherPlayers.get(sessionId) ?? {
    ...{ pathsEndMs: 0, checkAtMs: clock.wallMs() },
  };
  const player = { ...paths, checkAtMs, pathsEndMs: Math.max(pathsEndMs, paths.pathsEndMs) };
  const most = ports.settings.otherPlayersMost;
  const all = watched(state.otherPlayers, sessionId, player, most);
  if (all === undefined) throw new Fault(controlFaults.otherPlayersFull, { most });
  return all;
}

/** Who has long paths from before: a start, or one that took over, looks after them at once. */
export async function recallOtherPlayers({ state, ports, clock }: Desk): Promise<void> {
  const nowMs = clock.wallMs();
  const kept = await ports.stores.playback.longPaths(nowMs);
  state.otherPlayers = recalled(kept, state.denials, nowMs);
}

export async function watchOtherPlayers(desk: Desk, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    await rest(desk.ports.settings.otherPlayersPollMs, undefined, { signal }).catch(() => undefined);
    try {
      if (!signal.aborted) await lookAfter(desk);
      failing = false;
    } catch (error) {
      if (!failing) desk.logger.error({ err: error }, "screens of other players could not be looked after");
      failing = true;
    }
  }
}

async function lookAfter(desk: Desk): Promise<void> {
  const { settings, stores } = desk.ports;
  const { players, due } = dueAt(desk.state.otherPlayers, desk.clock.wallMs());
  desk.state.otherPlayers = players;
  for (const sessionId of due) {
    const player = desk.state.otherPlayers.get(sessionId);
    if (player === undefined) continue;
    const lease = await stores.leases.live({ accountId: player.accountId, sessionId }, settings.leaseGraceMs);
    if (lease === undefined) await denySession(desk, sessionId);
    else {
      const checkAtMs = desk.clock.wallMs() + lease.leftMs + settings.leaseGraceMs;
      desk.state.otherPlayers = heard(desk.state.otherPlayers, sessionId, checkAtMs);
    }
  }
}
