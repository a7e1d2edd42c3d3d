// What an init segment (ftyp+moov) says about its one track: codec string, timescale, size, edit list.
// Sources: ISO/IEC 14496-12 §8, 14496-14 §5.6 and 14496-1 §7.2.6 (esds), 14496-15 §5.3 (avcC), RFC 6381 §3.3.
import { type Box, box, boxAt, concat, cursorOver, type Refused, readBoxes, refused } from "./boxes.ts";
import { originalType } from "./protected-init.ts";

/** What samples are when their fragment does not say. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

export interface Init {
  readonly kind: "video" | "audio";
  readonly trackId: number;
  readonly timescale: number;
  /** RFC 6381: "avc1.64001E", "mp4a.40.2". */
  readonly codecs: string;
  /** Zero for sound. */
  readonly width: number;
  readonly height: number;
  /** Where in the track's own time the presentation begins; undefined without an edit list. */
  readonly editStart: number | undefined;
  readonly defaults: SampleDefaults;
}

export type InitRead = { readonly kind: "read"; readonly init: Init } | Refused;

export function readInit(bytes: Uint8Array): InitRead {
  const top = readBoxes(bytes, 0, bytes.length);
  if (top.kind === "refused") return top;
  const moov = top.boxes.find((one) => one.type === "moov");
  if (moov === undefined) return refused("there is no moov box");
  const tkhd = boxAt(bytes, moov, "trak", "tkhd");
  const mdhd = boxAt(bytes, moov, "trak", "mdia", "mdhd");
  const stsd = boxAt(bytes, moov, "trak", "mdia", "minf", "stbl", "stsd");
  const trex = boxAt(bytes, moov, "mvex", "trex");
  if (tkhd === undefined || mdhd === undefined || stsd === undefined || trex === undefined) {
    return refused("the moov box does not describe exactly one fragmented track (tkhd, mdhd, stsd, trex)");
  }
  const entry = sampleEntry(bytes, stsd);
  if (entry.kind === "refused") return entry;
  const edit = editStart(bytes, moov);
  if (edit.kind === "refused") return edit;
  const trackId = afterTimes(bytes, tkhd).u32();
  const timescale = afterTimes(bytes, mdhd).u32();
  const defaults = trackDefaults(bytes, trex);
  if (trackId === 0 || timescale === 0 || defaults === undefined) {
    return refused("the moov box holds no track id, no timescale or a cut-off trex");
  }
  return { kind: "read", init: { ...entry.entry, trackId, timescale, editStart: edit.start, defaults } };
}

/** The same init without its edit list: for a track whose first sample is where the presentation begins. */
export function withoutEditList(bytes: Uint8Array): Uint8Array {
  return rebuilt(bytes, { type: "", start: 0, body: 0, end: bytes.length });
}

function rebuilt(bytes: Uint8Array, parent: Box): Uint8Array {
  const inside = readBoxes(bytes, parent.body, parent.end);
  if (inside.kind === "refused") return bytes.subarray(parent.body, parent.end);
  const parts = inside.boxes
    .filter((one) => one.type !== "edts")
    .map((one) =>
      one.type === "moov" || one.type === "trak"
        ? box(one.type, rebuilt(bytes, one))
        : bytes.subarray(one.start, one.end),
    );
  return concat(parts);
}

/** tkhd and mdhd both begin with two times, 32 bits each in version 0 and 64 in version 1. */
function afterTimes(bytes: Uint8Array, of: Box): ReturnType<typeof cursorOver> {
  const cursor = cursorOver(bytes, of.body, of.end);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  return cursor;
}

function trackDefaults(bytes: Uint8Array, trex: Box): SampleDefaults | undefined {
  const cursor = cursorOver(bytes, trex.body, trex.end);
  cursor.skip(12);
  const defaults = { duration: cursor.u32(), size: cursor.u32(), flags: cursor.u32() };
  return cursor.sound() ? defaults : undefined;
}

type Edit = { readonly kind: "read"; readonly start: number | undefined } | Refused;

function editStart(bytes: Uint8Array, moov: Box): Edit {
  const elst = boxAt(bytes, moov, "trak", "edts", "elst");
  if (elst === undefined) return { kind: "read", start: undefined };
  const cursor = cursorOver(bytes, elst.body, elst.end);
  const version = cursor.u8();
  cursor.skip(3);
  const count = cursor.u32();
  cursor.skip(version === 1 ? 8 : 4);
  const start = version === 1 ? cursor.u64() : cursor.i32();
  if (!cursor.sound() || count !== 1 || start < 0) {
    return refused("its edit list is more than one plain start (an empty edit, a cut, or several)");
  }
  return { kind: "read", start };
}

type EntryFacts = Pick<Init, "kind" | "codecs" | "width" | "height">;
type Entry = { readonly kind: "read"; readonly entry: EntryFacts } | Refused;

function sampleEntry(bytes: Uint8Array, stsd: Box): Entry {
  const inside = readBoxes(bytes, stsd.body + 8, stsd.end);
  if (inside.kind === "refused") return inside;
  const [entry, second] = inside.boxes;
  if (entry === undefined || second !== undefined)
    return refused("the track has not exactly one sample entry");
  switch (originalType(bytes, entry)) {
    case "avc1":
      return avcEntry(bytes, entry);
    case "mp4a":
      return aacEntry(bytes, entry);
    default:
      return refused(`sample entry "${entry.type}" is neither H.264 (avc1) nor AAC (mp4a)`);
  }
}

/** "avc1." and the three bytes after avcC's version: profile, constraints, level. */
function avcEntry(bytes: Uint8Array, entry: Box): Entry {
  const size = cursorOver(bytes, entry.body + 24, entry.end);
  const width = size.u16();
  const height = size.u16();
  const avcC = boxAt(bytes, { ...entry, body: entry.body + 78 }, "avcC");
  if (avcC === undefined || avcC.end - avcC.body < 4) return refused("the avc1 entry has no avcC");
  const codecs = `avc1.${hex(bytes.subarray(avcC.body + 1, avcC.body + 4)).toUpperCase()}`;
  return { kind: "read", entry: { kind: "video", codecs, width, height } };
}

function aacEntry(bytes: Uint8Array, entry: Box): Entry {
  const esds = boxAt(bytes, { ...entry, body: entry.body + 28 }, "esds");
  if (esds === undefined) return refused("the mp4a entry has no esds");
  const cursor = cursorOver(bytes, esds.body + 4, esds.end);
  const isStream = descriptor(cursor) === 3;
  cursor.skip(2);
  if (!isStream || cursor.u8() !== 0) return refused("the esds does not begin with a plain ES descriptor");
  const isDecoder = descriptor(cursor) === 4;
  const objectType = cursor.u8();
  cursor.skip(12);
  const isSpecific = descriptor(cursor) === 5;
  const first = cursor.u16();
  if (!isDecoder || !isSpecific || !cursor.sound()) return refused("the esds holds no decoder configuration");
  const short = first >>> 11;
  // Source: ISO/IEC 14496-3 §1.6.2.1: type 31 means that six more bits follow.
  const audioType = short === 31 ? 32 + ((first >>> 5) & 63) : short;
  const codecs = `mp4a.${objectType.toString(16)}.${audioType}`;
  return { kind: "read", entry: { kind: "audio", codecs, width: 0, height: 0 } };
}

/** A descriptor's tag; its length (1 to 4 bytes of 7 bits) is skipped, since the order of fields is fixed. */
function descriptor(cursor: ReturnType<typeof cursorOver>): number {
  const tag = cursor.u8();
  for (let i = 0; i < 4 && cursor.u8() >= 128; i++);
  return tag;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
