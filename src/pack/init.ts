// What an init segment (ftyp+moov) says about its one track: codec string, timescale, size, edit list.
// Source: ISO/IEC 14496-12 §8.
import { type Box, box, boxAt, concat, cursorOver, type Refused, readBoxes, refused, u32s } from "./boxes.ts";
import { type EntryFacts, readSampleEntry } from "./sample-entry.ts";

/** What samples are when their fragment does not say. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

export type Init = EntryFacts & {
  readonly trackId: number;
  readonly timescale: number;
  /** Where in the track's own time the presentation begins; undefined without an edit list. */
  readonly editStart: number | undefined;
  readonly defaults: SampleDefaults;
};

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
  const entry = readSampleEntry(bytes, stsd);
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

/** The same init with no edit list, or with one that does no more than begin at `start`. */
export function withEditStart(bytes: Uint8Array, start: number | undefined): Uint8Array {
  const edits = start === undefined ? [] : [box("edts", box("elst", u32s([0, 1, 0, start, 1 << 16])))];
  return rebuilt(bytes, { type: "", start: 0, body: 0, end: bytes.length }, concat(edits));
}

/** The edit list stands right behind tkhd. */
function rebuilt(bytes: Uint8Array, parent: Box, edits: Uint8Array): Uint8Array {
  const inside = readBoxes(bytes, parent.body, parent.end);
  if (inside.kind === "refused") return bytes.subarray(parent.body, parent.end);
  const parts = inside.boxes
    .filter((one) => one.type !== "edts")
    .flatMap((one) => {
      const same = bytes.subarray(one.start, one.end);
      if (one.type === "moov" || one.type === "trak") return [box(one.type, rebuilt(bytes, one, edits))];
      return one.type === "tkhd" ? [same, edits] : [same];
    });
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
