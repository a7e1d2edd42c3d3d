// Whether pictures are woven from two fields, told from the pictures: headers confess interlace that is not there and keep
// silent about interlace that is. ffmpeg's idet looks at a few stretches of the film; its verdict beats the header's.
import type { FrameRate } from "#units/quantity.ts";

/** idet's counts over all stretches. */
export interface FieldCounts {
  readonly topFirst: number;
  readonly bottomFirst: number;
  readonly progressive: number;
  readonly undetermined: number;
  /** Frames in which a field of the frame before comes again: the mark of 3:2 pulldown. */
  readonly repeated: number;
}

export const noFields: FieldCounts = {
  ...{ topFirst: 0, bottomFirst: 0, progressive: 0, undetermined: 0, repeated: 0 },
};

export interface FieldVerdict {
  /** Why the film cannot stay as it is; undefined when it can. */
  readonly reason: string | undefined;
  readonly filters: readonly string[];
}

/** Frames of one stretch: enough for idet to settle, few enough to cost next to nothing. */
export const stretchFrames = 100;
/** idet must be sure about this many frames, or about this part of them, before the header is doubted. */
const leastSure = 8;
const leastSurePart = 0.1;
/** Shares of combed frames among the sure ones. Ours: idet errs on a few frames of a hundred; 3:2 pulldown combs 2 of 5. */
const wovenFrom = 0.7;
const mixedFrom = 0.2;
const plainUpTo = 0.05;

const interlacedOrders = new Set(["tt", "bb", "tb", "bt"]);

/** What idet says at its end, on ffmpeg's standard error. */
export function readFields(stderr: string): FieldCounts {
  const count = (line: string, name: string): number =>
    Number(new RegExp(`${line}:[^\\n]*\\b${name}:\\s*(\\d+)`).exec(stderr)?.[1] ?? 0);
  const multi = "Multi frame detection";
  return {
    topFirst: count(multi, "TFF"),
    bottomFirst: count(multi, "BFF"),
    progressive: count(multi, "Progressive"),
    undetermined: count(multi, "Undetermined"),
    repeated: count("Repeated Fields", "Top") + count("Repeated Fields", "Bottom"),
  };
}

export function added(a: FieldCounts, b: FieldCounts): FieldCounts {
  return {
    topFirst: a.topFirst + b.topFirst,
    bottomFirst: a.bottomFirst + b.bottomFirst,
    progressive: a.progressive + b.progressive,
    undetermined: a.undetermined + b.undetermined,
    repeated: a.repeated + b.repeated,
  };
}

/** Where to look, in seconds: the whole of a short film, else three stretches of it. */
export function stretches(frames: number, rate: FrameRate): readonly number[] {
  if (frames <= 3 * stretchFrames) return [0];
  return [0.1, 0.5, 0.9].map((part) => (Math.floor(part * (frames - stretchFrames)) * rate.den) / rate.num);
}

export function verdictOn(fieldOrder: string, counts: FieldCounts, rate: FrameRate): FieldVerdict {
  const isFlagged = interlacedOrders.has(fieldOrder);
  const combed = counts.topFirst + counts.bottomFirst;
  const sure = combed + counts.progressive;
  const share = combed / Math.max(1, sure);
  const parity = counts.topFirst >= counts.bottomFirst ? "tff" : "bff";
  if (sure < Math.max(leastSure, leastSurePart * (sure + counts.undetermined))) return asFlagged(isFlagged);
  if (share >= wovenFrom) {
    const reason = isFlagged ? "interlaced" : "interlaced, though marked progressive";
    return { reason, filters: [`bwdif=mode=send_frame:parity=${parity}:deint=all`] };
  }
  if (share >= mixedFrom) return mixed(counts, rate, parity);
  if (share > plainUpTo || !isFlagged) return asFlagged(isFlagged);
  return { reason: "progressive, though marked interlaced", filters: ["setfield=prog"] };
}

function asFlagged(isFlagged: boolean): FieldVerdict {
  return isFlagged
    ? { reason: "interlaced", filters: ["bwdif=mode=send_frame"] }
    : { reason: undefined, filters: [] };
}

/** idet marks frame by frame; only what is combed is interpolated. */
function mixed(counts: FieldCounts, rate: FrameRate, parity: string): FieldVerdict {
  const total = counts.topFirst + counts.bottomFirst + counts.progressive + counts.undetermined;
  const isNtsc = Math.abs(rate.num / rate.den - 30) < 0.1;
  const isPulldown = isNtsc && counts.repeated >= 0.25 * total;
  const reason = isPulldown
    ? "telecined film (3:2 pulldown); the rate stays, combed frames are interpolated"
    : "interlaced in part";
  return { reason, filters: ["idet", `bwdif=mode=send_frame:parity=${parity}:deint=interlaced`] };
}
