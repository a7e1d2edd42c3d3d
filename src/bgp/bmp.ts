// BMP: what a router passes on of its own BGP sessions. Read as a stream, one router per stream.
// Source: RFC 7854; RFC 8671 (Adj-RIB-Out, passed over); RFC 9069 (Loc-RIB).
import {
  addressAt,
  type Collected,
  type CollectedOrder,
  collected,
  collectedTerms,
  collectMessage,
  forgetAll,
  forgetPeer,
} from "./collected.ts";
import { type Family, families } from "./family.ts";
import { headerLength, openType, u16, u32 } from "./message.ts";
import { type Open, readOpen } from "./open.ts";
import { feedRecords, type RecordForm, type RecordStream, recordStream } from "./record-stream.ts";
import type { UpdateTerms } from "./update.ts";

/** Which of a router's tables counts: what neighbours said, what its policy let through, or what it chose. */
export type BmpView = "pre-policy" | "post-policy" | "loc-rib";

export interface BmpStation {
  readonly stream: RecordStream;
  readonly collected: Collected;
  readonly view: BmpView;
  /** What the neighbours that are up agreed on with the router. */
  readonly sessions: Map<string, BmpSession>;
}

export interface BmpSession {
  readonly families: readonly Family[];
  /** Those with path ids. */
  readonly addPath: readonly Family[];
}

const commonLength = 6;
const peerLength = 42;
const bodyAt = commonLength + peerLength;
const routeMonitoring = 0;
const peerDown = 2;
const peerUp = 3;
const globalPeer = 0;
const locRibPeer = 3;

const form: RecordForm = {
  headLength: commonLength,
  lengthAt: (bytes, at) =>
    bytes[at] === 3 ? u32(bytes, at + 1) : `BMP version 3 was wanted, found ${bytes[at]}`,
  // One BGP message of 64 KiB with its heads, or a peer's two OPEN messages; mirrored ones are no longer.
  longest: 256 * 1024,
};

export function bmpStation(order: CollectedOrder, view: BmpView): BmpStation {
  return { stream: recordStream(form), collected: collected(order), view, sessions: new Map() };
}

/** The same router over another connection: what it said before stays. */
export function reconnected({ collected: before, view }: BmpStation): BmpStation {
  return { stream: recordStream(form), collected: before, view, sessions: new Map() };
}

/** Takes the next octets of a router's stream; a sentence when it cannot be read on, after which all it said is gone. */
export function hearBmp(station: BmpStation, chunk: Uint8Array): string | undefined {
  const because = feedRecords(station.stream, chunk, (bytes, start, end) => {
    take(station, bytes, start, end);
    return undefined;
  });
  if (because !== undefined) endBmp(station);
  return because;
}

/** The router is gone, and so is all it said. */
export function endBmp(station: BmpStation): void {
  forgetAll(station.collected);
  station.sessions.clear();
}

function take(station: BmpStation, bytes: Uint8Array, start: number, end: number): void {
  const { counts } = station.collected;
  const type = bytes[start + 5];
  if (type !== routeMonitoring && type !== peerDown && type !== peerUp) {
    counts.passedOver += 1;
    return;
  }
  if (end - start < bodyAt) {
    counts.broken += 1;
    return;
  }
  const head = peerHead(bytes, start + commonLength);
  const { wants } = station.collected.order;
  if (head.view === undefined || (wants !== undefined && !wants(head.address))) {
    counts.passedOver += 1;
    return;
  }
  if (type === peerDown) {
    forgetPeer(station.collected, head.key);
    station.sessions.delete(head.key);
  } else if (type === peerUp) {
    station.sessions.set(head.key, agreedAt(bytes, start + bodyAt, end));
  } else if (head.view === station.view) {
    const { addPath } = station.sessions.get(head.key) ?? nothingAgreed;
    const terms: UpdateTerms = { ...collectedTerms, asOctets: head.asOctets, addPath };
    collectMessage(station.collected, head.key, terms, bytes, start + bodyAt, end);
  } else counts.passedOver += 1;
}

interface PeerHead {
  /** Undefined for tables that are not listened to: other instances, and what the router sends. */
  readonly view: BmpView | undefined;
  readonly address: string;
  /** The neighbour, whichever table of it is spoken of. */
  readonly key: string;
  readonly asOctets: 2 | 4;
}

/** Type, flags, distinguisher of 8 octets, address of 16, AS, identifier, time (RFC 7854 §4.2). */
function peerHead(bytes: Uint8Array, at: number): PeerHead {
  const type = bytes[at];
  const flags = bytes[at + 1] ?? 0;
  const isV6 = type === globalPeer && (flags & 0x80) !== 0;
  const address = addressAt(bytes, isV6 ? at + 10 : at + 22, isV6 ? 6 : 4);
  const key = `${type} ${address} ${u32(bytes, at + 26)}`;
  if (type === locRibPeer) {
    // Of other instances (RFC 9069 §4.1) nothing is wanted.
    const isGlobal = u32(bytes, at + 2) === 0 && u32(bytes, at + 6) === 0;
    return { view: isGlobal ? "loc-rib" : undefined, address, key, asOctets: 4 };
  }
  const isOut = (flags & 0x10) !== 0;
  const view = type !== globalPeer || isOut ? undefined : (flags & 0x40) !== 0 ? "post-policy" : "pre-policy";
  return { view, address, key, asOctets: (flags & 0x20) !== 0 ? 2 : 4 };
}

const nothingAgreed: BmpSession = { families: [], addPath: [] };

/** Address, two ports, then the OPEN messages sent and received (RFC 7854 §4.10). */
function agreedAt(bytes: Uint8Array, at: number, end: number): BmpSession {
  const sentAt = at + 20;
  const sent = openAt(bytes, sentAt, end);
  const received = sent && openAt(bytes, sentAt + u16(bytes, sentAt + 16), end);
  if (sent === undefined || received === undefined) return nothingAgreed;
  return {
    families: familiesOf(sent).filter((family) => familiesOf(received).includes(family)),
    addPath: families.filter(
      (family) =>
        sent.capabilities.addPath.some((row) => row.family === family && row.direction !== "send") &&
        received.capabilities.addPath.some((row) => row.family === family && row.direction !== "receive"),
    ),
  };
}

/** Who names no family speaks of IPv4. */
function familiesOf({ capabilities }: Open): readonly Family[] {
  return capabilities.families.length === 0 ? [4] : capabilities.families;
}

function openAt(bytes: Uint8Array, at: number, end: number): Open | undefined {
  const length = u16(bytes, at + 16);
  if (at + length > end || length < headerLength + 10 || bytes[at + 18] !== openType) return undefined;
  const reading = readOpen(bytes, at, at + length);
  return reading.kind === "open" ? reading.open : undefined;
}
