// Which films are accepted, refused or mended, and the walls around the programs that open them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFile, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { streamsArgs } from "#encode/argv-intake.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeEvent } from "#encode/io/encode-order.ts";
import { makeSampleFilm } from "#encode/io/sample-film.ts";
import { sandboxed, type Walls } from "#encode/sandbox.ts";
import { findCuts } from "#encode/shots.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { ffmpeg, goodFilm, inFolder, oddFilms, playlistAsFilm, turnedFilm } from "./encode-films.ts";
import {
  finishedTrials,
  isGone,
  isRefused,
  options,
  order,
  prepare,
  settings,
  signal,
  tools,
} from "./encode-run.ts";

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
    const pipe = join(folder, "pipe.mp4");
    await run({ argv: ["mkfifo", pipe], signal, deadline: milliseconds(5000) });
    await isRefused(pipe, work, "not-a-film", /found a folder, a pipe or a device/);
    await isRefused(folder, work, "not-a-film", /found a folder, a pipe or a device/);
    const playlist = await playlistAsFilm(folder);
    await isRefused(playlist, work, "not-a-film", /found an HLS playlist/);
    const probe = ["ffprobe", ...streamsArgs({ path: playlist, container: "mov" })] as const;
    await assert.rejects(run({ argv: probe, signal, deadline: milliseconds(10_000) }), /Invalid data|moov/);
    await isRefused(join(folder, "nowhere.mp4"), work, "film-missing", /nowhere\.mp4 cannot be opened/);
    await writeFile(text, Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, ...Buffer.from("and then nonsense")));
    await isRefused(text, work, "film-unreadable", /text\.mp4 cannot be read as matroska/);
  }),
);

test("[EN2] films without a picture or over a limit are refused", options, () =>
  inFolder(async (folder) => {
    const work = join(folder, "work");
    await ffmpeg(folder, "-f lavfi -t 1 -i sine -c:a aac sound.mp4");
    await isRefused(join(folder, "sound.mp4"), work, "film-without-picture", /found audio/);
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

/** Since bubblewrap 0.8; Source: its release notes. */
const bwrapRefusesNesting = spawnSync("bwrap", ["--help"], { encoding: "utf8" }).stdout?.includes(
  "--disable-userns",
);

test("[EN24] inside the walls there is no network and no other file", options, () =>
  inFolder(async (folder) => {
    const nested = bwrapRefusesNesting ? "refused" : "allowed";
    const walls = {
      readOnly: [],
      writable: folder,
      memoryMiB: 1024,
      cpuSeconds: 20,
      fileMiB: 1,
      nested,
    } as const;
    const inside = (...argv: readonly [string, ...string[]]) =>
      run({ argv: sandboxed(argv, walls), signal, deadline: milliseconds(20_000) });
    await assert.rejects(inside("cat", "/etc/passwd"), /No such file/);
    await assert.rejects(inside("ls", resolve("package.json")), /No such file/);
    if (bwrapRefusesNesting) await assert.rejects(inside("unshare", "--user", "true"), /unshare/);
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

test(
  "[EN24] what runs inside the walls ends with whoever ran it, killed at whatever moment",
  options,
  async () => {
    const walls: Walls = {
      ...{ readOnly: [], writable: undefined, memoryMiB: 256, cpuSeconds: 20, fileMiB: 1 },
      nested: bwrapRefusesNesting ? "refused" : "allowed",
      tether: "standard-input",
    };
    const here = new URL("../../src/io/process.ts", import.meta.url).href;
    const marks = Array.from({ length: 16 }, (_, index) => `900.${process.pid}${index}`);
    for (const [index, mark] of marks.entries()) {
      const argv = sandboxed(["sleep", mark], walls);
      const code = `
      const { run } = await import(${JSON.stringify(here)});
      const [argv, ms] = JSON.parse(process.argv[1]);
      void run({ argv, stdin: "open", nice: 1, deadline: 900_000, signal: new AbortController().signal });
      setTimeout(() => process.kill(process.pid, "SIGKILL"), ms);
    `;
      const order = JSON.stringify([argv, 3 * index]);
      spawnSync(process.execPath, ["--input-type=module", "-e", code, order], { timeout: 60_000 });
    }
    for (const mark of marks) await isGone(mark);
  },
);

test("[EN7] an ffmpeg that fails is quoted, and its failure is not taken for the film's", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const path = join(folder, "ffmpeg-without-x264");
    const script = `case "$*" in *libx264*) echo "Unknown encoder 'libx264'" >&2; exit 1;; esac; exec ffmpeg "$@"`;
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const failing = { ...tools, ffmpeg: { path, version: "0", build: "0" } };
    const work = join(folder, "work");
    await assert.rejects(encodeFilm(order(film, work, { tools: failing })), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, "process-failed");
      assert.match(error.message, /Unknown encoder 'libx264'/);
      return true;
    });
    assert.deepEqual(await finishedTrials(work), []);
    assert.deepEqual(await readdir(join(work, "scratch")), []);
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
    const stop = new AbortController();
    let shots = 0;
    const onEvent = (event: EncodeEvent): void => {
      if (event.kind !== "shots") return;
      shots = event.shots.length;
      stop.abort(new Error("seen enough"));
    };
    const more = { tools: open, settings: allowed, signal: stop.signal, onEvent };
    // Its end is waited for: the folder cannot be removed while it still writes there.
    await assert.rejects(encodeFilm(order(film, join(folder, "work"), more)), /seen enough/);
    assert.equal(shots, 3);
  }),
);

test("[EN30] the sample film is made whole, and each of its cuts is found", options, () =>
  inFolder(async (folder) => {
    const path = join(folder, "sample/millrace.mp4");
    await makeSampleFilm({ path, tools, signal });
    assert.deepEqual(await readdir(join(folder, "sample")), ["millrace.mp4"]);
    const { accepted, prepared } = await prepare(path, join(folder, "work"));
    assert.deepEqual(accepted.intake.reasons, []);
    assert.equal(accepted.intake.sounds[0]?.codec, "aac");
    assert.deepEqual(findCuts(prepared.changes), [72, 144, 216, 288, 372, 432, 504]);
    assert.equal(prepared.changes.length, 576);
  }),
);

/** The piece's pictures are those of the film from its first frame on: a slip by one frame would show. */
