// One movie fragment (moof+mdat) as facts, and back as bytes. Always written afresh from the facts, so that every
// fragment we publish has one shape: tfdt version 1, offsets from the moof, one run. Source: ISO/IEC 14496-12 §8.8.
import { type Box, box, boxAt, concat, cursorOver, type Refused, readBoxes, refused, u32s } from "./boxes.ts";
import type { Init, SampleDefaults } from "./init.ts";

/** A coded frame of picture or sound. */
export interface Sample {
  /** In the track's timescale. */
  readonly duration: number;
  readonly bytes: number;
  /** As in trun: bit 0x10000 set means "not a sync sample". */
  readonly flags: number;
  /** Composition time minus decoding time. */
  readonly offset: number;
}

export interface Fragment {
  readonly sequence: number;
  /** Decoding time of the first sample, in the track's timescale. */
  readonly baseTime: number;
  readonly samples: readonly Sample[];
  /** The samples' bytes, one after the other. */
  readonly data: Uint8Array;
}

export type FragmentRead = { readonly kind: "read"; readonly fragment: Fragment } | Refused;
export type FragmentsRead = { readonly kind: "read"; readonly fragments: readonly Fragment[] } | Refused;

/** A fragment is at most a shot long: more samples than this is damage. */
const maxSamples = 100_000;
const moofBase = 0x02_0000;
const tfhd = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const;
const trun = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  offset: 0x800,
} as const;

export function isSync(sample: Sample): boolean {
  return (sample.flags & 0x1_0000) === 0;
}

export function ticksOf(fragment: Fragment): number {
  return fragment.samples.reduce((sum, sample) => sum + sample.duration, 0);
}

/** Boxes that may stand between fragments and carry nothing the published film needs. */
const passedOver = new Set(["styp", "sidx", "mfra", "free", "skip"]);

/** Every fragment among `boxes`, which must come as pairs of moof and mdat. */
export function readFragments(bytes: Uint8Array, boxes: readonly Box[], init: Init): FragmentsRead {
  const kept = boxes.filter((one) => !passedOver.has(one.type));
  const fragments: Fragment[] = [];
  for (let at = 0; at < kept.length; at += 2) {
    const [moof, mdat] = [kept[at], kept[at + 1]];
    if (moof?.type !== "moof" || mdat?.type !== "mdat" || mdat.start !== moof.end) {
      return refused(
        `at byte ${moof?.start ?? 0} wanted a moof with its mdat, found "${moof?.type}" and "${mdat?.type}"`,
      );
    }
    const read = readFragment(bytes, moof, mdat, init);
    if (read.kind === "refused") return refused(`fragment ${at / 2 + 1}: ${read.because}`);
    fragments.push(read.fragment);
  }
  return { kind: "read", fragments };
}

function readFragment(bytes: Uint8Array, moof: Box, mdat: Box, init: Init): FragmentRead {
  const header = boxAt(bytes, moof, "mfhd");
  const track = boxAt(bytes, moof, "traf", "tfhd");
  const time = boxAt(bytes, moof, "traf", "tfdt");
  const runBox = boxAt(bytes, moof, "traf", "trun");
  if (header === undefined || track === undefined || time === undefined || runBox === undefined) {
    return refused("the moof has not exactly one mfhd, tfhd, tfdt and trun");
  }
  const defaults = fragmentDefaults(bytes, track, init);
  if (defaults === undefined) {
    return refused(
      `the tfhd is cut off, not of track ${init.trackId}, or counts offsets from elsewhere than its moof`,
    );
  }
  const run = readRun(bytes, runBox, defaults);
  if (run.kind === "refused") return run;
  const size = run.samples.reduce((sum, sample) => sum + sample.bytes, 0);
  if (run.dataOffset !== mdat.body - moof.start || size !== mdat.end - mdat.body) {
    return refused(
      `its samples (${size} bytes) do not fill the mdat (${mdat.end - mdat.body} bytes) exactly`,
    );
  }
  const sequence = cursorOver(bytes, header.body + 4, header.end);
  const clock = cursorOver(bytes, time.body, time.end);
  const version = clock.u8();
  clock.skip(3);
  const fragment = {
    sequence: sequence.u32(),
    baseTime: version === 1 ? clock.u64() : clock.u32(),
    samples: run.samples,
    data: bytes.subarray(mdat.body, mdat.end),
  };
  if (!sequence.sound() || !clock.sound()) return refused("its mfhd or tfdt is cut off or out of range");
  return { kind: "read", fragment };
}

function fragmentDefaults(bytes: Uint8Array, box: Box, init: Init): SampleDefaults | undefined {
  const cursor = cursorOver(bytes, box.body, box.end);
  const flags = cursor.u32();
  const trackId = cursor.u32();
  if ((flags & moofBase) === 0 || (flags & tfhd.baseOffset) !== 0 || trackId !== init.trackId)
    return undefined;
  if ((flags & tfhd.description) !== 0) cursor.skip(4);
  const defaults = {
    duration: (flags & tfhd.duration) !== 0 ? cursor.u32() : init.defaults.duration,
    size: (flags & tfhd.size) !== 0 ? cursor.u32() : init.defaults.size,
    flags: (flags & tfhd.flags) !== 0 ? cursor.u32() : init.defaults.flags,
  };
  return cursor.sound() ? defaults : undefined;
}

type Run =
  | { readonly kind: "read"; readonly samples: readonly Sample[]; readonly dataOffset: number }
  | Refused;

function readRun(bytes: Uint8Array, box: Box, defaults: SampleDefaults): Run {
  const cursor = cursorOver(bytes, box.body, box.end);
  const signed = cursor.u8() === 1;
  const flags = (cursor.u8() << 16) | cursor.u16();
  const count = cursor.u32();
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const dataOffset = has(trun.dataOffset) ? cursor.i32() : 0;
  const firstFlags = has(trun.firstFlags) ? cursor.u32() : undefined;
  if (count === 0 || count > maxSamples) return refused(`its trun claims ${count} samples`);
  const samples: Sample[] = [];
  while (samples.length < count && cursor.sound()) {
    const duration = has(trun.duration) ? cursor.u32() : defaults.duration;
    const size = has(trun.size) ? cursor.u32() : defaults.size;
    const ownFlags = has(trun.flags) ? cursor.u32() : defaults.flags;
    const offset = has(trun.offset) ? (signed ? cursor.i32() : cursor.u32()) : 0;
    if (offset >= 2 ** 31) return refused("its trun holds a composition offset out of range");
    samples.push({
      duration,
      bytes: size,
      flags: samples.length === 0 ? (firstFlags ?? ownFlags) : ownFlags,
      offset,
    });
  }
  if (!cursor.sound()) return refused("its trun is cut off");
  return { kind: "read", samples, dataOffset };
}

/** The fragment as moof+mdat; `more` are boxes after the run, which a reader of clear fragments passes over. */
export function writeFragment(
  fragment: Fragment,
  trackId: number,
  more: readonly Uint8Array[] = [],
): Uint8Array {
  const [first, second] = fragment.samples;
  const usual = second ?? first ?? { duration: 0, bytes: 0, flags: 0, offset: 0 };
  const rest = fragment.samples.slice(1);
  const oneDuration = fragment.samples.every((sample) => sample.duration === usual.duration);
  const oneFlags = rest.every((sample) => sample.flags === usual.flags);
  const flags =
    trun.dataOffset |
    trun.size |
    (oneDuration ? 0 : trun.duration) |
    (oneFlags ? (first?.flags === usual.flags ? 0 : trun.firstFlags) : trun.flags) |
    (fragment.samples.some((sample) => sample.offset !== 0) ? trun.offset : 0);
  const rows = fragment.samples.flatMap((sample) => [
    ...((flags & trun.duration) !== 0 ? [sample.duration] : []),
    sample.bytes,
    ...((flags & trun.flags) !== 0 ? [sample.flags] : []),
    ...((flags & trun.offset) !== 0 ? [sample.offset] : []),
  ]);
  const firstFlags = (flags & trun.firstFlags) !== 0 ? [first?.flags ?? 0] : [];
  const head = u32s([moofBase | tfhd.duration | tfhd.flags, trackId, usual.duration, usual.flags]);
  const time = u32s([0x0100_0000, Math.floor(fragment.baseTime / 2 ** 32), fragment.baseTime % 2 ** 32]);
  const moof = (dataOffset: number): Uint8Array => {
    const run = u32s([0x0100_0000 | flags, fragment.samples.length, dataOffset, ...firstFlags, ...rows]);
    const traf = box("traf", box("tfhd", head), box("tfdt", time), box("trun", run), ...more);
    return box("moof", box("mfhd", u32s([0, fragment.sequence])), traf);
  };
  return concat([moof(moof(0).length + 8), box("mdat", fragment.data)]);
}

/** The boxes of a whole buffer as fragments: what lies in a published segment. */
export function readSegment(bytes: Uint8Array, init: Init): FragmentsRead {
  const top = readBoxes(bytes, 0, bytes.length);
  return top.kind === "refused" ? top : readFragments(bytes, top.boxes, init);
}
