import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { dataFaults } from "#data/faults.ts";
import { openFolderBlobs } from "#data/io/folder-blobs.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import { openLog } from "#io/log.ts";
import type { TitlePackage } from "#model/package.ts";
import { begun, openRig, over, patching } from "#test/fixtures/film-rig.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import { FilmArchive } from "./film-archive.ts";

const sha = (data: string): string => createHash("sha256").update(data).digest("hex");
const { signal } = new AbortController();
const contents = { "master.m3u8": "#EXTM3U", "v360/1.m4s": "one", "v360/2.m4s": "two", "v720/1.m4s": "one" };
const mediaOf = (store: BlobStore): Promise<string[]> => keysOf(store, "media/");

function packageOf(files: Readonly<Record<string, string>>): TitlePackage {
  const listed = Object.entries(files).map(([path, data]) => ({
    ...{ path, bytes: bytes(data.length), sha256: sha(data) },
  }));
  return {
    ...{ titleId: titleId("a-film"), duration: seconds(4), hls: "master.m3u8", dash: "", storyboard: "" },
    ...{ poster: "", sidecar: "" },
    renditions: [
      {
        ...{ id: "all", kind: "index", codecs: "", width: 0, height: 0, bytes: bytes(0), files: listed },
        ...{ bitrate: bitsPerSecond(0), peak: bitsPerSecond(0) },
      },
    ],
  };
}

async function keysOf(store: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

interface Place {
  readonly store: BlobStore;
  readonly puts: string[];
  readonly pauses: readonly number[];
  /** Called before each put. */
  before: (key: string) => void;
  readonly home: string;
  readonly folder: string;
  readonly archive: FilmArchive;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  onDisk(): Promise<Readonly<Record<string, string>>>;
}

async function placeOf(t: TestContext): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), "millrace-archive-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const real = await openFolderBlobs(join(home, "copies"));
  const store: BlobStore = {
    head: (...told) => real.head(...told),
    get: (...told) => real.get(...told),
    list: (...told) => real.list(...told),
    delete: (...told) => real.delete(...told),
    async put(key, content, order) {
      place.before(key);
      place.puts.push(key);
      return real.put(key, content, order);
    },
  };
  const [originFolder, mastersFolder] = [join(home, "origin"), join(home, "masters")];
  await mkdir(mastersFolder);
  const folder = join(originFolder, "v", "a-film");
  const logger = openLog("archive", "silent");
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => void pauses.push(ms);
  const place: Place = {
    ...{ store, home, folder, pauses, puts: [], before: () => undefined },
    archive: new FilmArchive({
      store,
      shown: "here",
      originFolder,
      mastersFolder,
      logger,
      pause,
      keepMs: 1000,
    }),
    async write(files) {
      for (const [path, data] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), data);
      }
    },
    async onDisk() {
      const names = await readdir(folder, { recursive: true });
      const files = await Promise.all(
        names.map(async (name) => {
          const path = join(folder, name);
          return (await stat(path)).isFile() ? [[name, await readFile(path, "utf8")] as const] : [];
        }),
      );
      return Object.fromEntries(files.flat());
    },
  };
  return place;
}

test("[DA251] equal files are copied once, what a killed program had sent is not sent again, and the list goes last", async (t) => {
  const place = await placeOf(t);
  await place.write(contents);
  const title = packageOf(contents);
  place.before = () => {
    if (place.puts.length === 2) throw new Error("killed");
  };
  await assert.rejects(place.archive.keepTitle(title, signal), /killed/);
  assert.deepEqual(await keysOf(place.store, "titles/"), []);
  place.before = () => undefined;
  await place.archive.keepTitle(title, signal);
  assert.equal(place.puts.length, 4);
  assert.deepEqual(
    await mediaOf(place.store),
    [sha("#EXTM3U"), sha("one"), sha("two")].sort().map((key) => `media/${key.slice(0, 2)}/${key}`),
  );
  assert.match(place.puts.at(-1) ?? "", /^titles\/a-film\/[0-9a-f]{64}$/);
  await place.archive.keepTitle(title, signal);
  assert.equal(place.puts.length, 4);
});

test("[DA250] a title whose files are not what was published gets no list, and while the store is away it waits", async (t) => {
  const place = await placeOf(t);
  await place.write({ ...contents, "v360/2.m4s": "rot" });
  await assert.rejects(place.archive.keepTitle(packageOf(contents), signal), { code: "blob-hash" });
  assert.deepEqual(await keysOf(place.store, "titles/"), []);
  await place.write(contents);
  let away = 2;
  place.before = () => {
    if (away-- > 0) throw new Fault(dataFaults.blobAway, { key: "a", address: "here", reason: "x" });
  };
  await place.archive.keepTitle(packageOf(contents), signal);
  assert.deepEqual(place.pauses, [1000, 2000]);
  assert.equal((await keysOf(place.store, "titles/")).length, 1);
});

test("[DA286] copies, their bytes, failures and what is behind are counted, and who waits is told for what", async (t) => {
  const place = await placeOf(t);
  await place.write(contents);
  const heard: string[] = [];
  const behind: number[] = [];
  let away = 1;
  place.before = () => {
    behind.push(place.archive.counts.behind);
    if (away-- > 0) throw new Fault(dataFaults.blobAway, { key: "a", address: "here", reason: "x" });
  };
  await place.archive.keepTitle(packageOf(contents), signal, (words) => heard.push(words));
  const { copies, bytes: copied, failures, behind: now } = place.archive.counts;
  assert.deepEqual([copies, failures, now, new Set(behind)], [4, 1, 0, new Set([1])]);
  const [list = ""] = await keysOf(place.store, "titles/");
  assert.equal(copied, "#EXTM3Uonetwo".length + ((await place.store.head(list))?.size ?? 0));
  assert.equal(heard.length, 1);
  assert.match(
    heard[0] ?? "",
    /^the title a-film waits for its second copy: .*here.* It is tried again in 1 s\.$/,
  );
});

test("[DA252] an empty disk, or one that lacks a few files, gets the title back whole; what is lost everywhere is told", async (t) => {
  const place = await placeOf(t);
  await place.write(contents);
  const title = packageOf(contents);
  assert.equal(await place.archive.bringTitle(title, signal), "there");
  await place.archive.keepTitle(title, signal);
  await rm(place.folder, { recursive: true });
  const both = [place.archive.bringTitle(title, signal), place.archive.bringTitle(title, signal)];
  assert.deepEqual(await Promise.all(both), ["brought", "brought"]);
  assert.deepEqual(await place.onDisk(), contents);
  await rm(join(place.folder, "v360"), { recursive: true });
  await writeFile(join(place.folder, "master.m3u8"), "#EXT");
  assert.equal(await place.archive.bringTitle(title, signal), "brought");
  assert.deepEqual(await place.onDisk(), contents);

  const key = `media/${sha("two").slice(0, 2)}/${sha("two")}`;
  const objects = join(place.home, "copies/objects/media", sha("two").slice(0, 2));
  await writeFile(join(objects, `=${sha("two")}`), "rot");
  await rm(join(place.folder, "v360/2.m4s"));
  await assert.rejects(place.archive.bringTitle(title, signal), { code: "blob-hash" });
  await place.store.delete(key);
  await assert.rejects(place.archive.bringTitle(title, signal), /v360\/2\.m4s of a-film is not at here/);
  assert.equal((await place.onDisk())["v360/1.m4s"], "one");
  const other = packageOf({ ...contents, "v360/3.m4s": "three" });
  assert.equal(await place.archive.bringTitle(other, signal), "lost");
});

test("[DA253] a start brings back what the disk lacks and copies what has no second copy; one that fails holds up no other", async (t) => {
  const place = await placeOf(t);
  const lost = { ...packageOf({ "x.m4s": "gone" }), titleId: titleId("lost") };
  await place.write(contents);
  const [film, gone] = [
    { sha256: sha("film"), bytes: 4 },
    { sha256: sha("gone"), bytes: 4 },
  ];
  await writeFile(join(place.home, "masters", film.sha256), "film");
  const left = join(place.home, "masters", `${gone.sha256}.bringing-0`);
  await writeFile(left, "go");
  await utimes(left, 1, 1);
  const settle = (): Promise<void> => place.archive.settle([lost, packageOf(contents)], [gone, film], signal);
  await settle();
  assert.deepEqual(await keysOf(place.store, "masters/"), [`masters/${film.sha256}`]);
  assert.deepEqual(await readdir(join(place.home, "masters")), [film.sha256]);
  await rm(place.folder, { recursive: true });
  await settle();
  assert.deepEqual(await place.onDisk(), contents);
});

test("[DA252] a master comes back by its sha256, and goes from both places", async (t) => {
  const place = await placeOf(t);
  const master = { sha256: sha("film"), bytes: 4 };
  const path = join(place.home, "masters", master.sha256);
  assert.equal(await place.archive.bringMaster(master, signal), "lost");
  await writeFile(path, "film");
  await place.archive.keepMaster(master, signal);
  assert.equal(await place.archive.bringMaster(master, signal), "there");
  await rm(path);
  assert.equal(await place.archive.bringMaster(master, signal), "brought");
  assert.equal(await readFile(path, "utf8"), "film");
  assert.deepEqual(await readdir(dirname(path)), [master.sha256]);
  await place.archive.dropMaster(master.sha256, signal);
  assert.deepEqual(await keysOf(place.store, "masters/"), []);
});

test("[DA250] an upload is accepted when its master has its second copy, and deleted in both places", async (t) => {
  const place = await placeOf(t);
  let isAway = true;
  place.before = () => {
    if (isAway) throw new Fault(dataFaults.blobAway, { key: "a", address: "here", reason: "x" });
  };
  const rig = await openRig({}, { home: place.home, archive: place.archive });
  try {
    const headers = { "content-type": "application/json" };
    const path = await begun(rig, 6);
    await rig.ask("PATCH", path, { headers: patching(0), body: "a film" });
    while (place.pauses.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const during = await rig.json(path);
    assert.deepEqual([during.state, await rig.stores.uploads.masters(10)], ["checking", []]);
    isAway = false;
    const after = await over(rig, path);
    assert.equal(after.state, "accepted");
    assert.deepEqual(await keysOf(place.store, "masters/"), [`masters/${sha("a film")}`]);
    assert.equal((await rig.ask("DELETE", `/v1/masters/${String(after.masterId)}`, { headers })).status, 204);
    assert.deepEqual(await keysOf(place.store, "masters/"), []);
  } finally {
    await rig.close();
  }
});
