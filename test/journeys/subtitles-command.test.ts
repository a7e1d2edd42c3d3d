// `millrace subtitles` as a person calls it, against a control plane whose stores are in memory and whose title lies on a real disk.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { richTitle } from "#pack/sample-titles.ts";
import { password, startInMemory } from "#test/fixtures/memory-control.ts";
import { packedIndex, writeTexts } from "#test/fixtures/packed-index.ts";

test("[BI31] millrace subtitles lists, puts in and takes away tracks, and tells what is refused", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-subtitles-"));
  const origin = { folder: join(home, "origin"), maxSubtitleBytes: 2 ** 20 };
  const plane = await startInMemory({}, { origin });
  t.after(async () => {
    await plane.control.close();
    await rm(home, { recursive: true, force: true });
  });
  await plane.account("op@example.org", "operator");
  const { title, texts } = packedIndex("film", richTitle());
  await writeTexts(join(origin.folder, "v/film"), texts);
  const publishedAtMs = 1_700_000_000_000;
  await plane.control.publishTitle({ id: "film", name: "Film", package: title, report: {}, publishedAtMs });
  const millrace = (...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> =>
    new Promise((done) => {
      const env = { PATH: process.env.PATH, MILLRACE_HOME: home, MILLRACE_PASSWORD: password };
      const who = ["--title", "film", "--url", plane.control.url, "--as", "op@example.org"];
      execFile(
        process.execPath,
        ["src/bin/millrace.ts", "subtitles", ...words, ...who],
        { env },
        (error, out, err) => done({ code: error === null ? 0 : Number(error.code ?? -1), text: out + err }),
      );
    });
  const [good, bad] = [join(home, "fr.vtt"), join(home, "bad.vtt")];
  await writeFile(good, "WEBVTT\n\n00:01.000 --> 00:02.000\nBonjour\n");
  await writeFile(bad, "WEBVTT\n\n00:02.000 --> 00:01.000\nBonjour\n");
  const refused = await millrace("add", bad, "--language", "fr");
  assert.equal(refused.code, 1);
  assert.match(refused.text, /line 3: the cue ends at 00:00:01.000/);
  const absent = await millrace("add", join(home, "gone.vtt"), "--language", "fr");
  assert.equal(absent.code, 1);
  assert.match(absent.text, /gone\.vtt cannot be read: ENOENT/);
  assert.doesNotMatch(absent.text, /^ +at /m, "a sentence, and not where in the program");
  const order = ["--language", "fr", "--name", "Signs", "--forced", "--replaces", "subtitles-de"];
  const added = await millrace("add", good, ...order);
  assert.equal(added.code, 0, added.text);
  const id = /^(subtitles-fr-\S+) +fr +forced +Signs$/m.exec(added.text)?.[1] ?? "";
  assert.doesNotMatch(added.text, /subtitles-de/);
  const removed = await millrace("remove", id);
  assert.equal(removed.code, 0, removed.text);
  const listed = await millrace("list");
  assert.deepEqual([listed.code, listed.text], [0, removed.text]);
  assert.match(listed.text, /^subtitles-en +en +Subtitles \(en\)$/m);
  assert.equal((await millrace("add", good)).code, 2);
});
