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
export type Protected = { readonly kind: "made"; readonly bytes: Uint8Array } | Refused;

/** `senc` with a table of parts. */
const withParts = 2;
/** Blocks of AES; what is shorter stays clear. */
const block = 16;

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
  trackId: number,
  cipher: readonly CipherSample[],
): Protected {
  let at = 0;
  for (const [index, { bytes: size }] of fragment.samples.entries()) {
    const sample = cipher[index];
    const clear = fragment.data.subarray(at, at + size);
    const complaint = sample === undefined ? "is missing" : unlike(clear, sample);
    if (complaint !== undefined)
      return refused(`encrypted sample ${index + 1} of ${cipher.length} ${complaint}`);
    at += size;
  }
  const data = concat(cipher.map((sample) => sample.bytes));
  const protectedFragment = { ...fragment, data };
  const bare = writeFragment(protectedFragment, trackId).length - data.length - 8;
  return { kind: "made", bytes: writeFragment(protectedFragment, trackId, auxiliary(cipher, bare)) };
}

/**
 * What shows that `sample` is not the encryption of `clear`: another length, parts that do not add up, a byte changed
 * where none is encrypted, or a first block left as it was.
 */
function unlike(clear: Uint8Array, { bytes, parts }: CipherSample): string | undefined {
  if (bytes.length !== clear.length) return `has ${bytes.length} bytes, its clear one ${clear.length}`;
  const whole = parts.length === 0 ? [{ clear: 0, covered: bytes.length }] : parts;
  let at = 0;
  for (const part of whole) {
    const covered = at + part.clear;
    if (!same(clear.subarray(at, covered), bytes.subarray(at, covered))) return "differs where it is clear";
    const first = [covered, covered + block] as const;
    if (part.covered >= block && same(clear.subarray(...first), bytes.subarray(...first)))
      return "is not encrypted";
    at = covered + part.covered;
  }
  return at === bytes.length ? undefined : `has parts of ${at} bytes and ${bytes.length} bytes`;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
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
