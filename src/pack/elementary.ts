// Coded pictures and sound as MPEG-TS carries them: start codes instead of lengths, and a header on each frame of sound.
// Sources: ISO/IEC 14496-15 §5.3.3 (avcC), ISO/IEC 14496-10 Annex B, ISO/IEC 14496-3 §1.A.2.2 (ADTS).
import { type Box, boxAt, concat, cursorOver, type Refused, readBoxes, refused } from "./boxes.ts";
import { readEsds } from "./esds.ts";

export interface Avc {
  readonly kind: "avc";
  /** Bytes of the length before each unit. */
  readonly lengthBytes: number;
  /** Sequence and picture parameter sets, each with its start code. */
  readonly parameters: Uint8Array;
}

export interface Aac {
  readonly kind: "aac";
  readonly profile: number;
  readonly rateIndex: number;
  readonly channels: number;
}

const startCode = Uint8Array.of(0, 0, 0, 1);
/** A delimiter that allows pictures of any type; every access unit in MPEG-TS begins with one. */
const delimiter = Uint8Array.of(0, 0, 0, 1, 9, 0xf0);
const unitType = { parameterSets: [7, 8], delimiter: 9, end: 31 } as const;

export function readAvc(init: Uint8Array): Avc | Refused {
  const entry = entryIn(init, "avc1", 78);
  const avcC = entry && boxAt(init, entry, "avcC");
  if (avcC === undefined) return refused("it is not H.264 (avc1)");
  const cursor = cursorOver(init, avcC.body, avcC.end);
  cursor.skip(4);
  const lengthBytes = (cursor.u8() & 3) + 1;
  const sets: Uint8Array[] = [];
  for (const mask of [31, 255]) {
    const count = cursor.u8() & mask;
    for (let set = 0; set < count && cursor.sound(); set++) {
      const size = cursor.u16();
      sets.push(startCode, init.subarray(cursor.position(), cursor.position() + size));
      cursor.skip(size);
    }
  }
  if (!cursor.sound()) return refused("its avcC is cut off");
  return { kind: "avc", lengthBytes, parameters: concat(sets) };
}

export function readAac(init: Uint8Array): Aac | Refused {
  const entry = entryIn(init, "mp4a", 28);
  if (entry === undefined) return refused("it is not AAC (mp4a)");
  const read = readEsds(init, entry);
  if (read.kind === "refused") return read;
  const { audioType, rateIndex, channels } = read;
  if (audioType < 1 || audioType > 4 || rateIndex > 12 || channels < 1 || channels > 7) {
    return refused(
      `ADTS has no words for AAC object type ${audioType}, rate ${rateIndex}, channels ${channels}`,
    );
  }
  return { kind: "aac", profile: audioType - 1, rateIndex, channels };
}

export type Unit = { readonly kind: "made"; readonly bytes: Uint8Array } | Refused;

/** One access unit. A picture that stands alone carries the parameter sets, so that a player may begin with it. */
export function accessUnit(sample: Uint8Array, avc: Avc, standsAlone: boolean): Unit {
  const parts: Uint8Array[] = [delimiter, ...(standsAlone ? [avc.parameters] : [])];
  const cursor = cursorOver(sample, 0, sample.length);
  while (cursor.sound() && cursor.position() < sample.length) {
    let size = 0;
    for (let byte = 0; byte < avc.lengthBytes; byte++) size = size * 256 + cursor.u8();
    const unit = sample.subarray(cursor.position(), cursor.position() + size);
    cursor.skip(size);
    const type = (unit[0] ?? unitType.end) & 31;
    if (type !== unitType.delimiter && !unitType.parameterSets.some((set) => set === type))
      parts.push(startCode, unit);
  }
  return cursor.sound()
    ? { kind: "made", bytes: concat(parts) }
    : refused("its lengths do not fill it exactly");
}

/** Seven bytes: no checksum, one frame, and a buffer fullness that says "variable rate". */
export function adtsFrame(frame: Uint8Array, { profile, rateIndex, channels }: Aac): Uint8Array {
  const length = frame.length + 7;
  const header = Uint8Array.of(
    0xff,
    0xf1,
    (profile << 6) | (rateIndex << 2) | (channels >>> 2),
    ((channels & 3) << 6) | (length >>> 11),
    (length >>> 3) & 255,
    ((length & 7) << 5) | 31,
    0xfc,
  );
  return concat([header, frame]);
}

/** The track's only sample entry of this type, its fields passed over. */
function entryIn(init: Uint8Array, type: string, fields: number): Box | undefined {
  const path = ["moov", "trak", "mdia", "minf", "stbl", "stsd"];
  const stsd = boxAt(init, { type: "", start: 0, body: 0, end: init.length }, ...path);
  const inside = stsd && readBoxes(init, stsd.body + 8, stsd.end);
  const [entry] = inside?.kind === "read" ? inside.boxes : [];
  return entry?.type === type ? { ...entry, body: entry.body + fields } : undefined;
}
