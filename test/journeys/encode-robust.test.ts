// Long films, full disks, encoders that crash: what a night's work must survive, or name for what it is.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Bench, benchOf } from "#encode/io/bench.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { acceptFilm, prepareFilm } from "#encode/io/film-intake.ts";
import type { TrialOrder } from "#encode/io/kept-trials.ts";
import { runTrials } from "#encode/io/trials.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { metricOf, ssim } from "#encode/measures.ts";
import { machineFailure } from "#encode/program-failure.ts";
import { sandboxed, type Walls } from "#encode/sandbox.ts";
import { shotsFrom } from "#encode/shots.ts";
import { run } from "#io/process.ts";
import type { Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import { finishedTrials, options, order, prepare, settings, signal, tools, why } from "./encode-run.ts";

test("[EN96] a film with more keyframes than one argument holds is tried all the same", options, () =>
  inFolder(async (folder) => {
    const frames = 10_500;
    const line = `-f lavfi -i testsrc2=s=64x64:r=24 -frames:v ${frames} -c:v libx264 -preset ultrafast -bf 0 -flags +cgop`;
    await ffmpeg(folder, `${line} -pix_fmt yuv420p long.mp4`);
    const { prepared, bench } = await prepare(join(folder, "long.mp4"), join(folder, "work"));
    const { reference, key } = prepared;
    const keyframes = Array.from({ length: frames }, (_, frame) => frame);
    const trial: TrialOrder = {
      ...{ codec: "h264", preset: "ultrafast", reference, referenceKey: key, frames, peakRatio: 3 },
      ...{ shots: shotsFrom([], frames), plan: { boundaries: [0], keyframes } },
      ...{ measure: ssim, metric: metricOf(ssim, { width: 64, height: 64 }, 1) },
    };
    const point = { crf: 40, width: 64, height: 64 };
    const { trials } = await runTrials([point], trial, bench, () => undefined);
    const [figure] = trials[0]?.shots ?? [];
    assert.ok(figure !== undefined && figure.bits > 0 && figure.quality > 50, JSON.stringify(figure));
  }),
);

test(
  "[EN97] AV1's intervals run side by side, each as long as its own frames allow, and none is made twice",
  options,
  () =>
    inFolder(async (folder) => {
      const { prepared, bench } = await prepare(await goodFilm(folder, "film.mp4"), join(folder, "work"));
      const shots = shotsFrom([48, 96], 144);
      // Four in a batch: three batches a point.
      const keyframes = Array.from({ length: 12 }, (_, index) => 12 * index);
      const trial: TrialOrder = {
        ...{ codec: "av1", preset: "12", reference: prepared.reference, referenceKey: prepared.key },
        ...{ frames: 144, peakRatio: 3, shots, plan: { boundaries: [0], keyframes } },
        ...{ measure: ssim, metric: metricOf(ssim, { width: 320, height: 180 }, 1) },
      };
      const stop = new AbortController();
      const seconds: number[] = [];
      let [now, most, encodes] = [0, 0, 0];
      const watched: Bench = {
        ...bench,
        signal: stop.signal,
        workshop: {
          ...bench.workshop,
          jobs: 2,
          run: async (work) => {
            if (!work.args.includes("libsvtav1")) return bench.workshop.run(work);
            encodes++;
            seconds.push(work.filmSeconds);
            most = Math.max(most, ++now);
            // When the third begins, the first or second is kept.
            if (encodes === 3) stop.abort(new Error("killed"));
            try {
              return await bench.workshop.run(work);
            } finally {
              now--;
            }
          },
        },
      };
      const points = [30, 45].map((crf) => ({ crf, width: 160, height: 90 }));
      await assert.rejects(
        runTrials(points, trial, watched, () => undefined),
        /killed/,
      );
      assert.equal(most, 2);
      assert.ok(
        seconds.every((each) => each === 2),
        `${seconds} s of a film of 6 s`,
      );
      const before = encodes;
      const all = (await runTrials(points, trial, { ...watched, signal }, () => undefined)).trials;
      const fresh = { ...bench, workDir: join(folder, "other") };
      assert.deepEqual(all, (await runTrials(points, trial, fresh, () => undefined)).trials);
      // Whoever was just then between two may have begun a fourth; what was kept is not made again.
      assert.ok(before < 6 && encodes < before + 6, `${encodes} encodes, where ${before} of 6 were begun`);
    }),
);

/** An ffmpeg (or ffprobe) that does `first` where its arguments hold `word`. */
async function changed(
  folder: string,
  word: string,
  first: string,
  name: "ffmpeg" | "ffprobe" = "ffmpeg",
): Promise<Tools> {
  const path = join(folder, `${name}-changed`);
  const script = `case "$*" in *${word}*) ${first};; esac; exec ${name} "$@"`;
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { ...tools, [name]: { path, version: "0", build: "0" } };
}

for (const [what, instead, code, words] of [
  ["a full disk", `echo "write: No space left on device" >&2; exit 1`, "encode-disk-full", /make room/],
  ["no memory", `echo "Cannot allocate memory" >&2; exit 1`, "encode-out-of-memory", /4096 MiB/],
  ["a limit of time", `kill -XCPU $$`, "encode-cpu-limit", /DEADLINE_FACTOR/],
  ["a kill", `kill -KILL $$`, "encode-program-killed", /signal 9/],
  ["a bug", `echo "what a film" >&2; exit 1`, "film-undecodable", /film\.mp4 is damaged: .*1: what a film/],
] as const) {
  test(`[EN98] decoding that ends by ${what} is told as that`, options, () =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      const failing = await changed(folder, "scdet", instead);
      await assert.rejects(encodeFilm(order(film, join(folder, "work"), { tools: failing })), (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        return true;
      });
    }),
  );
}

test("[EN98] the walls end a program that computes too long by a signal of its own", options, async () => {
  const walls: Walls = {
    ...{ readOnly: [], writable: undefined, memoryMiB: 256, cpuSeconds: 1, fileMiB: 1, nested: "allowed" },
  };
  const argv = sandboxed(["sh", "-c", "while :; do :; done"], walls);
  await assert.rejects(run({ argv, signal, deadline: milliseconds(60_000) }), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(machineFailure(error.facts.status, ""), "cpu-limit", error.message);
    return true;
  });
});

for (const [name, word] of [
  ["ffmpeg", "scdet"],
  ["ffprobe", "packet="],
] as const) {
  test(`[EN99] ${name} may say more than fits into one string`, options, () =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      const talking = await changed(folder, word, `yes ${"x".repeat(999)} | head -c 70000000`, name);
      const work = join(folder, "work");
      const bench = benchOf(talking, await openWorkshop(talking, settings, signal), work, signal);
      const accepted = await acceptFilm(film, { ...settings }, bench);
      assert.equal((await prepareFilm(accepted, bench)).changes.length, 144);
    }),
  );
}

test(
  "[EN100] an encoder that crashes once is run again, and the report says so; what was heard before is void",
  options,
  () =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      // Each work is spoilt once, in its middle: the detector has spoken already, the encoder has not.
      const once = (word: string, said: string): string =>
        `*${word}*) [ -e ${word}.tried ] || { touch ${word}.tried; ${said} kill -SEGV $$; }`;
      const cases = `${once("scdet", "printf 'frame:0\\nlavfi.scd.mafd=9\\n';").replace("*scdet*) ", "")};; ${once("libx264", "")}`;
      const crashing = await changed(folder, "scdet", cases);
      const more = { heights: [90], grid: "8" } as const;
      const { report } = await encodeFilm(order(film, join(folder, "work"), { ...more, tools: crashing }));
      const calm = await encodeFilm(order(film, join(folder, "calm"), more));
      assert.ok((report.encodesRetried ?? 0) >= 2, `${report.encodesRetried} retried`);
      assert.equal(calm.report.encodesRetried, 0);
      assert.deepEqual(report.ladder, calm.report.ladder);
    }),
);

/** Runs the fixture with its work folder on a disk of its own. */
async function onDisk(size: string, film: string, folder: string, roomCheck: string): Promise<string> {
  const script = `mount -t tmpfs -o size=${size} tmpfs "$1" && exec "$2" test/fixtures/encode-on-disk.ts "$3" "$1/work" ${roomCheck}`;
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const inner = ["sh", "-c", script, "sh", folder, process.execPath, film];
  const argv = ["unshare", "--mount", ...asRoot, ...inner] as const;
  return (await run({ argv, signal, deadline: milliseconds(240_000) })).stdout;
}

const mounts = spawnSync("unshare", [
  ...["--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])],
  ...["sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"],
]);
const diskOptions = { skip: why || (mounts.status !== 0 && "needs the right to mount a tmpfs") };

test(
  "[EN101] a disk that is too small is named before or while it fills up, and is no fault of the film",
  diskOptions,
  () =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv444p");
      const disk = join(folder, "disk");
      await mkdir(disk);
      assert.match(
        await onDisk("300k", film, disk, "yes"),
        /^encode-disk-short: film\.mp4 needs 0\.\d MB of room or more in .*, and 0\.\d MB are free/,
      );
      // What writes when it fills up differs: the metric's log is cut off without a word.
      assert.match(await onDisk("1500k", film, disk, "no"), /^encode-(disk-full|scores-incomplete): /);
      assert.match(
        await onDisk("300k", film, disk, "no"),
        /^encode-disk-full: There is no room left on the disk/,
      );
      assert.equal(await onDisk("2500k", film, disk, "yes"), "done");
    }),
);

test("[EN102] a quality log that was cut off is refused, not pooled", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const path = join(folder, "cut-off");
    // Its log loses the last frame; everything else is as it should be.
    const script = `case "$*" in *stats_file*) ffmpeg "$@" && sed -i '$d' quality.log;; *) exec ffmpeg "$@";; esac`;
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const cut: Tools = { ...tools, ffmpeg: { path, version: "0", build: "0" }, ffmpegVmaf: undefined };
    const more = { heights: [90], grid: "8", tools: cut } as const;
    await assert.rejects(encodeFilm(order(film, join(folder, "work"), more)), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, "encode-scores-incomplete");
      assert.match(error.message, /143 of 144 frames were scored, frame 143 was not/);
      return true;
    });
    assert.deepEqual(await finishedTrials(join(folder, "work")), []);
  }),
);

test("[EN103] inside the walls /tmp and processes have a bound", options, async () => {
  const nested = spawnSync("bwrap", ["--help"], { encoding: "utf8" }).stdout.includes("--disable-userns")
    ? "refused"
    : "allowed";
  const walls: Walls = {
    readOnly: [],
    writable: undefined,
    memoryMiB: 512,
    cpuSeconds: 20,
    fileMiB: 1,
    nested,
  };
  const inside = async (...argv: readonly [string, ...string[]]): Promise<string> =>
    (await run({ argv: sandboxed(argv, walls), signal, deadline: milliseconds(20_000) })).stdout;
  assert.match(await inside("cat", "/proc/self/limits"), /Max processes +1024 +1024 /);
  if (nested === "refused")
    assert.match(await inside("df", "--output=size", "-B1", "/tmp"), /\n *268435456\n/);
});
