// Ladders that ask nothing of the film: what services used before they looked at it. They are encoded for comparison.
import type { FrameRate } from "#units/quantity.ts";
import { type Size, sizeAt } from "./size.ts";

export type FixedLadderName = "netflix-2015" | "peertube";

export interface FixedRung extends Size {
  /** bits/s it is told to spend on average. */
  readonly target: number;
}

/** kbit/s by lines. Source: research, encoding §2 (the table before per-title encoding). */
const netflix: readonly (readonly [height: number, kilobits: number])[] = [
  [240, 235],
  [288, 375],
  [384, 560],
  [384, 750],
  [480, 1050],
  [480, 1750],
  [720, 2350],
  [720, 3000],
  [1080, 4300],
  [1080, 5800],
];

/** Bits per pixel by lines. Source: research, encoding §8 (PeerTube's bitrate table, average column). */
const peertube: readonly (readonly [height: number, bitsPerPixel: number])[] = [
  [144, 0.19],
  [240, 0.17],
  [360, 0.15],
  [480, 0.12],
  [720, 0.11],
  [1080, 0.1],
  [1440, 0.09],
  [2160, 0.08],
];

export const fixedLadderLabels: Readonly<Record<FixedLadderName, string>> = {
  "netflix-2015": "the fixed table of 2015 (235 to 5800 kbit/s)",
  peertube: "bits per pixel by height, as PeerTube counts them",
};

/** The rungs that do not enlarge the film. PeerTube's ladder has one at the film's own height too. */
export function fixedLadder(name: FixedLadderName, display: Size, rate: FrameRate): readonly FixedRung[] {
  if (name === "peertube") {
    const heights = peertube.map(([height]) => height).filter((height) => height < display.height);
    return [...heights, display.height].map((height) => {
      const size = sizeAt(display, height);
      const target = (size.width * size.height * bitsPerPixelAt(height) * rate.num) / rate.den;
      return { ...size, target };
    });
  }
  const fits = netflix.filter(([height]) => height <= display.height);
  return fits.map(([height, kilobits]) => ({ ...sizeAt(display, height), target: kilobits * 1000 }));
}

/** Of the largest row that is not taller: a 540-line film is counted as 480 lines are. */
function bitsPerPixelAt(height: number): number {
  return (peertube.findLast(([lines]) => lines <= height) ?? peertube[0])?.[1] ?? 0.19;
}
