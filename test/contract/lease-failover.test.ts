// After a failover: what `millrace screens pause` does to the database that was promoted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { millraceIn } from "#test/fixtures/command.ts";
import { account, freshSchema, open, postgresServer, temporaryFolder } from "./stores-builders.ts";

const term = { ttlMs: 45_000, graceMs: 15_000 };

test("[DA64] a promoted database gives no screen for lease and grace, and renews those that it has", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const stores = await open(url, "unused");
  t.after(() => stores.close());
  const { id: accountId } = await account(stores);
  const whose = {
    accountId,
    profileId: "ann",
    titleId: "film",
    viewpoint: "",
    startedAtMs: 0,
  };
  const wish = (id: string) => ({ session: { id, ...whose }, deviceId: id, ...term });
  const first = await stores.leases.acquire(wish("first"));
  assert.ok(first.kind === "granted");
  const home = await temporaryFolder();
  const said = millraceIn(home, ["screens", "pause"], { DATABASE_URL: url });
  assert.equal(said.status, 0, said.err);
  assert.match(said.out, /^for 60 s no new film starts/);
  const second = await stores.leases.acquire(wish("second"));
  assert.ok(second.kind === "paused" && second.leftMs > 0 && second.leftMs <= 60_000, second.kind);
  const { generation } = first.lease;
  const key = { accountId, sessionId: "first", generation };
  assert.equal((await stores.leases.renew({ ...key, ...term })).kind, "renewed");
});

test("[DA64] the embedded database needs no pause, and a wrong length is refused with the usage", async () => {
  const home = await temporaryFolder();
  const embedded = millraceIn(home, ["screens", "pause"]);
  assert.equal(embedded.status, 1);
  assert.match(embedded.err, /set DATABASE_URL to the one that was promoted/);
  for (const seconds of ["0", "-1", "3601", "soon", ""]) {
    const wrong = millraceIn(home, ["screens", "pause", `--seconds=${seconds}`]);
    assert.deepEqual([wrong.status, wrong.out], [2, ""], seconds);
    assert.match(wrong.err, /wanted 1 to 3600/);
  }
});
