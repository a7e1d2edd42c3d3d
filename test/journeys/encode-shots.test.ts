// Shots of real films through ffmpeg: a drawn one whose cuts are known, and what is kept of each frame.
import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { shotsFilmArgs, shotsFilmTruth } from "#bench/shots-film.ts";
import { changesArgs, picturesFile } from "#encode/argv-intake.ts";
import { keepFile } from "#encode/io/vault.ts";
import { findCuts } from "#encode/shots.ts";
import { changesReader, type FrameFacts, frameFacts, pictureBytes } from "#encode/shots-facts.ts";
import { scoreCuts } from "#encode/shots-match.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import { keptFiles, options, prepare, signal } from "./encode-run.ts";

async function framesOf(film: string, workDir: string): Promise<readonly FrameFacts[]> {
  return (await prepare(film, workDir)).prepared.changes;
}

test(
  "[EN44] flashes, strobe, pan, dissolve, fades: a drawn film's cuts are found to the frame",
  options,
  () =>
    inFolder(async (folder) => {
      const film = join(folder, "drawn.mp4");
      const argv = ["nice", "-n", "10", "ffmpeg", ...shotsFilmArgs(film)] as const;
      await run({ argv, signal, deadline: milliseconds(150_000) });
      const frames = await framesOf(film, join(folder, "work"));
      const truth = shotsFilmTruth();
      assert.equal(frames.length, truth.frames);
      const { known, found, matched, transitions, whole } = scoreCuts(findCuts(frames), truth, 0);
      assert.deepEqual({ known, found, matched }, { known: 13, found: 13, matched: 13 });
      assert.deepEqual({ transitions, whole }, { transitions: 3, whole: 3 });
    }),
);

test(
  "[EN43] kept facts are used again; what is of another shape, or of other frames, is made anew",
  options,
  () =>
    inFolder(async (folder) => {
      const film = await goodFilm(folder, "film.mp4");
      const work = join(folder, "work");
      const first = await framesOf(film, work);
      assert.deepEqual(findCuts(first), [48, 96]);
      const facts = (await keptFiles(join(work, "changes"))).filter((path) => !path.endsWith(".seal"));
      const [path = "", ...others] = facts;
      assert.deepEqual(others, []);
      const kept = await readFile(path);
      const keep = async (content: Uint8Array): Promise<void> => {
        await writeFile(join(folder, "changed"), content);
        await keepFile(join(folder, "changed"), path, signal);
      };

      await keep(Uint8Array.from(kept).fill(0, 0, 144 * pictureBytes));
      assert.deepEqual([...((await framesOf(film, work))[5]?.picture ?? [])], new Array(144).fill(0));

      for (const strange of [kept.subarray(1), Buffer.from("{}"), kept.fill(0xff, 144 * pictureBytes)]) {
        await keep(strange);
        assert.deepEqual(await framesOf(film, work), first);
      }
      await appendFile(path, " spoilt");
      assert.deepEqual(await framesOf(film, work), first);
    }),
);

test("[EN43] a film that changes its size half way has facts of every frame", options, () =>
  inFolder(async (folder) => {
    const coding = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -flags +cgop -f mpegts";
    await ffmpeg(folder, `-f lavfi -t 1 -i testsrc2=s=320x180:r=25 ${coding} small.ts`);
    await ffmpeg(folder, `-f lavfi -t 1 -i testsrc2=s=640x360:r=25 ${coding} large.ts`);
    const film = join(folder, "small.ts");
    await appendFile(film, await readFile(join(folder, "large.ts")));
    const rate = { num: 25, den: 1 };
    const reference = {
      path: film,
      container: "mpegts",
      stream: 0,
      display: { width: 320, height: 180 },
      rate,
    } as const;
    const argv = ["ffmpeg", ...changesArgs(reference)] as const;
    const reader = changesReader();
    reader.take((await run({ argv, signal, deadline: milliseconds(60_000), cwd: folder })).stdout);
    assert.equal(frameFacts(reader.end(), await readFile(join(folder, picturesFile)))?.length, 50);
  }),
);
