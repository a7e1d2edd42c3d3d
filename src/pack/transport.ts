// MPEG-TS chunks for old devices, as a machine: a segment's pictures and sound in, one chunk out. Every chunk begins with
// its tables and a picture that stands alone; time and counters run on from chunk to chunk, so that chunks joined are one
// stream. Source: ISO/IEC 13818-1 §2.4 (packets, PES, tables), RFC 8216 §3.2 (what HLS wants of a chunk).
import { concat, u32s } from "./boxes.ts";

/** Clock of the stream. It wraps after 2^33 ticks, 26.5 hours: a stamp is a time modulo that. */
export const clockRate = 90_000;
export const clockWrap = 2 ** 33;

/** Where time 0 of the film stands, so that decoding times and the clock before it are not negative. As Apple's tools do. */
export const filmStart = 10 * clockRate;
/** The program clock runs this far ahead of decoding, for the receiver's buffer to fill. */
const clockLead = 0.5 * clockRate;

export const pids = { pat: 0, pmt: 0x1000, video: 0x100, audio: 0x101 } as const;

/** One picture, or some frames of sound. Times are film times in clock ticks, unwrapped. */
export interface TimedUnit {
  readonly stream: "video" | "audio";
  readonly shown: number;
  readonly decoded: number;
  readonly standsAlone: boolean;
  readonly bytes: Uint8Array;
}

/** Last counter given on each PID. */
export type Counters = Readonly<Record<keyof typeof pids, number>>;

export const startCounters: Counters = { pat: 15, pmt: 15, video: 15, audio: 15 };

const packetBytes = 188;
const payloadBytes = 184;

/** `units` in decoding order as one chunk. */
export function muxChunk(
  counters: Counters,
  units: readonly TimedUnit[],
  sound: "sound" | "silent",
): { readonly counters: Counters; readonly bytes: Uint8Array } {
  const last = { ...counters };
  const put = (pid: keyof typeof pids, unit: Uint8Array, field: Uint8Array): Uint8Array => {
    const packets = packetsOf(pids[pid], (last[pid] + 1) & 15, unit, field);
    last[pid] = (last[pid] + packets.length / packetBytes) & 15;
    return packets;
  };
  const parts = [put("pat", section(0, pat), nothing), put("pmt", section(2, pmtOf(sound)), nothing)];
  for (const unit of units) {
    const field = unit.stream === "video" ? clockField(unit) : unit.standsAlone ? randomField : nothing;
    parts.push(put(unit.stream, pes(unit), field));
  }
  return { counters: last, bytes: concat(parts) };
}

const nothing = new Uint8Array(0);
/** An adaptation field's flags: random access. */
const randomField = Uint8Array.of(0x40);

/** Flags, then the program clock: 33 bits of 90 kHz, six ones, nine bits of 27 MHz. */
function clockField({ decoded, standsAlone }: TimedUnit): Uint8Array {
  const base = wrapped(filmStart + decoded - clockLead);
  const low = (base % 2) * 0x8000 + 0x7e00;
  const clock = concat([u32s([Math.floor(base / 2)]), Uint8Array.of(low >>> 8, low & 255)]);
  return concat([Uint8Array.of(0x10 | (standsAlone ? 0x40 : 0)), clock]);
}

function wrapped(ticks: number): number {
  return ((ticks % clockWrap) + clockWrap) % clockWrap;
}

/** `unit` over as many packets as it takes; `field` goes into the first one's adaptation field, the rest is stuffed. */
function packetsOf(pid: number, counter: number, unit: Uint8Array, field: Uint8Array): Uint8Array {
  const extra = field.length === 0 ? 0 : field.length + 1;
  const packets = new Uint8Array(Math.ceil((unit.length + extra) / payloadBytes) * packetBytes).fill(0xff);
  let taken = 0;
  for (let at = 0, count = counter; at < packets.length; at += packetBytes, count++) {
    const own = at === 0 ? field : nothing;
    const room = payloadBytes - (own.length === 0 ? 0 : own.length + 1);
    const payload = Math.min(room, unit.length - taken);
    const adaptation = payloadBytes - payload;
    const control = adaptation > 0 ? 0x30 : 0x10;
    packets.set([0x47, (at === 0 ? 0x40 : 0) | (pid >>> 8), pid & 255, control | (count & 15)], at);
    if (adaptation > 0)
      packets.set(adaptation === 1 ? [0] : [adaptation - 1, own[0] ?? 0, ...own.subarray(1)], at + 4);
    packets.set(unit.subarray(taken, taken + payload), at + 4 + adaptation);
    taken += payload;
  }
  return packets;
}

/** A packet of the elementary stream. A picture's length may be left open with 0. */
function pes({ stream, shown, decoded, bytes }: TimedUnit): Uint8Array {
  const isTwice = shown !== decoded;
  const stamps = isTwice ? concat([stamp(3, shown), stamp(1, decoded)]) : stamp(2, shown);
  const length = bytes.length + 3 + stamps.length;
  const said = length > 0xffff ? 0 : length;
  const head = Uint8Array.of(0, 0, 1, stream === "video" ? 0xe0 : 0xc0, said >>> 8, said & 255);
  return concat([head, Uint8Array.of(0x84, isTwice ? 0xc0 : 0x80, stamps.length), stamps, bytes]);
}

/** 33 bits in five bytes, with marker bits between. */
function stamp(prefix: number, ticks: number): Uint8Array {
  const value = wrapped(filmStart + ticks);
  const high = Math.floor(value / 2 ** 30);
  const middle = Math.floor(value / 2 ** 15) & 0x7fff;
  const low = value % 2 ** 15;
  return Uint8Array.of(
    (prefix << 4) | (high << 1) | 1,
    middle >>> 7,
    ((middle & 127) << 1) | 1,
    low >>> 7,
    ((low & 127) << 1) | 1,
  );
}

/** Program 1 is described on PID pmt. */
const pat = Uint8Array.of(0, 1, 0xe0 | (pids.pmt >>> 8), pids.pmt & 255);

/** The clock is on the picture's PID; stream types: 0x1b H.264, 0x0f AAC with ADTS. */
function pmtOf(sound: "sound" | "silent"): Uint8Array {
  const stream = (type: number, pid: number): number[] => [type, 0xe0 | (pid >>> 8), pid & 255, 0xf0, 0];
  return Uint8Array.from([
    ...[0xe0 | (pids.video >>> 8), pids.video & 255, 0xf0, 0],
    ...stream(0x1b, pids.video),
    ...(sound === "sound" ? stream(0x0f, pids.audio) : []),
  ]);
}

/** A table with its checksum, after the pointer that says it begins at once; filled up to a packet, as receivers are used to. */
function section(table: number, body: Uint8Array): Uint8Array {
  const length = body.length + 9;
  const head = Uint8Array.of(table, 0xb0 | (length >>> 8), length & 255, 0, 1, 0xc1, 0, 0);
  const whole = concat([head, body]);
  const packet = new Uint8Array(payloadBytes).fill(0xff);
  packet.set(concat([Uint8Array.of(0), whole, u32s([checksum(whole)])]));
  return packet;
}

/** CRC-32/MPEG-2. Source: ISO/IEC 13818-1 Annex A. */
export function checksum(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
