// One record of the event log as bytes. Little-endian:
//
//   0  u32  CRC32C of everything after these four bytes
//   4  u32  length of the payload
//   8  u64  offset of the record in the log
//  16  u32  place of the record in its batch, from 0
//  20  …    payload
//
// A batch is what one fdatasync made durable, and the next one is written only after that. So a whole frame of a later
// batch proves that the batch before it had been acknowledged: recovery may cut damage at the tail, never before it.
import { assert } from "#units/assert.ts";
import { crc32c } from "./crc32c.ts";

export const frameHeaderBytes = 20;
const two32 = 2 ** 32;
/** Longest payload that a reader believes in; what may be written is a setting below it. */
export const maxPayloadBytes = 16 << 20;

export interface Frame {
  readonly offset: number;
  /** Offset of the first record of its batch. */
  readonly batch: number;
  readonly payload: Uint8Array;
  /** Where the next frame starts. */
  readonly next: number;
}

export type Decoded =
  | { readonly kind: "frame"; readonly frame: Frame }
  /** The bytes end before the frame does; `wanted` is where it would end, as far as can be told. */
  | { readonly kind: "short"; readonly wanted: number }
  | { readonly kind: "damaged" };

export function frameBytes(payloadBytes: number): number {
  return frameHeaderBytes + payloadBytes;
}

/** The frames of one batch in a row, the first record at `offset`. */
export function encodeBatch(offset: number, values: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const value of values) size += frameBytes(value.length);
  const target = new Uint8Array(size);
  const view = new DataView(target.buffer);
  let at = 0;
  let place = 0;
  for (const value of values) {
    assert(value.length <= maxPayloadBytes, "the log refuses longer records before they are framed");
    const next = at + frameBytes(value.length);
    view.setUint32(at + 4, value.length, true);
    setOffset(view, at + 8, offset + place);
    view.setUint32(at + 16, place, true);
    target.set(value, at + frameHeaderBytes);
    view.setUint32(at, crc32c(target, at + 4, next), true);
    at = next;
    place += 1;
  }
  return target;
}

/** In two halves, without a BigInt for each record. */
function setOffset(view: DataView, at: number, offset: number): void {
  view.setUint32(at, offset % two32, true);
  view.setUint32(at + 4, Math.floor(offset / two32), true);
}

/** The frame that starts at `at`. Its payload is a window on `bytes`, not a copy. */
export function decodeFrame(bytes: Uint8Array, at: number): Decoded {
  if (at + frameHeaderBytes > bytes.length) return { kind: "short", wanted: at + frameHeaderBytes };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(at + 4, true);
  if (length > maxPayloadBytes) return { kind: "damaged" };
  const next = at + frameBytes(length);
  if (next > bytes.length) return { kind: "short", wanted: next };
  if (view.getUint32(at, true) !== crc32c(bytes, at + 4, next)) return { kind: "damaged" };
  const offset = Number(view.getBigUint64(at + 8, true));
  const batch = offset - view.getUint32(at + 16, true);
  return {
    kind: "frame",
    frame: { offset, batch, payload: bytes.subarray(at + frameHeaderBytes, next), next },
  };
}

export interface Scan {
  /** Offset after the last whole record, in order from the first. */
  readonly end: number;
  /** Where in the bytes the last whole record ends. */
  readonly position: number;
  /** What follows there: nothing, what was never acknowledged, or damage to what was. */
  readonly tail:
    | { readonly kind: "clean" }
    | { readonly kind: "torn" }
    | { readonly kind: "damaged"; readonly highest: number };
}

/** Reads a segment from `from`, where the record `offset` is expected, to its last whole record. */
export function scan(bytes: Uint8Array, from: number, offset: number): Scan {
  let position = from;
  let end = offset;
  for (;;) {
    const decoded = decodeFrame(bytes, position);
    if (decoded.kind !== "frame" || decoded.frame.offset !== end) break;
    position = decoded.frame.next;
    end += 1;
  }
  if (position === bytes.length) return { end, position, tail: { kind: "clean" } };
  const highest = laterBatch(bytes, position + 1, end);
  return { end, position, tail: highest === undefined ? { kind: "torn" } : { kind: "damaged", highest } };
}

/** Highest offset among whole frames that belong to a batch after the one that holds the record `lost`. */
function laterBatch(bytes: Uint8Array, from: number, lost: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let highest: number | undefined;
  for (let at = from; at + frameHeaderBytes <= bytes.length; at++) {
    // The offset is looked at before the checksum is worked out: it rules out nearly every wrong place.
    const offset = Number(view.getBigUint64(at + 8, true));
    if (offset <= lost || offset > lost + bytes.length) continue;
    const decoded = decodeFrame(bytes, at);
    if (decoded.kind !== "frame" || decoded.frame.batch <= lost) continue;
    highest = Math.max(highest ?? 0, decoded.frame.offset);
    at = decoded.frame.next - 1;
  }
  return highest;
}
