// A chunk read back, for the check before publishing: tables first, counters without a gap, the time of every unit.
import { type Refused, refused } from "./boxes.ts";
import { type Counters, checksum, clockWrap, filmStart, pids } from "./transport.ts";

export interface ReadUnit {
  /** Film times in clock ticks, modulo the clock's wrap. */
  readonly shown: number;
  readonly decoded: number;
  readonly standsAlone: boolean;
}

export interface Chunk {
  readonly kind: "read";
  readonly video: readonly ReadUnit[];
  readonly audio: readonly ReadUnit[];
  readonly counters: Counters;
}

const names = new Map<number, keyof typeof pids>([
  [pids.pat, "pat"],
  [pids.pmt, "pmt"],
  [pids.video, "video"],
  [pids.audio, "audio"],
]);
const packetBytes = 188;

/** `before` are the counters that the chunk before this one ended with. */
export function readChunk(bytes: Uint8Array, before: Counters): Chunk | Refused {
  const counters = { ...before };
  const units: { readonly video: ReadUnit[]; readonly audio: ReadUnit[] } = { video: [], audio: [] };
  for (let at = 0; at < bytes.length; at += packetBytes) {
    const packet = bytes.subarray(at, at + packetBytes);
    const [sync = 0, high = 0, low = 0, control = 0] = packet;
    const name = names.get(((high & 31) << 8) | low);
    const number = at / packetBytes + 1;
    if (sync !== 0x47 || packet.length !== packetBytes || name === undefined)
      return refused(`packet ${number} is none of ours`);
    const wanted = number === 1 ? "pat" : number === 2 ? "pmt" : undefined;
    if (wanted !== undefined && name !== wanted) return refused(`packet ${number} is no ${wanted}`);
    counters[name] = (counters[name] + 1) & 15;
    if ((control & 15) !== counters[name]) return refused(`packet ${number}: a packet is missing before it`);
    const adaptation = (control & 0x20) === 0 ? 0 : (packet[4] ?? 0) + 1;
    const payload = packet.subarray(4 + adaptation);
    if ((high & 0x40) === 0) continue;
    if (name === "pat" || name === "pmt") {
      if (!isTable(payload)) return refused(`packet ${number} holds a table whose checksum is wrong`);
      continue;
    }
    const standsAlone = adaptation > 1 && ((packet[5] ?? 0) & 0x40) !== 0;
    units[name].push({ ...stampsOf(payload), standsAlone });
  }
  return { kind: "read", ...units, counters };
}

function isTable(payload: Uint8Array): boolean {
  const length = (((payload[2] ?? 0) & 15) << 8) | (payload[3] ?? 0);
  return length > 9 && length + 4 <= payload.length && checksum(payload.subarray(1, 4 + length)) === 0;
}

function stampsOf(payload: Uint8Array): Omit<ReadUnit, "standsAlone"> {
  const shown = stampAt(payload, 9);
  return { shown, decoded: ((payload[7] ?? 0) & 0x40) === 0 ? shown : stampAt(payload, 14) };
}

function stampAt(payload: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = payload.subarray(at, at + 5);
  const value = ((a >>> 1) & 7) * 2 ** 30 + ((b << 7) | (c >>> 1)) * 2 ** 15 + ((d << 7) | (e >>> 1));
  return (value - filmStart + clockWrap) % clockWrap;
}
