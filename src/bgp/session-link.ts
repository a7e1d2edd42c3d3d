// The connections of a session: opened, kept alive, given up; and the rest that follows an error.
import { type Agreement, keptDirection, openOf } from "./agreement.ts";
import { keepaliveMessage, type ProtocolError, protocolError } from "./message.ts";
import { ceaseCode, nameOf, writeNotification } from "./notification.ts";
import { writeOpen } from "./open.ts";
import { announceNote } from "./session-note.ts";
import { loseRoutes } from "./session-stale.ts";
import type { Link, SessionAction, SessionState } from "./session-state.ts";

export function withLink(state: SessionState, link: Link): SessionState {
  return { ...state, links: state.links.map((other) => (other.id === link.id ? link : other)) };
}

/** A new connection. The OPEN goes out at once, unless the neighbour is given the first word. */
export function openLink(
  state: SessionState,
  id: number,
  direction: "in" | "out",
  now: number,
  actions: SessionAction[],
): SessionState {
  const { openDelayMs, openHoldMs } = state.terms;
  const link: Link = {
    id,
    direction,
    phase: "delayed",
    openDue: now + openDelayMs,
    holdDue: now + openHoldMs,
    keepaliveDue: undefined,
    agreement: undefined,
    establishedAt: undefined,
  };
  const next = { ...state, links: [...state.links, link] };
  return openDelayMs > 0 && direction === "in" ? next : sendOpen(next, link, now, actions);
}

export function sendOpen(
  state: SessionState,
  link: Link,
  now: number,
  actions: SessionAction[],
): SessionState {
  actions.push({ kind: "send", link: link.id, message: writeOpen(openOf(state.terms)) });
  const holdDue = now + state.terms.openHoldMs;
  return withLink(state, { ...link, phase: "open-sent", openDue: undefined, holdDue });
}

/** Sends a KEEPALIVE, the next one after a third of the hold time (RFC 4271 §4.4). */
export function sendKeepalive(
  state: SessionState,
  link: Link,
  now: number,
  actions: SessionAction[],
): SessionState {
  actions.push({ kind: "send", link: link.id, message: keepaliveMessage });
  const holdMs = link.agreement?.holdMs ?? 0;
  const keepaliveDue = holdMs === 0 ? undefined : now + (holdMs / 3) * state.terms.jitter;
  return withLink(state, { ...link, keepaliveDue });
}

/** The neighbour gave a sign of life. */
export function heardAgain(state: SessionState, link: Link, now: number): SessionState {
  const holdMs = link.agreement?.holdMs ?? 0;
  return withLink(state, { ...link, holdDue: holdMs === 0 ? undefined : now + holdMs });
}

/** Of two connections that both know their neighbour, the one to be given up; undefined while there is no collision. */
export function loserOf(state: SessionState, link: Link, agreement: Agreement): Link | undefined {
  const other = state.links.find(({ id, phase }) => id !== link.id && phase === "open-confirm");
  if (other === undefined) return undefined;
  return keptDirection(state.terms, agreement) === link.direction ? other : link;
}

/** Turns a connection away that never became one of the session's. */
export function refuseLink(
  state: SessionState,
  id: number,
  subcode: number,
  because: string,
  actions: SessionAction[],
): SessionState {
  const message = writeNotification(protocolError(ceaseCode, subcode, because));
  actions.push({ kind: "send", link: id, message }, { kind: "close", link: id });
  actions.push(announceNote("info", "refused", because));
  return state;
}

export interface Farewell {
  /** Sent before the connection is closed. */
  readonly notify?: ProtocolError;
  /** For the log, where nothing is sent. */
  readonly because?: string;
  /** Whether what the neighbour said counts for some time yet. */
  readonly routes: "keep" | "drop";
  /** `none`: it may come again at once. `next`: after a rest, longer each time. `limit`: after the rest for too much. */
  readonly rest: "none" | "next" | "limit";
}

/** Gives a connection up, with all that follows from it. */
export function dropLink(
  state: SessionState,
  link: Link,
  farewell: Farewell,
  now: number,
  actions: SessionAction[],
): SessionState {
  const { notify } = farewell;
  if (notify !== undefined) {
    actions.push({ kind: "send", link: link.id, message: writeNotification(notify) });
    const because = `${nameOf(notify.code, notify.subcode)}: ${notify.because}`;
    actions.push(announceNote("warn", "notification-sent", because));
  }
  actions.push({ kind: "close", link: link.id });
  let next: SessionState = { ...state, links: state.links.filter(({ id }) => id !== link.id) };
  if (link.phase === "established") {
    const because = farewell.because ?? notify?.because ?? "";
    actions.push(announceNote("warn", "lost", because));
    next = loseRoutes(next, link, farewell.routes, now, actions);
    const lasted = now - (link.establishedAt ?? now);
    if (lasted >= state.terms.steadyMs) next = { ...next, restMs: state.terms.idleHoldMs };
  }
  return next.links.length > 0 ? next : afterwards(next, farewell.rest, now, actions);
}

/** DampPeerOscillations (RFC 4271 §8.1.1): each rest is twice as long as the last, up to a limit. */
function afterwards(
  state: SessionState,
  rest: Farewell["rest"],
  now: number,
  actions: SessionAction[],
): SessionState {
  const { isPassive, idleHoldMostMs, maxPrefixHoldMs } = state.terms;
  const longer = Math.min(state.restMs * 2, idleHoldMostMs);
  if (rest === "none") {
    // The neighbour may come when it likes; we ourselves call it only after the rest.
    if (isPassive || state.mode === "connecting") return state;
    return { ...state, mode: "waiting", connectDue: now + state.restMs, restMs: longer };
  }
  if (state.mode === "connecting") actions.push({ kind: "abandon" });
  const restMs = rest === "limit" ? maxPrefixHoldMs : state.restMs;
  actions.push(announceNote("info", "resting", `for ${Math.round(restMs / 1000)} s`));
  return { ...state, mode: "resting", restDue: now + restMs, connectDue: undefined, restMs: longer };
}
