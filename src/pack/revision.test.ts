import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackagedFile, TitlePackage } from "#model/package.ts";
import { isTopIndex } from "#model/package.ts";
import { type PackedIndex, packedIndex, sha256 } from "#test/fixtures/packed-index.ts";
import { type Revision, revise, type SubtitleChange } from "./revision.ts";
import { richTitle } from "./sample-titles.ts";
import { listedSubtitles } from "./subtitle-sets.ts";

const keepMs = 1000;
const words = (text: string): string => `WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${text}\n`;
const put = (
  language: string,
  name: string,
  more: { readonly text?: string; readonly replaces?: string | undefined } = {},
): Extract<SubtitleChange, { kind: "put" }> => ({
  ...{ kind: "put", track: { language, name, isForced: false }, text: words(name) },
  ...more,
});

function revision({ title, texts }: PackedIndex, change: SubtitleChange, nowMs = 0): Revision {
  const manifests = { dash: texts.get(title.dash) ?? "", hls: texts.get(title.hls) ?? "" };
  return revise({ title, manifests, change, nowMs, keepMs, digest: sha256 });
}

/** What lies there afterwards. */
function after(before: PackedIndex, change: SubtitleChange, nowMs = 0): PackedIndex {
  const revised = revision(before, change, nowMs);
  assert.ok(revised.kind === "revised", JSON.stringify(revised));
  const fresh = revised.files.map(({ path, text }) => [path, text] as const);
  return { title: revised.title, texts: new Map([...before.texts, ...fresh]) };
}

function indexOf(title: TitlePackage) {
  const index = title.renditions.find(isTopIndex);
  assert.ok(index !== undefined);
  return index;
}

const paths = (files: readonly Pick<PackagedFile, "path">[]): readonly string[] =>
  files.map(({ path }) => path);
const names = ({ title }: PackedIndex): readonly string[] => (title.subtitles ?? []).map(({ name }) => name);
const first = packedIndex("film", richTitle());
const german = "subtitles-de";

test("[PA87] a track that is added stands in both manifests, its files in the index, and media are the same", () => {
  const now = after(first, put("fr", "Français"));
  assert.deepEqual(names(now), ["Subtitles (en)", "Subtitles (de)", "Français"]);
  const { dash, hls } = now.title;
  const inDash = listedSubtitles(now.texts.get(dash) ?? "");
  assert.deepEqual(
    inDash.map(({ language, name }) => [language, name]),
    (now.title.subtitles ?? []).map(({ language, name }) => [language, name]),
  );
  assert.match(now.texts.get(hls) ?? "", /TYPE=SUBTITLES.*NAME="Français",LANGUAGE="fr"/);
  const media = (title: TitlePackage) => title.renditions.filter((one) => !isTopIndex(one));
  assert.deepEqual(media(now.title), media(first.title));
  const index = indexOf(now.title);
  assert.match(index.id, /^index-[0-9a-f]{8}$/);
  for (const { path, bytes, sha256: sum } of index.files) {
    const text = now.texts.get(path) ?? "";
    assert.deepEqual([Buffer.byteLength(text), sha256(text)], [bytes, sum], path);
  }
  assert.equal(
    index.bytes,
    index.files.reduce((sum, file) => sum + file.bytes, 0),
  );
  const tags = [...(now.texts.get(hls) ?? "").matchAll(/TYPE=SUBTITLES.*URI="([^"]*)"/g)];
  assert.deepEqual(
    tags.map(([, uri]) => uri),
    inDash.map(({ id }) => `${id}.m3u8`),
  );
  for (const { id } of inDash)
    assert.match(now.texts.get(`${id}.m3u8`) ?? "", new RegExp(`^${id}\\.vtt$`, "m"));
});

test("[PA87] nothing that was published changes: what is new has a new name, what was listed stays listed", () => {
  const now = after(first, put("de", "Deutsch", { replaces: german }));
  assert.deepEqual(names(now), ["Subtitles (en)", "Deutsch"]);
  for (const file of indexOf(first.title).files) {
    assert.deepEqual(
      indexOf(now.title).files.find(({ path }) => path === file.path),
      file,
    );
  }
  const retired = ["manifest.mpd", "master.m3u8", "subtitles-de.vtt", "subtitles-de.m3u8"];
  assert.deepEqual(paths(now.title.retired ?? []), retired);
});

test("[PA87] files of an earlier version leave the list once its plays are over, and a version that comes back is not retired", () => {
  const added = after(first, put("fr", "Français"), 0);
  const [, , track] = listedSubtitles(added.texts.get(added.title.dash) ?? "");
  const removed = after(added, { kind: "remove", id: track?.id ?? "" }, keepMs - 1);
  assert.ok(paths(indexOf(removed.title).files).includes(`${track?.id}.vtt`));
  const again = after(removed, put("fr", "Français"), keepMs);
  assert.deepEqual([again.title.dash, again.title.hls], [added.title.dash, added.title.hls]);
  assert.deepEqual(paths(again.title.retired ?? []), [removed.title.dash, removed.title.hls]);
  assert.ok(
    !paths(indexOf(again.title).files).includes("manifest.mpd"),
    "the first version's plays are over",
  );
  assert.ok(paths(indexOf(again.title).files).includes("poster.jpg"));
});

test("[PA87] the same order again changes nothing; a name twice, the same words twice and unknown tracks are refused", () => {
  const order = put("fr", "Français", { replaces: german });
  const now = after(first, order);
  assert.deepEqual(revision(now, order), { kind: "unchanged" });
  const because = (change: SubtitleChange): string => {
    const said = revision(now, change);
    return said.kind === "refused" ? said.because : said.kind;
  };
  assert.equal(because(put("it", "Français")), 'another track is called "Français" already');
  const twin = put("fr", "Other", { text: words("Français") });
  assert.equal(because(twin), 'the same words in the same language are there already, as "Français"');
  assert.equal(because({ kind: "remove", id: german }), "unknown-track");
  assert.equal(because(put("it", "Italiano", { replaces: "nobody" })), "unknown-track");
  const [, track] = listedSubtitles(now.texts.get(now.title.dash) ?? "");
  const renamed = after(now, { ...twin, replaces: track?.id });
  assert.deepEqual(names(renamed), ["Subtitles (en)", "Other"]);
});

test("[PA87] a program that changes a title without end is stopped", () => {
  let now = first;
  for (let turn = 0; turn < 1000; turn++) {
    const change = put("fr", `Version ${turn}`, {
      replaces: listedSubtitles(now.texts.get(now.title.dash) ?? "")[1]?.id,
    });
    const said = revision(now, change);
    if (said.kind === "refused") {
      assert.match(said.because, /changed too often/);
      assert.ok(turn > 50, `${turn}`);
      return;
    }
    now = after(now, change);
  }
  assert.fail("it was never stopped");
});
