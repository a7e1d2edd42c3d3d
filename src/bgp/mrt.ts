// MRT: dumps of a table, and logs of what came after. Read as a stream of one file after the other.
// Source: RFC 6396; RFC 8050 (path ids).
import {
  addressAt,
  type Collected,
  type CollectedOrder,
  collected,
  collectedTerms,
  collectMessage,
  collectRoute,
  forgetPeer,
} from "./collected.ts";
import type { Family } from "./family.ts";
import { u16, u32 } from "./message.ts";
import { type PrefixRun, runError } from "./nlri.ts";
import { feedRecords, type RecordForm, type RecordStream, recordStream } from "./record-stream.ts";

export interface MrtReader {
  readonly stream: RecordStream;
  readonly collected: Collected;
  /** Of the dump that is being read: the neighbours by number. */
  peers: readonly string[];
}

const headLength = 12;
const tableDump2 = 13;
const bgp4mp = 16;
const bgp4mpTimed = 17;
const established = 6;

const form: RecordForm = {
  headLength,
  lengthAt: (bytes, at) => headLength + u32(bytes, at + 8),
  // A prefix that a thousand neighbours announced.
  longest: 4 << 20,
};

export function mrtReader(order: CollectedOrder): MrtReader {
  return { stream: recordStream(form), collected: collected(order), peers: [] };
}

/** Takes the next octets in; a sentence when they cannot be read on. */
export function hearMrt(reader: MrtReader, chunk: Uint8Array): string | undefined {
  return feedRecords(reader.stream, chunk, (bytes, start, end) => {
    const type = u16(bytes, start + 4);
    const subtype = u16(bytes, start + 6);
    const body: Body = { reader, bytes, at: start + headLength, end };
    if (type === tableDump2) takeDump(body, subtype);
    else if (type === bgp4mp) takeLog(body, subtype);
    // Microseconds stand before what is otherwise the same (RFC 6396 §3).
    else if (type === bgp4mpTimed) takeLog({ ...body, at: body.at + 4 }, subtype);
    else reader.collected.counts.passedOver += 1;
    return undefined;
  });
}

interface Body {
  readonly reader: MrtReader;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** Subtypes of TABLE_DUMP_V2 that are read: the family, and whether path ids stand there. */
const dumps: Readonly<Record<number, { readonly family: Family; readonly withPathId: boolean }>> = {
  2: { family: 4, withPathId: false },
  4: { family: 6, withPathId: false },
  8: { family: 4, withPathId: true },
  10: { family: 6, withPathId: true },
};

function takeDump(body: Body, subtype: number): void {
  const { collected: self } = body.reader;
  const kind = dumps[subtype];
  const isTaken = subtype === 1 ? takeIndex(body) : kind === undefined ? undefined : takeRib(body, kind);
  if (isTaken === undefined) self.counts.passedOver += 1;
  if (isTaken === false) self.counts.broken += 1;
}

/** Collector, name of the view, then the neighbours: type, identifier, address, AS (RFC 6396 §4.3.1). */
function takeIndex({ reader, bytes, at, end }: Body): boolean {
  const countAt = at + 6 + u16(bytes, at + 4);
  if (at + 8 > end || countAt + 2 > end) return false;
  const peers: string[] = [];
  let next = countAt + 2;
  for (let i = u16(bytes, countAt); i > 0; i--) {
    const type = bytes[next] ?? 0;
    const family = (type & 1) === 0 ? 4 : 6;
    const asAt = next + 5 + (family === 4 ? 4 : 16);
    const asOctets = (type & 2) === 0 ? 2 : 4;
    if (asAt + asOctets > end) return false;
    const as = asOctets === 2 ? u16(bytes, asAt) : u32(bytes, asAt);
    peers.push(`${addressAt(bytes, next + 5, family)} ${as}`);
    next = asAt + asOctets;
  }
  reader.peers = peers;
  return true;
}

/** Number, prefix, then what each neighbour said of it (RFC 6396 §4.3.2, RFC 8050 §4). */
function takeRib(body: Body, kind: { readonly family: Family; readonly withPathId: boolean }): boolean {
  const { reader, bytes, end } = body;
  const start = body.at + 4;
  const prefixEnd = start + 1 + (((bytes[start] ?? 0) + 7) >> 3);
  if (prefixEnd + 2 > end) return false;
  const run: PrefixRun = { bytes, start, end: prefixEnd, family: kind.family, withPathId: false };
  if (runError(run) !== undefined) return false;
  const head = kind.withPathId ? 12 : 8;
  let next = prefixEnd + 2;
  for (let i = u16(bytes, prefixEnd); i > 0; i--) {
    const attributesAt = next + head;
    if (attributesAt > end) return false;
    const peer = reader.peers[u16(bytes, next)];
    const attributesEnd = attributesAt + u16(bytes, attributesAt - 2);
    if (peer === undefined || attributesEnd > end) return false;
    const pathId = kind.withPathId ? u32(bytes, next + 6) : 0;
    takeRoute(reader, peer, { ...run, pathId }, attributesAt, attributesEnd);
    next = attributesEnd;
  }
  return true;
}

function takeRoute(reader: MrtReader, peer: string, run: PrefixRun, start: number, end: number): void {
  if (isWanted(reader, peer)) collectRoute(reader.collected, peer, run, { start, end });
  else reader.collected.counts.passedOver += 1;
}

function isWanted({ collected: { order } }: MrtReader, peer: string): boolean {
  return order.wants === undefined || order.wants(peer.split(" ")[0] ?? "");
}

/** Subtypes of BGP4MP that are read: octets of the AS numbers in them, and what they hold. */
const logs: Readonly<
  Record<number, { readonly asOctets: 2 | 4; readonly what: "message" | "paths" | "state" }>
> = {
  0: { asOctets: 2, what: "state" },
  1: { asOctets: 2, what: "message" },
  4: { asOctets: 4, what: "message" },
  5: { asOctets: 4, what: "state" },
  8: { asOctets: 2, what: "paths" },
  9: { asOctets: 4, what: "paths" },
};

/** Both AS numbers, an interface, the family of both addresses, then a message or two states (RFC 6396 §4.4). */
function takeLog({ reader, bytes, at, end }: Body, subtype: number): void {
  const { counts } = reader.collected;
  const kind = logs[subtype];
  if (kind === undefined) {
    counts.passedOver += 1;
    return;
  }
  const { asOctets, what } = kind;
  const familyAt = at + 2 * asOctets + 2;
  const family = u16(bytes, familyAt) === 1 ? 4 : 6;
  const addressLength = family === 4 ? 4 : 16;
  const contentAt = familyAt + 2 + 2 * addressLength;
  if (contentAt + 4 > end || u16(bytes, familyAt) > 2) {
    counts.broken += 1;
    return;
  }
  const peer = `${addressAt(bytes, familyAt + 2, family)} ${asOctets === 2 ? u16(bytes, at) : u32(bytes, at)}`;
  if (!isWanted(reader, peer)) {
    counts.passedOver += 1;
  } else if (what === "state") {
    counts.taken += 1;
    if (u16(bytes, contentAt + 2) !== established) forgetPeer(reader.collected, peer);
  } else {
    const terms = { ...collectedTerms, asOctets, addPath: what === "paths" ? ([4, 6] as const) : [] };
    collectMessage(reader.collected, peer, terms, bytes, contentAt, end);
  }
}
