// From a prepared film to what everything later goes by: its facts, its shots, its segments.
import type { Reference } from "#encode/argv.ts";
import { encodeFaults } from "#encode/faults.ts";
import { cutsComplaint, type Methods, ours } from "#encode/methods.ts";
import { gridLines, planSegments } from "#encode/segment-plan.ts";
import { shotsFrom, splitLong } from "#encode/shots.ts";
import type { SegmentPlan, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import { Fault } from "#units/fault.ts";
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

/** @throws Fault encode-broken-method when a detector that is not ours answers what is no list of cuts */
export function planOf(
  { changes, reference }: Pick<Prepared, "changes"> & { readonly reference: Pick<Reference, "rate"> },
  { segmentSeconds, maxShotSeconds }: Pick<EncodeOrder["settings"], "segmentSeconds" | "maxShotSeconds">,
  { name, cuts: detect }: Methods["detect"] = ours.detect,
): { readonly shots: readonly Shot[]; readonly plan: SegmentPlan } {
  const frames = changes.length;
  const { rate } = reference;
  const lines = gridLines(segmentSeconds, rate, frames);
  // Rounded up: at twice the grid, a part as short as may be must outlast the window of the line that it begins at.
  const most = Math.ceil((maxShotSeconds * rate.num) / rate.den);
  const cuts = detect(changes, rate);
  const reason = cutsComplaint(cuts, frames);
  if (reason !== undefined) throw new Fault(encodeFaults.brokenMethod, { part: "detect", name, reason });
  const shots = shotsFrom(splitLong(cuts, lines, frames, most), frames);
  return { shots, plan: planSegments(shots, segmentSeconds, rate, frames) };
}
