// How much room on disk an encode needs at the least, so that a night's work is not begun where it cannot end.
import type { Size } from "./size.ts";

export interface RoomOrder {
  readonly display: Size;
  readonly frames: number;
  /** Whether a plain copy of the film has to be made first. */
  readonly isNormalised: boolean;
  /** Encodes that lie in the scratch folder side by side. */
  readonly jobs: number;
}

/**
 * Bits per pixel of the plain copy (x264 ultrafast, CRF 8). Measured at 640×360 on two seconds of six clips: 0.5 (animation)
 * to 2.5 (camera); noise needs 7.5. The least of them, because this is a lower bound.
 */
const copyBits = 0.5;
/** Of a finished ladder, and of one encode that is being scored: below what x264 makes of the same clips at CRF 26. */
const ladderBits = 0.1;
const trialBits = 0.05;
/** Figures and tiny picture of a frame. */
const factBytes = 160;

/** Bytes. */
export function leastRoom({ display, frames, isNormalised, jobs }: RoomOrder): number {
  const perPixel = (isNormalised ? copyBits : 0) + ladderBits + trialBits * jobs;
  return Math.ceil((display.width * display.height * frames * perPixel) / 8 + frames * factBytes);
}
