// Which of the codecs this machine's ffmpeg can encode.
import { codecs } from "#encode/codecs.ts";
import { run } from "#io/process.ts";
import type { Tool } from "#io/tools.ts";
import type { Codec } from "#model/encoded.ts";
import { milliseconds } from "#units/quantity.ts";

const names: readonly Codec[] = ["h264", "hevc", "vp9", "av1"];

export async function encodersOf(ffmpeg: Tool, signal: AbortSignal): Promise<readonly Codec[]> {
  const argv = [ffmpeg.path, "-hide_banner", "-encoders"] as const;
  const { stdout } = await run({ argv, signal, deadline: milliseconds(15_000) });
  const there = new Set(stdout.split("\n").map((line) => line.trim().split(/\s+/)[1] ?? ""));
  return names.filter((name) => there.has(codecs[name].encoder));
}
