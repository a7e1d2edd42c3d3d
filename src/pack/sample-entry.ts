// What a track's sample entry says about its coding: the codec and its RFC 6381 string, which players match against what
// they can decode. The strings give profile, level, tier and bit depth and leave colours to their defaults: all we publish is
// 4:2:0 in standard dynamic range. Sources: ISO/IEC 14496-15 §5.3 (avcC) and annex E (hvc1), VP Codec ISO Media File Format
// Binding 1.0 (vpcC), AV1 ISOBMFF binding 1.2 §5 (av1C), Opus in ISOBMFF 0.8 §4.3.2; the esds is in esds.ts.
import type { AudioCodec, Codec } from "#model/encoded.ts";
import { type Box, boxAt, type Cursor, cursorOver, type Refused, readBoxes, refused } from "./boxes.ts";
import { readEsds } from "./esds.ts";
import { originalType } from "./protected-init.ts";

interface Coding {
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  /** Samples at 48 kHz that only warm an Opus decoder up; zero for all else. */
  readonly preSkip: number;
}

export type EntryFacts = Coding &
  (
    | { readonly kind: "video"; readonly codec: Codec }
    | { readonly kind: "audio"; readonly codec: AudioCodec }
  );

export type Entry = { readonly kind: "read"; readonly entry: EntryFacts } | Refused;

export function readSampleEntry(bytes: Uint8Array, stsd: Box): Entry {
  const inside = readBoxes(bytes, stsd.body + 8, stsd.end);
  if (inside.kind === "refused") return inside;
  const [entry, second] = inside.boxes;
  if (entry === undefined || second !== undefined)
    return refused("the track has not exactly one sample entry");
  const type = originalType(bytes, entry);
  switch (type) {
    case "avc1":
      return picture(bytes, entry, "h264", "avcC", avcCodecs);
    case "hvc1":
      return picture(bytes, entry, "hevc", "hvcC", hevcCodecs);
    case "vp09":
      return picture(bytes, entry, "vp9", "vpcC", vp9Codecs);
    case "av01":
      return picture(bytes, entry, "av1", "av1C", av1Codecs);
    case "mp4a":
      return aacEntry(bytes, entry);
    case "Opus":
      return opusEntry(bytes, entry);
    default:
      return refused(
        `sample entry "${type}" is none of avc1, hvc1, vp09, av01, mp4a and Opus${
          type === "hev1" ? ": encode HEVC with the tag hvc1" : ""
        }`,
      );
  }
}

/** A codec's string from its configuration record; undefined when the record cannot be. */
type Codecs = (record: Cursor) => string | undefined;

/** Every visual entry has its size at byte 24, and boxes from byte 78 on. */
function picture(bytes: Uint8Array, entry: Box, codec: Codec, type: string, codecsOf: Codecs): Entry {
  const size = cursorOver(bytes, entry.body + 24, entry.end);
  const width = size.u16();
  const height = size.u16();
  const record = boxAt(bytes, { ...entry, body: entry.body + 78 }, type);
  if (record === undefined) return refused(`the ${entry.type} entry has no ${type}`);
  const cursor = cursorOver(bytes, record.body, record.end);
  const codecs = codecsOf(cursor);
  if (codecs === undefined || !cursor.sound()) {
    return refused(`the ${type} of the ${entry.type} entry is cut off or of an unknown version`);
  }
  return { kind: "read", entry: { kind: "video", codec, codecs, width, height, preSkip: 0 } };
}

/** "avc1." and the three bytes after the version: profile, constraints, level. */
function avcCodecs(record: Cursor): string | undefined {
  if (record.u8() !== 1) return undefined;
  return `avc1.${[record.u8(), record.u8(), record.u8()].map((byte) => hex(byte).padStart(2, "0")).join("")}`;
}

/**
 * "hvc1.1.6.L93.90": profile space and profile, compatibility flags with their bits reversed, tier and level,
 * constraint bytes without the zeros at their end.
 */
function hevcCodecs(record: Cursor): string | undefined {
  if (record.u8() !== 1) return undefined;
  const first = record.u8();
  const compatibility = record.u32();
  const constraints = Array.from({ length: 6 }, () => record.u8());
  const level = record.u8();
  const space = ["", "A", "B", "C"][first >>> 6] ?? "";
  const tier = (first & 0x20) === 0 ? "L" : "H";
  const used = constraints.slice(0, 1 + constraints.findLastIndex((byte) => byte !== 0));
  return [
    `hvc1.${space}${first & 31}`,
    hex(reversed(compatibility)),
    `${tier}${level}`,
    ...used.map(hex),
  ].join(".");
}

/** "vp09.00.21.08": profile, level, bit depth. A record without a level (0) says nothing a player could go by. */
function vp9Codecs(record: Cursor): string | undefined {
  const version = record.u8();
  record.skip(3);
  const [profile, level, depth] = [record.u8(), record.u8(), record.u8() >>> 4];
  if (version !== 1 || profile > 3 || level === 0) return undefined;
  return `vp09.${two(profile)}.${two(level)}.${two(depth)}`;
}

/** "av01.0.04M.08": profile, level index and tier, bit depth. */
function av1Codecs(record: Cursor): string | undefined {
  if (record.u8() !== 0x81) return undefined;
  const [level, bits] = [record.u8(), record.u8()];
  const profile = level >>> 5;
  const [high, twelve] = [(bits & 0x40) !== 0, (bits & 0x20) !== 0];
  const depth = high ? (profile === 2 && twelve ? 12 : 10) : 8;
  return `av01.${profile}.${two(level & 31)}${(bits & 0x80) === 0 ? "M" : "H"}.${two(depth)}`;
}

function aacEntry(bytes: Uint8Array, entry: Box): Entry {
  const read = readEsds(bytes, { ...entry, body: entry.body + 28 });
  if (read.kind === "refused") return read;
  const codecs = `mp4a.${read.objectType.toString(16)}.${read.audioType}`;
  return { kind: "read", entry: { kind: "audio", codec: "aac", codecs, width: 0, height: 0, preSkip: 0 } };
}

function opusEntry(bytes: Uint8Array, entry: Box): Entry {
  const record = boxAt(bytes, { ...entry, body: entry.body + 28 }, "dOps");
  if (record === undefined) return refused("the Opus entry has no dOps");
  const cursor = cursorOver(bytes, record.body, record.end);
  const version = cursor.u8();
  cursor.skip(1);
  const preSkip = cursor.u16();
  cursor.skip(7);
  if (version !== 0 || !cursor.sound())
    return refused("the dOps of the Opus entry is cut off or of an unknown version");
  return {
    kind: "read",
    entry: { kind: "audio", codec: "opus", codecs: "opus", width: 0, height: 0, preSkip },
  };
}

function reversed(bits: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 32; bit++) mirrored = mirrored * 2 + ((bits >>> bit) & 1);
  return mirrored;
}

const hex = (number: number): string => number.toString(16).toUpperCase();

const two = (number: number): string => String(number).padStart(2, "0");
