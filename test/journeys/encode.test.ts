// Real films through real ffmpegs: what is accepted, what is refused, what is kept, and what comes out.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { access, copyFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { benchOf } from "#encode/io/bench.ts";
import { type EncodeEvent, type EncodeOrder, encodeFilm } from "#encode/io/encode-film.ts";
import { acceptFilm, prepareFilm } from "#encode/io/film-intake.ts";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { sandboxed } from "#encode/sandbox.ts";
import { encodeSettings } from "#encode/settings.ts";
import { findCuts } from "#encode/shots.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { encodeReport } from "#wire/encode-report.ts";
import {
  ffmpeg,
  goodFilm,
  inFolder,
  oddFilms,
  playlistAsFilm,
  toolsHere,
  turnedFilm,
} from "./encode-films.ts";

const { tools, why } = await toolsHere();
const options = { skip: why, timeout: 120_000 };
const { signal } = new AbortController();
const settings = defaultsOf(encodeSettings);

function order(film: string, workDir: string, more: Partial<EncodeOrder> = {}): EncodeOrder {
  return { film, workDir, effort: "draft", tools, settings, signal, onEvent: () => undefined, ...more };
}

async function prepare(film: string, workDir: string) {
  const bench = benchOf(tools, await openWorkshop(tools, settings, signal), workDir, signal);
  const accepted = await acceptFilm(film, { ...settings }, bench);
  return { accepted, prepared: await prepareFilm(accepted, bench) };
}

async function isRefused(film: string, workDir: string, code: string, words: RegExp): Promise<void> {
  await assert.rejects(encodeFilm(order(film, workDir)), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
  assert.deepEqual(await keptFiles(workDir), [], "nothing is left behind");
}

/** Every file under the work folder. */
async function keptFiles(workDir: string): Promise<readonly string[]> {
  const entries = await readdir(workDir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

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
    assert.deepEqual([...new Set(kinds)], ["probed", "shots", "trials", "hulls", "encoding", "encoded"]);
    assert.equal(first.report.metric.name, tools.ffmpegVmaf ? "vmaf" : "ssim");
    assert.equal(first.report.trials.length, 12 * 3);
    assert.ok(first.report.ladder.length >= 3, `${first.report.ladder.length} rungs`);
    assert.equal(first.report.encodesReused, 0);
    assert.ok(first.report.cpuSeconds > 0.5 && first.report.wallSeconds > 0.5);
    assert.ok(first.film.audio !== undefined);
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

    const trial = (await keptFiles(join(work, "trials")))[0] ?? "";
    const piece = first.film.rungs[0]?.pieces[0]?.path ?? "";
    await writeFile(trial, (await readFile(trial, "utf8")).slice(0, 50));
    await truncate(piece, 900);
    const third = await encodeFilm(order(film, work));
    assert.equal(third.report.encodesRun, 2);
    assert.deepEqual(third.report.ladder, first.report.ladder);
    assert.deepEqual(await readdir(join(work, "scratch")), []);
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

test("[EN26] the command survives kill -9, leaves no process, and finishes when started again", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const out = join(folder, "out");
    const killed = command(["encode", film, "--out", out, "--effort", "draft"]);
    while ((await keptFiles(join(out, "work/trials"))).length < 2) await nextTick(killed);
    killed.kill("SIGKILL");
    await ended(killed);
    for (let left = 40; left > 0 && (await processesNaming(folder)) > 0; left--) await tick(50);
    assert.equal(await processesNaming(folder), 0, "no ffmpeg is left");

    const again = command(["encode", film, "--out", out, "--effort", "draft", "--json"]);
    const { status, stdout } = await ended(again);
    assert.equal(status, 0);
    const report = encodeReport.parse(JSON.parse(stdout));
    assert.ok(report.encodesReused >= 2);
    for (const file of ["report.json", "report.html", "hls/master.m3u8", "dash/manifest.mpd"])
      await access(join(out, file));
    const decoded = await ffmpeg(
      out,
      "-allowed_extensions ALL -i hls/master.m3u8 -map 0:v:0 -map 0:a:0 -f null -",
    );
    assert.equal(decoded, "");
    assert.equal(await ffmpeg(out, "-i dash/manifest.mpd -map 0:v:0 -f null -"), "");
  }),
);

test("[EN7] the command refuses in words: status 1 for a bad film, 2 for wrong usage", options, () =>
  inFolder(async (folder) => {
    const text = join(folder, "text.mp4");
    await writeFile(text, "This is not a film.\n");
    const [bad, usage] = [
      command(["encode", text, "--out", join(folder, "out")]),
      command(["encode", text, "--out", join(folder, "out"), "--effort", "heroic"]),
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

test("[EN3] cut-off and damaged films are refused, and nothing is left behind", options, () =>
  inFolder(async (folder) => {
    const work = join(folder, "work");
    const whole = await goodFilm(folder, "whole.mp4");
    const cut = join(folder, "cut.mp4");
    await copyFile(whole, cut);
    await truncate(cut, Math.floor((await readFile(whole)).length / 2));
    await isRefused(
      cut,
      work,
      "film-truncated",
      /cut\.mp4 is cut off: it says it lasts 6\.00 s, but the picture ends after [1-5]/,
    );

    const indexLast = await goodFilm(folder, "index-last.mp4", "-c:v libx264 -preset ultrafast");
    await truncate(indexLast, Math.floor((await readFile(indexLast)).length / 2));
    await isRefused(indexLast, work, "film-index-missing", /its index \(the moov box\) is missing/);

    const bytes = await readFile(whole);
    const damaged = join(folder, "damaged.mp4");
    const sprinkled = Uint8Array.from(bytes);
    for (let at = Math.floor(bytes.length * 0.2); at < bytes.length; at += 2003)
      sprinkled[at] = (bytes[at] ?? 0) ^ 0x55;
    await writeFile(damaged, sprinkled);
    await isRefused(
      damaged,
      work,
      "film-damaged",
      /damaged\.mp4 is damaged: \d+ of 144 frames could be decoded/,
    );
    await writeFile(damaged, bytes.fill(0x55, Math.floor(bytes.length * 0.1)));
    await isRefused(damaged, work, "film-undecodable", /ffmpeg gave up/);
  }),
);

test("[EN1] text and playlists under a film's name are refused without opening anything else", options, () =>
  inFolder(async (folder) => {
    const work = join(folder, "work");
    const text = join(folder, "text.mp4");
    await writeFile(text, "Once upon a time\n");
    await isRefused(text, work, "not-a-film", /found text/);
    await isRefused(await playlistAsFilm(folder), work, "not-a-film", /found an HLS playlist/);
    await isRefused(join(folder, "nowhere.mp4"), work, "film-missing", /nowhere\.mp4 cannot be opened/);
    await writeFile(text, Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, ...Buffer.from("and then nonsense")));
    await isRefused(text, work, "film-unreadable", /text\.mp4 cannot be read as matroska/);
  }),
);

test("[EN2] films without a picture, in HDR or over a limit are refused", options, () =>
  inFolder(async (folder) => {
    const work = join(folder, "work");
    await ffmpeg(folder, "-f lavfi -t 1 -i sine -c:a aac sound.mp4");
    await isRefused(join(folder, "sound.mp4"), work, "film-without-picture", /found audio/);
    const hdr =
      "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=0:transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc";
    await ffmpeg(folder, `-f lavfi -t 0.5 -i testsrc2=s=320x180:r=24 ${hdr} hdr.mp4`);
    await isRefused(join(folder, "hdr.mp4"), work, "film-hdr", /smpte2084/);
    const film = await goodFilm(folder, "film.mp4");
    const short = order(film, work, { settings: { ...settings, maxDurationSeconds: 3 } });
    await assert.rejects(
      encodeFilm(short),
      /film\.mp4 has 6 s; the limit is 3 s \(MILLRACE_ENCODE_MAX_DURATION_SECONDS\)/,
    );
    await assert.rejects(
      encodeFilm(order(film, work, { heights: [360] })),
      /from 32 to the display height 180; found 360/,
    );
  }),
);

for (const odd of oddFilms) {
  test(`[EN6] a film with ${odd.what} is brought into the plain shape`, options, () =>
    inFolder(async (folder) => {
      await ffmpeg(folder, `${odd.make} ${odd.file}`);
      const { accepted, prepared } = await prepare(join(folder, odd.file), join(folder, "work"));
      assert.match(accepted.intake.reasons.join("; "), odd.reason);
      assert.deepEqual(prepared.reference.display, { width: odd.display[0], height: odd.display[1] });
      assert.ok(Math.abs(prepared.changes.length - odd.frames) <= 1, `${prepared.changes.length} frames`);
      const { num, den } = prepared.reference.rate;
      assert.equal(`${num}/${den}`, odd.rate ?? "24/1");
    }),
  );
}

test("[EN4] a film that a telephone turned is shown upright", options, () =>
  inFolder(async (folder) => {
    const { accepted, prepared } = await prepare(await turnedFilm(folder), join(folder, "work"));
    assert.match(accepted.intake.reasons.join("; "), /turned/);
    assert.deepEqual(prepared.reference.display, { width: 180, height: 320 });
    const { path } = prepared.reference;
    const look = ["ffprobe", "-v", "error", "-show_streams", path] as const;
    const found = await run({ argv: look, signal, deadline: milliseconds(10_000) });
    assert.match(found.stdout, /width=180\nheight=320\n/);
    assert.doesNotMatch(found.stdout, /rotation/);
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
        { frames: 1, shots: 1, sound: undefined },
      );
      assert.deepEqual([report.metric.name, report.metric.model], ["ssim", ""]);
      assert.ok(report.ladder.length >= 1);
    }),
);

test("[EN24] inside the walls there is no network and no other file", options, () =>
  inFolder(async (folder) => {
    const walls = { readOnly: [], writable: folder, memoryMiB: 1024, cpuSeconds: 20, fileMiB: 1 };
    const inside = (...argv: readonly [string, ...string[]]) =>
      run({ argv: sandboxed(argv, walls), signal, deadline: milliseconds(20_000) });
    await assert.rejects(inside("cat", "/etc/passwd"), /No such file/);
    await assert.rejects(inside("ls", resolve("package.json")), /No such file/);
    await assert.rejects(inside("touch", "/usr/millrace-was-here"), /Read-only/);
    await assert.rejects(
      inside("dd", "if=/dev/zero", "of=large", "bs=1M", "count=2"),
      /process|File size|SIGXFSZ|153/i,
    );
    let visits = 0;
    const server = createServer(() => {
      visits++;
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      await assert.rejects(
        inside("ffmpeg", "-v", "error", "-i", `http://127.0.0.1:${port}/a.mp4`),
        /refused|unreachable/,
      );
    } finally {
      server.close();
    }
    assert.equal(visits, 0);
  }),
);

test("[EN24] without a sandbox films are refused unless the operator allows it", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const open = { ...tools, bwrap: undefined };
    await assert.rejects(
      encodeFilm(order(film, join(folder, "work"), { tools: open })),
      /bubblewrap is missing/,
    );
    const allowed = { ...settings, unsafeNoSandbox: "yes" };
    const { shots } = await new Promise<Extract<EncodeEvent, { kind: "shots" }>>((seen, failed) => {
      const stop = new AbortController();
      const onEvent = (event: EncodeEvent): void => {
        if (event.kind !== "shots") return;
        stop.abort();
        seen(event);
      };
      const more = { tools: open, settings: allowed, signal: stop.signal, onEvent };
      encodeFilm(order(film, join(folder, "work"), more)).catch(failed);
    });
    assert.equal(shots.length, 3);
  }),
);

test("[EN30] the sample film is made whole, and each of its cuts is found", options, () =>
  inFolder(async (folder) => {
    const path = join(folder, "sample/millrace.mp4");
    await makeSampleFilm({ path, tools, signal });
    assert.deepEqual(await readdir(join(folder, "sample")), ["millrace.mp4"]);
    const { accepted, prepared } = await prepare(path, join(folder, "work"));
    assert.deepEqual(accepted.intake.reasons, []);
    assert.equal(accepted.intake.sound?.codec, "aac");
    assert.deepEqual(findCuts(prepared.changes), [72, 144, 216, 288, 372, 432, 504]);
    assert.equal(prepared.changes.length, 576);
  }),
);

/** The piece's pictures are those of the film from its first frame on: a slip by one frame would show. */
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

function command(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["src/bin/millrace.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(
  child: ChildProcess,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((done) => child.on("close", done));
  return { status, stdout, stderr };
}

/** Waits a moment for a child's files to appear; fails when the child has ended meanwhile. */
async function nextTick(child: ChildProcess): Promise<void> {
  assert.equal(child.exitCode, null, "the command ended before it could be killed");
  await tick(50);
}

function tick(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** How many processes have `text` on their command line. */
async function processesNaming(text: string): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(text)).length;
}
