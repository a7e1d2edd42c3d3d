import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as breath } from "node:timers/promises";
import { noCopies } from "#control/kept-elsewhere.ts";
import { openFolderBlobs } from "#data/io/folder-blobs.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import { openLog } from "#io/log.ts";
import type { TitlePackage } from "#model/package.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import { Clearing } from "./archive-clearing.ts";
import { filesOf, listOf, mediaKey, once, sha256Of } from "./archive-keys.ts";

const { signal } = new AbortController();
const keepMs = 1000;

function packageOf(id: string, ...files: readonly string[]): TitlePackage {
  const listed = files.map((data, at) => ({
    ...{ path: `${at}.m4s`, bytes: bytes(data.length), sha256: sha256Of(data) },
  }));
  return {
    ...{ titleId: titleId(id), duration: seconds(4), hls: "master.m3u8", dash: "", storyboard: "" },
    ...{ poster: "", sidecar: "" },
    renditions: [
      {
        ...{ id: "all", kind: "index", codecs: "", width: 0, height: 0, bytes: bytes(0), files: listed },
        ...{ bitrate: bitsPerSecond(0), peak: bitsPerSecond(0) },
      },
    ],
  };
}

interface Place {
  readonly store: BlobStore;
  /** Called before each removal. */
  before: (key: string) => Promise<void>;
  /** Listed, and not found when it is read. */
  missing: string;
  readonly clearing: Clearing;
  readonly counts: ReturnType<typeof noCopies>;
  /** Copies all of it, as the archive does. */
  put(title: TitlePackage): Promise<void>;
  clear(titles: readonly TitlePackage[], nowMs: number): Promise<void>;
  keys(prefix: string): Promise<readonly string[]>;
}

async function placeOf(t: TestContext): Promise<Place> {
  const home = await mkdtemp(join(tmpdir(), "millrace-clearing-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const real = await openFolderBlobs(home);
  const store: BlobStore = {
    head: (...told) => real.head(...told),
    get: async (...told) => (told[0] === place.missing ? { kind: "absent" } : real.get(...told)),
    list: (...told) => real.list(...told),
    put: (...told) => real.put(...told),
    delete: async (key, ending) => {
      await place.before(key);
      await real.delete(key, ending);
    },
  };
  const counts = noCopies();
  const place: Place = {
    ...{ store, counts, before: async () => undefined, missing: "" },
    clearing: new Clearing({ store, logger: openLog("archive", "silent"), keepMs, counts }),
    async put(title) {
      for (const { sha256 } of filesOf(title)) await store.put(mediaKey(sha256), once(sha256));
      const list = listOf(title);
      await store.put(list.key, once(list.text));
    },
    clear: (titles, nowMs) => place.clearing.clear(async () => titles, nowMs, signal),
    async keys(prefix) {
      const keys: string[] = [];
      for await (const { key } of store.list(prefix)) keys.push(key);
      return keys;
    },
  };
  return place;
}

const media = (...files: readonly string[]): readonly string[] =>
  files.map((data) => mediaKey(sha256Of(data))).toSorted();

test("[DA285] a replaced package goes when its time is over, and with it only media that no other package has", async (t) => {
  const place = await placeOf(t);
  const [old, fresh, other] = [
    packageOf("a-film", "only old", "in both", "in another"),
    packageOf("a-film", "in both", "only new"),
    packageOf("another", "in another"),
  ];
  // Of a title that this catalogue does not know: another database's, or one whose row was restored away.
  const foreign = packageOf("foreign", "foreign");
  for (const one of [old, fresh, other, foreign]) await place.put(one);
  const all = await place.keys("");
  await place.clear([fresh, other], 0);
  await place.clear([fresh, other], keepMs - 1);
  assert.deepEqual(
    (await place.keys("")).filter((key) => !key.startsWith("replaced/")),
    all,
  );
  await place.clear([fresh, other], keepMs);
  assert.deepEqual(
    (await place.keys("media/")).toSorted(),
    media("in both", "only new", "in another", "foreign"),
  );
  const lists = [fresh, other, foreign].map((title) => listOf(title).key);
  assert.deepEqual((await place.keys("titles/")).toSorted(), lists.toSorted());
  assert.deepEqual(await place.keys("replaced/"), []);
  assert.equal(place.counts.cleared, 2);
});

test("[DA285] a title that went back to a package keeps it, and its time begins anew", async (t) => {
  const place = await placeOf(t);
  const [old, fresh] = [packageOf("a-film", "old"), packageOf("a-film", "new")];
  for (const one of [old, fresh]) await place.put(one);
  await place.clear([fresh], 0);
  await place.clear([old], keepMs);
  assert.deepEqual(await place.keys("replaced/"), [listOf(fresh).key.replace("titles/", "replaced/")]);
  await place.clear([fresh], keepMs + 1);
  await place.clear([fresh], 2 * keepMs);
  assert.equal((await place.keys("titles/")).length, 2);
});

test("[DA285] while a list that was listed is not found nothing goes, and all that should a clearing later", async (t) => {
  const place = await placeOf(t);
  const [old, fresh, other] = [
    packageOf("a-film", "only old", "in another"),
    packageOf("a-film", "new"),
    packageOf("another", "in another"),
  ];
  for (const one of [old, fresh, other]) await place.put(one);
  await place.clear([fresh, other], 0);
  const before = await place.keys("");
  place.missing = listOf(other).key;
  // As of a database that does not know the other title: then its list alone tells of its media.
  await assert.rejects(place.clear([fresh], keepMs), /another.* was listed, and is not there/);
  assert.deepEqual(await place.keys(""), before);
  place.missing = "";
  await place.clear([fresh], keepMs);
  assert.deepEqual((await place.keys("media/")).toSorted(), media("in another", "new"));
});

test("[DA285] killed between any two removals, the next clearing ends what was begun", async (t) => {
  for (let deaths = 0; deaths < 4; deaths++) {
    const place = await placeOf(t);
    const [old, fresh] = [packageOf("a-film", "one", "two"), packageOf("a-film", "new")];
    for (const one of [old, fresh]) await place.put(one);
    await place.clear([fresh], 0);
    let left = deaths;
    place.before = async () => {
      if (left-- === 0) throw new Error("killed");
    };
    await assert.rejects(place.clear([fresh], keepMs), /killed/);
    // What is left of it is whole, or nobody trusts it: its list is gone.
    const isWhole = (await place.keys("media/")).length === 3;
    assert.ok(isWhole || !(await place.keys("titles/")).includes(listOf(old).key));
    await place.clear([fresh], keepMs);
    assert.deepEqual(await place.keys("media/"), media("new"));
    assert.deepEqual(await place.keys("replaced/"), []);
  }
});

test("[DA285] whoever copies the same media at the same time finds them, or finds that they are gone", async (t) => {
  // Begun before each of the removals: the list, two media, the note.
  for (let at = 0; at < 4; at++) {
    const place = await placeOf(t);
    const [old, fresh] = [packageOf("a-film", "one", "two"), packageOf("a-film", "new")];
    for (const one of [old, fresh]) await place.put(one);
    await place.clear([fresh], 0);
    let [removals, copying] = [0, Promise.resolve()];
    place.before = async () => {
      if (removals++ !== at) return;
      const another = packageOf("another", "one", "two", "three");
      copying = (async () => {
        await breath();
        await place.clearing.wanted(another);
        for (const { sha256 } of filesOf(another)) {
          if ((await place.store.head(mediaKey(sha256))) === undefined)
            await place.store.put(mediaKey(sha256), once(sha256));
        }
        await place.store.put(listOf(another).key, once(listOf(another).text));
      })();
      // The removal is under way while the copy begins.
      for (let turn = 0; turn < 5; turn++) await breath();
    };
    await place.clear([fresh], keepMs);
    await copying;
    // The one under way, and the note.
    assert.equal(removals, Math.min(at + 2, 4), "what is wanted is removed no more");
    assert.deepEqual(await place.keys("media/"), media("one", "two", "three", "new"));
  }
});
