// What an operator denied: sessions until their last signed path has expired, titles until they are allowed again.
import { type Denial, inForce, mostDenials } from "#model/denial.ts";
import type { Catalogue } from "./catalogue.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Posters are signed for up to two hours: see routes-viewer.ts. */
const posterHours = 2;

export type Denying =
  | { readonly kind: "denied"; readonly denial: Denial; readonly denials: readonly Denial[] }
  | { readonly kind: "full" };

/**
 * One more. From here on nothing is signed for it, so that the last path that could open it expires within a play's time.
 * Full minutes: what ends together costs appliances one reload.
 */
export function denied(
  denials: readonly Denial[],
  what: Pick<Denial, "kind" | "id">,
  playHours: number,
  nowMs: number,
): Denying {
  const lastsMs = Math.max(playHours, posterHours) * hourMs;
  return withDenial(denials, { ...what, untilMs: nowMs + lastsMs }, mostDenials, nowMs);
}

/** A session whose screen was taken away; denied already, it is so no shorter. Half of the list is kept free for operators. */
export function evicted(
  denials: readonly Denial[],
  sessionId: string,
  pathsEndMs: number,
  nowMs: number,
): Denying {
  const most = Math.floor(mostDenials / 2);
  const before = denials.find(({ kind, id }) => kind === "session" && id === sessionId)?.untilMs ?? 0;
  const untilMs = Math.max(pathsEndMs, before);
  return withDenial(denials, { kind: "session", id: sessionId, untilMs }, most, nowMs);
}

function withDenial(denials: readonly Denial[], wanted: Denial, most: number, nowMs: number): Denying {
  const others = allowed(stillKept(denials, nowMs), wanted);
  if (others.length >= most) return { kind: "full" };
  const denial = { ...wanted, untilMs: Math.ceil(wanted.untilMs / minuteMs) * minuteMs };
  return { kind: "denied", denial, denials: [...others, denial] };
}

export function allowed(denials: readonly Denial[], what: Pick<Denial, "kind" | "id">): readonly Denial[] {
  return denials.filter((one) => one.kind !== what.kind || one.id !== what.id);
}

/** A session's denial is over with its paths; a title's is not: it would be signed again. */
export function stillKept(denials: readonly Denial[], nowMs: number): readonly Denial[] {
  return denials.filter((one) => one.kind === "title" || one.untilMs > nowMs);
}

export function isDenied(
  denials: readonly Denial[],
  kind: Denial["kind"],
  id: string,
  nowMs: number,
): boolean {
  return stillKept(denials, nowMs).some((one) => one.kind === kind && one.id === id);
}

/** For appliances, in an order that is the same for the same list. */
export function denialsOnWire(denials: readonly Denial[], nowMs: number): readonly Denial[] {
  return inForce(denials, nowMs).toSorted((a, b) => (`${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1));
}

/** What viewers are shown: no denied title. */
export function allowedIn(catalogue: Catalogue, denials: readonly Denial[]): Catalogue {
  const gone = new Set(denials.filter((one) => one.kind === "title").map((one) => one.id));
  if (gone.size === 0) return catalogue;
  const without = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...map].filter(([id]) => !gone.has(id)));
  return { ...catalogue, titles: without(catalogue.titles), cards: without(catalogue.cards) };
}
