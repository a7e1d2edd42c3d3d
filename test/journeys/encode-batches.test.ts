// Trials that are made together are what they would be alone, whatever the number of workers and whatever goes wrong.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import type { Bench } from "#encode/io/bench.ts";
import { keptTrial, type TrialOrder } from "#encode/io/kept-trials.ts";
import type { Progress } from "#encode/io/progress.ts";
import { makeTrials } from "#encode/io/trial-runs.ts";
import { runTrials } from "#encode/io/trials.ts";
import { type Measure, metricOf, ssim, vmaf } from "#encode/measures.ts";
import { planSegments } from "#encode/segment-plan.ts";
import { shotsFrom } from "#encode/shots.ts";
import type { GridPoint } from "#encode/trial-grid.ts";
import type { Codec } from "#model/encoded.ts";
import { methods } from "#test/fixtures/encode-methods.ts";
import { Fault } from "#units/fault.ts";
import { goodFilm, inFolder } from "./encode-films.ts";
import { finishedTrials, options, prepare, settings, tools } from "./encode-run.ts";

const presets = { h264: "veryfast", hevc: "ultrafast", vp9: "8" } as const;
const sizes = [
  { width: 320, height: 180 },
  { width: 160, height: 90 },
];
/** Two for each size: with one worker, two batches. */
const points: readonly GridPoint[] = sizes.flatMap((size) => [24, 36].map((crf) => ({ ...size, crf })));

async function trialOf(
  folder: string,
  codec: keyof typeof presets,
  measure: Measure = ssim,
): Promise<{ readonly order: TrialOrder; readonly bench: Bench }> {
  const { prepared, bench } = await prepare(await goodFilm(folder, "film.mp4"), join(folder, "work"));
  const { reference, key } = prepared;
  const shots = shotsFrom([48, 96], 144);
  const metric = metricOf(measure, reference.display, 3);
  const order = {
    ...{ codec: codec satisfies Codec, preset: presets[codec], reference, referenceKey: key, frames: 144 },
    ...{ shots, plan: planSegments(shots, 4, reference.rate, 144), measure, metric },
    peakRatio: settings.peakRatio,
  };
  return { order, bench };
}

/** The same with so many workers, a work folder of its own, and all that programs left in the scratch folder noted. */
function watched(bench: Bench, jobs: number, workDir: string) {
  const [programs, files]: [string[], string[]] = [[], []];
  const run: Bench["workshop"]["run"] = async (work) => {
    const finished = await bench.workshop.run(work);
    const scratch = work.scratch ?? "";
    const made = (await readdir(scratch)).filter((name) => /^(trial|quality)/.test(name));
    programs.push(made.join(" "));
    for (const name of made) {
      const content = await readFile(join(scratch, name), "latin1");
      if (!files.includes(content)) files.push(content);
    }
    return finished;
  };
  return { programs, files, bench: { ...bench, workDir, workshop: { ...bench.workshop, jobs, run } } };
}

async function contents(workDir: string): Promise<readonly (readonly [string, string])[]> {
  const paths = (await finishedTrials(workDir)).toSorted();
  return Promise.all(paths.map(async (path) => [basename(path), await readFile(path, "utf8")] as const));
}

for (const [codec, measure] of [
  ["h264", ssim],
  ["h264", vmaf],
  ["h264", methods.measure ?? ssim],
  ["hevc", ssim],
  ["vp9", ssim],
] as const) {
  const lacks = measure === vmaf && !tools.ffmpegVmaf ? "needs libvmaf" : false;
  test(
    `[EN142] ${codec} trials by ${measure.name} are the same files, logs and figures with one worker and with several`,
    { skip: options.skip || lacks },
    () =>
      inFolder(async (folder) => {
        const { order, bench } = await trialOf(folder, codec, measure);
        const one = watched(bench, 1, join(folder, "one"));
        const several = watched(bench, 4, join(folder, "several"));
        const together = await runTrials(points, order, one.bench, () => undefined);
        const apart = await runTrials(points, order, several.bench, () => undefined);
        assert.deepEqual(together, apart);
        assert.deepEqual(one.files.toSorted(), several.files.toSorted());
        assert.ok(one.files.length >= 2 * points.length - 1, `${one.files.length} files`);
        assert.deepEqual(
          await contents(join(folder, "one")),
          await contents(join(folder, "several")),
          "the same is kept under the same names",
        );
        const scorings = measure.argsTogether === undefined ? 4 : 2;
        assert.deepEqual([one.programs.length, several.programs.length], [2 + scorings, 8]);
      }),
  );
}

test("[EN144] what one program cannot make together is made one by one", options, () =>
  inFolder(async (folder) => {
    const { order, bench } = await trialOf(folder, "h264");
    const calm = await runTrials(points, order, bench, () => undefined);
    for (const [what, instead] of [
      ["filter_complex", "exit 1"],
      ["split=", "echo 'Cannot allocate memory' >&2; exit 1"],
      ["quality-1.log", "exit 0"],
    ] as const) {
      const path = join(folder, "changed");
      await writeFile(path, `#!/bin/sh\ncase "$*" in *${what}*) ${instead};; esac; exec ffmpeg "$@"`, {
        mode: 0o755,
      });
      const { bench: alone } = watched(bench, 1, join(folder, what.replace("=", "")));
      const failing = { ...alone, ffmpeg: { ...bench.ffmpeg, path } };
      const { trials, run } = await runTrials(points, order, failing, () => undefined);
      assert.deepEqual([trials, run], [calm.trials, 4], what);
    }
  }),
);

test(
  "[EN144] what is wrong with one point is said of it, and the others of its batch are kept",
  options,
  () =>
    inFolder(async (folder) => {
      const { order, bench } = await trialOf(folder, "h264");
      const path = join(folder, "changed");
      const script = `case "$*" in *"-crf 36"*) echo "no such CRF" >&2; exit 1;; esac; exec ffmpeg "$@"`;
      await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const { bench: alone } = watched(bench, 1, bench.workDir);
      const failing = { ...alone, ffmpeg: { ...bench.ffmpeg, path } };
      await assert.rejects(
        runTrials(points, order, failing, () => undefined),
        /no such CRF/,
      );
      const kept = await Promise.all(points.map((point) => keptTrial(point, order, failing)));
      assert.deepEqual(
        kept.map((trial) => trial !== undefined),
        [true, false, false, false],
      );
      const { bench: fresh } = watched(bench, 1, join(folder, "fresh"));
      const longer = { ...order, frames: 168, shots: shotsFrom([48, 96], 168) };
      await assert.rejects(
        runTrials(points, longer, fresh, () => undefined),
        (error) => {
          assert.ok(error instanceof Fault, String(error));
          assert.match(error.message, /at 180 lines, CRF 24, is not usable: wanted 72 frames/);
          return true;
        },
      );
    }),
);

test("[EN145] each point of a batch moves, and is counted when it is kept", options, () =>
  inFolder(async (folder) => {
    const { order, bench } = await trialOf(folder, "h264");
    const [shares, made] = [new Map<GridPoint, number[]>(), [] as GridPoint[]];
    const batch = points.slice(0, 2);
    await makeTrials(batch, {
      ...{ order, bench, signal: bench.signal },
      onShare: (point, share) => shares.set(point, [...(shares.get(point) ?? []), share]),
      onMade: (point) => made.push(point),
    });
    for (const point of batch) {
      const told = shares.get(point) ?? [];
      assert.deepEqual(told, told.toSorted());
      assert.ok(told.includes(0.5) && told.at(-1) === 1, told.join(" "));
    }
    assert.deepEqual(made, batch);
    const heard: Progress[] = [];
    const { bench: alone } = watched(bench, 1, bench.workDir);
    const { run, reused } = await runTrials(points, order, alone, (progress) => heard.push(progress));
    assert.deepEqual([run, reused], [2, 2], "what is kept of a batch is not made again");
    assert.deepEqual([...new Set(heard.map(({ done }) => done))], [2, 3, 4]);
    const told = heard.map(({ share }) => share);
    assert.deepEqual([told, told.at(-1)], [told.toSorted(), 1]);
  }),
);
