// Samples that shaka-packager encrypted, put back into our own fragments.
//
// The packager joins groups of pictures into fragments by its own rule, cuts where its grid says, and writes negative
// composition offsets into a version of `trun` that has none. So only what it is there for is taken: the encrypted bytes
// and which of them are encrypted. Times, boundaries and sequence numbers stay ours. Source: ISO/IEC 23001-7 §7.
import { box, boxAt, concat, cursorOver, type Refused, readBoxes, refused, u32s } from "./boxes.ts";
import { type Fragment, readSegment, writeFragment } from "./fragment.ts";
import type { Init } from "./init.ts";
import { readProtection } from "./protected-init.ts";

/** A run of clear bytes, then a run that the pattern encrypts. */
export interface Part {
  readonly clear: number;
  readonly covered: number;
}

export interface CipherSample {
  readonly bytes: Uint8Array;
  /** Empty when the whole sample is covered, as sound is. */
  readonly parts: readonly Part[];
}

export type CipherRead = { readonly kind: "read"; readonly samples: readonly CipherSample[] } | Refused;
export type Protected =
  | { readonly kind: "made"; readonly bytes: Uint8Array; readonly coverage: Coverage }
  | Refused;

/** How much of some samples is covered. */
export interface Coverage {
  /** Blocks that are encrypted. */
  readonly blocks: number;
  /** Bytes of the large samples, in which headers hardly count. */
  readonly large: number;
  /** Those of them that are covered, whether encrypted or passed over. */
  readonly covered: number;
}

type Kind = Init["kind"];

/** `senc` with a table of parts. */
const withParts = 2;
/** Blocks of AES; what is shorter stays clear. */
const block = 16;
/** From one encrypted block to the next: one in ten of the picture, every one of the sound. */
const stride = { video: 10 * block, audio: block } as const;
/** Above this a sample is large: its headers, and what the encoder says of itself, are the smaller part. */
const largeSample = 1024;
/** Least part of the large samples that must be covered. */
const leastCovered = 0.5;
/** A row of saiz is one byte, and a part takes six after a count of two. */
const mostParts = Math.floor((255 - 2) / 6);

/** Every sample of an encrypted segment with its parts, in order. */
export function readCipher(bytes: Uint8Array, init: Init): CipherRead {
  const read = readSegment(bytes, init);
  if (read.kind === "refused") return read;
  const top = readBoxes(bytes, 0, bytes.length);
  const moofs = top.kind === "refused" ? [] : top.boxes.filter((one) => one.type === "moof");
  const samples: CipherSample[] = [];
  for (const [index, fragment] of read.fragments.entries()) {
    const moof = moofs[index];
    const senc = moof && boxAt(bytes, moof, "traf", "senc");
    if (senc === undefined) return refused(`fragment ${index + 1} has no senc`);
    const cursor = cursorOver(bytes, senc.body, senc.end);
    const flags = cursor.u32();
    if (cursor.u32() !== fragment.samples.length)
      return refused(`fragment ${index + 1}: its senc is not of its ${fragment.samples.length} samples`);
    let at = 0;
    for (const { bytes: size } of fragment.samples) {
      const parts: Part[] = [];
      const count = (flags & withParts) === 0 ? 0 : cursor.u16();
      for (let part = 0; part < count && cursor.sound(); part++) {
        parts.push({ clear: cursor.u16(), covered: cursor.u32() });
      }
      samples.push({ bytes: fragment.data.subarray(at, at + size), parts });
      at += size;
    }
    if (!cursor.sound()) return refused(`fragment ${index + 1}: its senc is cut off`);
  }
  return { kind: "read", samples };
}

/** What shows that an init, a segment or whatever else is published as media is not encrypted. */
export function clearMedia(bytes: Uint8Array): string | undefined {
  const top = readBoxes(bytes, 0, bytes.length);
  if (top.kind === "refused") return `it is no MP4, so nothing in it is encrypted: ${top.because}`;
  if (top.boxes.some((one) => one.type === "moov")) {
    const read = readProtection(bytes);
    return read.kind === "refused" ? read.because : undefined;
  }
  const moofs = top.boxes.filter((one) => one.type === "moof");
  const clear = moofs.findIndex((moof) => boxAt(bytes, moof, "traf", "senc") === undefined);
  if (moofs.length > 0 && clear < 0) return undefined;
  return moofs.length === 0 ? "it is neither an init nor a segment" : `its fragment ${clear + 1} is clear`;
}

/** `fragment` with its samples encrypted: everything but the bytes of the samples stays as it is. */
export function protectFragment(
  fragment: Fragment,
  { trackId, kind }: Pick<Init, "trackId" | "kind">,
  cipher: readonly CipherSample[],
): Protected {
  let at = 0;
  for (const [index, { bytes: size }] of fragment.samples.entries()) {
    const sample = cipher[index];
    const clear = fragment.data.subarray(at, at + size);
    const complaint = sample === undefined ? "is missing" : unlike(clear, sample, kind);
    if (complaint !== undefined)
      return refused(`encrypted sample ${index + 1} of ${cipher.length} ${complaint}`);
    at += size;
  }
  const data = concat(cipher.map((sample) => sample.bytes));
  const protectedFragment = { ...fragment, data };
  const head = writeFragment(protectedFragment, trackId).length - data.length - 8;
  const bytes = writeFragment(protectedFragment, trackId, auxiliary(cipher, head));
  return { kind: "made", bytes, coverage: coverageOf(cipher, kind) };
}

/** Why samples that are encrypted as they say are as good as clear; of sound all is covered, and silence may be too short for a block. */
export function bare(kind: Kind, fragments: readonly Coverage[]): string | undefined {
  if (kind === "audio") return undefined;
  const { blocks, large, covered } = total(fragments);
  if (blocks === 0) return "no block of its pictures is encrypted";
  const most = `${covered} of ${large} bytes of its large pictures are covered, at least half must be`;
  return covered < large * leastCovered ? most : undefined;
}

function coverageOf(samples: readonly CipherSample[], kind: Kind): Coverage {
  return total(
    samples.map(({ bytes, parts }) => {
      const runs = parts.length === 0 ? [bytes.length] : parts.map((part) => part.covered);
      const blocks = runs.reduce((sum, run) => sum + starts(run, kind).length, 0);
      if (bytes.length < largeSample) return { blocks, large: 0, covered: 0 };
      return { blocks, large: bytes.length, covered: runs.reduce((sum, run) => sum + run, 0) };
    }),
  );
}

function total(all: readonly Coverage[]): Coverage {
  const sum = (of: (one: Coverage) => number): number => all.reduce((so, one) => so + of(one), 0);
  return {
    blocks: sum((one) => one.blocks),
    large: sum((one) => one.large),
    covered: sum((one) => one.covered),
  };
}

/** Where the encrypted blocks of a covered run begin. */
function starts(run: number, kind: Kind): readonly number[] {
  const count = run < block ? 0 : Math.floor((run - block) / stride[kind]) + 1;
  return Array.from({ length: count }, (_, index) => index * stride[kind]);
}

/**
 * What shows that `sample` is not the encryption of `clear`: another length, parts that do not add up, a byte changed
 * where none is encrypted, or a block of the pattern left as it was.
 */
function unlike(clear: Uint8Array, { bytes, parts }: CipherSample, kind: Kind): string | undefined {
  if (bytes.length !== clear.length) return `has ${bytes.length} bytes, its clear one ${clear.length}`;
  if (kind === "video" && parts.length === 0) return "has no parts, and a picture's headers are clear";
  if (kind === "audio" && parts.length > 0) return "has parts, and of sound all is covered";
  if (parts.length > mostParts) return `has ${parts.length} parts, at most ${mostParts} can be written`;
  const whole = parts.length === 0 ? [{ clear: 0, covered: bytes.length }] : parts;
  const length = whole.reduce((sum, part) => sum + part.clear + part.covered, 0);
  if (length !== bytes.length) return `has parts of ${length} bytes and ${bytes.length} bytes`;
  let at = 0;
  for (const part of whole) {
    const run = at + part.clear;
    let passed = at;
    for (const start of starts(part.covered, kind).map((each) => run + each)) {
      if (!same(clear, bytes, passed, start)) return "differs where it is clear";
      passed = start + block;
      if (same(clear, bytes, start, passed)) return `is not encrypted at byte ${start}`;
    }
    at = run + part.covered;
    if (!same(clear, bytes, passed, at)) return "differs where it is clear";
  }
  return undefined;
}

function same(one: Uint8Array, other: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** saiz, saio and senc; of sound, which is covered whole, a senc without a table. `before` is the moof's length so far. */
function auxiliary(samples: readonly CipherSample[], before: number): readonly Uint8Array[] {
  const rows = samples.map(({ parts }) => row(parts));
  if (samples.every(({ parts }) => parts.length === 0)) return [box("senc", u32s([0, samples.length]))];
  const sizes = rows.map((each) => each.length);
  const [first = 0] = sizes;
  const even = sizes.every((size) => size === first);
  const head = Uint8Array.of(0, 0, 0, 0, even ? first : 0);
  const saiz = box("saiz", head, u32s([samples.length]), even ? new Uint8Array(0) : Uint8Array.from(sizes));
  const saioLength = 20;
  const sencHead = 16;
  const saio = box("saio", u32s([0, 1, before + saiz.length + saioLength + sencHead]));
  return [saiz, saio, box("senc", u32s([withParts, samples.length]), ...rows)];
}

function row(parts: readonly Part[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 + parts.length * 6));
  view.setUint16(0, parts.length);
  for (const [index, part] of parts.entries()) {
    view.setUint16(2 + index * 6, part.clear);
    view.setUint32(4 + index * 6, part.covered);
  }
  return new Uint8Array(view.buffer);
}
