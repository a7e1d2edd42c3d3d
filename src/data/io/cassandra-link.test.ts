import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { readHistoryUrl } from "#data/history-address.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { Fault } from "#units/fault.ts";
import { cassandraHistory } from "./cassandra-history.ts";
import { CassandraLink } from "./cassandra-link.ts";
import { turnstile } from "./turnstile.ts";

const isAway = (error: unknown): boolean => error instanceof Fault && error.code === "history-away";

/** A history at an address where somebody listens and never answers. */
async function dumb(work: (store: HistoryStore, notes: readonly string[]) => Promise<void>): Promise<void> {
  const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  const notes: string[] = [];
  const address = readHistoryUrl(`cassandra://127.0.0.1:${at.port}/k`);
  const link = new CassandraLink({
    ...{ address, deadlineMs: 300, requests: 4 },
    onNote: (text) => notes.push(text),
  });
  const store = cassandraHistory({ link, playMs: 100 });
  await work(store, notes).finally(() => server.close());
  await store.close();
}

const key = { profileId: "ann", titleId: "film" };
const mark = { ...key, ord: 1, positionMs: 1, durationMs: 2, finished: false };

test("[DA172] while Cassandra is away a bookmark is stale at once, a write is refused in time, and it is said once", async () => {
  await dumb(async (store, notes) => {
    assert.equal(store.trouble(), undefined);
    const begun = performance.now();
    assert.deepEqual(await store.get(key), { bookmark: undefined, stale: true });
    assert.ok(performance.now() - begun < 1000);
    await assert.rejects(store.put([mark]), isAway);
    await assert.rejects(store.continueWatching("ann", 5), isAway);
    assert.ok(performance.now() - begun < 3000);
    assert.equal(store.trouble(), "history-away");
    assert.equal(notes.length, 1);
  });
});

test("[DA174] whoever gives up is told at once, and a history that is closed says so", async () => {
  await dumb(async (store) => {
    const left = new AbortController();
    const wait = assert.rejects(store.put([mark], left.signal), { message: "left" });
    const begun = performance.now();
    left.abort(new Error("left"));
    await wait;
    assert.ok(performance.now() - begun < 50);
    await store.close();
    await assert.rejects(store.put([mark]), isAway);
  });
});

test("[DA174] so many are under way, so many wait, the rest are refused; who leaves makes room", async () => {
  const turns = turnstile({ atOnce: 2, inLine: 2 });
  const signal = new AbortController().signal;
  const ends: (() => void)[] = [];
  let most = 0;
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise<void>((resolve) => ends.push(resolve));
    inside -= 1;
  };
  const leaving = new AbortController();
  const running = [turns.through(work, signal), turns.through(work, signal), turns.through(work, signal)];
  const left = assert.rejects(turns.through(work, leaving.signal), { message: "left" });
  await assert.rejects(turns.through(work, signal), { code: "history-busy" });
  leaving.abort(new Error("left"));
  await left;
  running.push(turns.through(work, signal));
  while (ends.length > 0) {
    ends.shift()?.();
    await new Promise(setImmediate);
  }
  await Promise.all(running);
  assert.equal(most, 2);
});
