// Sessions of players that are not ours: they cannot take fresh paths in mid-film, so theirs are long, and what ends them in time
// is that an ended lease puts the session on the appliances' deny list. Here is kept who has such paths, and when to look.
import type { LongPaths } from "#data/ports.ts";
import type { Denial } from "#model/denial.ts";

export interface OtherPlayer {
  readonly accountId: string;
  readonly generation: number;
  /** When the last long path ends; nobody need look any more. */
  readonly pathsEndMs: number;
  /** The lease lives until then at least. */
  readonly checkAtMs: number;
}

/** By session. */
export type OtherPlayers = ReadonlyMap<string, OtherPlayer>;

export const noOtherPlayers: OtherPlayers = new Map();

/** Undefined: there is no room for one more. */
export function watched(
  all: OtherPlayers,
  sessionId: string,
  player: OtherPlayer,
  most: number,
): OtherPlayers | undefined {
  if (!all.has(sessionId) && all.size >= most) return undefined;
  return new Map(all).set(sessionId, player);
}

/** As the database kept them, to be looked at now; but for those that are denied until their paths end. */
export function recalled(
  kept: readonly LongPaths[],
  denials: readonly Denial[],
  nowMs: number,
): OtherPlayers {
  const sessions = denials.filter(({ kind }) => kind === "session");
  const until = new Map(sessions.map(({ id, untilMs }) => [id, untilMs]));
  const players = kept.filter(({ sessionId, pathsEndMs }) => (until.get(sessionId) ?? 0) < pathsEndMs);
  return new Map(players.map(({ sessionId, ...player }) => [sessionId, { ...player, checkAtMs: nowMs }]));
}

/** Its lease was renewed. */
export function heard(all: OtherPlayers, sessionId: string, checkAtMs: number): OtherPlayers {
  const player = all.get(sessionId);
  return player === undefined ? all : new Map(all).set(sessionId, { ...player, checkAtMs });
}

/** The screens of this account are to be looked at now. */
export function suspected(all: OtherPlayers, accountId: string, nowMs: number): OtherPlayers {
  const own = [...all].filter(([, player]) => player.accountId === accountId);
  if (own.length === 0) return all;
  return new Map([...all, ...own.map(([id, player]) => [id, { ...player, checkAtMs: nowMs }] as const)]);
}

export function forgotten(all: OtherPlayers, sessionId: string): OtherPlayers {
  if (!all.has(sessionId)) return all;
  return new Map([...all].filter(([id]) => id !== sessionId));
}

export interface Due {
  /** Without those whose paths are over. */
  readonly players: OtherPlayers;
  /** Whose lease may have ended. */
  readonly due: readonly string[];
}

export function dueAt(all: OtherPlayers, nowMs: number): Due {
  const players = new Map([...all].filter(([, player]) => player.pathsEndMs > nowMs));
  return { players, due: [...players].filter(([, one]) => one.checkAtMs <= nowMs).map(([id]) => id) };
}
