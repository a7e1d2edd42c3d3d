// The four decisions that somebody who studies encoding may want to make in another way, with what each is told, what it
// must answer, and ours. All are pure functions: the same input gives the same answer, or a run that goes on could not
// find what it has paid for. Lengths are frames, sizes pixels of square shape, bits are bits.
import type { FrameRate } from "#units/quantity.ts";
import { type Allocator, constantSlope } from "./allocate.ts";
import { chosen, type RungChoice } from "./ladder.ts";
import { isOurs, type Measure, ssim, vmaf } from "./measures.ts";
import type { OperatingPoint } from "./operating-points.ts";
import { findCuts } from "./shots.ts";
import type { FrameFacts } from "./shots-facts.ts";
import { minShotFrames } from "./shots-rules.ts";
import type { Size } from "./size.ts";
import { type GridOrder, type GridPoint, gridPoints } from "./trial-grid.ts";

/** Each has a name that the report states. */
export interface Methods {
  readonly detect: {
    readonly name: string;
    /**
     * Frames that begin a new shot, ascending, without frame 0, at least 8 apart and as far from both ends. All frames are
     * told at once: differences to the frame before, and a grey picture of 16 × 9. Shots longer than the setting are split
     * afterwards, on the segment grid.
     */
    readonly cuts: (frames: readonly FrameFacts[], rate: FrameRate) => readonly number[];
  };
  readonly grid: {
    readonly name: string;
    /**
     * Heights and CRFs to try on the whole film, for one codec, on the codec's own scale. Sides are even, none is larger
     * than the display. Between the CRFs of a height all others are interpolated.
     */
    readonly points: (display: Size, order: GridOrder) => readonly GridPoint[];
  };
  readonly allocate: {
    readonly name: string;
    /** The films worth considering at one height; those of all heights then compete. */
    readonly films: Allocator;
  };
  readonly measure: Measure;
}

export const ours: Omit<Methods, "measure"> = {
  detect: { name: "millrace", cuts: findCuts },
  grid: { name: "millrace", points: gridPoints },
  allocate: { name: "constant-slope", films: constantSlope },
};

/** What is not given is ours. */
export function methodsOf(given: Partial<Methods>, hasVmaf: boolean): Methods {
  return { ...ours, measure: hasVmaf ? vmaf : ssim, ...given };
}

export type MethodNames = Readonly<Partial<Record<keyof Methods, string>>>;

export function namesOf(given: Partial<Methods>): MethodNames {
  return Object.fromEntries(Object.entries(given).map(([part, { name }]) => [part, name]));
}

/** Why a measure may not be called that, or undefined: what is not ours must not pass for it. */
export function nameComplaint(measure: Measure): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(measure.name)) {
    return "its name is not made of small letters, digits and hyphens";
  }
  const isTaken = [vmaf, ssim].some(({ name }) => name === measure.name) && !isOurs(measure);
  return isTaken ? "its name is that of another measure" : undefined;
}

export function cutsComplaint(cuts: readonly number[], frames: number): string | undefined {
  const edges = [0, ...cuts, frames];
  for (const [index, cut] of cuts.entries()) {
    const before = edges[index] ?? 0;
    const after = edges[index + 2] ?? frames;
    const isApart = cut - before >= minShotFrames && after - cut >= minShotFrames;
    if (!Number.isInteger(cut) || !isApart) {
      return `cut ${cut} is no whole frame at least ${minShotFrames} after ${before} and before ${after}`;
    }
  }
  return undefined;
}

export function pointsComplaint(points: readonly GridPoint[], display: Size): string | undefined {
  if (points.length === 0) return "it has no point";
  const seen = new Set<string>();
  for (const { width, height, crf } of points) {
    const named = `${width}×${height} at CRF ${crf}`;
    const isEven = [width, height].every((side) => Number.isInteger(side / 2) && side > 0);
    if (!isEven || width > display.width || height > display.height || !Number.isFinite(crf)) {
      return `${named} is no even size within ${display.width}×${display.height} at a CRF`;
    }
    if (seen.has(`${height} ${crf}`)) return `it names ${height} lines at CRF ${crf} twice`;
    seen.add(`${height} ${crf}`);
  }
  return undefined;
}

/** An allocator chooses among the points that it was given, and says what they come to. */
export function choicesComplaint(
  rungs: readonly RungChoice[],
  points: readonly { readonly size: Size; readonly points: readonly (readonly OperatingPoint[])[] }[],
  frames: number,
): string | undefined {
  if (rungs.length === 0) return "it found no film";
  for (const rung of rungs) {
    const given = points.find(({ size }) => size.height === rung.height)?.points ?? [];
    const isGiven = (point: OperatingPoint, shot: number): boolean => given[shot]?.includes(point) === true;
    if (rung.points.length !== given.length || !rung.points.every(isGiven)) {
      return `its film of ${rung.bits} bits is not one of the points of each shot`;
    }
    if (rung.hulls.length !== given.length) return "it does not say for each shot what else it may be";
    const { bits, quality } = chosen(rung, rung.points, frames);
    const isSum = Math.abs(bits - rung.bits) <= 1e-6 * bits;
    if (!isSum || !(Math.abs(quality - rung.quality) <= 1e-6)) {
      return `its film of ${rung.bits} bits and quality ${rung.quality} has points of ${bits} and ${quality}`;
    }
  }
  return undefined;
}
