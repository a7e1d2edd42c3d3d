// Subtitles of a published title over the API: a real control plane over stores in memory, and a title's index on a real disk.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StoredTitle } from "#data/ports.ts";
import { fileId, indexFileId, isTopIndex, type TitlePackage } from "#model/package.ts";
import { richTitle } from "#pack/sample-titles.ts";
import { openRig, type Rig } from "#test/fixtures/film-rig.ts";
import { type MemoryStores, memoryStores } from "#test/fixtures/memory-stores.ts";
import { packedIndex, writeTexts } from "#test/fixtures/packed-index.ts";
import { goodReport } from "#test/fixtures/small-network.ts";
import { desiredState } from "#wire/appliance.ts";
import { subtitleTracks } from "#wire/subtitles.ts";
import { playAnswer } from "#wire/viewer.ts";
import { FilmArchive } from "./film-archive.ts";

const film = "film";
const path = `/v1/ops/titles/${film}/subtitles`;
const vtt = { "content-type": "text/vtt" };
const french = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nBonjour <i>vous</i>\n";

interface Shown {
  readonly rig: Rig;
  readonly stores: MemoryStores;
  readonly folder: string;
  readonly before: StoredTitle;
  /** The package as it is now. */
  now(): Promise<TitlePackage>;
  add(query: string, body?: string | Uint8Array): ReturnType<Rig["ask"]>;
}

async function openShown(t: TestContext, archive?: Parameters<typeof openRig>[1]): Promise<Shown> {
  const home = await mkdtemp(join(tmpdir(), "millrace-subtitles-"));
  const stores = memoryStores();
  const origin = { folder: join(home, "origin"), maxSubtitleBytes: 2000 };
  const rig = await openRig({}, { home, stores, origin, ...archive });
  t.after(async () => {
    await rig.close();
    await rm(home, { recursive: true, force: true });
  });
  const { title, texts } = packedIndex(film, richTitle());
  const folder = join(origin.folder, "v", film);
  await writeTexts(folder, texts);
  const before = { id: film, name: "Film", package: title, report: {}, publishedAtMs: 1_700_000_000_000 };
  await rig.control.publishTitle(before);
  return {
    ...{ rig, stores, folder, before },
    async now() {
      const stored = await stores.catalog.title(film);
      assert.ok(stored !== undefined);
      return stored.package;
    },
    add: (query, body = french) => rig.ask("POST", `${path}?${query}`, { headers: vtt, body }),
  };
}

test("[CO493] an operator adds, replaces and takes away WebVTT; both manifests say it, media and the title's age stay", async (t) => {
  const { rig, stores, folder, before, now, add } = await openShown(t);
  const listed = async () => subtitleTracks.parse(await rig.json(path)).tracks;
  assert.deepEqual(
    (await listed()).map(({ id }) => id),
    ["subtitles-en", "subtitles-de"],
  );
  const added = await add("language=fra&forced=true");
  assert.equal(added.status, 200, added.text);
  const [, , track] = await listed();
  assert.deepEqual([track?.language, track?.name, track?.isForced], ["fr", "français", true]);
  const title = await now();
  for (const manifest of [title.dash, title.hls]) {
    assert.match(await readFile(join(folder, manifest), "utf8"), new RegExp(`${track?.id}`), manifest);
  }
  assert.match(
    await readFile(join(folder, `${track?.id}.vtt`), "utf8"),
    /^WEBVTT\nX-TIMESTAMP-MAP.*\n\n.*\nBonjour <i>vous<\/i>\n$/,
  );
  const media = ({ renditions }: TitlePackage) => renditions.filter((one) => !isTopIndex(one));
  assert.deepEqual(media(title), media(before.package));
  assert.equal((await stores.catalog.title(film))?.publishedAtMs, before.publishedAtMs);
  assert.equal((await add("language=fra&forced=true")).status, 200);
  assert.deepEqual(await now(), title, "the same again changes nothing");
  const replaced = await add(
    "language=de&name=Deutsch&replaces=subtitles-de",
    french.replace("Bonjour", "Hallo"),
  );
  assert.deepEqual(
    subtitleTracks.parse(JSON.parse(replaced.text)).tracks.map(({ name }) => name),
    ["Subtitles (en)", "Deutsch", "français"],
  );
  const removed = await rig.ask("DELETE", `${path}/subtitles-en`, {
    headers: { "content-type": "application/json" },
  });
  assert.equal(removed.status, 200, removed.text);
  const shown = JSON.parse((await rig.ask("GET", `/v1/titles/${film}`)).text);
  assert.deepEqual(
    shown.subtitles.map(({ name }: { readonly name: string }) => name),
    ["Deutsch", "français"],
  );
  await readFile(join(folder, "subtitles-en.vtt"));
  await readFile(join(folder, "manifest.mpd"));
});

test("[CO494] files that are no good are refused with a sentence, and nothing is changed", async (t) => {
  const { rig, before, now, add } = await openShown(t);
  const refused = async (query: string, body: string | Uint8Array, status: number, words: RegExp) => {
    const answer = await add(query, body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, words);
  };
  await refused("language=fr", new Uint8Array([1, 2, 255]), 400, /not taken: it is not text in UTF-8/);
  await refused("language=fr", french.replace("Bonjour", "<script>x</script>"), 400, /line 4: <script>/);
  await refused("language=fr", french.replace("02.000", "00.500"), 400, /line 3: the cue ends/);
  await refused(
    "language=fr",
    french.replaceAll("00:00:0", "01:00:0"),
    400,
    /beyond the film's end at 00:00:16/,
  );
  await refused("language=fr", "x".repeat(3000), 413, /body-too-large|too large/);
  await refused("language=no_such", french, 400, /no_such names no language/);
  await refused("language=fr&name=Subtitles (de)", french, 400, /called .*Subtitles \(de\).* already/);
  await refused("language=fr&replaces=subtitles-it", french, 404, /no subtitle track subtitles-it/);
  const json = await rig.ask("POST", `${path}?language=fr`, {
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(json.status, 415);
  assert.equal(
    (await rig.ask("POST", "/v1/ops/titles/none/subtitles?language=fr", { headers: vtt, body: french })).code,
    "unknown-title",
  );
  const viewer = await rig.cookieOf("viewer");
  assert.equal(
    (await rig.ask("POST", `${path}?language=fr`, { headers: vtt, body: french, cookie: viewer })).status,
    403,
  );
  assert.deepEqual(await now(), before.package);
});

test("[CO495] killed before the row is written, or overtaken by another publication, the title is as it was; done again, it is done", async (t) => {
  const { stores, folder, before, now, add } = await openShown(t);
  const { revise } = stores.catalog;
  const becomes = (instead: typeof revise): void => void Object.assign(stores.catalog, { revise: instead });
  becomes(() => Promise.reject(new Error("killed")));
  assert.equal((await add("language=fr")).status, 500);
  assert.deepEqual(await now(), before.package);
  becomes(async () => false);
  assert.equal((await add("language=fr")).code, "title-changed");
  becomes(revise);
  for (const { files } of before.package.renditions.filter(isTopIndex)) {
    for (const file of files) assert.equal((await readFile(join(folder, file.path))).length, file.bytes);
  }
  const both = await Promise.all([
    add("language=fr"),
    add("language=it&name=Italiano", french.replace("Bonjour", "Ciao")),
  ]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [200, 200],
  );
  assert.deepEqual((await now()).subtitles?.map(({ language }) => language).toSorted(), [
    "de",
    "en",
    "fr",
    "it",
  ]);
});

test("[CO495] without the second copy nothing is changed, and whoever asked is told to ask again", async (t) => {
  const archive: FilmArchive = Object.create(FilmArchive.prototype);
  let away = false;
  const kept: string[] = [];
  archive.bringTitle = async () => "there";
  archive.keepTitle = async (title) => {
    if (away) throw new Error("the store is away");
    kept.push(title.dash);
  };
  const { before, now, add } = await openShown(t, { archive });
  kept.length = 0;
  away = true;
  const refused = await add("language=fr");
  assert.deepEqual([refused.status, refused.code], [503, "copy-away"]);
  assert.match(refused.text, /second copy/);
  assert.deepEqual([await now(), kept], [before.package, []]);
  away = false;
  assert.equal((await add("language=fr")).status, 200);
  assert.deepEqual(kept, [(await now()).dash], "before the row named it, the copy was whole");
});

test("[CO496] viewers are sent for the new index to whom verified it, else to the origin; a play that goes on finds the old one too", async (t) => {
  const { rig, now, before, add } = await openShown(t);
  const report = async (id: string, verified: readonly string[]) => {
    const answer = await fetch(`${rig.url}/v1/appliances/${id}/report`, {
      method: "POST",
      headers: { authorization: "Bearer appliance", "content-type": "application/json" },
      body: JSON.stringify(goodReport(`http://127.0.1.11:8181`, [...verified])),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return desiredState.nullable().parse(Object(await answer.json()).desired);
  };
  const all = (title: TitlePackage): readonly string[] => title.renditions.map(({ id }) => fileId(film, id));
  const play = async () => {
    const headers = { "content-type": "application/json" };
    const answer = await rig.ask("POST", "/v1/play", {
      headers,
      body: JSON.stringify({ titleId: film, viewpoint: "in-a" }),
    });
    assert.equal(answer.status, 200, answer.text);
    return playAnswer.parse(JSON.parse(answer.text));
  };
  await report("a1", all(before.package));
  assert.deepEqual(
    (await play()).sources.index?.map(({ sourceId }) => sourceId),
    ["a1", "origin"],
  );
  assert.equal((await add("language=fr")).status, 200);
  const title = await now();
  const held = await play();
  assert.deepEqual(
    held.sources.index?.map(({ sourceId }) => sourceId),
    ["origin"],
  );
  assert.deepEqual(
    held.sources["v360-1"]?.map(({ sourceId }) => sourceId),
    ["a1", "origin"],
  );
  assert.ok(held.manifests[0]?.dash.endsWith(title.dash));
  const wanted = await report("a1", all(before.package));
  const index = wanted?.files.find(({ id }) => id === indexFileId(title));
  assert.equal(index?.urgent, true, "it does not wait for the night");
  const listed = index?.files.map((file) => file.path) ?? [];
  for (const file of ["manifest.mpd", "subtitles-de.vtt", title.dash, title.hls])
    assert.ok(listed.includes(file), file);
  await report("a1", all(title));
  const after = await play();
  assert.deepEqual(
    after.sources.index?.map(({ sourceId }) => sourceId),
    ["a1", "origin"],
  );
});

test("[CO493] each change stands in the audit log, and without an origin store there is none", async (t) => {
  const { rig, stores, folder, now, add } = await openShown(t);
  await add("language=fr");
  const rows = await stores.audit.before(Number.MAX_SAFE_INTEGER, 50);
  assert.deepEqual(
    rows
      .filter(({ action }) => action.endsWith("/subtitles"))
      .map(({ action, object, outcome }) => `${action} ${object} ${outcome}`),
    [
      `POST /v1/ops/titles/:id/subtitles id=${film} done`,
      `POST /v1/ops/titles/:id/subtitles id=${film} begun`,
    ],
  );
  const bare = await openRig();
  t.after(() => bare.close());
  assert.equal((await bare.ask("GET", path)).code, "no-origin-store");
  assert.equal((await rig.ask("GET", "/v1/ops/titles/none/subtitles")).code, "unknown-title");
  await rm(join(folder, (await now()).hls));
  assert.equal((await rig.ask("GET", path)).code, "title-away");
});
