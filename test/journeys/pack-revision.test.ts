// Another version of an index on a real disk, and what a killed run leaves of it.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readManifests, sweepRevisions, writeRevision } from "#pack/io/revise-title.ts";
import { revise } from "#pack/revision.ts";
import { richTitle } from "#pack/sample-titles.ts";
import { packedIndex, sha256, writeTexts } from "#test/fixtures/packed-index.ts";

const signal = new AbortController().signal;

async function stored(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "millrace-revise-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { title, texts } = packedIndex("film", richTitle());
  await writeTexts(folder, texts);
  const track = { language: "fr", name: "Français", isForced: false };
  const change = { kind: "put", track, text: "WEBVTT\n\n00:00.000 --> 00:01.000\nBonjour\n" } as const;
  const manifests = await readManifests(folder, title);
  const made = revise({ title, manifests, change, nowMs: 0, keepMs: 1000, digest: sha256 });
  assert.ok(made.kind === "revised");
  return { folder, title, texts, made };
}

async function holds(folder: string, texts: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of texts) assert.equal(await readFile(join(folder, path), "utf8"), text, path);
}

test("[PA88] killed after any file, the version before is whole, and the next run ends with the new one whole", async (t) => {
  const { folder, title, texts, made } = await stored(t);
  for (let files = 0; files < made.files.length; files++) {
    await writeRevision(folder, made.files.slice(0, files), signal);
    const next = made.files[files];
    await writeFile(join(folder, `${next?.path}.revising`), next?.text.slice(0, 7) ?? "");
    await holds(folder, texts);
    await readManifests(folder, title);
  }
  await writeFile(join(folder, made.files[0]?.path ?? ""), "rotten");
  await writeRevision(folder, made.files, signal);
  await holds(folder, new Map([...texts, ...made.files.map(({ path, text }) => [path, text] as const)]));
  await readManifests(folder, made.title);
});

test("[PA88] what no version lists is swept, and nothing else", async (t) => {
  const { folder, title, texts, made } = await stored(t);
  await writeRevision(folder, made.files, signal);
  await writeFile(join(folder, "manifest-0.mpd.revising"), "half");
  assert.equal(await sweepRevisions(folder, made.title), 1);
  await holds(folder, new Map([...texts, ...made.files.map(({ path, text }) => [path, text] as const)]));
  assert.equal(await sweepRevisions(folder, title), made.files.length);
  const there = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  assert.equal(there.length, texts.size);
});

test("[PA88] manifests that rotted or are gone are named, and nothing is made of them", async (t) => {
  const { folder, title } = await stored(t);
  await writeFile(join(folder, "master.m3u8"), "#EXTM3U\n");
  await assert.rejects(readManifests(folder, title), {
    code: "pack-index-unreadable",
    message: /master\.m3u8 of title film .* not those that were published/,
  });
  await rm(join(folder, "manifest.mpd"));
  await assert.rejects(readManifests(folder, title), /manifest\.mpd of title film cannot be read/);
});
