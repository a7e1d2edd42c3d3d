import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { tokenText } from "#account/api-token.ts";
import { defaultsOf } from "#config/setting.ts";
import { controlSettings } from "#control/settings.ts";
import type { ApiToken } from "#data/ports.ts";
import { openLog } from "#io/log.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { milliseconds } from "#units/quantity.ts";
import { openTokenBook, type TokenBook } from "./token-book.ts";

const seed = 127;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const text = tokenText("appliance", digest("chance"), digest);
const token: ApiToken = {
  ...{ id: "t1", kind: "appliance", name: "box", createdAtMs: 0, expiresAtMs: 50_000_000, applianceId: "a1" },
};

/** A database whose answers the test lets through, one by one or all at once. */
function rig() {
  const stores = memoryStores();
  const state = { questions: 0, uses: 0, nowMs: 10_000_000, away: false };
  const held: (() => void)[] = [];
  let holding = false;
  const tokens = {
    ...stores.tokens,
    async byHash(hash: string, nowMs: number) {
      state.questions += 1;
      if (state.away) throw new Error("the database is away");
      const answer = await stores.tokens.byHash(hash, nowMs);
      if (holding) await new Promise<void>((done) => held.push(done));
      return answer;
    },
    async used(id: string, nowMs: number) {
      state.uses += 1;
      await stores.tokens.used(id, nowMs);
    },
  };
  const now = () => milliseconds(state.nowMs);
  const book: TokenBook = openTokenBook({
    ports: { stores: { ...stores, tokens }, digest, settings: defaultsOf(controlSettings) },
    clock: { wallMs: now, monoMs: now },
    logger: openLog("control", "silent"),
  });
  const hold = (): void => {
    holding = true;
  };
  const release = async (lastFirst: boolean): Promise<void> => {
    holding = false;
    for (const done of lastFirst ? held.splice(0).reverse() : held.splice(0)) {
      done();
      await new Promise((next) => setImmediate(next));
    }
  };
  return { book, state, stores, hold, release };
}

test("[CO127] a thousand questions about a token are one to the database, and its use is noted once an hour", async () => {
  const { book, state, stores } = rig();
  await stores.tokens.add(token, digest(text));
  const found = await Promise.all(Array.from({ length: 1000 }, () => book.find(text)));
  assert.ok(found.every((one) => one?.applianceId === "a1"));
  for (let n = 0; n < 1000; n++) await book.find(text);
  assert.deepEqual([state.questions, state.uses], [1, 1]);
  assert.equal((await stores.tokens.all())[0]?.lastUsedAtMs, 7_200_000, "to the hour");
  state.nowMs += 31_000;
  await book.find(text);
  assert.deepEqual([state.questions, state.uses], [2, 1]);
  state.nowMs += 3_600_000;
  await book.find(text);
  assert.deepEqual([state.questions, state.uses], [3, 2]);
  state.nowMs = 50_000_000;
  assert.equal(await book.find(text), undefined, "it ended, although it is remembered");
});

test("[CO127] a text with a wrong checksum asks nobody; an unknown one with a right one is not remembered", async () => {
  const { book, state } = rig();
  assert.equal(await book.find(`${text}0`), undefined);
  assert.equal(await book.find(text.replace("appliance", "worker")), undefined);
  assert.equal(state.questions, 0);
  assert.equal(await book.find(text), undefined);
  assert.equal(await book.find(text), undefined);
  assert.equal(state.questions, 2);
});

test("[CO127] a database that is away keeps out whoever is new, and lets on whoever was known, until it ends", async () => {
  const { book, state, stores } = rig();
  await stores.tokens.add(token, digest(text));
  await book.find(text);
  state.away = true;
  state.nowMs += 60_000;
  const asked = state.questions;
  for (let n = 0; n < 100; n++) assert.equal((await book.find(text))?.id, "t1");
  assert.equal(state.questions, asked + 1, "and does not wait for it again at once");
  await assert.rejects(book.find(tokenText("worker", digest("other"), digest)), /away/);
  state.nowMs = 50_000_000;
  assert.equal(await book.find(text), undefined);
});

test("[CO127] law: whoever asks after a revocation is let in by no answer that was on its way before it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (asking, warm, late, lastFirst) => {
        const { book, stores, hold, release, state } = rig();
        await stores.tokens.add(token, digest(text));
        if (warm) await book.find(text);
        if (late) state.nowMs += 31_000;
        hold();
        const before = Array.from({ length: asking }, () => book.find(text));
        await new Promise((done) => setImmediate(done));
        await stores.tokens.revoke("t1");
        book.forget();
        const after = book.find(text);
        await new Promise((done) => setImmediate(done));
        await release(lastFirst);
        assert.equal(await after, undefined);
        await Promise.all(before);
        assert.equal(await book.find(text), undefined, "nothing was remembered from before");
      },
    ),
    { seed, numRuns: 40 },
  );
});
