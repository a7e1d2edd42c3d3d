// What the store of films on their way promises, on every database.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stores } from "#data/ports.ts";
import type { Arrival, ArrivalUsage, Master } from "#model/arrival.ts";
import { facts } from "#test/fixtures/film-rig.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { account, fresh, onEach } from "./stores-builders.ts";

function arrival(accountId: string, more: Partial<Arrival> = {}): Arrival {
  return {
    ...{
      id: fresh(),
      kind: "upload",
      accountId,
      fileName: "Żółw 亀.mov",
      titleName: "Żółw 亀",
      bytes: 2 ** 40,
    },
    ...{
      sha256: "a".repeat(64),
      url: undefined,
      validator: undefined,
      state: "receiving",
      refusal: undefined,
    },
    ...{ masterId: undefined, createdAtMs: 1_700_000_000_000, touchedAtMs: 1_700_000_000_000 },
    ...more,
  };
}

function master(accountId: string, more: Partial<Master> = {}): Master {
  const sha256 = fresh().repeat(6).slice(0, 64);
  return {
    ...{ id: `m-${sha256.slice(0, 32)}`, sha256, bytes: 10, accountId, fileName: "f.mov", titleName: "f" },
    ...{ facts: { ...facts, mended: ["odd sides"] }, createdAtMs: 1_700_000_000_000 },
    ...more,
  };
}

const anyone = (): undefined => undefined;

/** Also on the twin in memory, which use-cases are tested with. */
function onAll(title: string, body: (stores: Stores) => Promise<void>): void {
  onEach(title, body);
  test(`${title} (memory)`, () => body(memoryStores()));
}

onAll("[DA80] an arrival is read back as it was written, and lists are newest first", async (stores) => {
  const [ann, bob] = [await account(stores), await account(stores)];
  const refusal = { code: "not-a-film", sentence: "no film" };
  const rows = [
    arrival(ann.id, { createdAtMs: 1 }),
    arrival(ann.id, {
      createdAtMs: 3,
      kind: "import",
      url: "https://h/a?b",
      validator: '"v"',
      sha256: undefined,
    }),
    arrival(bob.id, { createdAtMs: 2 }),
    arrival(ann.id, { createdAtMs: 4, state: "refused", refusal, touchedAtMs: 50 }),
  ];
  for (const row of rows) assert.equal(await stores.uploads.begin(row, anyone), undefined);
  for (const row of rows) assert.deepEqual(await stores.uploads.arrival(row.id), row);
  const idsOf = (found: readonly Arrival[]): readonly string[] => found.map(({ id }) => id);
  const [first, , third, fourth] = rows;
  const own = await stores.uploads.arrivals("upload", ann.id, 10);
  assert.deepEqual(own, [fourth, first]);
  assert.equal((await stores.uploads.arrivals("upload", ann.id, 1)).length, 1);
  assert.ok(idsOf(await stores.uploads.arrivals("upload", undefined, 1000)).includes(third?.id ?? ""));
  const open = idsOf(await stores.uploads.unfinished());
  assert.deepEqual(
    rows.map(({ id }) => open.includes(id)),
    [true, true, true, false],
  );
  assert.ok(idsOf(await stores.uploads.stale("refused", 51, 1000)).includes(fourth?.id ?? ""));
  assert.ok(!idsOf(await stores.uploads.stale("refused", 50, 1000)).includes(fourth?.id ?? ""));
  await stores.uploads.touch(first?.id ?? "", 99);
  assert.equal((await stores.uploads.arrival(first?.id ?? ""))?.touchedAtMs, 99);
  assert.equal(await stores.uploads.arrival("nobody"), undefined);
});

onAll("[DA81] of twenty that begin at once as many are let in as there is room for", async (stores) => {
  const ann = await account(stores);
  const seen: ArrivalUsage[] = [];
  const judge = (usage: ArrivalUsage): "full" | undefined => {
    seen.push(usage);
    return usage.open >= 3 || usage.openBytes + 100 > 300 ? "full" : undefined;
  };
  const rows = Array.from({ length: 20 }, () => arrival(ann.id, { bytes: 100 }));
  const answers = await Promise.all(rows.map((row) => stores.uploads.begin(row, judge)));
  assert.equal(answers.filter((answer) => answer === undefined).length, 3);
  for (const [index, row] of rows.entries()) {
    assert.equal((await stores.uploads.arrival(row.id)) === undefined, answers[index] === "full");
  }
  assert.deepEqual(Math.max(...seen.map(({ openBytes }) => openBytes)), 300);
  const one = rows[answers.indexOf(undefined)]?.id ?? "";
  const found = { bytes: 700, validator: '"v"' };
  assert.equal(
    await stores.uploads.declare(one, found, ({ openBytes }) => (openBytes === 200 ? "no" : undefined)),
    "no",
  );
  assert.equal((await stores.uploads.arrival(one))?.bytes, 100);
  assert.equal(await stores.uploads.declare(one, found, anyone), undefined);
  assert.deepEqual({ ...(await stores.uploads.arrival(one)), ...found }, await stores.uploads.arrival(one));
});

onAll("[DA82] of ten that move an arrival at once one does it", async (stores) => {
  const ann = await account(stores);
  const row = arrival(ann.id);
  await stores.uploads.begin(row, anyone);
  const moves = Array.from({ length: 10 }, (_, at) =>
    stores.uploads.move(row.id, "receiving", { state: "checking" }, at),
  );
  assert.equal((await Promise.all(moves)).filter(Boolean).length, 1);
  assert.equal(await stores.uploads.forget(row.id, ["receiving", "refused"]), false);
  const refusal = { code: "film-truncated", sentence: "it is cut off" };
  assert.equal(await stores.uploads.move(row.id, "checking", { state: "refused", refusal }, 77), true);
  assert.deepEqual(await stores.uploads.arrival(row.id), {
    ...row,
    state: "refused",
    refusal,
    touchedAtMs: 77,
  });
  assert.equal(await stores.uploads.forget(row.id, ["receiving", "refused"]), true);
  assert.equal(await stores.uploads.move(row.id, "refused", { state: "checking" }, 1), false);
});

onAll("[DA83] equal content is one master, and what is gone makes none", async (stores) => {
  const [ann, bob] = [await account(stores), await account(stores)];
  const rows = [arrival(ann.id, { state: "checking" }), arrival(bob.id, { state: "checking" })];
  for (const row of rows) await stores.uploads.begin(row, anyone);
  const first = master(ann.id);
  const second = { ...first, accountId: bob.id, fileName: "other.mov", createdAtMs: 5 };
  assert.deepEqual(await stores.uploads.accept(rows[0]?.id ?? "", first, 7), first);
  assert.deepEqual(await stores.uploads.accept(rows[1]?.id ?? "", second, 8), first);
  for (const row of rows) assert.equal((await stores.uploads.arrival(row.id))?.masterId, first.id);
  assert.deepEqual(await stores.uploads.master(first.id), first);
  assert.equal(await stores.uploads.accept(rows[1]?.id ?? "", second, 9), false);
  const nobodys = master(ann.id);
  assert.equal(await stores.uploads.accept("nobody", nobodys, 9), false);
  assert.equal(await stores.uploads.master(nobodys.id), undefined);
  let usage: ArrivalUsage | undefined;
  await stores.uploads.begin(arrival(ann.id), (seen) => {
    usage = seen;
    return "no";
  });
  assert.equal(usage?.storedBytes, first.bytes);
});

onAll("[DA84] a master that a title is ordered of stays until the order is settled", async (stores) => {
  const ann = await account(stores);
  const row = arrival(ann.id, { state: "checking" });
  await stores.uploads.begin(row, anyone);
  const kept = master(ann.id);
  await stores.uploads.accept(row.id, kept, 7);
  const order = { masterId: kept.id, titleName: "Film", accountId: ann.id, encrypt: false, askedAtMs: 4 };
  await stores.uploads.order(order);
  const better = { ...order, titleName: "Better", encrypt: true, askedAtMs: 5 };
  await stores.uploads.order(better);
  assert.deepEqual(await stores.uploads.publication(kept.id), better);
  assert.ok((await stores.uploads.publications(1000)).some(({ masterId }) => masterId === kept.id));
  assert.equal(await stores.uploads.removeMaster(kept.id), false);
  assert.ok((await stores.uploads.masters(1000)).some(({ id }) => id === kept.id));
  await stores.uploads.settle(kept.id);
  assert.equal(await stores.uploads.removeMaster(kept.id), true);
  assert.equal(await stores.uploads.master(kept.id), undefined);
});
