// From chosen ladder films to named rungs and the pieces they order.
import type { Codec, Rung, SegmentPlan, Shot } from "#model/encoded.ts";
import { bitsPerSecond, type FrameRate } from "#units/quantity.ts";
import type { PieceOrder } from "./argv-video.ts";
import { codecs } from "./codecs.ts";
import { timescaleOf } from "./frame-rate.ts";
import type { RungChoice } from "./ladder.ts";
import type { Trial } from "./operating-points.ts";

/** Ids count rungs of equal height from the lowest up: v360-1, v360-2; other codecs than H.264 are named: av1-360-1. */
export function nameRungs(codec: Codec, ladder: readonly RungChoice[], seconds: number): readonly Rung[] {
  const counted = new Map<number, number>();
  return ladder.map((choice) => {
    const number = (counted.get(choice.height) ?? 0) + 1;
    counted.set(choice.height, number);
    return {
      id: codec === "h264" ? `v${choice.height}-${number}` : `${codec}-${choice.height}-${number}`,
      codec,
      width: choice.width,
      height: choice.height,
      crf: choice.points.map((point) => point.crf),
      bitrate: bitsPerSecond(choice.bits / seconds),
      quality: choice.quality,
    };
  });
}

export interface RungOrder {
  readonly rung: Pick<Rung, "codec" | "width" | "height" | "crf">;
  readonly preset: string;
  /** bits/s of its dearest second. */
  readonly peak: number;
}

/** In film order: one piece per shot, or per keyframe where the codec cannot have a second one in an encode. */
export function pieceOrders(
  { rung, preset, peak }: RungOrder,
  shots: readonly Shot[],
  plan: SegmentPlan,
  rate: FrameRate,
): readonly PieceOrder[] {
  const { codec, width, height } = rung;
  const { timescale } = timescaleOf(rate);
  const about = { codec, width, height, preset, peak, timescale };
  return shots.flatMap(({ id, startFrame, endFrame }) => {
    const keyframes = plan.keyframes.filter((frame) => frame >= startFrame && frame < endFrame);
    const starts = codecs[codec].keyframes === "forced" ? [startFrame] : keyframes;
    return starts.map((start, index) => {
      const end = starts[index + 1] ?? endFrame;
      const inside = keyframes.filter((frame) => frame >= start && frame < end);
      return { ...about, startFrame: start, frames: end - start, keyframes: inside, crf: rung.crf[id] ?? 0 };
    });
  });
}

const earlyPart = 0.4;

/**
 * The middle of the liveliest early shot, for the poster: the one that keeps most bits per frame at the coarsest CRF,
 * where noise is gone and structure and movement are left. A black shot keeps next to none.
 */
export function posterFrame(shots: readonly Shot[], trials: readonly Trial[], frames: number): number {
  const coarsest = trials.reduce<Trial | undefined>(
    (worst, trial) => (worst === undefined || isCoarser(trial, worst) ? trial : worst),
    undefined,
  );
  let best = { liveliness: -1, frame: 0 };
  for (const { id, startFrame, endFrame } of shots) {
    if (startFrame > frames * earlyPart) break;
    const liveliness = (coarsest?.shots[id]?.bits ?? 0) / (endFrame - startFrame);
    if (liveliness > best.liveliness) best = { liveliness, frame: Math.floor((startFrame + endFrame) / 2) };
  }
  return best.frame;
}

function isCoarser({ point }: Trial, than: Trial): boolean {
  return point.crf > than.point.crf || (point.crf === than.point.crf && point.height > than.point.height);
}

/** Seconds still to go, from the work done in this run alone; undefined until something is done. */
export function etaSeconds(doneWork: number, leftWork: number, elapsedSeconds: number): number | undefined {
  return doneWork > 0 ? (elapsedSeconds * leftWork) / doneWork : undefined;
}
