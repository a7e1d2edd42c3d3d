// ffmpeg as encoder and as second opinion in the packager's journeys.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Finished, run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

export const fps = { num: 30_000, den: 1001 };
export const rate = `${fps.num}/${fps.den}`;
export const signal = AbortSignal.timeout(400_000);

/** Why ffmpeg's programs cannot be run; undefined when they can. */
export async function ffmpegMissing(): Promise<string | undefined> {
  return run({ argv: ["ffprobe", "-version"], signal, deadline: milliseconds(15_000) }).then(
    () => undefined,
    (error) => String(error),
  );
}

export async function ffmpeg(...args: readonly string[]): Promise<Finished> {
  const { PATH = "" } = process.env;
  return run({
    argv: ["ffmpeg", "-nostdin", "-v", "warning", "-y", "-threads", "1", ...args],
    signal,
    deadline: milliseconds(120_000),
    env: { PATH, SVT_LOG: "0" },
    nice: 10,
  });
}

/** Picture hashes of one video stream in the order shown; ffmpeg must not complain, and time must run evenly. */
export async function frameHashes(input: string, map: string): Promise<readonly string[]> {
  const done = await ffmpeg("-i", input, "-map", map, "-f", "framemd5", "-fps_mode", "passthrough", "-");
  assert.equal(done.stderr, "", input);
  const rows = done.stdout.split("\n").filter((line) => line.startsWith("0,"));
  const cells = rows.map((row) => row.split(",").map((cell) => cell.trim()));
  const times = cells.map((row) => Number(row[2]));
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  assert.ok(
    times.every((time, index) => time === (times[0] ?? 0) + index * step),
    `frames of ${input} are not evenly spaced`,
  );
  return cells.map((row) => row.at(-1) ?? "");
}

/** Seconds until the click, counted from the first sample; `raw` is a file to write samples to. */
export async function clickIn(
  input: string,
  raw: string,
  stream = 0,
  options: readonly string[] = [],
): Promise<number> {
  const samples = ["-ac", "1", "-ar", "48000", "-f", "f32le", raw];
  const done = await ffmpeg(...options, "-i", input, "-map", `0:a:${stream}`, ...samples);
  assert.equal(done.stderr, "", input);
  const bytes = await readFile(raw);
  const heard = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return heard.findIndex((sample) => Math.abs(sample) > 0.2) / 48_000;
}

/** Path → sha256 of all files below a folder. */
export async function hashes(outDir: string): Promise<Record<string, string>> {
  const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const rows = await Promise.all(
    files.map(async (file) => [
      file.slice(outDir.length + 1),
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ]),
  );
  return Object.fromEntries(rows);
}
