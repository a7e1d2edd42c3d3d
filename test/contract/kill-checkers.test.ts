// What `npm run bench -- kills` looks with, held against what it must see: each checker and the bugs planted for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as breath } from "node:timers/promises";
import { MemoryCache } from "#data/memory-cache.ts";
import type { Cache } from "#data/ports-cache.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { systemClock } from "#io/clock.ts";
import { cacheLoad } from "#test/fixtures/cache-load.ts";
import { type HistoryLoad, historyLoad } from "#test/fixtures/history-load.ts";
import { keptOf } from "#test/fixtures/kept.ts";
import { check, type HistoryEntry } from "#test/fixtures/lease-history.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";
import { shipComplaint } from "#test/fixtures/ship-check.ts";

test("[DA280] the set checker sees what is lost and what is there twice, and leaves alone what nobody was acknowledged", () => {
  assert.deepEqual(keptOf(["a", "b"], ["b", "c", "a"]), { acknowledged: 2, found: 3, lost: [], doubles: 0 });
  assert.deepEqual(keptOf(["a", "b"], ["b"]).lost, ["a"]);
  assert.equal(keptOf(["a", "b"], ["b", "a", "b"]).doubles, 1);
  assert.deepEqual(keptOf(["a"], []), { acknowledged: 1, found: 0, lost: ["a"], doubles: 0 });
});

test("[DA280] the checker of order sees a record that is missing, one before its time, and a session in two partitions", () => {
  const sent = ["s:1", "s:2", "t:1"];
  assert.equal(shipComplaint(sent, [["s:1:x", "s:2:x", "s:1:x"], ["t:1:x"]]), undefined);
  assert.match(
    shipComplaint(sent, [["s:1:x"], ["t:1:x"]]) ?? "",
    /1 acknowledged are missing, among them s:2/,
  );
  assert.match(shipComplaint(sent, [["s:2:x", "s:1:x"], ["t:1:x"]]) ?? "", /s:1 comes after s:2/);
  assert.match(shipComplaint(sent, [["s:1:x"], ["s:2:x", "t:1:x"]]) ?? "", /in the partitions 0 and 1/);
});

/** Until so much was acknowledged and read: readers begin after a pause, which a fast machine's writers would not wait for. */
async function loaded(
  store: HistoryStore,
): Promise<{ readonly load: HistoryLoad; readonly lost: readonly string[]; readonly doubles: number }> {
  const put: HistoryStore["put"] = (marks) => store.put(marks).then(breath);
  const load = historyLoad({ ...store, put });
  while (load.acknowledged() < 500 || load.readings() < 100) await breath();
  const { lost, doubles } = await load.stop();
  return { load, lost, doubles };
}

test("[DA280] the checkers of history see a store that moves bookmarks back, ones that lose, and one that shows plays twice", async () => {
  const sound = await loaded(memoryHistory().stores.history);
  assert.deepEqual([sound.load.violations(), sound.lost, sound.doubles], [[], [], 0]);

  const back = memoryHistory().stores.history;
  // What came last is kept, whatever its ord: a late copy moves it back.
  const lastWins: HistoryStore["put"] = async (marks) => {
    for (const one of marks) {
      await back.erase(one.profileId);
      await back.put([one]);
    }
  };
  assert.ok((await loaded({ ...back, put: lastWins })).load.violations().length > 0, "bookmarks move back");

  const dropping = memoryHistory().stores.history;
  const put: HistoryStore["put"] = async (marks) =>
    marks.some(({ ord }) => ord > 20) ? undefined : dropping.put(marks);
  assert.ok((await loaded({ ...dropping, put })).load.violations().length > 0, "bookmarks are lost");

  const forgetful = memoryHistory().stores.history;
  const append: HistoryStore["append"] = async (plays) =>
    plays.some(({ generation }) => generation === 7) ? undefined : forgetful.append(plays);
  const { lost } = await loaded({ ...forgetful, append });
  assert.deepEqual(
    lost.toSorted(),
    Array.from({ length: 8 }, (_, n) => `profile-${n}:7`),
  );

  const echoing = memoryHistory().stores.history;
  const page: HistoryStore["page"] = async (...asked) => {
    const found = await echoing.page(...asked);
    return { ...found, items: [...found.items, ...found.items.slice(0, 1)] };
  };
  assert.ok((await loaded({ ...echoing, page })).doubles >= 8);
});

test("[DA280] the checker of screens sees one too many at once", () => {
  const granted = (process: number, atMs: number): HistoryEntry => ({
    ...{ account: "a", session: `s${process}`, process, step: "granted", generation: process },
    ...{ atMs, endsAtMs: atMs + 100 },
  });
  const bounds = { screens: 1, graceMs: 0 };
  assert.deepEqual(check([granted(1, 0), granted(2, 100)], bounds).violations, []);
  assert.match(check([granted(1, 0), granted(2, 99)], bounds).violations.join(), /2 leases of 1/);
});

async function cached(spoil: (cache: Cache) => Partial<Cache>): Promise<readonly string[]> {
  const memory = new MemoryCache({ bytes: 1 << 20, tombstoneMs: 60_000, clock: systemClock });
  const get: Cache["get"] = (...asked) => breath().then(() => memory.get(...asked));
  const cache: Cache = {
    get,
    setIfNewer: (...asked) => memory.setIfNewer(...asked),
    remove: (...asked) => memory.remove(...asked),
    close: () => memory.close(),
  };
  const load = cacheLoad({ ...cache, ...spoil(cache) });
  while (load.found() < 400) await breath();
  await load.stop();
  return load.violations();
}

test("[DA280] the checker of the cache sees an older value and a false one", async () => {
  assert.deepEqual(await cached(() => ({})), []);
  const old = await cached((cache) => ({
    get: async (key) => {
      const found = await cache.get(key);
      if (found === undefined || found.version % 10 !== 0) return found;
      const version = found.version - 5;
      return { ...found, version, value: new TextEncoder().encode(`${key} ${version}`) };
    },
  }));
  assert.match(old.join(), /5 was read after 1?\d/);
  const other = await cached((cache) => ({
    get: async (key) => {
      const found = await cache.get(key);
      return found && { ...found, value: new TextEncoder().encode("another's") };
    },
  }));
  assert.match(other.join(), /was read as "another's"/);
});
