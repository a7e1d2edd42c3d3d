// A film encoded with somebody else's detector, grid, allocator and measure.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { ours } from "#encode/methods.ts";
import type { Piece } from "#model/encoded.ts";
import { methods } from "#test/fixtures/encode-methods.ts";
import { Fault } from "#units/fault.ts";
import { ffmpeg, inFolder } from "./encode-films.ts";
import { finishedTrials, keptFiles, options, order } from "./encode-run.ts";

/** One shot of 108 frames at 24 frames/s, 160×90. */
async function still(folder: string): Promise<string> {
  const coding = "-c:v libx264 -preset ultrafast -crf 14 -pix_fmt yuv420p -flags +cgop -g 24";
  await ffmpeg(folder, `-f lavfi -t 4.5 -i testsrc2=s=160x90:r=24 ${coding} film.mp4`);
  return join(folder, "film.mp4");
}

/** PSNR of luma of each frame of a piece, as ffmpeg tells it of the two files. */
async function psnrOf(folder: string, { path, startFrame, frames }: Piece, film: string): Promise<number[]> {
  const part = `trim=start_frame=${startFrame}:end_frame=${startFrame + frames}`;
  const graph = `[0:v]settb=1/24,setpts=N[a];[1:v]${part},settb=1/24,setpts=N[b];[a][b]psnr=stats_file=check.log`;
  await ffmpeg(folder, `-i ${path} -i ${film} -lavfi ${graph} -f null -`);
  const lines = (await readFile(join(folder, "check.log"), "utf8")).trim().split("\n");
  return lines.map((line) => Number(line.split("psnr_y:")[1]?.split(" ")[0]));
}

test(
  "[EN129] the README's example cuts, tries, shares and measures in its own way, and the report says so",
  options,
  () =>
    inFolder(async (folder) => {
      const film = await still(folder);
      const work = join(folder, "work");
      const { film: done, report } = await encodeFilm(order(film, work, { methods }));
      assert.deepEqual(report.methods, {
        ...{ detect: "every-2s", grid: "two-points", allocate: "equal-crf", measure: "psnr-y" },
      });
      assert.deepEqual(report.shots, [
        { startFrame: 0, endFrame: 48 },
        { startFrame: 48, endFrame: 96 },
        { startFrame: 96, endFrame: 108 },
      ]);
      const tried = new Set(report.trials.map(({ height, crf }) => `${height} ${crf}`));
      assert.deepEqual([...tried], ["90 22", "90 34"]);
      assert.equal(report.metric.name, "psnr-y");
      assert.equal(done.metric.name, "psnr-y");
      assert.ok(done.rungs.length > 1);
      for (const { rung } of done.rungs) assert.equal(new Set(rung.crf).size, 1, "one CRF in all shots");
      const [lowest] = done.rungs;
      const figures: number[] = [];
      for (const piece of lowest?.pieces.slice(0, 2) ?? [])
        figures.push(...(await psnrOf(folder, piece, film)));
      assert.deepEqual([done.plan.boundaries, figures.length], [[0, 96], 96]);
      const mean = figures.reduce((sum, figure) => sum + figure, 0) / 96;
      assert.ok(Math.abs((lowest?.quality[0] ?? 0) - mean) < 0.01, `${lowest?.quality} against ${mean}`);
    }),
);

test(
  "[EN127] another allocator pays for no trial again, and another measure's scores are not taken for its own",
  options,
  () =>
    inFolder(async (folder) => {
      const film = await still(folder);
      const work = join(folder, "work");
      const { detect, grid, measure, allocate } = methods;
      await encodeFilm(order(film, work, { methods: { detect, grid, measure } }));
      const trials = (await finishedTrials(work)).map((path) => basename(path)).sort();
      assert.equal(trials.length, 2);
      await encodeFilm(order(film, work, { methods: { detect, grid, measure, allocate } }));
      assert.deepEqual((await finishedTrials(work)).map((path) => basename(path)).sort(), trials);
      const newer = { ...measure, model: "2" };
      await encodeFilm(order(film, work, { methods: { detect, grid, measure: newer } }));
      assert.equal((await finishedTrials(work)).length, 4);
    }),
);

test("[EN126] methods that are ours change nothing: the same keys, nothing is encoded twice", options, () =>
  inFolder(async (folder) => {
    const film = await still(folder);
    const work = join(folder, "work");
    const heights = [90];
    const plain = await encodeFilm(order(film, work, { heights }));
    const kept = await keptFiles(work);
    const named = await encodeFilm(order(film, work, { heights, methods: ours }));
    assert.equal(named.report.encodesRun, 0);
    assert.deepEqual(await keptFiles(work), kept);
    assert.equal(plain.report.methods, undefined);
    assert.deepEqual(named.report.ladder, plain.report.ladder);
  }),
);

test(
  "[EN128] a method that breaks its contract is refused in words, and nothing is encoded for it",
  options,
  () =>
    inFolder(async (folder) => {
      const film = await still(folder);
      const work = join(folder, "work");
      const { measure } = methods;
      const cases = [
        [{ detect: { name: "late", cuts: () => [48, 107] } }, /method late was given as detect.*cut 107/],
        [{ grid: { name: "none", points: () => [] } }, /method none was given as grid.*no point/],
        [{ measure: { ...measure, name: "vmaf" } }, /method vmaf was given as measure.*another measure/],
      ] as const;
      for (const [wrong, words] of cases) {
        await assert.rejects(encodeFilm(order(film, work, { methods: wrong })), (error) => {
          assert.ok(error instanceof Fault, String(error));
          assert.equal(error.code, "encode-broken-method");
          assert.match(error.message, words);
          return true;
        });
      }
      const budget = { methods: { grid: methods.grid }, budgetSeconds: 5 };
      await assert.rejects(encodeFilm(order(film, work, budget)), /two-points was given as grid.*budget/);
      assert.deepEqual(await finishedTrials(work), []);
    }),
);
