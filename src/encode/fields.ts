// Whether pictures are woven from two fields, told from the pictures: headers confess interlace that is not there and keep
// silent about interlace that is.
//
// Weaving two moments into one frame combs whatever moves. So each frame is compared with two others woven from its own
// fields and those of the frame before: T takes its top and the earlier bottom, B its bottom and the earlier top. In a
// progressive film both are two field times off and comb more than the frame does. In an interlaced film one of them is
// as near in time as the frame itself (T when the top field comes first) and combs no more. Where the other field of a picture
// sits in the frame before (3:2 pulldown), T or B is even cleaner than the frame. ffmpeg's own idet takes moving lines of one
// pixel for interlace; this does not. Measured on six clips: progressive 93–100 of 100 frames, woven 95 and more, telecined
// 40 progressive, 20 even, 40 cleaner.
import type { FrameRate } from "#units/quantity.ts";

/** What the frames of all stretches said. */
export interface FieldCounts {
  readonly progressive: number;
  /** Frames whose fields are as far apart as those of two frames: which field comes first. */
  readonly topFirst: number;
  readonly bottomFirst: number;
  /** Frames that would be cleaner with the field before: pulldown. */
  readonly topCleaner: number;
  readonly bottomCleaner: number;
  /** Too little motion, or neither. */
  readonly undetermined: number;
}

export const noFields: FieldCounts = {
  ...{ progressive: 0, topFirst: 0, bottomFirst: 0, topCleaner: 0, bottomCleaner: 0, undetermined: 0 },
};

export interface FieldVerdict {
  /** Why the film cannot stay as it is; undefined when it can. */
  readonly reason: string | undefined;
  readonly filters: readonly string[];
}

/** Frames of one stretch. */
export const stretchFrames = 100;
/** So many frames, and such a part of those looked at, must say something before the header is doubted. */
const leastSure = 8;
const leastSurePart = 0.1;
/** Parts of the sure frames that are progressive. Ours; the measured films lie far from both. */
const plainFrom = 0.9;
const wovenUpTo = 0.3;

const interlacedOrders = new Set(["tt", "bb", "tb", "bt"]);

const second = "0 1 0 0 -2 0 0 1 0";
/**
 * Combing of each frame, of T and of B, as three planes whose means are printed on standard output: how far a line lies
 * below the mean of its neighbours. The middle of large pictures is enough; it begins on an even line, as a top field does.
 */
export const fieldFilters = [
  "crop=w='min(iw,1280)':h='min(ih,720)':y='trunc((ih-oh)/4)*2',format=gray,split=3[a][t][b]",
  "[t]phase=t[tt]",
  "[b]phase=b[bb]",
  "[a][tt][bb]mergeplanes=0x001020:yuv444p," +
    `convolution=0m='${second}':1m='${second}':2m='${second}':0rdiv=1:1rdiv=1:2rdiv=1,signalstats,metadata=print:file=-`,
].join(";");

/** Text of the means per frame. The first has no frame before it. */
export function readFields(text: string): FieldCounts {
  const counts = new Map<keyof FieldCounts, number>();
  for (const frame of text.split(/^frame:/m).slice(2)) {
    const mean = (plane: string): number =>
      Number(new RegExp(`signalstats\\.${plane}AVG=([\\d.]+)`).exec(frame)?.[1] ?? Number.NaN);
    const kind = kindOf(mean("Y"), mean("U"), mean("V"));
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return { ...noFields, ...Object.fromEntries(counts) };
}

export function added(a: FieldCounts, b: FieldCounts): FieldCounts {
  return {
    progressive: a.progressive + b.progressive,
    topFirst: a.topFirst + b.topFirst,
    bottomFirst: a.bottomFirst + b.bottomFirst,
    topCleaner: a.topCleaner + b.topCleaner,
    bottomCleaner: a.bottomCleaner + b.bottomCleaner,
    undetermined: a.undetermined + b.undetermined,
  };
}

/** Where to look, in seconds: the whole of a short film, else three stretches of it. */
export function stretches(frames: number, rate: FrameRate): readonly number[] {
  if (frames <= 3 * stretchFrames) return [0];
  return [0.1, 0.5, 0.9].map((part) => (Math.floor(part * (frames - stretchFrames)) * rate.den) / rate.num);
}

export function verdictOn(fieldOrder: string, counts: FieldCounts, rate: FrameRate): FieldVerdict {
  const isFlagged = interlacedOrders.has(fieldOrder);
  const cleaner = counts.topCleaner + counts.bottomCleaner;
  const sure = counts.progressive + counts.topFirst + counts.bottomFirst + cleaner;
  const part = counts.progressive / Math.max(1, sure);
  const isTop = counts.topFirst + counts.topCleaner >= counts.bottomFirst + counts.bottomCleaner;
  const parity = isTop ? "tff" : "bff";
  if (sure < Math.max(leastSure, leastSurePart * (sure + counts.undetermined))) return asFlagged(isFlagged);
  if (part >= plainFrom) {
    const reason = "progressive, though marked interlaced";
    return isFlagged ? { reason, filters: ["setfield=prog"] } : { reason: undefined, filters: [] };
  }
  if (isPulldown(part, cleaner / sure, rate)) {
    const reason = "telecined film (3:2 pulldown): its fields are put together again, the rate stays";
    return { reason, filters: [`fieldmatch=order=${parity}:combmatch=full`, "setfield=prog"] };
  }
  if (part <= wovenUpTo) {
    const reason = isFlagged ? "interlaced" : "interlaced, though marked progressive";
    return { reason, filters: [`bwdif=mode=send_frame:parity=${parity}:deint=all`] };
  }
  // idet marks frame by frame what is combed, and only that is interpolated.
  const filters = ["idet", `bwdif=mode=send_frame:parity=${parity}:deint=interlaced`];
  return { reason: "interlaced in part", filters };
}

/** Of five frames two are progressive, two want the field before, one repeats a field. */
function isPulldown(progressive: number, cleaner: number, rate: FrameRate): boolean {
  const isNtsc = Math.abs(rate.num / rate.den - 30) < 0.1;
  return isNtsc && progressive >= 0.25 && progressive <= 0.6 && cleaner >= 0.25 && cleaner <= 0.55;
}

/** `frame` is its own combing, `top` and `bottom` those of T and B. Thresholds are ours, in the middle of what was measured. */
function kindOf(frame: number, top: number, bottom: number): keyof FieldCounts {
  const [byTop, byBottom] = [top - frame, bottom - frame];
  const most = Math.max(Math.abs(byTop), Math.abs(byBottom));
  const least = Math.min(byTop, byBottom);
  if (!(most >= Math.max(0.1, 0.02 * frame))) return "undetermined";
  if (least < -0.3 * most) return byTop < byBottom ? "topCleaner" : "bottomCleaner";
  if (least > 0.5 * most) return "progressive";
  if (least > 0.3 * most) return "undetermined";
  return byTop < byBottom ? "topFirst" : "bottomFirst";
}

function asFlagged(isFlagged: boolean): FieldVerdict {
  return isFlagged
    ? { reason: "interlaced", filters: ["bwdif=mode=send_frame"] }
    : { reason: undefined, filters: [] };
}
