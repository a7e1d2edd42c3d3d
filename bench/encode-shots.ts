// Claim: shots are found frame-exactly, better than ffmpeg's scdet at its default threshold tells them from the same pass.
// Films: one that ffmpeg draws, with cuts known by construction, and annotated clips where a folder of them is at hand.
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { defaultsOf } from "#config/setting.ts";
import { benchOf, type Bench as Workbench } from "#encode/io/bench.ts";
import { acceptFilm, prepareFilm } from "#encode/io/film-intake.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { encodeSettings } from "#encode/settings.ts";
import { detectorWith, findCuts, type ShotDetector, shotLimits } from "#encode/shots.ts";
import type { FrameFacts } from "#encode/shots-facts.ts";
import { addScores, type KnownCuts, ratesOf, scoreCuts } from "#encode/shots-match.ts";
import { removeTree } from "#io/files.ts";
import { run } from "#io/process.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { milliseconds } from "#units/quantity.ts";
import type { BenchResult } from "./bench.ts";
import { shotsFilmArgs, shotsFilmTruth } from "./shots-film.ts";

interface KnownFilm {
  readonly name: string;
  readonly frames: readonly FrameFacts[];
  readonly known: KnownCuts;
}

type Row = BenchResult["rows"][number];

/** In a folder beside the clone, or beside one above it. Each key is a file's name; other keys, as a comment, are texts. */
const annotationsPath = "shared/media/cuts.json";
const annotationsShape = z.record(
  z.string(),
  z.union([z.string(), z.object({ frames: z.number(), cuts: z.array(z.number()) })]),
);
const quickFrames = 800;
const { signal } = new AbortController();

/** ffmpeg's own rule: every frame whose score reaches the threshold, 10 unless it is told otherwise. */
const scdet: ShotDetector = (frames) =>
  frames.flatMap(({ score }, frame) => (frame > 0 && score >= 10 ? [frame] : []));

export async function benchShots(quick: boolean): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  try {
    const workbench = await openWorkbench(folder);
    const drawn = await drawnFilm(folder, workbench);
    const { films, notes } = await annotatedFilms(quick, workbench);
    const rows = [
      ...[drawn, ...films].flatMap((film) => rowsOf(film.name, [film])),
      ...(films.length > 1 ? rowsOf("annotated, joined", films) : []),
      ...sensitivity([drawn, ...films]),
    ];
    return { claim: "shots found against known cuts: F1, frame-exact and within 1 frame", rows, notes };
  } finally {
    await removeTree(folder);
  }
}

function rowsOf(name: string, films: readonly KnownFilm[]): readonly Row[] {
  return [rowOf(name, "millrace", findCuts, films), rowOf(name, "scdet at 10 (reference)", scdet, films)];
}

function rowOf(film: string, detector: string, find: ShotDetector, films: readonly KnownFilm[]): Row {
  const found = films.map(({ frames, known }) => ({ cuts: find(frames), known }));
  const at = (tolerance: number) =>
    addScores(found.map(({ cuts, known }) => scoreCuts(cuts, known, tolerance)));
  const [exact, near] = [at(0), at(1)];
  const percent = (share: number): number => Math.round(share * 1000) / 10;
  const { precision, recall, f1 } = ratesOf(exact);
  return {
    film,
    detector,
    cuts: exact.known,
    found: exact.found,
    precision: percent(precision),
    recall: percent(recall),
    f1: percent(f1),
    f1Within1: percent(ratesOf(near).f1),
    meanOffset: Math.round((near.offsets / Math.max(1, near.matched)) * 100) / 100,
    transitionsWhole: `${exact.whole} of ${exact.transitions}`,
  };
}

/** F1 when each limit moves by a fifth, up and down: a rule that hangs on one exact figure would show here. */
function sensitivity(films: readonly KnownFilm[]): readonly Row[] {
  const { cut, gradual } = shotLimits;
  return [0.8, 1.2].flatMap((times) => [
    ...Object.entries(cut).map(([limit, value]) => {
      const find = detectorWith({ cut: { ...cut, [limit]: value * times }, gradual });
      return rowOf("all, joined", `cut.${limit} × ${times}`, find, films);
    }),
    ...Object.entries(gradual).map(([limit, value]) => {
      const find = detectorWith({ cut, gradual: { ...gradual, [limit]: value * times } });
      return rowOf("all, joined", `gradual.${limit} × ${times}`, find, films);
    }),
  ]);
}

/** Films are opened as those of strangers are: in the sandbox where there is one. */
async function openWorkbench(folder: string): Promise<Workbench> {
  const tools = await findTools(process.env.MILLRACE_HOME ?? "var", defaultsOf(programSettings), signal);
  const settings = { ...defaultsOf(encodeSettings), unsafeNoSandbox: "yes" };
  return benchOf(tools, await openWorkshop(tools, settings, signal), join(folder, "work"), signal);
}

async function factsOf(path: string, workbench: Workbench): Promise<readonly FrameFacts[]> {
  const accepted = await acceptFilm(path, defaultsOf(encodeSettings), workbench);
  return (await prepareFilm(accepted, workbench)).changes;
}

async function drawnFilm(folder: string, workbench: Workbench): Promise<KnownFilm> {
  const path = join(folder, "drawn.mp4");
  const deadline = milliseconds(300_000);
  await run({ argv: [workbench.ffmpeg.path, ...shotsFilmArgs(path)], signal, deadline, nice: 10 });
  return { name: "drawn by ffmpeg", frames: await factsOf(path, workbench), known: shotsFilmTruth() };
}

async function annotatedFilms(
  quick: boolean,
  workbench: Workbench,
): Promise<{ readonly films: readonly KnownFilm[]; readonly notes: readonly string[] }> {
  const annotations = findAbove(annotationsPath);
  if (annotations === undefined) {
    const why = `no folder above this clone has ${annotationsPath}`;
    return { films: [], notes: [`Annotated clips are left out: ${why}.`] };
  }
  const films: KnownFilm[] = [];
  const notes: string[] = [];
  const clips = annotationsShape.parse(JSON.parse(await readFile(annotations, "utf8")));
  for (const [name, clip] of Object.entries(clips)) {
    if (typeof clip === "string") continue;
    const path = join(dirname(annotations), name);
    if (!existsSync(path)) notes.push(`${name} is left out: the file is missing.`);
    else if (quick && clip.frames > quickFrames) notes.push(`${name} is left out: too long for --quick.`);
    else
      films.push({
        name,
        frames: await factsOf(path, workbench),
        known: { cuts: clip.cuts, transitions: [] },
      });
  }
  return { films, notes };
}

function findAbove(wanted: string): string | undefined {
  for (let folder = resolve("."); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(dirname(folder), wanted);
    if (existsSync(path)) return path;
  }
  return undefined;
}
