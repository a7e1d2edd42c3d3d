// From a prepared film to what everything later goes by: its facts, its shots, its segments.
import { gridLines, planSegments } from "#encode/segment-plan.ts";
import { findCuts, shotsFrom, splitLong } from "#encode/shots.ts";
import type { SegmentPlan, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { framesToSeconds } from "#units/quantity.ts";
import type { EncodeOrder } from "./encode-order.ts";
import type { Accepted, Prepared } from "./film-intake.ts";

export function sourceOf({ sha256, intake }: Accepted, { changes }: Prepared): Source {
  const { display, rate } = intake;
  const [sound] = intake.sounds;
  return {
    sha256,
    ...display,
    frameRate: rate,
    frames: changes.length,
    duration: framesToSeconds(changes.length, rate),
    audio: sound && { codec: sound.codec, sampleRate: sound.sampleRate, channels: sound.channels },
  };
}

export function planOf(
  { changes, reference: { rate } }: Prepared,
  { segmentSeconds, maxShotSeconds }: EncodeOrder["settings"],
): { readonly shots: readonly Shot[]; readonly plan: SegmentPlan } {
  const frames = changes.length;
  const lines = gridLines(segmentSeconds, rate, frames);
  const most = Math.round((maxShotSeconds * rate.num) / rate.den);
  const shots = shotsFrom(splitLong(findCuts(changes), lines, frames, most), frames);
  return { shots, plan: planSegments(shots, segmentSeconds, rate, frames) };
}
