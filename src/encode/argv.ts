// What the arguments of every ffmpeg and ffprobe that encode runs have in common. They are plain lists. File names that are
// written are relative to the scratch folder the program runs in. Commands were proven in research, encoding §10.
import type { FrameRate } from "#units/quantity.ts";
import { type Colours, tagged } from "./colours.ts";
import { type Container, formatWhitelist } from "./container.ts";
import type { Size } from "./size.ts";

/** A film on disk and the one demuxer that may open it. */
export interface Input {
  readonly path: string;
  readonly container: Container;
  readonly stream: number;
}

/** What is encoded and measured against: the film itself, or what normalising made of it. */
export interface Reference extends Input {
  readonly display: Size;
  readonly rate: FrameRate;
  /** What its numbers mean, whatever its own tags say; undefined: what its tags say. */
  readonly colours?: Colours;
}

export type Args = readonly string[];

export const common: Args = ["-nostdin", "-hide_banner", "-nostats", "-benchmark", "-v", "repeat+info", "-y"];
export const plain: Args = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"];
/** Largest single allocation; ffmpeg's own guard beside the sandbox. A frame of 8192×4320 in linear light takes 425 MB. */
export const guard: Args = ["-max_alloc", "500000000"];

/** Only this demuxer, only this file. */
export function open(input: Omit<Input, "stream">): Args {
  const only = ["-protocol_whitelist", "file", "-format_whitelist", formatWhitelist];
  return [...only, "-f", input.container, "-i", `file:${input.path}`];
}

export function reading(input: Input): Args {
  return [...common, ...guard, ...open(input), "-map", `0:${input.stream}`, "-fps_mode", "passthrough"];
}

export function scaled(reference: Reference, size: Size): Args {
  const scale = `scale=${size.width}:${size.height}:flags=lanczos`;
  return [scale, "setsar=1", "format=yuv420p", ...tags(reference), ...renumbered(reference.rate)];
}

/** Every picture says what its colours are: without tags, players would guess by the size of the rung. */
export function tags({ colours }: Reference): Args {
  return colours === undefined ? [] : [tagged(colours)];
}

/** Frame n at exactly n/rate: in each input's own time base the times would be rounded differently. */
export function renumbered(rate: FrameRate): Args {
  return [`settb=${rate.den}/${rate.num}`, "setpts=N"];
}

/** A quarter frame early: rounding to the encoder's clock then always meets the frame that is meant. */
export function keyTimes(keyframes: readonly number[], rate: FrameRate): string {
  return keyframes.map((frame) => ((Math.max(0, frame - 0.25) * rate.den) / rate.num).toFixed(6)).join(",");
}
