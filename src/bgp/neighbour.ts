// One neighbour whole: its connections' framers, its session's machine, and what it announced. Octets and events go in;
// what is to be done in the world goes out through the port, so that a socket and a test look the same from here.
import {
  type AdjRibIn,
  adjRibIn,
  type Changed,
  changeTerms,
  countOf,
  hearUpdate,
  staleFamily,
  sweepFamily,
} from "./adj-rib-in.ts";
import type { Agreement } from "./agreement.ts";
import { livingOctets } from "./attribute-store.ts";
import type { Family } from "./family.ts";
import type { RouteFilter } from "./filter.ts";
import { type Framer, feed, openFramer } from "./framing.ts";
import { longLimit, updateType } from "./message.ts";
import { step } from "./session.ts";
import { sessionEvent } from "./session-message.ts";
import {
  establishedLink,
  idleSession,
  nearLimit,
  type SessionEvent,
  type SessionNote,
  type SessionState,
  type SessionTerms,
} from "./session-state.ts";

/** What a neighbour needs of the world. */
export interface NeighbourPort {
  connect(): void;
  abandon(): void;
  send(link: number, message: Uint8Array): void;
  /** Closes when all that was sent is out. */
  close(link: number): void;
  note(note: SessionNote): void;
  /** Paths of a prefix are not what they were; the prefix is only good during the call. */
  readonly changed: Changed;
  /** All that the neighbour has of a family was said. */
  complete(family: Family): void;
}

export interface Neighbour {
  readonly port: NeighbourPort;
  readonly rib: AdjRibIn;
  readonly framers: Map<number, Framer>;
  state: SessionState;
  /** The connection whose UPDATE messages are heard. */
  established: number | undefined;
  /** UPDATE messages since the machine was last told. */
  unheard: number;
  /** When the machine was last told of them. */
  toldAt: number;
}

/** `seed`: see `adjRibIn`. */
export function neighbour(
  terms: SessionTerms,
  filter: RouteFilter,
  seed: number,
  port: NeighbourPort,
): Neighbour {
  const isExternal = terms.localAs !== terms.peerAs;
  const update = { asOctets: 4, isExternal, families: terms.families, addPath: [] } as const;
  return {
    port,
    rib: adjRibIn(update, filter, seed),
    framers: new Map(),
    state: idleSession(terms),
    established: undefined,
    unheard: 0,
    toldAt: 0,
  };
}

/** Takes one event in, and does what follows. */
export function handle(self: Neighbour, event: SessionEvent, now: number): void {
  if (event.kind === "connected") self.framers.set(event.link, openFramer());
  const { state, actions } = step(self.state, event, now);
  self.state = state;
  self.established = establishedLink(state)?.id;
  const { port, rib } = self;
  for (const action of actions) {
    switch (action.kind) {
      case "connect":
        port.connect();
        break;
      case "abandon":
        port.abandon();
        break;
      case "send":
        port.send(action.link, action.message);
        break;
      case "close":
        self.framers.delete(action.link);
        port.close(action.link);
        break;
      case "established":
        establish(self, action.link, action.agreement);
        break;
      case "stale":
        staleFamily(rib, action.family);
        break;
      case "sweep":
        sweepFamily(rib, action.family, action.which, port.changed);
        break;
      case "complete":
        port.complete(action.family);
        break;
      case "note":
        port.note(action.note);
        break;
    }
  }
}

function establish(self: Neighbour, link: number, agreement: Agreement): void {
  const framer = self.framers.get(link);
  if (framer !== undefined && agreement.isExtendedMessage) framer.longest = longLimit;
  changeTerms(self.rib, agreement.update, self.port.changed);
}

/** Takes the next octets of a connection in. */
export function hear(self: Neighbour, link: number, chunk: Uint8Array, now: number): void {
  const framer = self.framers.get(link);
  if (framer === undefined) return;
  self.unheard = 0;
  const error = feed(framer, chunk, (bytes, start, end) => {
    hearMessage(self, link, bytes, start, end, now);
    return self.framers.has(link);
  });
  if (error !== undefined) handle(self, { kind: "broken", link, error }, now);
  heardUpdates(self, link, now);
}

function hearMessage(
  self: Neighbour,
  link: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  now: number,
): void {
  if (bytes[start + 18] !== updateType) {
    const event = sessionEvent(link, bytes, start, end);
    if (event !== undefined) handle(self, event, now);
    return;
  }
  self.unheard += 1;
  if (self.established !== link) {
    heardUpdates(self, link, now);
    return;
  }
  const heard = hearUpdate(self.rib, bytes, start, end, self.port.changed);
  if (heard.kind === "broken") handle(self, { kind: "broken", link, error: heard.error }, now);
  else if (heard.endOfRib !== undefined)
    handle(self, { kind: "end-of-rib", link, family: heard.endOfRib }, now);
}

/** A full table comes in tens of thousands of chunks: the machine need not hear of each. */
const tellMs = 50;

/** Tells the machine of UPDATE messages, once for all of a chunk, and seldom while there is nothing to decide. */
function heardUpdates(self: Neighbour, link: number, now: number): void {
  if (self.unheard === 0) return;
  self.unheard = 0;
  if (self.established === link && now - self.toldAt < tellMs && !isNearLimit(self)) return;
  self.toldAt = now;
  stillThere(self, link, now);
}

function isNearLimit({ rib, state }: Neighbour): boolean {
  const { maxPrefixes, mostAttributeOctets } = state.terms;
  if (livingOctets(rib.sets) > mostAttributeOctets * nearLimit) return true;
  return countOf(rib, 4) > maxPrefixes[4] * nearLimit || countOf(rib, 6) > maxPrefixes[6] * nearLimit;
}

/** The neighbour has given a sign of life; the machine looks at how much it announced. */
export function stillThere(self: Neighbour, link: number, now: number): void {
  const counts = { 4: countOf(self.rib, 4), 6: countOf(self.rib, 6) };
  handle(self, { kind: "updates", link, counts, attributeOctets: livingOctets(self.rib.sets) }, now);
}
