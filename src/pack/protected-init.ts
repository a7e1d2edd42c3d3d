// The init of an encrypted rendition: ours, with the sample entry renamed and the packager's `sinf` and `pssh` put in, so
// that track, clock and codec configuration stay byte for byte. Source: ISO/IEC 23001-7 §4, §8, ISO/IEC 14496-12 §8.12.
import { type Box, box, boxAt, concat, cursorOver, type Refused, readBoxes, refused } from "./boxes.ts";

export interface ProtectionFacts {
  readonly scheme: string;
  readonly kid: string;
  /** Constant for the whole track. */
  readonly iv: string;
  /** Blocks encrypted, blocks passed over; 0 and 0 mean all. */
  readonly pattern: readonly [crypt: number, skip: number];
  /** Key ids that the common `pssh` lists. */
  readonly psshKids: readonly string[];
  /** Every `pssh` box of other systems, whole, as base64. */
  readonly systemBoxes: readonly string[];
}

export type ProtectionRead = { readonly kind: "read"; readonly facts: ProtectionFacts } | Refused;
export type ProtectedInit = { readonly kind: "made"; readonly bytes: Uint8Array } | Refused;

/** W3C common system. Source: W3C "cenc" Initialization Data Format §4. */
const commonSystem = "1077efecc0b24d02ace33c1e52e2fb4b";
const entryPath = ["trak", "mdia", "minf", "stbl", "stsd"] as const;
const containers = new Set(["trak", "mdia", "minf", "stbl"]);

/** The type a sample entry had before it was encrypted. */
export function originalType(bytes: Uint8Array, entry: Box): string {
  const sinf = sinfOf(bytes, entry);
  const frma = sinf && boxAt(bytes, sinf, "frma");
  return frma === undefined ? entry.type : text(bytes, frma.body, frma.body + 4);
}

/** `clear`, the init of a track of this kind, as an encrypted rendition's, after what the packager's init says. */
export function protectInit(
  kind: "video" | "audio",
  clear: Uint8Array,
  theirs: Uint8Array,
  systemBoxes: readonly Uint8Array[] = [],
): ProtectedInit {
  const top = readBoxes(clear, 0, clear.length);
  if (top.kind === "refused") return top;
  const moov = moovOf(theirs);
  const entry = moov && entryOf(theirs, moov);
  const sinf = entry && sinfOf(theirs, entry);
  if (moov === undefined || sinf === undefined) return refused("the packager's init has no sinf");
  const pssh = psshOf(theirs, moov);
  const name = kind === "video" ? "encv" : "enca";
  const parts = top.boxes.map((one) =>
    one.type === "moov"
      ? box(
          "moov",
          entered(clear, one, { name, sinf: slice(theirs, sinf) }),
          ...pssh.map((each) => slice(theirs, each)),
          ...systemBoxes,
        )
      : slice(clear, one),
  );
  return { kind: "made", bytes: concat(parts) };
}

/** What an init says about its encryption. */
export function readProtection(bytes: Uint8Array): ProtectionRead {
  const moov = moovOf(bytes);
  const entry = moov && entryOf(bytes, moov);
  const sinf = entry && sinfOf(bytes, entry);
  if (moov === undefined || sinf === undefined) return refused("its init says nothing of encryption");
  const schm = boxAt(bytes, sinf, "schm");
  const tenc = boxAt(bytes, sinf, "schi", "tenc");
  if (schm === undefined || tenc === undefined) return refused("its sinf has no schm or no tenc");
  const cursor = cursorOver(bytes, tenc.body, tenc.end);
  cursor.skip(5);
  const pattern = cursor.u8();
  const isProtected = cursor.u8() === 1;
  const sampleIvSize = cursor.u8();
  const kid = hex(bytes, cursor.position(), cursor.position() + 16);
  cursor.skip(16);
  const ivSize = cursor.u8();
  const iv = hex(bytes, cursor.position(), cursor.position() + ivSize);
  cursor.skip(ivSize);
  if (!cursor.sound() || !isProtected || sampleIvSize !== 0)
    return refused("its tenc is cut off, or not one of a constant IV");
  const scheme = text(bytes, schm.body + 4, schm.body + 8);
  const boxes = psshOf(bytes, moov);
  const psshKids = boxes.flatMap((pssh) => commonKids(bytes, pssh));
  const systemBoxes = boxes
    .filter((pssh) => !isCommon(bytes, pssh))
    .map((pssh) => base64(slice(bytes, pssh)));
  const facts = { scheme, kid, iv, pattern: [pattern >>> 4, pattern & 15] as const, psshKids, systemBoxes };
  return { kind: "read", facts };
}

function moovOf(bytes: Uint8Array): Box | undefined {
  return boxAt(bytes, { type: "", start: 0, body: 0, end: bytes.length }, "moov");
}

function entryOf(bytes: Uint8Array, moov: Box): Box | undefined {
  const stsd = boxAt(bytes, moov, ...entryPath);
  const inside = stsd && readBoxes(bytes, stsd.body + 8, stsd.end);
  return inside?.kind === "read" ? inside.boxes[0] : undefined;
}

/** A picture entry has 78 bytes before its boxes, a sound entry 28. Source: ISO/IEC 14496-12 §12.1.3, §12.2.3. */
function sinfOf(bytes: Uint8Array, entry: Box): Box | undefined {
  const fields = { encv: 78, enca: 28 }[entry.type];
  return fields === undefined ? undefined : boxAt(bytes, { ...entry, body: entry.body + fields }, "sinf");
}

interface NewEntry {
  readonly name: "encv" | "enca";
  readonly sinf: Uint8Array;
}

/** The boxes inside `parent`, with the sample entry renamed and `sinf` at its end. */
function entered(bytes: Uint8Array, parent: Box, entry: NewEntry): Uint8Array {
  const inside = readBoxes(bytes, parent.body, parent.end);
  if (inside.kind === "refused") return bytes.subarray(parent.body, parent.end);
  const parts = inside.boxes.map((one) => {
    if (containers.has(one.type)) return box(one.type, entered(bytes, one, entry));
    return one.type === "stsd" ? enteredTable(bytes, one, entry) : slice(bytes, one);
  });
  return concat(parts);
}

function enteredTable(bytes: Uint8Array, stsd: Box, { name, sinf }: NewEntry): Uint8Array {
  const inside = readBoxes(bytes, stsd.body + 8, stsd.end);
  const entries = inside.kind === "refused" ? [] : inside.boxes;
  const renamed = entries.map((entry) => box(name, bytes.subarray(entry.body, entry.end), sinf));
  return box("stsd", bytes.subarray(stsd.body, stsd.body + 8), ...renamed);
}

function psshOf(bytes: Uint8Array, moov: Box): readonly Box[] {
  const inside = readBoxes(bytes, moov.body, moov.end);
  return inside.kind === "refused" ? [] : inside.boxes.filter((one) => one.type === "pssh");
}

function isCommon(bytes: Uint8Array, pssh: Box): boolean {
  return hex(bytes, pssh.body + 4, pssh.body + 20) === commonSystem;
}

function commonKids(bytes: Uint8Array, pssh: Box): readonly string[] {
  const cursor = cursorOver(bytes, pssh.body, pssh.end);
  const version = cursor.u8();
  cursor.skip(19);
  const isListed = isCommon(bytes, pssh) && version === 1;
  const count = isListed ? Math.min(cursor.u32(), (pssh.end - pssh.body - 24) / 16) : 0;
  const first = pssh.body + 24;
  return Array.from({ length: Math.max(0, Math.floor(count)) }, (_, index) =>
    hex(bytes, first + index * 16, first + index * 16 + 16),
  );
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function slice(bytes: Uint8Array, one: Box): Uint8Array {
  return bytes.subarray(one.start, one.end);
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function hex(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
