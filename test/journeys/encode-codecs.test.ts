// Codecs side by side, the work of several processes, and what the final encode promises, on real encodes of a small film.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { codecNames } from "#encode/codecs.ts";
import { timescaleOf } from "#encode/frame-rate.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { joinPieces } from "#encode/io/join-pieces.ts";
import { makePieces } from "#encode/io/pieces.ts";
import { pieceOrders } from "#encode/rungs.ts";
import { readSsimLog } from "#encode/scores.ts";
import { planSegments } from "#encode/segment-plan.ts";
import { shotsFrom } from "#encode/shots.ts";
import { Fault } from "#units/fault.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import {
  ended,
  finishedTrials,
  keptFiles,
  options,
  order,
  prepare,
  settings,
  signal,
  tools,
} from "./encode-run.ts";

const allowed = { ...settings, allowHevc: "yes" } as const;

test("[EN61] every codec becomes a ladder whose pieces decode to the film's frames", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const more = { codecs: codecNames, settings: allowed, heights: [180, 90], grid: "8" } as const;
    const { film: encoded, report } = await encodeFilm(order(film, work, more));
    for (const codec of codecNames) {
      const rungs = encoded.rungs.filter(({ rung }) => rung.codec === codec);
      assert.ok(rungs.length >= 1, codec);
      const starts = rungs.map(({ pieces }) => pieces.map(({ startFrame }) => startFrame));
      for (const list of starts) assert.deepEqual(list, [0, 48, 96], codec);
      const [rung] = rungs;
      const whole = join(folder, `${codec}.mp4`);
      await joinPieces(rung?.pieces ?? [], rung?.ticksPerFrame ?? 0, whole);
      await ffmpeg(folder, `-i ${whole} -f framehash ${codec}.txt`);
      const frames = (await readFile(join(folder, `${codec}.txt`), "utf8")).match(/^0,/gm);
      assert.equal(frames?.length, 144, codec);
    }
    assert.equal(new Set(encoded.rungs.map(({ rung }) => rung.id)).size, encoded.rungs.length);
    assert.deepEqual(
      report.codecs?.map(({ codec }) => codec),
      codecNames,
    );
    assert.equal(report.codecs?.[0]?.bdRateAgainstFirst, null);
    assert.deepEqual(new Set(report.trials.map(({ codec }) => codec)), new Set(codecNames));
  }),
);

test("[EN61] many short shots in AV1 fit into the walls", options, () =>
  inFolder(async (folder) => {
    const sources = ["testsrc2=s=160x90:r=24", "mandelbrot=s=160x90:r=24:maxiter=60"];
    const inputs = Array.from({ length: 10 }, (_, n) => `-f lavfi -t 0.5 -i ${sources[n % 2]}`);
    const plain = inputs.map((_, n) => `[${n}:v]format=yuv420p[v${n}]`).join(";");
    const joined = `${plain};${inputs.map((_, n) => `[v${n}]`).join("")}concat=n=10[v]`;
    const coding = "-c:v libx264 -preset ultrafast -crf 14 -flags +cgop -pix_fmt yuv420p many.mp4";
    await ffmpeg(folder, `${inputs.join(" ")} -filter_complex ${joined} -map [v] ${coding}`);
    const more = { codecs: ["av1"], heights: [90], grid: "8" } as const;
    const { film } = await encodeFilm(order(join(folder, "many.mp4"), join(folder, "work"), more));
    assert.ok(film.shots.length >= 8, `${film.shots.length} shots`);
    for (const { pieces } of film.rungs) assert.ok(pieces.length >= film.shots.length);
  }),
);

test("[EN67] a rung's quality is what its finished pieces measure, not what was predicted", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const blind = { ...tools, ffmpegVmaf: undefined };
    const more = { tools: blind, heights: [90], grid: "8" } as const;
    const { film: encoded, report } = await encodeFilm(order(film, join(folder, "work"), more));
    const rung = encoded.rungs.at(-1);
    assert.ok(rung !== undefined);
    const whole = join(folder, "whole.mp4");
    await joinPieces(rung.pieces, rung.ticksPerFrame, whole);
    const graph =
      "[0:v]scale=320:180:flags=bicubic,settb=1/24,setpts=N[a];[1:v]settb=1/24,setpts=N[b];[a][b]ssim=stats_file=s.log";
    await ffmpeg(folder, `-i ${whole} -i ${film} -lavfi ${graph} -f null -`);
    const scores = [...readSsimLog(await readFile(join(folder, "s.log"), "utf8")).values()];
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const told = report.ladder.at(-1);
    assert.equal(scores.length, 144);
    assert.ok(Math.abs((told?.measured?.vmaf ?? 0) - mean) < 0.02, `${told?.measured?.vmaf} is not ${mean}`);
    const { boundaries } = encoded.plan;
    const segments = rung.quality.map(
      (quality, n) => quality * ((boundaries[n + 1] ?? 144) - (boundaries[n] ?? 0)),
    );
    assert.ok(Math.abs(segments.reduce((sum, value) => sum + value, 0) / 144 - mean) < 0.02);
    assert.ok(told?.predicted !== undefined && told.predicted.bitrateBps > 0);
  }),
);

test("[EN68] pieces made together are what they are alone, byte for byte", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const { prepared, bench } = await prepare(film, join(folder, "work"));
    const { reference } = prepared;
    const shots = shotsFrom([48, 96], 144);
    const plan = planSegments(shots, 4, reference.rate, 144);
    for (const codec of ["h264", "vp9", "av1", "hevc"] as const) {
      const rung = { codec, width: 160, height: 90, crf: [24, 30, 36] };
      const preset = { h264: "veryfast", vp9: "8", av1: "12", hevc: "ultrafast" }[codec];
      const orders = pieceOrders({ rung, preset, peak: 0 }, shots, plan, reference.rate);
      const into = (where: string) =>
        orders.map((piece, n) => ({ order: piece, path: join(folder, where, `${codec}-${n}.mp4`) }));
      await makePieces(into("together"), reference, bench, signal);
      for (const piece of into("alone")) await makePieces([piece], reference, bench, signal);
      for (const { path } of into("together")) {
        const other = await readFile(join(folder, "alone", basename(path)));
        assert.equal(sha(await readFile(path)), sha(other), `${codec}: ${basename(path)}`);
      }
    }
    assert.equal(timescaleOf(reference.rate).ticksPerFrame, 1000);
  }),
);

test(
  "[EN69] processes that share a work folder do each job once, and any number comes to the same",
  options,
  (t) =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      const alone = await encodeFilm(
        order(film, join(folder, "alone"), { settings: { ...settings, jobs: 1 } }),
      );
      const work = join(folder, "shared");
      const twin = async (jobs: number) => {
        const child = spawn(process.execPath, ["test/fixtures/encode-twin.ts", film, work, `${jobs}`]);
        t.after(() => child.kill("SIGKILL"));
        const { status, stdout, stderr } = await ended(child);
        assert.equal(status, 0, stderr);
        return JSON.parse(stdout);
      };
      const [one, two] = await Promise.all([twin(3), twin(1)]);
      const told = JSON.parse(JSON.stringify(alone.report.ladder));
      assert.deepEqual(one.ladder, told);
      assert.deepEqual(two.ladder, told);
      assert.equal(one.run + two.run, alone.report.encodesRun);
      assert.deepEqual(
        (await keptFiles(work)).filter((path) => path.endsWith(".claim") || path.endsWith(".new")),
        [],
      );
    }),
);

test("[EN69] a dead one's claim is no obstacle, whoever has its number now", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const first = await encodeFilm(order(film, work));
    const [one, two] = await finishedTrials(work);
    assert.ok(one !== undefined && two !== undefined);
    await Promise.all([writeFile(one, "spoilt"), writeFile(two, "spoilt")]);
    await writeFile(`${one}.claim`, "4194999 1");
    await writeFile(`${two}.claim`, `${process.pid} 1`);
    const again = await encodeFilm(order(film, work));
    assert.equal(again.report.encodesRun, 2);
    assert.deepEqual(again.report.ladder, first.report.ladder);
  }),
);

test("[EN63] a budget decides the grid: the smallest for next to none, all of it for plenty", options, () =>
  inFolder(async (folder) => {
    await ffmpeg(
      folder,
      "-f lavfi -t 1 -i testsrc2=s=160x90:r=24 -c:v libx264 -flags +cgop -pix_fmt yuv420p t.mp4",
    );
    const trialsFor = async (budgetSeconds: number): Promise<number> => {
      const more = { budgetSeconds } as const;
      const { report } = await encodeFilm(order(join(folder, "t.mp4"), join(folder, "work"), more));
      return report.trials.length;
    };
    assert.equal(await trialsFor(0.001), 8);
    assert.equal(await trialsFor(1e6), 28);
  }),
);

test("[EN20] baselines that are wanted are encoded, scored and kept", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const more = { heights: [90], grid: "8", baselines: "wanted" } as const;
    const { report } = await encodeFilm(order(film, join(folder, "work"), more));
    assert.equal(report.bdRateFrom, "finished");
    const made = report.baselines?.filter((baseline) => baseline.measured) ?? [];
    assert.deepEqual(made.map(({ name }) => name).sort(), ["fixed-crf-native", "peertube", "per-title-hull"]);
    const hull = made.find(({ name }) => name === "per-title-hull")?.points ?? [];
    assert.ok(hull.length >= 1 && hull.length <= report.ladder.length);
    for (const { height } of hull) assert.equal(height, 90);
    const native = made.find(({ name }) => name === "fixed-crf-native")?.points ?? [];
    assert.deepEqual(
      native.map(({ crf }) => crf),
      [18, 22, 26, 30, 34, 38, 42],
    );
    for (const [n, point] of native.entries())
      assert.ok(n === 0 || point.bitrateBps < (native[n - 1]?.bitrateBps ?? 0));
    const peertube = made.find(({ name }) => name === "peertube")?.points ?? [];
    assert.deepEqual(
      peertube.map(({ height }) => height),
      [144, 180],
    );
    const kept = await keptFiles(join(folder, "work/baselines"));
    assert.equal(kept.length, 9 + hull.length);
    const times = await Promise.all(kept.map(async (path) => (await stat(path)).mtimeMs));
    const again = await encodeFilm(order(film, join(folder, "work"), more));
    assert.deepEqual(again.report.baselines, report.baselines);
    assert.deepEqual(await Promise.all(kept.map(async (path) => (await stat(path)).mtimeMs)), times);
  }),
);

test("[EN71] HEVC is refused until the operator allows it", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    await assert.rejects(encodeFilm(order(film, join(folder, "work"), { codecs: ["hevc"] })), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, "encode-hevc-not-allowed");
      assert.match(error.message, /MILLRACE_ENCODE_ALLOW_HEVC=yes/);
      return true;
    });
  }),
);

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
