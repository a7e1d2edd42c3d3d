// Cassandra is killed while bookmarks are written: what was acknowledged is there, and never an older one than before.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { readHistoryUrl } from "#data/history-address.ts";
import { cassandraHistory } from "#data/io/cassandra-history.ts";
import { CassandraLink } from "#data/io/cassandra-link.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { mark } from "#test/contract/history-builders.ts";
import { ownEngine } from "#test/fixtures/engine.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";

const kills = process.env.MILLRACE_TEST_LONG === "1" ? 50 : 10;
const writers = 8;

/** What each writer was acknowledged and has seen; a reading below either is a violation. */
class MonotonicChecker {
  readonly #least = new Map<string, number>();
  readonly violations: string[] = [];
  readings = 0;

  floor(key: string): number {
    return this.#least.get(key) ?? 0;
  }

  acknowledged(key: string, ord: number): void {
    this.#least.set(key, Math.max(this.floor(key), ord));
  }

  /** `floor` as it was before the reading began. */
  read(key: string, ord: number, floor: number): void {
    this.readings += 1;
    if (ord < floor) this.violations.push(`${key}: ${ord} was read after ${floor}`);
    this.acknowledged(key, ord);
  }
}

interface Load {
  readonly checker: MonotonicChecker;
  readonly acknowledged: () => number;
  stop(): Promise<void>;
}

/** Writers that resend what was not acknowledged, as the consumer does, and readers beside them. */
function load(store: HistoryStore): Load {
  const checker = new MonotonicChecker();
  let acknowledged = 0;
  let stopped = false;
  const profile = (n: number): string => `profile-${n}`;
  const write = async (n: number): Promise<void> => {
    for (let ord = 1; !stopped; ord++) {
      for (;;) {
        try {
          // A late copy of an older beat goes with it.
          await store.put([mark(profile(n), "film", ord), mark(profile(n), "film", Math.max(1, ord - 3))]);
          break;
        } catch {
          if (stopped) return;
          await pause(20);
        }
      }
      acknowledged += 1;
      checker.acknowledged(profile(n), ord);
    }
  };
  const read = async (n: number): Promise<void> => {
    while (!stopped) {
      const floor = checker.floor(profile(n));
      const { bookmark, stale } = await store
        .get({ profileId: profile(n), titleId: "film", minOrd: floor })
        .catch(() => ({ bookmark: undefined, stale: true }));
      // Without a bookmark and stale: it could not be asked. With one, it answered, and may not be older.
      if (bookmark !== undefined || !stale) checker.read(profile(n), bookmark?.ord ?? 0, floor);
      await pause(bookmark === undefined ? 20 : 1);
    }
  };
  const all = Array.from({ length: writers }, (_, n) => [write(n), read(n)]).flat();
  return {
    checker,
    acknowledged: () => acknowledged,
    async stop() {
      stopped = true;
      await Promise.all(all);
      for (let n = 0; n < writers; n++) {
        const floor = checker.floor(profile(n));
        const { bookmark } = await store.get({ profileId: profile(n), titleId: "film" });
        checker.read(profile(n), bookmark?.ord ?? 0, floor);
      }
    },
  };
}

test(`[DA173] ${kills} times killed under load, Cassandra loses no acknowledged bookmark and moves none back`, async (t: TestContext) => {
  const node = await ownEngine("cassandra");
  if ("missing" in node) return t.skip(node.missing);
  const url = `cassandra://${node.contactPoints.join(",")}/h${randomBytes(6).toString("hex")}?dc=${node.localDataCenter}`;
  const notes: string[] = [];
  const link = new CassandraLink({
    ...{ address: readHistoryUrl(url), deadlineMs: 5000, requests: 64 },
    onNote: (text) => notes.push(text),
  });
  const store = cassandraHistory({ link, playMs: 2000 });
  const running = load(store);
  for (let kill = 0; kill < kills; kill++) {
    const before = running.acknowledged();
    const deadline = performance.now() + 60_000;
    while (running.acknowledged() < before + 200) {
      assert.ok(performance.now() < deadline, `no writes after ${kill} restarts: ${notes.at(-1)}`);
      await pause(20);
    }
    await node.kill();
    await pause(200);
    assert.deepEqual((await store.get({ profileId: "profile-0", titleId: "film" })).stale, true);
    assert.equal(store.trouble(), "history-away");
    await node.restart();
  }
  const before = running.acknowledged();
  while (running.acknowledged() < before + 200) await pause(20);
  await running.stop();
  await store.close();
  console.log(
    `           ${running.acknowledged()} acknowledged, ${running.checker.readings} read, ${kills} kills`,
  );
  assert.deepEqual(running.checker.violations, []);
  // Each death is said once, and each return.
  assert.ok(notes.length >= 2 * kills && notes.length <= 4 * kills, `${notes.length} notes`);
});

test("[DA173] the checker sees a store that moves bookmarks back, and one that loses them", async () => {
  const { history: good } = memoryHistory().stores;
  const spoilt: Record<string, HistoryStore> = {
    // The last write wins, whatever its ord: a late copy moves it back.
    back: {
      ...good,
      put: async (marks) => {
        for (const one of marks) {
          await good.erase(one.profileId);
          await good.put([one]);
          await pause(0);
        }
      },
    },
    // It acknowledges what it did not keep.
    lost: {
      ...good,
      put: async (marks) => (marks.some(({ ord }) => ord > 20) ? undefined : good.put(marks)),
    },
  };
  for (const [name, store] of Object.entries(spoilt)) {
    const running = load({ ...store, put: (marks) => store.put(marks).then(() => pause(1)) });
    await pause(300);
    await running.stop();
    assert.ok(running.checker.violations.length > 0, name);
    for (let n = 0; n < writers; n++) await good.erase(`profile-${n}`);
  }
  const sound = load({ ...good, put: (marks) => good.put(marks).then(() => pause(1)) });
  await pause(300);
  await sound.stop();
  assert.deepEqual(sound.checker.violations, []);
  assert.ok(sound.checker.readings > 100);
});
