// Content keys: one suite for PGlite, PostgreSQL and the twin in memory.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { ContentKeyStore, StoredKey } from "#data/ports-licence.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { fresh, onEach } from "./stores-builders.ts";

const some = (bytes: number): string => randomBytes(bytes).toString("base64url");
const kid = (): string => randomBytes(16).toString("hex");

function key(titleId: string, more: Partial<StoredKey> = {}): Omit<StoredKey, "endsAtMs"> {
  const wrapped = { kekId: `k${fresh()}`, nonce: some(12), sealed: some(32) };
  return { titleId, kid: kid(), label: "SD", createdAtMs: 1_700_000_000_000, ...wrapped, ...more };
}

function onAll(title: string, body: (keys: ContentKeyStore) => Promise<void>): void {
  onEach(title, ({ contentKeys }) => body(contentKeys));
  test(`${title} (memory)`, () => body(memoryStores().contentKeys));
}

onAll(
  "[DA100] a content key is kept by title and kid; added again, also at once, it stays as it is",
  async (keys) => {
    const title = `film-${fresh()}`;
    const [sd, hd] = [key(title), key(title, { label: "HD" })];
    const answers = await Promise.all([sd, sd, sd].map((one) => keys.add([one])));
    assert.deepEqual(answers.toSorted(), ["added", "known", "known"]);
    assert.equal(await keys.add([{ ...key(title), kid: sd.kid, label: "HD" }]), "known");
    assert.equal(await keys.add([hd]), "added");
    assert.equal(await keys.add([{ ...key("another"), kid: sd.kid }]), "added");
    const without = { endsAtMs: undefined };
    assert.deepEqual(await keys.ofTitle(title), [
      { ...hd, ...without },
      { ...sd, ...without },
    ]);
    assert.deepEqual(await keys.ofTitle("nobody's"), []);
  },
);

onAll("[DA210] keys are added together, or none of them is", async (keys) => {
  const title = `film-${fresh()}`;
  const there = key(title);
  await keys.add([there]);
  const { kekId, nonce } = there;
  assert.equal(await keys.add([key(title, { label: "HD" }), there]), "known");
  assert.equal(await keys.add([key(title, { label: "HD" }), key(title, { kekId, nonce })]), "nonce-taken");
  assert.deepEqual(
    (await keys.ofTitle(title)).map(({ kid: one }) => one),
    [there.kid],
  );
  assert.equal(await keys.add([key(title, { label: "HD" }), key(title, { label: "AUDIO" })]), "added");
  assert.equal((await keys.ofTitle(title)).length, 3);
});

onAll("[DA105] what key systems want to be signalled of a key is kept with it", async (keys) => {
  const title = `film-${fresh()}`;
  const tag = { uri: "skd://one", keyFormat: "com.apple.streamingkeydelivery", keyFormatVersions: "1" };
  const signalling: StoredKey["signalling"] = [
    { system: "widevine", pssh: "AAAA" },
    { system: "fairplay", hlsMedia: tag, hlsMaster: tag },
  ];
  const [signalled, bare] = [key(title, { signalling }), key(title, { label: "HD" })];
  for (const one of [signalled, bare]) assert.equal(await keys.add([one]), "added");
  assert.deepEqual(
    (await keys.ofTitle(title)).map((one) => one.signalling),
    [undefined, signalling],
  );
  const others = await keys.wrappedByOthers("nobody's", 10_000, { titleId: title, kid: "" });
  assert.deepEqual(others.find(({ kid: one }) => one === signalled.kid)?.signalling, signalling);
});

onAll("[DA101] a nonce is never kept twice under one key encryption key", async (keys) => {
  const title = `film-${fresh()}`;
  const first = key(title);
  await keys.add([first]);
  const { kekId, nonce } = first;
  assert.equal(await keys.add([key(title, { kekId, nonce })]), "nonce-taken");
  assert.equal(await keys.add([key(title, { nonce })]), "added", "under another key encryption key");
  const other = key(title);
  await keys.add([other]);
  const before = (await keys.ofTitle(title)).find((one) => one.kid === other.kid);
  assert.ok(before);
  assert.equal(await keys.rewrap(before, { kekId, nonce, sealed: some(32) }), "nonce-taken");
  assert.deepEqual((await keys.ofTitle(title)).length, 3);
});

onAll(
  "[DA102] kids that are not published any more end once, and have no end when they are published again",
  async (keys) => {
    const title = `film-${fresh()}`;
    const [old, next, other] = [key(title), key(title), key(`film-${fresh()}`)];
    for (const one of [old, next, other]) await keys.add([one]);
    const ends = async (): Promise<readonly (number | undefined)[]> => {
      const found = await keys.ofTitle(title);
      return [old, next].map((one) => found.find((row) => row.kid === one.kid)?.endsAtMs);
    };
    await keys.inUse(title, [old.kid, next.kid], 1);
    assert.deepEqual(await ends(), [undefined, undefined]);
    await keys.inUse(title, [next.kid], 5000);
    await keys.inUse(title, [next.kid], 9000);
    assert.deepEqual(await ends(), [5000, undefined]);
    await keys.inUse(title, [old.kid], 7000);
    assert.deepEqual(await ends(), [undefined, 7000]);
    assert.equal((await keys.ofTitle(other.titleId))[0]?.endsAtMs, undefined);
  },
);

onAll(
  "[DA103] [DA104] keys are wrapped anew in pages, never over a newer wrapping, and counted",
  async (keys) => {
    const [before, after] = [`k${fresh()}`, `k${fresh()}`];
    const titles = [1, 2, 3].map(() => `film-${fresh()}`);
    for (const title of titles) await keys.add([key(title, { kekId: before })]);
    const wrapped = () => ({ kekId: after, nonce: some(12), sealed: some(32) });
    const own = async (): Promise<readonly StoredKey[]> =>
      (await keys.wrappedByOthers(after, 10_000)).filter((row) => row.kekId === before);
    assert.equal((await keys.wrappedByOthers(after, 2)).length, 2);
    const [third] = (await own()).slice(2);
    const behind = (await keys.wrappedByOthers(after, 10_000, (await own())[1])).filter(
      (row) => row.kekId === before,
    );
    assert.deepEqual(behind, [third]);
    const [first, second] = await own();
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(await keys.rewrap(first, wrapped()), true);
    assert.equal(await keys.rewrap(first, wrapped()), false, "it is not as it was read");
    assert.deepEqual(
      (await own()).map((row) => row.titleId).toSorted(),
      titles.filter((id) => id !== first.titleId).toSorted(),
    );
    const count = new Map((await keys.wrappers()).map(({ kekId, keys: many }) => [kekId, many]));
    assert.deepEqual([count.get(before), count.get(after)], [2, 1]);
  },
);
