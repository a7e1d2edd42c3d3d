// The state machine of a session (RFC 4271 §8), with the events of both kinds of connection, and the timers as due times.
// A pure function: io/ hands in what happened and obeys what comes out.
import { unreachable } from "#units/assert.ts";
import { negotiate } from "./agreement.ts";
import type { Family } from "./family.ts";
import { afiOf, unicast } from "./family.ts";
import { joined, octets16, octets32, protocolError } from "./message.ts";
import {
  ceaseCode,
  ceaseCollision,
  ceaseMaxPrefixes,
  ceaseRejected,
  ceaseResources,
  nameOf,
  sentenceData,
} from "./notification.ts";
import type { Open } from "./open.ts";
import { writeRefresh } from "./route-refresh.ts";
import {
  dropLink,
  heardAgain,
  loserOf,
  openLink,
  refuseLink,
  sendKeepalive,
  sendOpen,
  withLink,
} from "./session-link.ts";
import { announceNote } from "./session-note.ts";
import { beginStale, endStale, staleOver, whenEstablished } from "./session-stale.ts";
import {
  establishedLink,
  type Link,
  nearLimit,
  type SessionAction,
  type SessionEvent,
  type SessionState,
} from "./session-state.ts";

export interface Stepped {
  readonly state: SessionState;
  readonly actions: readonly SessionAction[];
}

/** Takes one event in. `now` is monotonic time in ms. */
export function step(state: SessionState, event: SessionEvent, now: number): Stepped {
  const actions: SessionAction[] = [];
  return { state: absorb(state, event, now, actions), actions };
}

function absorb(
  state: SessionState,
  event: SessionEvent,
  now: number,
  actions: SessionAction[],
): SessionState {
  switch (event.kind) {
    case "start":
      return state.mode === "stopped" ? begin(state, now, actions) : state;
    case "stop":
      return stop(state, event.subcode, event.sentence, now, actions);
    case "tick":
      return tick(state, now, actions);
    case "connected":
      return connected(state, event.link, event.direction, now, actions);
    case "connect-failed":
      return connectFailed(state, event.because, now, actions);
    case "ask-again":
      return askAgain(state, actions);
    default: {
      const link = state.links.find(({ id }) => id === event.link);
      // The connection was given up before this was heard.
      return link === undefined ? state : onLink(state, link, event, now, actions);
    }
  }
}

type LinkEvent = Extract<SessionEvent, { readonly link: number }>;

function onLink(
  state: SessionState,
  link: Link,
  event: Exclude<LinkEvent, { readonly kind: "connected" }>,
  now: number,
  actions: SessionAction[],
): SessionState {
  switch (event.kind) {
    case "closed":
      return dropLink(state, link, { because: event.because, routes: "keep", rest: "none" }, now, actions);
    case "open":
      return opened(state, link, event.open, now, actions);
    case "keepalive":
      return kept(state, link, now, actions);
    case "broken":
      return dropLink(state, link, { notify: event.error, routes: "drop", rest: "next" }, now, actions);
    case "notification": {
      const { code, subcode, sentence } = event.notification;
      const because = `${nameOf(code, subcode)}${sentence === "" ? "" : `: "${sentence}"`}`;
      actions.push(announceNote("warn", "notification-received", because));
      const rest = code === ceaseCode ? "none" : "next";
      return dropLink(state, link, { because, routes: "drop", rest }, now, actions);
    }
    case "updates":
    case "end-of-rib":
    case "refresh":
      if (link.phase !== "established") return outOfPlace(state, link, event.kind, now, actions);
      return whileEstablished(state, link, event, now, actions);
    default:
      return unreachable(event);
  }
}

function begin(state: SessionState, now: number, actions: SessionAction[]): SessionState {
  const rested: SessionState = { ...state, restDue: undefined, mode: "waiting" };
  return state.terms.isPassive ? rested : connect(rested, now, actions);
}

function connect(state: SessionState, now: number, actions: SessionAction[]): SessionState {
  if (state.mode === "connecting") actions.push({ kind: "abandon" });
  actions.push({ kind: "connect" });
  return { ...state, mode: "connecting", connectDue: now + state.terms.connectRetryMs * state.terms.jitter };
}

function connectFailed(
  state: SessionState,
  because: string,
  now: number,
  actions: SessionAction[],
): SessionState {
  if (state.mode !== "connecting") return state;
  actions.push(announceNote("info", "connect-failed", because));
  return { ...state, mode: "waiting", connectDue: now + state.terms.connectRetryMs * state.terms.jitter };
}

function stop(
  state: SessionState,
  subcode: number,
  sentence: string,
  now: number,
  actions: SessionAction[],
): SessionState {
  if (state.mode === "connecting") actions.push({ kind: "abandon" });
  const notify = protocolError(ceaseCode, subcode, sentence, sentenceData(sentence));
  let left = state;
  for (const link of state.links) {
    left = dropLink(left, link, { notify, routes: "drop", rest: "none" }, now, actions);
  }
  for (const family of staleFamilies(left)) left = endStale(left, family, actions);
  return { ...left, mode: "stopped", restDue: undefined, connectDue: undefined };
}

function staleFamilies(state: SessionState): readonly Family[] {
  return state.terms.families.filter((family) => state.stale[family] !== undefined);
}

function tick(state: SessionState, now: number, actions: SessionAction[]): SessionState {
  let next = state;
  if (next.restDue !== undefined && next.restDue <= now) next = begin(next, now, actions);
  if (next.connectDue !== undefined && next.connectDue <= now) {
    next = next.links.length === 0 ? connect(next, now, actions) : { ...next, connectDue: undefined };
  }
  for (const link of state.links) next = tickLink(next, link, now, actions);
  for (const family of staleFamilies(next)) next = staleOver(next, family, now, actions);
  return next;
}

function tickLink(state: SessionState, link: Link, now: number, actions: SessionAction[]): SessionState {
  if (link.holdDue !== undefined && link.holdDue <= now) {
    const notify = protocolError(4, 0, "nothing was heard for the hold time");
    return dropLink(state, link, { notify, routes: "keep", rest: "next" }, now, actions);
  }
  if (link.openDue !== undefined && link.openDue <= now) return sendOpen(state, link, now, actions);
  if (link.keepaliveDue !== undefined && link.keepaliveDue <= now) {
    return sendKeepalive(state, link, now, actions);
  }
  return state;
}

/** A connection is there: it opens, unless there is one already that it would only disturb. */
function connected(
  state: SessionState,
  id: number,
  direction: "in" | "out",
  now: number,
  actions: SessionAction[],
): SessionState {
  if (state.mode === "stopped" || state.mode === "resting") {
    return refuseLink(state, id, ceaseRejected, "the session is at rest", actions);
  }
  const waiting: SessionState =
    direction === "out" ? { ...state, mode: "waiting", connectDue: undefined } : state;
  const lasting = establishedLink(waiting);
  // RFC 4724 §4.2: a neighbour that restarts connects again before the loss of the old connection is seen.
  const isRestart = lasting?.agreement?.gracefulRestart !== undefined && direction === "in";
  if (lasting !== undefined && isRestart) {
    const because = "the neighbour connected again";
    const lost = dropLink(waiting, lasting, { because, routes: "keep", rest: "none" }, now, actions);
    return openLink(lost, id, direction, now, actions);
  }
  const earlier = waiting.links.find((link) => link.direction === direction);
  if (lasting !== undefined || earlier?.phase === "open-confirm") {
    return refuseLink(waiting, id, ceaseCollision, "there is a connection already", actions);
  }
  const next = openLink(waiting, id, direction, now, actions);
  if (earlier === undefined) return next;
  // Who connects again knows nothing of a connection on which it never spoke; it would else be turned away for minutes.
  const notify = protocolError(ceaseCode, ceaseCollision, "the neighbour connected again");
  return dropLink(next, earlier, { notify, routes: "drop", rest: "none" }, now, actions);
}

function opened(
  state: SessionState,
  link: Link,
  open: Open,
  now: number,
  actions: SessionAction[],
): SessionState {
  if (link.phase !== "open-sent" && link.phase !== "delayed")
    return outOfPlace(state, link, "open", now, actions);
  const negotiation = negotiate(state.terms, open);
  if (negotiation.kind === "refused") {
    return dropLink(state, link, { notify: negotiation.error, routes: "drop", rest: "next" }, now, actions);
  }
  const { agreement } = negotiation;
  let next = link.phase === "delayed" ? sendOpen(state, link, now, actions) : state;
  const loser = loserOf(next, link, agreement);
  if (loser !== undefined) {
    const notify = protocolError(ceaseCode, ceaseCollision, "two connections at once");
    next = dropLink(next, loser, { notify, routes: "drop", rest: "none" }, now, actions);
    if (loser.id === link.id) return next;
  }
  const holdDue = agreement.holdMs === 0 ? undefined : now + agreement.holdMs;
  const confirmed: Link = { ...link, phase: "open-confirm", openDue: undefined, holdDue, agreement };
  return sendKeepalive(withLink(next, confirmed), confirmed, now, actions);
}

function kept(state: SessionState, link: Link, now: number, actions: SessionAction[]): SessionState {
  const { agreement } = link;
  if (agreement === undefined) return outOfPlace(state, link, "keepalive", now, actions);
  if (link.phase === "established") return heardAgain(state, link, now);
  const established: Link = { ...link, phase: "established", establishedAt: now };
  let next = heardAgain(withLink(state, established), established, now);
  const notify = protocolError(ceaseCode, ceaseCollision, "another connection was established");
  for (const other of next.links) {
    if (other.id !== link.id)
      next = dropLink(next, other, { notify, routes: "drop", rest: "none" }, now, actions);
  }
  if (next.mode === "connecting") actions.push({ kind: "abandon" });
  actions.push({ kind: "established", link: link.id, agreement });
  actions.push(announceNote("info", "established", `AS ${agreement.peerAs}`));
  next = { ...next, mode: "waiting", connectDue: undefined, warned: [] };
  return whenEstablished(next, link.id, agreement, now, actions);
}

function whileEstablished(
  state: SessionState,
  link: Link,
  event: Extract<SessionEvent, { kind: "updates" | "end-of-rib" | "refresh" }>,
  now: number,
  actions: SessionAction[],
): SessionState {
  const next = heardAgain(state, link, now);
  switch (event.kind) {
    case "updates":
      return (
        fits(next, link, event.attributeOctets, now, actions) ??
        counted(next, link, event.counts, now, actions)
      );
    case "end-of-rib":
      actions.push({ kind: "complete", family: event.family });
      return next.stale[event.family]?.because === "refresh" ? next : endStale(next, event.family, actions);
    case "refresh":
      return refreshed(next, link, event, now, actions);
  }
}

function refreshed(
  state: SessionState,
  link: Link,
  event: Extract<SessionEvent, { kind: "refresh" }>,
  now: number,
  actions: SessionAction[],
): SessionState {
  const { family, what } = event;
  const isEnhanced = link.agreement?.isEnhancedRefresh === true;
  if (what === "begin" && isEnhanced)
    return beginStale(state, family, "refresh", state.terms.staleMs, now, actions);
  if (what === "end" && isEnhanced) return endStale(state, family, actions);
  if (what !== "request" || !isEnhanced) return state;
  // We have nothing to say: begin and end of it (RFC 7313 §4).
  for (const bound of ["begin", "end"] as const) {
    actions.push({ kind: "send", link: link.id, message: writeRefresh(family, bound) });
  }
  return state;
}

/** Prefixes are bounded, but each may bring attributes of 64 KiB. Undefined while there is room. */
function fits(
  state: SessionState,
  link: Link,
  octets: number,
  now: number,
  actions: SessionAction[],
): SessionState | undefined {
  const { mostAttributeOctets: most } = state.terms;
  if (octets <= most) return undefined;
  const because = `path attributes take ${octets} octets; at most ${most} are kept`;
  actions.push(announceNote("warn", "too-many-attributes", because));
  const notify = protocolError(ceaseCode, ceaseResources, because);
  return dropLink(state, link, { notify, routes: "drop", rest: "limit" }, now, actions);
}

function counted(
  state: SessionState,
  link: Link,
  counts: Readonly<Record<Family, number>>,
  now: number,
  actions: SessionAction[],
): SessionState {
  let next = state;
  for (const family of state.terms.families) {
    const most = state.terms.maxPrefixes[family];
    const found = counts[family];
    if (found > most) {
      const because = `${found} IPv${family} prefixes; at most ${most} are taken`;
      actions.push(announceNote("warn", "too-many-prefixes", because));
      // RFC 4486 §4: family and limit go with it.
      const data = joined([octets16(afiOf(family)), Uint8Array.of(unicast), octets32(most)]);
      const notify = protocolError(ceaseCode, ceaseMaxPrefixes, because, data);
      return dropLink(next, link, { notify, routes: "drop", rest: "limit" }, now, actions);
    }
    if (found > most * nearLimit && !next.warned.includes(family)) {
      actions.push(announceNote("warn", "near-limit", `${found} of at most ${most} IPv${family} prefixes`));
      next = { ...next, warned: [...next.warned, family] };
    }
  }
  return next;
}

/** A message that has no place in this phase (RFC 6608). */
function outOfPlace(
  state: SessionState,
  link: Link,
  what: string,
  now: number,
  actions: SessionAction[],
): SessionState {
  const subcode = { delayed: 1, "open-sent": 1, "open-confirm": 2, established: 3 }[link.phase];
  const notify = protocolError(5, subcode, `a message of kind ${what} has no place in ${link.phase}`);
  return dropLink(state, link, { notify, routes: "drop", rest: "next" }, now, actions);
}

function askAgain(state: SessionState, actions: SessionAction[]): SessionState {
  const link = establishedLink(state);
  if (link?.agreement?.isRefresh !== true) return state;
  for (const family of link.agreement.update.families) {
    actions.push({ kind: "send", link: link.id, message: writeRefresh(family, "request") });
  }
  return state;
}
