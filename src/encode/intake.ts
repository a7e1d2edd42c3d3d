// Whether a film is accepted, and what has to be done to it before it can be measured.
import type { FrameRate } from "#units/quantity.ts";
import { type ColourPlan, isHdr, isRgb, planColours } from "./colours.ts";
import type { encodeFaults } from "./faults.ts";
import { type FieldCounts, type FieldVerdict, noFields, verdictOn } from "./fields.ts";
import type { FilmFacts, PacketFacts, StreamFacts } from "./film-facts.ts";
import { paceOf } from "./frame-rate.ts";
import { even, type Size } from "./size.ts";
import { type SoundIntake, type SubtitleIntake, type TrackLimits, tracksOf } from "./tracks.ts";

export interface Limits extends TrackLimits {
  readonly maxDurationSeconds: number;
  readonly maxPixels: number;
  readonly maxFrameRate: number;
  readonly maxStreams: number;
  /** Frames made of one that is there. */
  readonly maxFrameGrowth: number;
  readonly maxDisplaySide: number;
  readonly maxChannels: number;
  readonly maxSampleRate: number;
  /** "refuse" or "tone-map". */
  readonly hdr: string;
}

type KnownColours = Exclude<ColourPlan, { kind: "unknown" }>;

export interface Intake {
  readonly stream: number;
  readonly display: Size;
  readonly rate: FrameRate;
  readonly frames: number;
  /** Why the film cannot be used as it is; empty when it can. */
  readonly reasons: readonly string[];
  /** ffmpeg filters that mend what `reasons` name, before scaling. */
  readonly mending: readonly string[];
  readonly isRgb: boolean;
  readonly colours: KnownColours;
  /** The first plays unless another is chosen; empty for a silent film. */
  readonly sounds: readonly SoundIntake[];
  readonly subtitles: readonly SubtitleIntake[];
  /** What of the film is not used, and why. */
  readonly leftOut: readonly string[];
}

export type Judgement =
  | { readonly kind: "accepted"; readonly intake: Intake }
  | {
      readonly kind: "refused";
      readonly fault: keyof typeof encodeFaults;
      readonly facts: Readonly<Record<string, string | number>>;
    };

/** Smaller pictures break the quality metric's window. */
export const leastSide = 64;
const mostMissingSeconds = 0.5;

/** What can be refused from the header alone, before a packet is read. */
export function judgeHeader(facts: FilmFacts, limits: Limits): Judgement | undefined {
  if (facts.streams.length > limits.maxStreams) {
    return overLimit(
      `${facts.streams.length} streams`,
      `${limits.maxStreams}`,
      "MILLRACE_ENCODE_MAX_STREAMS",
    );
  }
  const picture = pictureOf(facts);
  if (picture === undefined) {
    const found = facts.streams
      .map((stream) => (stream.isCover ? "a cover picture" : stream.type))
      .join(", ");
    return { kind: "refused", fault: "noPicture", facts: { found: found || "no stream at all" } };
  }
  const { width, height } = picture;
  if (width * height > limits.maxPixels) {
    return overLimit(`${width}×${height} pixels`, `${limits.maxPixels} pixels`, "MILLRACE_ENCODE_MAX_PIXELS");
  }
  const length = Math.max(facts.duration ?? 0, picture.duration ?? 0);
  if (length > limits.maxDurationSeconds) {
    return overLimit(
      `${Math.round(length)} s`,
      `${limits.maxDurationSeconds} s`,
      "MILLRACE_ENCODE_MAX_DURATION_SECONDS",
    );
  }
  if (Math.min(width, height) < leastSide) {
    return { kind: "refused", fault: "tooSmall", facts: { width, height, least: leastSide } };
  }
  return judgePicture(picture, limits) ?? judgeSounds(facts, limits);
}

function judgePicture(picture: StreamFacts, limits: Limits): Judgement | undefined {
  const { dolbyVision, colourTransfer, rotation } = picture;
  if (dolbyVision?.compatibility === 0) {
    return { kind: "refused", fault: "dolbyVision", facts: { profile: dolbyVision.profile } };
  }
  if (isHdr(picture) && limits.hdr === "refuse") {
    return { kind: "refused", fault: "highDynamicRange", facts: { transfer: colourTransfer } };
  }
  if (rotation % 90 !== 0) return { kind: "refused", fault: "turnedAskew", facts: { degrees: rotation } };
  const colours = planColours(picture, displaySize(picture, limits.maxDisplaySide));
  if (colours.kind !== "unknown") return undefined;
  return { kind: "refused", fault: "strangeColours", facts: { found: colours.found } };
}

function judgeSounds(facts: FilmFacts, limits: Limits): Judgement | undefined {
  for (const { type, index, channels, sampleRate } of facts.streams) {
    if (type !== "audio") continue;
    if (channels > limits.maxChannels) {
      const found = `sound of ${channels} channels (stream ${index})`;
      return overLimit(found, `${limits.maxChannels} channels`, "MILLRACE_ENCODE_MAX_CHANNELS");
    }
    if (sampleRate > limits.maxSampleRate) {
      const found = `sound at ${sampleRate} Hz (stream ${index})`;
      return overLimit(found, `${limits.maxSampleRate} Hz`, "MILLRACE_ENCODE_MAX_SAMPLE_RATE");
    }
  }
  return undefined;
}

function overLimit(found: string, limit: string, setting: string): Judgement {
  return { kind: "refused", fault: "overLimit", facts: { found, limit, setting } };
}

/** `fields` are what a look at the pictures said; without one the header is believed. */
export function judge(
  facts: FilmFacts,
  packets: readonly PacketFacts[],
  container: string,
  limits: Limits,
  fields: FieldCounts = noFields,
): Judgement {
  const refusal = judgeHeader(facts, limits);
  const picture = pictureOf(facts);
  if (refusal !== undefined) return refusal;
  const own = packets.filter((packet) => packet.stream === picture?.index);
  if (picture === undefined || own.length === 0) {
    return { kind: "refused", fault: "noPicture", facts: { found: "a picture stream without a frame" } };
  }
  const shown = own.filter((packet) => !packet.isDiscarded);
  const times = shown.map((packet) => packet.pts).sort((a, b) => a - b);
  const pace = paceOf(times, picture.rates);
  const framesPerSecond = pace.rate.num / pace.rate.den;
  const cut = cutShort(facts, picture, packets, 1 / framesPerSecond);
  if (cut !== undefined) return { kind: "refused", fault: "truncated", facts: cut };
  if (framesPerSecond > limits.maxFrameRate) {
    const found = `${framesPerSecond.toFixed(2)} frames per second`;
    return overLimit(found, `${limits.maxFrameRate}`, "MILLRACE_ENCODE_MAX_FRAME_RATE");
  }
  const display = displaySize(picture, limits.maxDisplaySide);
  const colours = planColours(picture, display);
  if (colours.kind === "unknown") {
    return { kind: "refused", fault: "strangeColours", facts: { found: colours.found } };
  }
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const frames = Math.round(span * framesPerSecond) + 1;
  if (frames > limits.maxFrameGrowth * times.length) {
    const found = `${times.length} frames, which at its rate would become ${frames}`;
    return overLimit(found, `${limits.maxFrameGrowth} times as many`, "MILLRACE_ENCODE_MAX_FRAME_GROWTH");
  }
  const verdict = verdictOn(picture.fieldOrder, fields, pace.rate);
  const { num, den } = pace.rate;
  const { isConstant } = pace;
  const intake: Intake = {
    ...{ stream: picture.index, display, rate: pace.rate, frames },
    reasons: reasonsToNormalise(picture, own, {
      ...{ container, display, isConstant, start: facts.start, verdict, colours },
    }),
    mending: [...verdict.filters, ...(isConstant ? [] : [`fps=${num}/${den}`])],
    ...{ isRgb: isRgb(picture.pixelFormat), colours, ...tracksOf(facts, picture, limits) },
  };
  return { kind: "accepted", intake };
}

export function pictureOf(facts: FilmFacts): StreamFacts | undefined {
  return facts.streams.find((stream) => stream.type === "video" && !stream.isCover && stream.width > 0);
}

/** Compares what the header promises with the last packet that is there. */
function cutShort(
  facts: FilmFacts,
  picture: StreamFacts,
  packets: readonly PacketFacts[],
  frameSeconds: number,
): { readonly declared: string; readonly found: string } | undefined {
  const isOwn = picture.duration !== undefined;
  const end = (mine: (packet: PacketFacts) => boolean): number =>
    packets.reduce((last, packet) => (mine(packet) ? Math.max(last, packet.pts) : last), 0) + frameSeconds;
  const start = isOwn ? picture.start : facts.start;
  const declared = isOwn ? (picture.duration ?? 0) : (facts.duration ?? 0);
  const found = end(isOwn ? (packet) => packet.stream === picture.index : () => true) - start;
  if (declared - found <= Math.max(mostMissingSeconds, 2 * frameSeconds)) return undefined;
  return { declared: declared.toFixed(2), found: found.toFixed(2) };
}

/** Upright, square pixels, even, and no larger than the shorter side allows. */
function displaySize(picture: StreamFacts, maxSide: number): Size {
  const turned = Math.abs(picture.rotation) % 180 === 90;
  const across = picture.width * picture.pixelAspect;
  const [width, height] = turned ? [picture.height, across] : [across, picture.height];
  const scale = Math.min(1, maxSide / Math.min(width, height));
  return { width: even(width * scale), height: even(height * scale) };
}

function reasonsToNormalise(
  picture: StreamFacts,
  packets: readonly PacketFacts[],
  film: {
    readonly container: string;
    readonly display: Size;
    readonly isConstant: boolean;
    readonly start: number;
    readonly verdict: FieldVerdict;
    readonly colours: KnownColours;
  },
): readonly string[] {
  const reasons: string[] = [];
  const { display } = film;
  if (picture.codec !== "h264") reasons.push(`codec ${picture.codec}`);
  if (film.container === "mpegts") reasons.push("MPEG-TS has no index to seek by");
  if (picture.pixelFormat !== "yuv420p") reasons.push(`pixel format ${picture.pixelFormat}`);
  if (picture.colourRange === "pc") reasons.push("full-range colours");
  reasons.push(...colourReasons(film.colours));
  if (picture.rotation !== 0) reasons.push(`turned by ${picture.rotation}°`);
  if (picture.isMirrored) reasons.push("mirrored");
  if (picture.pixelAspect !== 1) reasons.push("pixels are not square");
  if (picture.width !== display.width || picture.height !== display.height) {
    reasons.push(`scaled to ${display.width}×${display.height}`);
  }
  if (film.verdict.reason !== undefined) reasons.push(film.verdict.reason);
  if (!film.isConstant) reasons.push("variable frame rate");
  if (Math.abs(picture.start) > 0.001 || Math.abs(film.start) > 0.001) reasons.push("does not start at 0");
  if (packets.some((packet) => packet.isDiscarded)) reasons.push("edit list hides frames");
  if (!startsCleanly(packets)) reasons.push("frames refer across keyframes");
  return reasons;
}

/** Seeking is exact only if no frame after a keyframe in the file is shown before it (closed groups of pictures). */
function startsCleanly(packets: readonly PacketFacts[]): boolean {
  if (packets[0]?.isKey !== true) return false;
  let key = Number.NEGATIVE_INFINITY;
  return packets.every((packet) => {
    if (packet.isKey) key = packet.pts;
    return packet.pts >= key;
  });
}

function colourReasons(plan: KnownColours): readonly string[] {
  switch (plan.kind) {
    case "keep":
      return [];
    case "convert":
      return [`colours of ${plan.from.matrix} and ${plan.from.primaries} made BT.709`];
    case "tone-map":
      return [`HDR (${plan.from.transfer}) tone-mapped to SDR, from ${Math.round(plan.peakNits)} cd/m²`];
  }
}
