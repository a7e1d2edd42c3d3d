// The suite of bookmarks and viewing history on a real Cassandra, and what only Cassandra can get wrong. The suite holds
// [DA160] to [DA169] and [DA174]; see history-suite.ts.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, type TestContext, test } from "node:test";
import { readHistoryUrl } from "#data/history-address.ts";
import { cassandraHistory } from "#data/io/cassandra-history.ts";
import { CassandraLink } from "#data/io/cassandra-link.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { mark, nowMs, play, wholeHistory } from "#test/contract/history-builders.ts";
import { historySuite } from "#test/contract/history-suite.ts";
import { fresh, isFault } from "#test/contract/stores-builders.ts";
import { engine } from "#test/fixtures/engine.ts";

const keyspace = `history_${randomBytes(6).toString("hex")}`;
const opened: HistoryStore[] = [];
after(() => Promise.all(opened.map((store) => store.close())));

async function open(
  onStep?: Parameters<typeof cassandraHistory>[0]["onStep"],
): Promise<HistoryStore | { readonly missing: string }> {
  const node = await engine("cassandra");
  if ("missing" in node) return node;
  const address = readHistoryUrl(
    `cassandra://${node.contactPoints.join(",")}/${keyspace}?dc=${node.localDataCenter}`,
  );
  const link = new CassandraLink({ address, deadlineMs: 20_000, requests: 64, onNote: () => undefined });
  const store = cassandraHistory({ link, playMs: 20_000, onStep });
  opened.push(store);
  return store;
}

let shared: ReturnType<typeof open> | undefined;
function store(): ReturnType<typeof open> {
  shared ??= open();
  return shared;
}

historySuite({
  name: "Cassandra",
  hasSteps: true,
  open: (onStep) => (onStep === undefined ? store() : open(onStep)),
});

test("[DA167] what comes late for an erased profile is not seen again (Cassandra)", async (t: TestContext) => {
  const history = await store();
  if ("missing" in history) return t.skip(history.missing);
  const profileId = fresh();
  await history.put([mark(profileId, "film", 5)]);
  await history.append([play(profileId, 1), play(profileId, 2)]);
  await history.rollup(profileId, nowMs);
  await history.erase(profileId);
  await history.put([mark(profileId, "film", Number.MAX_SAFE_INTEGER)]);
  await history.append([play(profileId, 3)]);
  assert.deepEqual(await history.recent(profileId, 9), []);
  assert.deepEqual(await wholeHistory(history, profileId), []);
});

test("[DA168] a key that is too long is refused as a value, not waited for (Cassandra)", async (t: TestContext) => {
  const history = await store();
  if ("missing" in history) return t.skip(history.missing);
  await assert.rejects(history.put([mark("p".repeat(70_000), "film", 5)]), isFault("value-refused"));
  assert.equal(history.trouble(), undefined);
});
