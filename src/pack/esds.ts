// What an mp4a entry's esds box says about its sound. Sources: ISO/IEC 14496-14 §5.6, 14496-1 §7.2.6, 14496-3 §1.6.2.1.
import { type Box, boxAt, type Cursor, cursorOver, type Refused, refused } from "./boxes.ts";

export interface Esds {
  readonly kind: "read";
  /** What kind of stream it is: 0x40 is MPEG-4 audio. */
  readonly objectType: number;
  /** Within MPEG-4 audio: 2 is AAC-LC. */
  readonly audioType: number;
  /** Index into the standard's table of sample rates. */
  readonly rateIndex: number;
  readonly channels: number;
}

/** `entry` is the mp4a entry from its boxes on: after the 28 bytes of a sound's fields. */
export function readEsds(bytes: Uint8Array, entry: Box): Esds | Refused {
  const esds = boxAt(bytes, entry, "esds");
  if (esds === undefined) return refused("the mp4a entry has no esds");
  const cursor = cursorOver(bytes, esds.body + 4, esds.end);
  const isStream = descriptor(cursor) === 3;
  cursor.skip(2);
  if (!isStream || cursor.u8() !== 0) return refused("the esds does not begin with a plain ES descriptor");
  const isDecoder = descriptor(cursor) === 4;
  const objectType = cursor.u8();
  cursor.skip(12);
  const isSpecific = descriptor(cursor) === 5;
  const config = audioConfig(cursor);
  if (!isDecoder || !isSpecific || !cursor.sound()) return refused("the esds holds no decoder configuration");
  return { kind: "read", objectType, ...config };
}

/** Five bits of type, four of rate, four of channels. Type 31 means that six more bits of type follow. */
function audioConfig(cursor: Cursor): Pick<Esds, "audioType" | "rateIndex" | "channels"> {
  const first = cursor.u16();
  if (first >>> 11 !== 31) {
    return { audioType: first >>> 11, rateIndex: (first >>> 7) & 15, channels: (first >>> 3) & 15 };
  }
  const all = first * 256 + cursor.u8();
  return { audioType: 32 + ((all >>> 13) & 63), rateIndex: (all >>> 9) & 15, channels: (all >>> 5) & 15 };
}

/** A descriptor's tag; its length (1 to 4 bytes of 7 bits) is skipped, since the order of fields is fixed. */
function descriptor(cursor: Cursor): number {
  const tag = cursor.u8();
  for (let i = 0; i < 4 && cursor.u8() >= 128; i++);
  return tag;
}
