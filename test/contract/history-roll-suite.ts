// Roll-ups and the differential program: the part of the suite that needs long histories.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { RollStep } from "#data/io/history-roll.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { ord } from "#model/beacon.ts";
import type { PlayRecord } from "#model/playback.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";
import { dayMs, type HistoryRig, mark, nowMs, play, wholeHistory } from "./history-builders.ts";
import type { Case } from "./history-suite.ts";
import { fresh } from "./stores-builders.ts";

export function rollUpSuite(rig: HistoryRig, each: Case): void {
  each(
    "[DA165] more than 500 plays are rolled up, or those of 30 days ago; a play of today stays",
    async (store) => {
      const profileId = fresh();
      const at = (generation: number, agoMs: number): PlayRecord =>
        play(profileId, generation, 1, { startedAtMs: nowMs - agoMs });
      await store.append([at(1, 31 * dayMs), at(2, 30 * dayMs), at(3, 29 * dayMs), at(4, 1000)]);
      assert.ok((await store.due(nowMs, 1_000_000)).includes(profileId));
      assert.equal((await store.rollup(profileId, nowMs)).moved, 2);
      assert.equal((await store.rollup(profileId, nowMs)).moved, 0);
      await store.append(Array.from({ length: 499 }, (_, n) => at(n + 10, 2 * dayMs)));
      assert.ok((await store.due(nowMs, 1_000_000)).includes(profileId));
      assert.equal((await store.rollup(profileId, nowMs)).moved, 500, "all but the one of today");
      assert.equal((await store.rollup(profileId, nowMs)).moved, 0);
      const whole = await wholeHistory(store, profileId);
      assert.deepEqual([whole.length, whole.at(-1)], [503, at(1, 31 * dayMs)]);
      // A beat that comes after its play was rolled up.
      const late = { ...at(10, 2 * dayMs), ord: ord(10, 99), positionMs: 5 };
      await store.append([late, at(11, 2 * dayMs)]);
      const later = await wholeHistory(store, profileId, 50);
      assert.equal(later.length, 503);
      assert.deepEqual(
        later.find(({ generation }) => generation === 10),
        late,
      );
    },
  );

  each(
    "[DA165] ten thousand plays with ids that do not compress are read back as they were",
    async (store) => {
      const profileId = fresh();
      const plays = Array.from({ length: 10_000 }, (_, n) =>
        play(profileId, n + 1, 1, { titleId: `${fresh()}${fresh()}` }),
      );
      for (let at = 0; at < plays.length; at += 1000) await store.append(plays.slice(at, at + 1000));
      assert.equal((await store.rollup(profileId, nowMs)).moved, 10_000);
      assert.deepEqual(await wholeHistory(store, profileId, 997), plays.toReversed());
    },
  );

  each("[DA164] pages are in order, without gap or repetition, while plays are rolled up", async (store) => {
    const profileId = fresh();
    const plays = Array.from({ length: 620 }, (_, n) => play(profileId, n + 1));
    await store.append(plays.slice(0, 300));
    const seen = await wholeHistory(store, profileId, 40, async (page) => {
      if (page === 1) await store.append(plays.slice(300));
      if (page % 2 === 0) await store.rollup(profileId, nowMs);
    });
    assert.deepEqual(seen, plays.slice(0, 300).toReversed());
    assert.deepEqual(await wholeHistory(store, profileId, 333), plays.toReversed());
  });

  crashSuite(rig);

  each("[DA169] a random program is answered as by the twin in memory", async (store) => {
    const runs = fc.asyncProperty(fc.array(command, { minLength: 30, maxLength: 60 }), async (program) => {
      const { history: twin } = memoryHistory().stores;
      const profiles = [fresh(), fresh()];
      for (const { who, ...asked } of program) {
        const profileId = profiles[who] ?? "";
        const [found, wanted] = [await run(store, profileId, asked), await run(twin, profileId, asked)];
        assert.deepEqual(found, wanted, JSON.stringify(asked));
      }
    });
    await fc.assert(runs, { numRuns: 12, seed: 169, endOnFailure: true });
  });
}

function crashSuite(rig: HistoryRig): void {
  const steps: readonly RollStep[] = ["chunks", "check", "roll", "live"];
  for (const [dies, before] of steps.entries()) {
    test(`[DA166] killed before the step "${before}" a roll-up lost nothing, and is done again (${rig.name})`, async (t: TestContext) => {
      if (!rig.hasSteps) return t.skip("nothing to kill between");
      let left = dies + 1;
      const mortal = await rig.open(() => {
        left -= 1;
        if (left === 0) throw new Error("killed");
      });
      const store = await rig.open();
      if ("missing" in mortal || "missing" in store) return t.skip("missing" in store ? store.missing : "");
      const profileId = fresh();
      const plays = Array.from({ length: 60 }, (_, n) => play(profileId, n + 1));
      await store.append(plays);
      await assert.rejects(mortal.rollup(profileId, nowMs), /killed/);
      assert.deepEqual(await wholeHistory(store, profileId, 7), plays.toReversed());
      // Meanwhile one beat came for a play of the roll, and one for a new play.
      const more = [play(profileId, 30, 8), play(profileId, 61)];
      await store.append(more);
      assert.equal((await store.rollup(profileId, nowMs)).moved, 61);
      assert.equal((await store.rollup(profileId, nowMs)).moved, 0);
      const whole = new Map([...plays, ...more].map((one) => [one.generation, one]));
      assert.deepEqual(await wholeHistory(store, profileId, 7), [...whole.values()].toReversed());
      await store.erase(profileId);
      assert.deepEqual(await wholeHistory(store, profileId), []);
    });
  }
}

const seq = fc.integer({ min: 0, max: 20 });
const generation = fc.integer({ min: 0, max: 12 });
const command = fc.record({
  who: fc.integer({ min: 0, max: 1 }),
  what: fc.constantFrom(
    ...(["put", "put", "remove", "get", "continue", "append", "append", "append", "page", "rollup"] as const),
  ),
  title: fc.constantFrom("a", "b", "ż"),
  finished: fc.boolean(),
  seq,
  generation,
});
type Asked = Omit<typeof command extends fc.Arbitrary<infer Value> ? Value : never, "who">;

/** Everything that a caller can see of it. */
async function run(store: HistoryStore, profileId: string, asked: Asked): Promise<unknown> {
  const at = ord(asked.generation, asked.seq);
  // One title has one account's generation: so an ord names its title, and lists have one order.
  const titleId = `${asked.title}${asked.generation}`;
  switch (asked.what) {
    case "put":
      return store.put([mark(profileId, titleId, at, { finished: asked.seq % 3 === 0 })]);
    case "remove":
      return store.remove({ profileId, titleId, atOrd: at });
    case "get":
      return store.get({ profileId, titleId, minOrd: at });
    case "continue":
      return [await store.continueWatching(profileId, asked.seq), await store.recent(profileId, 99)];
    case "append":
      return store.append([play(profileId, asked.generation, asked.seq, { titleId })]);
    case "page":
      return wholeHistory(store, profileId, asked.seq + 1);
    case "rollup":
      return store.rollup(profileId, nowMs - (asked.finished ? 0 : 45 * dayMs));
  }
}
