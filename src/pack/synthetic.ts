// Small tracks made of boxes, for tests: structure as ffmpeg writes it, made-up pictures.
import { ascii, box, concat, u32s } from "./boxes.ts";
import { type Fragment, type Sample, writeFragment } from "./fragment.ts";

export const syncFlags = 0x0200_0000;
export const deltaFlags = 0x0101_0000;

const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** ftyp+moov of an H.264 track. `level` tells inits apart. */
export function videoInit(timescale: number, level = 30): Uint8Array {
  return pictureInit("avc1", "avcC", [1, 0x64, 0, level, 0xff, 0xe0, 0], timescale);
}

/** ftyp+moov of a picture track with any sample entry and configuration record. */
export function pictureInit(
  entry: string,
  config: string,
  record: readonly number[],
  timescale = 30_000,
): Uint8Array {
  const size = u32s([(320 << 16) | 180]);
  return initOf(timescale, box(entry, zeros(24), size, zeros(50), box(config, Uint8Array.from(record))));
}

/** ftyp+moov of an Opus track, 48 kHz stereo, as libopus primes it; with an edit list when `editStart` is given. */
export function opusInit(preSkip: number, editStart?: number): Uint8Array {
  const record = Uint8Array.of(0, 2, preSkip >> 8, preSkip & 255, 0, 0, 0xbb, 0x80, 0, 0, 0);
  return initOf(48_000, box("Opus", zeros(28), box("dOps", record)), editsOf(editStart));
}

function editsOf(editStart: number | undefined): readonly Uint8Array[] {
  return editStart === undefined ? [] : [box("edts", box("elst", u32s([0, 1, 0, editStart, 1 << 16])))];
}

/** ftyp+moov of an AAC-LC track, 48 kHz stereo; with an edit list when `editStart` is given. */
export function audioInit(editStart?: number): Uint8Array {
  const config = Uint8Array.of(
    0x03,
    0x19,
    0,
    1,
    0,
    0x04,
    0x11,
    0x40,
    0x15,
    ...zeros(11),
    0x05,
    2,
    0x11,
    0x90,
  );
  const entry = box("mp4a", zeros(28), box("esds", zeros(4), config));
  return initOf(48_000, entry, editsOf(editStart));
}

function initOf(timescale: number, entry: Uint8Array, edit: readonly Uint8Array[] = []): Uint8Array {
  const stbl = box("stbl", box("stsd", u32s([0, 1]), entry));
  const mdia = box("mdia", box("mdhd", u32s([0, 0, 0, timescale, 0, 0])), box("minf", stbl));
  const trak = box("trak", box("tkhd", u32s([3, 0, 0, 1, 0])), ...edit, mdia);
  const mvex = box("mvex", box("trex", u32s([0, 1, 1, 0, 0, 0])));
  return concat([box("ftyp", ascii("iso6"), u32s([512])), box("moov", box("mvhd", zeros(100)), trak, mvex)]);
}

/** A closed group of pictures: a sync sample, then a reordered P and B pair by pair, as x264 does with one B-frame. */
export function pictures(count: number, ticks: number, seed: number): readonly Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const paired = index > 0 && (index % 2 === 1 ? index + 1 < count : true);
    const offset = paired ? (index % 2 === 1 ? ticks : -ticks) : 0;
    const bytes = 1 + ((seed + index * 7) % 40);
    return { duration: ticks, bytes, flags: index === 0 ? syncFlags : deltaFlags, offset };
  });
}

export function fragmentOf(sequence: number, baseTime: number, samples: readonly Sample[]): Fragment {
  const size = samples.reduce((sum, sample) => sum + sample.bytes, 0);
  const data = Uint8Array.from({ length: size }, (_, index) => (sequence * 31 + index) & 255);
  return { sequence, baseTime, samples, data };
}

/** A piece whose groups have these lengths, as the encoder leaves it. */
export function piece(groups: readonly number[], ticks: number, init: Uint8Array): Uint8Array {
  const fragments: Uint8Array[] = [];
  let frame = 0;
  for (const [index, count] of groups.entries()) {
    fragments.push(writeFragment(fragmentOf(index + 1, frame * ticks, pictures(count, ticks, frame)), 1));
    frame += count;
  }
  return concat([init, ...fragments, box("mfra", u32s([0]))]);
}

/** Sound as fragments of this many frames, AAC's length unless another is given. */
export function sound(fragments: readonly number[], init: Uint8Array, ticks = 1024): Uint8Array {
  const parts: Uint8Array[] = [];
  let frame = 0;
  for (const [index, count] of fragments.entries()) {
    const samples = Array.from({ length: count }, (_, at) => ({
      duration: ticks,
      bytes: 10 + ((frame + at) % 5),
      flags: syncFlags,
      offset: 0,
    }));
    parts.push(writeFragment(fragmentOf(index + 1, frame * ticks, samples), 1));
    frame += count;
  }
  return concat([init, ...parts]);
}
