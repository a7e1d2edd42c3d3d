// A real film through the whole encoder: what comes out, what is kept, and what happens when it is stopped on the way.
import assert from "node:assert/strict";
import { access, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { benchOf } from "#encode/io/bench.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeEvent, EncodeResult } from "#encode/io/encode-order.ts";
import { acceptFilm, prepareFilm } from "#encode/io/film-intake.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { encodeReport } from "#wire/encode-report.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import {
  command,
  ended,
  finishedTrials,
  isGone,
  nextTick,
  options,
  order,
  processesNaming,
  settings,
  signal,
  tools,
} from "./encode-run.ts";

test("[EN26] a film becomes a ladder; again, nothing is encoded; spoilt files are made anew", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const kinds: EncodeEvent["kind"][] = [];
    const first = await encodeFilm(order(film, work, { onEvent: (event) => kinds.push(event.kind) }));
    assert.deepEqual(
      first.film.shots.map((shot) => shot.startFrame),
      [0, 48, 96],
    );
    assert.deepEqual(first.film.plan, { boundaries: [0, 96], keyframes: [0, 48, 96] });
    assert.deepEqual(
      [...new Set(kinds)],
      ["working", "probed", "shots", "metric", "trials", "hulls", "encoding", "scoring", "encoded"],
    );
    assert.equal(first.report.metric.name, tools.ffmpegVmaf ? "vmaf" : "ssim");
    assert.equal(first.report.trials.length, 9 * 3);
    assert.ok(first.report.ladder.length >= 3, `${first.report.ladder.length} rungs`);
    for (const rung of first.report.ladder) {
      assert.deepEqual(
        rung.points?.map((point) => point.crf),
        rung.crf,
      );
      assert.ok(rung.points?.every((point) => point.height === rung.height && point.bits > 0));
    }
    assert.equal(first.report.encodesReused, 0);
    assert.ok(first.report.cpuSeconds > 0 && first.report.wallSeconds > 0);
    assert.equal(first.film.audio.length, 1);
    for (const { pieces } of first.film.rungs)
      assert.equal(
        pieces.reduce((sum, piece) => sum + piece.frames, 0),
        144,
      );
    for (const piece of first.film.rungs.at(-1)?.pieces ?? []) await showsItsFrames(folder, film, piece);

    const second = await encodeFilm(order(film, work));
    assert.equal(second.report.encodesRun, 0);
    assert.equal(second.report.encodesReused, first.report.encodesRun);
    assert.deepEqual(second.film, first.film);
    const counted = ({ report }: EncodeResult): unknown =>
      report.stages?.map(({ name, jobs, reused }) => [name, jobs > 0, reused === 0, reused === jobs]);
    const names = ["probe and shots", "h264 trials", "h264 rungs", "sound and pictures"];
    assert.deepEqual(
      counted(first),
      names.map((name) => [name, true, true, false]),
    );
    assert.deepEqual(
      counted(second),
      names.map((name) => [name, true, false, true]),
    );
    assert.deepEqual(
      [first, second].map(({ report }) => report.economics?.isWhole),
      [true, false],
    );

    const trial = (await finishedTrials(work))[0] ?? "";
    const piece = first.film.rungs[0]?.pieces[0]?.path ?? "";
    await writeFile(trial, (await readFile(trial, "utf8")).slice(0, 50));
    await truncate(piece, 900);
    const third = await encodeFilm(order(film, work));
    assert.equal(third.report.encodesRun, 2);
    assert.deepEqual(third.report.ladder, first.report.ladder);
    assert.deepEqual(await readdir(join(work, "scratch")), []);
  }),
);

test("[EN118] ffmpeg says how far it is, from behind the walls", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const heard: (readonly [string, number | undefined])[] = [];
    const bench = benchOf(
      tools,
      await openWorkshop(tools, settings, signal),
      join(folder, "work"),
      signal,
      (stage, share) => heard.push([stage, share]),
    );
    await prepareFilm(await acceptFilm(film, settings, bench), bench);
    assert.deepEqual(
      [heard[0], heard.at(-1)],
      [
        ["probing", undefined],
        ["shots", 1],
      ],
    );
    assert.ok(heard.some(([stage, share]) => stage === "hashing" && share === 1));
  }),
);

test("[EN26] a run that is aborted in its trials continues there", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const stop = new AbortController();
    const onEvent = (event: EncodeEvent): void => {
      if (event.kind === "trials" && event.done === 5) stop.abort(new Error("enough"));
    };
    await assert.rejects(encodeFilm(order(film, work, { signal: stop.signal, onEvent })), /enough/);
    assert.deepEqual(await readdir(join(work, "scratch")), []);
    const resumed = await encodeFilm(order(film, work));
    assert.ok(resumed.report.encodesReused >= 5, `${resumed.report.encodesReused} reused`);
    const fresh = await encodeFilm(order(film, join(folder, "other")));
    assert.deepEqual(resumed.report.ladder, fresh.report.ladder);
    assert.deepEqual(resumed.report.trials, fresh.report.trials);
  }),
);

test(
  "[EN26] the command survives kill -9, leaves no process, and finishes when started again",
  options,
  (t) =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      const out = join(folder, "out");
      const oneByOne = { MILLRACE_ENCODE_JOBS: "1" };
      const killed = command(t, ["encode", film, "--out", out, "--effort", "draft"], oneByOne);
      while ((await finishedTrials(join(out, "work"))).length < 2) await nextTick(killed);
      // One that stands still cannot end by itself: if it is gone afterwards, it was ended.
      while (!(await isStopped(folder))) await nextTick(killed);
      killed.kill("SIGKILL");
      await ended(killed);
      await isGone(folder);

      const again = command(t, ["encode", film, "--out", out, "--effort", "draft", "--json"]);
      const { status, stdout } = await ended(again);
      assert.equal(status, 0);
      const report = encodeReport.parse(JSON.parse(stdout));
      assert.ok(report.encodesReused >= 2, `${report.encodesReused} reused`);
      assert.equal(report.economics?.isWhole, false);
      assert.equal(report.shots[1]?.thumbnail, "shots.jpg#xywh=160,0,160,90");
      for (const file of ["report.json", "report.html", "shots.jpg", "hls/master.m3u8", "dash/manifest.mpd"])
        await access(join(out, file));
      const decoded = await ffmpeg(
        out,
        "-allowed_extensions ALL -i hls/master.m3u8 -map 0:v:0 -map 0:a:0 -f null -",
      );
      assert.equal(decoded, "");
      const pictures = await picturesOf(out, "hls/master.m3u8");
      assert.equal(pictures.length, 144);
      assert.deepEqual(await picturesOf(out, "dash/manifest.mpd"), pictures);
    }),
);

test("[EN7] the command refuses in words: status 1 for a bad film, 2 for wrong usage", options, (t) =>
  inFolder(async (folder) => {
    const text = join(folder, "text.mp4");
    await writeFile(text, "This is not a film.\n");
    const [bad, usage] = [
      command(t, ["encode", text, "--out", join(folder, "out")]),
      command(t, ["encode", text, "--out", join(folder, "out"), "--effort", "heroic"]),
    ];
    const [badEnd, usageEnd] = await Promise.all([ended(bad), ended(usage)]);
    assert.equal(badEnd.status, 1);
    assert.match(badEnd.stderr, /text\.mp4 is not a film: .* found text\.\s+\[not-a-film\]/);
    assert.equal(badEnd.stdout, "");
    assert.equal(usageEnd.status, 2);
    assert.match(usageEnd.stderr, /--effort: wanted draft, standard, exhaustive, found "heroic"/);
    await assert.rejects(access(join(folder, "out")));
  }),
);

test(
  "[EN28] a single frame without sound goes all the way, measured as SSIM where VMAF is missing",
  options,
  () =>
    inFolder(async (folder) => {
      await ffmpeg(folder, "-f lavfi -i testsrc2=s=321x241:r=25 -frames:v 1 -c:v ffv1 one.mkv");
      const blind = { ...tools, ffmpegVmaf: undefined };
      const { film, report } = await encodeFilm(
        order(join(folder, "one.mkv"), join(folder, "work"), { tools: blind }),
      );
      assert.deepEqual(
        { frames: report.source.frames, shots: film.shots.length, sound: film.audio },
        { frames: 1, shots: 1, sound: [] },
      );
      assert.deepEqual([report.metric.name, report.metric.model], ["ssim", ""]);
      assert.ok(report.ladder.length >= 1);
    }),
);

/** Stops an ffmpeg that works in `folder`, if there is one now. Source: proc(5), state T. */
async function isStopped(folder: string): Promise<boolean> {
  const [encoder] = (await processesNaming(folder)).filter(({ line }) => /^\S*ffmpeg\S* /.test(line));
  if (encoder === undefined) return false;
  try {
    process.kill(encoder.pid, "SIGSTOP");
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${encoder.pid}/status`, "utf8").catch(() => "");
  return /^State:\s+T/m.test(status);
}

async function showsItsFrames(
  folder: string,
  film: string,
  piece: { readonly path: string; readonly startFrame: number; readonly frames: number },
): Promise<void> {
  const stats = join(folder, "ssim.log");
  const trim = `trim=start_frame=${piece.startFrame}:end_frame=${piece.startFrame + piece.frames}`;
  const graph = `[0:v]scale=320:180,settb=1/24,setpts=N[a];[1:v]${trim},settb=1/24,setpts=N[b];[a][b]ssim=stats_file=${stats}`;
  await ffmpeg(folder, `-i ${piece.path} -i ${film} -lavfi ${graph} -f null -`);
  const scores = [...(await readFile(stats, "utf8")).matchAll(/Y:([\d.]+)/g)].map((found) =>
    Number(found[1]),
  );
  assert.equal(scores.length, piece.frames);
  assert.ok(Math.min(...scores) > 0.9, `frame ${piece.startFrame}: ${Math.min(...scores)}`);
}

/** The hash of each picture of the first rung, in the order shown; ffmpeg must not complain. Times are left out: for some
 * films its DASH reader guesses one of them wrong, while those in the boxes are exact and checked when a title is packed. */
async function picturesOf(folder: string, manifest: string): Promise<readonly string[]> {
  const read = `-allowed_extensions ALL -i ${manifest} -map 0:v:0 -fps_mode passthrough -f framehash pictures.txt`;
  assert.equal(await ffmpeg(folder, read), "");
  const lines = (await readFile(join(folder, "pictures.txt"), "utf8")).split("\n");
  return lines.filter((line) => line.startsWith("0,")).map((line) => line.split(",").at(-1) ?? "");
}
