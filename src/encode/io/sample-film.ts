// Draws the sample film, whole or not at all.
import { access, mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { encodeFaults } from "#encode/faults.ts";
import { sampleFilmArgs, sampleFont } from "#encode/sample-film.ts";
import { run } from "#io/process.ts";
import type { Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";

const deadline = milliseconds(180_000);

/** @throws Fault encode-program-missing, process-failed */
export async function makeSampleFilm(order: {
  readonly path: string;
  readonly tools: Tools;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ffmpeg } = order.tools;
  if (ffmpeg === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffmpeg" });
  const path = resolve(order.path);
  // Always the same name: what a killed run left of it is overwritten.
  const fresh = `${path}.new`;
  const hasFont = await access(sampleFont).then(
    () => true,
    () => false,
  );
  await mkdir(dirname(path), { recursive: true });
  try {
    const args = sampleFilmArgs(hasFont ? sampleFont : undefined, fresh);
    await run({ argv: [ffmpeg.path, ...args], signal: order.signal, deadline, orphan: "dies" });
    await rename(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
}
