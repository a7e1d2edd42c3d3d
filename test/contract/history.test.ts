// Bookmarks and viewing history in memory, PGlite and PostgreSQL. The suite, history-suite.ts, holds [DA160], [DA161],
// [DA162], [DA163], [DA164], [DA165], [DA166], [DA167], [DA168], [DA169] and [DA174]; test/engines has it on Cassandra.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "#data/io/database-access.ts";
import { mostChunkBytes, pack, unpack } from "#data/io/history-chunk.ts";
import { historyStore } from "#data/io/history-store.ts";
import { openDatabase } from "#data/io/open-database.ts";
import { memoryHistory } from "#test/fixtures/memory-history.ts";
import { type HistoryRig, play } from "./history-builders.ts";
import { historySuite } from "./history-suite.ts";
import * as builders from "./stores-builders.ts";

type Opened = { readonly database: Database } | { readonly missing: string };

function sqlRig(
  name: string,
  place: () => Promise<{ databaseUrl?: string; folder: string } | { missing: string }>,
): HistoryRig {
  let once: Promise<Opened> | undefined;
  const opened = async (): Promise<Opened> => {
    const found = await place();
    if ("missing" in found) return found;
    const { databaseUrl, folder } = found;
    await (await builders.open(databaseUrl, folder)).close();
    return builders.closing(
      await openDatabase({
        ...{ databaseUrl, folder, settings: builders.settings },
        signal: new AbortController().signal,
        onNote: () => undefined,
      }),
    );
  };
  return {
    name,
    hasSteps: true,
    async open(onStep) {
      once ??= opened();
      const found = await once;
      return "missing" in found ? found : historyStore(found.database, onStep);
    },
  };
}

const { history } = memoryHistory().stores;
historySuite({ name: "memory", hasSteps: false, open: async () => history });
historySuite(sqlRig("PGlite", async () => ({ folder: await builders.migratedFolder() })));
historySuite(
  sqlRig("PostgreSQL", async () => {
    const server = await builders.postgresServer();
    if ("missing" in server) return server;
    return { databaseUrl: await builders.freshSchema(server.url), folder: "unused" };
  }),
);

test("[DA165] a chunk has at most 64 KiB, a checksum and a version, and one that was altered is told", () => {
  const plays = Array.from({ length: 6000 }, (_, n) =>
    play("ann", n + 1, 1, { titleId: `${builders.fresh()}${builders.fresh()}` }),
  );
  const { bodies, ...roll } = pack("ann", plays);
  assert.ok(bodies.length > 1);
  assert.ok(bodies.every(({ length }) => length <= mostChunkBytes));
  assert.deepEqual(
    roll.chunks.map(({ plays: count }) => count).reduce((sum, count) => sum + count, 0),
    6000,
  );
  assert.deepEqual(
    bodies.flatMap((body, chunk) => unpack(roll, chunk, body)),
    plays.toReversed(),
  );
  assert.deepEqual(pack("ann", plays.toReversed()).roll, roll.roll, "named by what is in it");
  const damaged = builders.isFault("history-damaged");
  const [body = new Uint8Array()] = bodies;
  assert.throws(() => unpack(roll, 0, undefined), damaged);
  assert.throws(() => unpack(roll, 1, body), damaged);
  assert.throws(() => unpack({ ...roll, version: 2 }, 0, body), damaged);
  for (let at = 0; at < body.length; at += 997) {
    const altered = Uint8Array.from(body, (byte, n) => (n === at ? byte ^ 1 : byte));
    assert.throws(() => unpack(roll, 0, altered), damaged);
  }
});
