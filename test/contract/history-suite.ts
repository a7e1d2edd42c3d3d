// The promises of a HistoryStore, for every adapter: history.test.ts and the engines' tests run it.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { HistoryStore } from "#data/ports-history.ts";
import { ord } from "#model/beacon.ts";
import type { Bookmark, PlayRecord } from "#model/playback.ts";
import { dayMs, type HistoryRig, mark, nowMs, permutations, play, wholeHistory } from "./history-builders.ts";
import { rollUpSuite } from "./history-roll-suite.ts";
import { fresh, isFault } from "./stores-builders.ts";

export type Case = (title: string, body: (store: HistoryStore) => Promise<void>) => void;

export function historySuite(rig: HistoryRig): void {
  const each: Case = (title, body) => {
    test(`${title} (${rig.name})`, async (t: TestContext) => {
      const store = await rig.open();
      if ("missing" in store) return t.skip(store.missing);
      await body(store);
    });
  };
  bookmarkSuite(each);
  removalSuite(each);
  playSuite(each);
  limitSuite(each);
  rollUpSuite(rig, each);
}

type Event =
  | { readonly kind: "put"; readonly title: string; readonly ord: number }
  | { readonly kind: "remove"; readonly title: string; readonly ord: number };

async function tell(store: HistoryStore, profileId: string, event: Event): Promise<void> {
  if (event.kind === "put") await store.put([mark(profileId, event.title, event.ord)]);
  else await store.remove({ profileId, titleId: event.title, atOrd: event.ord });
}

/** By the promise alone: the highest ord wins, and of one ord the removal. */
function expected(profileId: string, events: readonly Event[]): readonly Bookmark[] {
  const rank = ({ kind, ord: at }: Event): number => at * 2 + (kind === "remove" ? 1 : 0);
  const best = new Map<string, Event>();
  for (const event of events) {
    const before = best.get(event.title);
    if (before === undefined || rank(event) > rank(before)) best.set(event.title, event);
  }
  return [...best.values()]
    .filter(({ kind }) => kind === "put")
    .toSorted((a, b) => b.ord - a.ord)
    .map((event) => mark(profileId, event.title, event.ord));
}

/** In one account no two titles share an ord; here they may, and then no list has one order. */
function byTitle(marks: readonly Bookmark[]): readonly Bookmark[] {
  return marks.toSorted((a, b) => (a.titleId < b.titleId ? -1 : 1));
}

function bookmarkSuite(each: Case): void {
  each("[DA160] the order of six events does not matter, nor whether they come twice", async (store) => {
    const events: readonly Event[] = [
      { kind: "put", title: "a", ord: ord(1, 1) },
      { kind: "put", title: "a", ord: ord(1, 2) },
      { kind: "remove", title: "a", ord: ord(1, 3) },
      { kind: "put", title: "a", ord: ord(2, 1) },
      { kind: "put", title: "b", ord: ord(1, 9) },
      { kind: "remove", title: "b", ord: ord(1, 9) },
    ];
    const orders = permutations(events);
    const all = orders.map((order) => ({ order, profileId: fresh() }));
    for (let at = 0; at < all.length; at += 48) {
      await Promise.all(
        all.slice(at, at + 48).map(async ({ order, profileId }) => {
          for (const event of at === 0 ? [...order, ...order] : order) await tell(store, profileId, event);
          assert.deepEqual(await store.recent(profileId, 9), expected(profileId, events));
        }),
      );
    }
  });

  each("[DA160] of a thousand events by 16 writers the highest ord of each title is left", async (store) => {
    const event: fc.Arbitrary<Event> = fc.record({
      kind: fc.constantFrom("put" as const, "put" as const, "put" as const, "remove" as const),
      title: fc.constantFrom(..."abcdefgh"),
      ord: fc.integer({ min: 0, max: 2 ** 26 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1000, maxLength: 1000 }), async (events) => {
        const profileId = fresh();
        const writers = Array.from({ length: 16 }, (_, at) => events.filter((_event, n) => n % 16 === at));
        await Promise.all(
          writers.map(async (own) => {
            for (const one of own) await tell(store, profileId, one);
          }),
        );
        assert.deepEqual(byTitle(await store.recent(profileId, 99)), byTitle(expected(profileId, events)));
      }),
      { numRuns: 2, seed: 160, endOnFailure: true },
    );
  });

  each("[DA160] many at once, of many profiles, some of them twice in one call", async (store) => {
    const profiles = Array.from({ length: 40 }, fresh);
    const marks = profiles.flatMap((profileId) =>
      [3, 9, 1, 9].map((seq) => mark(profileId, "film", ord(7, seq))),
    );
    await store.put(marks);
    await store.put([]);
    for (const profileId of profiles) {
      const { bookmark } = await store.get({ profileId, titleId: "film" });
      assert.deepEqual(bookmark, mark(profileId, "film", ord(7, 9)));
    }
  });

  each("[DA163] unfinished ones are listed by falling ord, as many as were asked for", async (store) => {
    const [ann, bob] = [fresh(), fresh()];
    await store.put([
      mark(ann, "old", ord(1, 5)),
      mark(ann, "done", ord(2, 5), { finished: true }),
      mark(ann, "new", ord(3, 5)),
      mark(bob, "his", ord(9, 9)),
    ]);
    const titles = (marks: readonly Bookmark[]): readonly string[] => marks.map(({ titleId }) => titleId);
    assert.deepEqual(titles(await store.continueWatching(ann, 10)), ["new", "old"]);
    assert.deepEqual(titles(await store.continueWatching(ann, 1)), ["new"]);
    assert.deepEqual(titles(await store.continueWatching(ann, 0)), []);
    assert.deepEqual(titles(await store.recent(ann, 10)), ["new", "done", "old"]);
    assert.deepEqual(await store.continueWatching(fresh(), 5), []);
  });
}

function removalSuite(each: Case): void {
  each(
    "[DA161] a beat that comes late does not bring a removed title back, a newer one does",
    async (store) => {
      const key = { profileId: fresh(), titleId: "film" };
      await store.put([mark(key.profileId, "film", ord(1, 5))]);
      await store.remove({ ...key, atOrd: ord(1, 6) });
      assert.deepEqual(await store.get(key), { bookmark: undefined, stale: false });
      await store.put([mark(key.profileId, "film", ord(1, 6))]);
      await store.put([mark(key.profileId, "film", ord(1, 4))]);
      assert.deepEqual(await store.get(key), { bookmark: undefined, stale: false });
      assert.deepEqual(await store.recent(key.profileId, 5), []);
      const newer = mark(key.profileId, "film", ord(1, 7));
      await store.put([newer]);
      await store.remove({ ...key, atOrd: ord(1, 6) });
      assert.deepEqual(await store.get(key), { bookmark: newer, stale: false });
    },
  );

  each("[DA161] a title that was never watched can be removed before its beats come", async (store) => {
    const key = { profileId: fresh(), titleId: "film" };
    await store.remove({ ...key, atOrd: ord(2, 1) });
    await store.put([mark(key.profileId, "film", ord(1, 9))]);
    assert.deepEqual(await store.get(key), { bookmark: undefined, stale: false });
  });

  each("[DA162] what is older than was asked for says so; a removal counts as an answer", async (store) => {
    const key = { profileId: fresh(), titleId: "film" };
    assert.deepEqual(await store.get(key), { bookmark: undefined, stale: false });
    assert.deepEqual(await store.get({ ...key, minOrd: 1 }), { bookmark: undefined, stale: true });
    const kept = mark(key.profileId, "film", ord(1, 5));
    await store.put([kept]);
    assert.deepEqual(await store.get({ ...key, minOrd: kept.ord }), { bookmark: kept, stale: false });
    assert.deepEqual(await store.get({ ...key, minOrd: kept.ord + 1 }), { bookmark: kept, stale: true });
    await store.remove({ ...key, atOrd: ord(1, 9) });
    assert.deepEqual(await store.get({ ...key, minOrd: ord(1, 9) }), { bookmark: undefined, stale: false });
  });

  each("[DA162] every writer reads at once what it wrote, or newer", async (store) => {
    const key = { profileId: fresh(), titleId: "film" };
    await Promise.all(
      Array.from({ length: 16 }, async (_, writer) => {
        for (let n = 0; n < 10; n++) {
          const minOrd = ord(1, n * 16 + writer + 1);
          await store.put([mark(key.profileId, "film", minOrd)]);
          const { bookmark, stale } = await store.get({ ...key, minOrd });
          assert.ok(!stale && (bookmark?.ord ?? 0) >= minOrd);
        }
      }),
    );
  });
}

function playSuite(each: Case): void {
  each("[DA164] of each play the highest ord is left, in whatever order they come", async (store) => {
    const profileId = fresh();
    const plays = [1, 2, 3].flatMap((generation) => [1, 2, 3].map((seq) => play(profileId, generation, seq)));
    const shuffled = fc.sample(fc.shuffledSubarray(plays, { minLength: 9 }), { numRuns: 1, seed: 164 })[0];
    await Promise.all((shuffled ?? []).map((one) => store.append([one])));
    await store.append([...plays, ...plays]);
    assert.deepEqual(
      await wholeHistory(store, profileId),
      [3, 2, 1].map((generation) => play(profileId, generation, 3)),
    );
  });

  each("[DA164] pages are in order, without gap or repetition, while plays are added", async (store) => {
    const profileId = fresh();
    const first = Array.from({ length: 57 }, (_, n) => play(profileId, n + 10));
    await store.append(first);
    let newest = 100;
    const seen = await wholeHistory(store, profileId, 10, async () => {
      newest += 1;
      await store.append([play(profileId, newest), play(profileId, 10, 1)]);
    });
    assert.deepEqual(seen, first.toReversed());
    const again = await wholeHistory(store, profileId, 1000);
    assert.equal(again.length, 57 + newest - 100);
    const exact = await store.page(profileId, { limit: again.length });
    assert.equal(exact.next, undefined, "the last page says that it is");
    assert.deepEqual(await store.page(fresh(), { limit: 5 }), { items: [] });
  });

  each("[DA164] plays of one generation are in the order of their titles", async (store) => {
    const profileId = fresh();
    const titles = ["z", "a", "Z", "é", "🐢", "\u{ffff}"];
    await store.append(titles.map((titleId) => play(profileId, 5, 1, { titleId })));
    const seen = await wholeHistory(store, profileId, 1);
    assert.deepEqual(
      seen.map(({ titleId }) => titleId),
      titles.toSorted(),
    );
  });
}

function limitSuite(each: Case): void {
  each(
    "[DA168] any text but an empty one or one with a NUL, and the largest numbers there are",
    async (store) => {
      const profileId = `Żółw ’"n'’ 亀 🐢 ${fresh()}`;
      const largest = ord(2 ** 29 - 1, 2 ** 24 - 1);
      const titles = ["a'; drop table x; --", "\u{1f422}\u{200d}", " ", "%", "x".repeat(2000)];
      const marks = titles.map((titleId, n) =>
        mark(profileId, titleId, largest - n, { positionMs: Number.MAX_SAFE_INTEGER }),
      );
      await store.put(marks);
      assert.deepEqual(await store.recent(profileId, 9), marks);
      const late: PlayRecord = play(profileId, 2 ** 29 - 1, 2 ** 24 - 1, {
        startedAtMs: nowMs,
        lastSeenMs: Number.MAX_SAFE_INTEGER,
      });
      await store.append([late, play(profileId, 0, 0, { startedAtMs: 0 })]);
      assert.deepEqual((await wholeHistory(store, profileId))[0], late);
      assert.equal((await wholeHistory(store, profileId)).length, 2);
    },
  );

  each("[DA168] what cannot be kept is refused, and nothing of its call is kept", async (store) => {
    const profileId = fresh();
    const good = mark(profileId, "good", 1);
    const refused = isFault("value-refused");
    for (const bad of [
      { ...good, titleId: "a\0b" },
      { ...good, titleId: "" },
      { ...good, profileId: "" },
      { ...good, ord: -1 },
      { ...good, ord: 2 ** 53 },
      { ...good, positionMs: 0.5 },
      { ...good, positionMs: Number.NaN },
    ]) {
      await assert.rejects(store.put([good, bad]), refused);
    }
    await assert.rejects(store.remove({ profileId, titleId: "\0", atOrd: 1 }), refused);
    await assert.rejects(store.append([play(profileId, 1), play(profileId, -1)]), refused);
    await assert.rejects(store.page(profileId, { limit: 5, cursor: "no cursor" }), refused);
    await assert.rejects(store.page(profileId, { limit: -5 }), refused);
    await assert.rejects(store.erase(""), refused);
    assert.deepEqual(await store.recent(profileId, 5), []);
    assert.deepEqual(await wholeHistory(store, profileId), []);
  });

  each("[DA167] an erased profile has nothing left, and its neighbour everything", async (store) => {
    const [ann, bob] = [fresh(), fresh()];
    for (const profileId of [ann, bob]) {
      await store.put([mark(profileId, "a", 5), mark(profileId, "b", 6)]);
      await store.append(Array.from({ length: 5 }, (_, n) => play(profileId, n + 1)));
      assert.equal((await store.rollup(profileId, nowMs)).moved, 5);
      await store.append([play(profileId, 9, 1, { startedAtMs: nowMs - dayMs })]);
    }
    await store.erase(ann);
    await store.erase(ann);
    assert.deepEqual(await store.recent(ann, 9), []);
    assert.deepEqual(await store.get({ profileId: ann, titleId: "a" }), {
      bookmark: undefined,
      stale: false,
    });
    assert.deepEqual(await wholeHistory(store, ann), []);
    assert.equal((await wholeHistory(store, bob)).length, 6);
    assert.equal((await store.recent(bob, 9)).length, 2);
  });

  each("[DA174] who gave up before is told so, and nothing is kept", async (store) => {
    const profileId = fresh();
    const signal = AbortSignal.abort(new Error("left"));
    const left = { message: "left" };
    await assert.rejects(store.put([mark(profileId, "a", 1)], signal), left);
    await assert.rejects(store.get({ profileId, titleId: "a" }, signal), left);
    await assert.rejects(store.append([play(profileId, 1)], signal), left);
    await assert.rejects(store.page(profileId, { limit: 1 }, signal), left);
    await assert.rejects(store.erase(profileId, signal), left);
    assert.deepEqual(await store.recent(profileId, 5), []);
    await store.ping();
    assert.equal(store.trouble(), undefined);
  });
}
