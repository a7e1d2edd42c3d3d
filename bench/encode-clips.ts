// The films that the encoder's claims are measured on, each taken as far as its trials: shared clips where they are, else
// the sample film that a first start makes.
import { access, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { benchOf } from "#encode/io/bench.ts";
import { analyseCodecs, type CodecAnalysis, type FilmInHand } from "#encode/io/encode-codecs.ts";
import type { EncodeOrder } from "#encode/io/encode-order.ts";
import { acceptFilm, prepareFilm } from "#encode/io/film-intake.ts";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import { planOf, sourceOf } from "#encode/io/source-plan.ts";
import { stagesOf } from "#encode/io/stage-clock.ts";
import { openWorkshop, sweepScratch } from "#encode/io/workshop.ts";
import { encodeSettings } from "#encode/settings.ts";
import type { GridName } from "#encode/trial-grid.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import type { Codec } from "#model/encoded.ts";

export const home = resolve(process.env.MILLRACE_HOME ?? "var");
const settings = defaultsOf(encodeSettings);
export const { signal } = new AbortController();

export interface Clip {
  readonly name: string;
  readonly path: string;
}

export interface OpenClip extends Clip {
  readonly film: FilmInHand;
  readonly order: EncodeOrder;
}

const sharedClips = [
  "tears-of-steel-battle-800x332.webm",
  "big-buck-bunny-854x480.mp4",
  "real-montage-960x540.mp4",
];

export async function toolsHere(): Promise<Tools> {
  return findTools(home, defaultsOf(programSettings), signal);
}

/** The shared clips that are there; without them the sample film alone, which is said. */
export async function clipsHere(tools: Tools): Promise<readonly Clip[]> {
  const clips: Clip[] = [];
  for (const name of sharedClips) {
    const path = resolve("../shared/media", name);
    if (await isThere(path)) clips.push({ name: name.replace(/-\d+x\d+\.\w+$/, ""), path });
  }
  if (clips.length > 0) return clips;
  process.stderr.write("no shared clips: the sample film alone is measured, where savings are larger\n");
  const path = join(home, "sample/millrace-sample.mp4");
  if (!(await isThere(path))) await makeSampleFilm({ path, tools, signal });
  return [{ name: "sample", path }];
}

/** Probed, normalised where that is needed, cut into shots. What trials find is kept between runs. */
export async function openClip(clip: Clip, tools: Tools): Promise<OpenClip> {
  const workDir = join(home, "bench/encode", clip.name);
  await mkdir(workDir, { recursive: true });
  const workshop = await openWorkshop(tools, settings, signal);
  const bench = benchOf(tools, workshop, workDir, signal);
  const accepted = await acceptFilm(clip.path, settings, bench);
  await sweepScratch(workDir);
  const prepared = await prepareFilm(accepted, bench);
  const order: EncodeOrder = {
    ...{ film: clip.path, workDir, effort: "standard", tools, settings, signal },
    onEvent: (event) => {
      if ((event.kind === "trials" || event.kind === "encoding") && event.done === event.total)
        process.stderr.write(`${clip.name}: ${event.codec} ${event.kind} ${event.total}\n`);
    },
  };
  const source = sourceOf(accepted, prepared);
  const film = { prepared, source, ...planOf(prepared, settings), clock: stagesOf(workshop), bench };
  return { ...clip, film, order };
}

export async function analysed(clip: OpenClip, codec: Codec, grid: GridName): Promise<CodecAnalysis> {
  const [analysis] = await analyseCodecs({ ...clip.order, codecs: [codec], grid }, clip.film);
  if (analysis === undefined) throw new Error("a codec that was ordered was analysed");
  return analysis;
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
