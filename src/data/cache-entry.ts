// A cache's entry as bytes: what another program left under the same name, a bit that fell over, or an answer that was
// meant for another question is told from an entry, and is none.
import { crc32c } from "./crc32c.ts";

export interface KeptEntry {
  readonly kind: "value" | "tombstone";
  readonly version: number;
  /** Wall clock of whoever wrote it: memcached itself counts whole seconds. */
  readonly endsAtMs: number;
  readonly value: Uint8Array;
}

/** "M1": this layout. Checksum 4, mark 2, kind 1, version 8, end 8. */
const mark = 0x4d31;
export const entryHeaderBytes = 23;

/** `name` is what the entry is kept under. */
export function encodeEntry(name: string, entry: KeptEntry): Uint8Array {
  const bytes = new Uint8Array(entryHeaderBytes + entry.value.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, mark);
  view.setUint8(6, entry.kind === "value" ? 0 : 1);
  view.setFloat64(7, entry.version);
  view.setFloat64(15, entry.endsAtMs);
  bytes.set(entry.value, entryHeaderBytes);
  view.setUint32(0, checksum(name, bytes));
  return bytes;
}

export function decodeEntry(name: string, bytes: Uint8Array): KeptEntry | undefined {
  if (bytes.length < entryHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(4) !== mark || view.getUint32(0) !== checksum(name, bytes)) return undefined;
  return {
    kind: view.getUint8(6) === 0 ? "value" : "tombstone",
    version: view.getFloat64(7),
    endsAtMs: view.getFloat64(15),
    value: bytes.subarray(entryHeaderBytes),
  };
}

const encoder = new TextEncoder();
/** Where a name is written down to be summed: names have 250 bytes at most. */
const scratch = new Uint8Array(1024);

function checksum(name: string, bytes: Uint8Array): number {
  const { written } = encoder.encodeInto(name, scratch);
  return (crc32c(scratch, 0, written) ^ crc32c(bytes, 4)) >>> 0;
}
