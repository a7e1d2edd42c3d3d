// The operator's overview, map and page of an appliance over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "#data/ports.ts";
import { openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPasswordHash } from "#test/fixtures/signed-in.ts";
import type { Client } from "#test/journeys/control-client.ts";
import { opsExplain } from "#wire/ops.ts";
import { opsApplianceDetail, opsChanges, opsMap, opsWithout } from "#wire/ops-network.ts";

async function someone(rig: ScreenRig, role: Role): Promise<Client> {
  const passwordHash = await knownPasswordHash();
  const who = { email: `${role}@example.org`, passwordHash, role, profileName: "P" };
  const made = await rig.stores.accounts.create(who);
  return rig.device(typeof made === "string" ? "" : made.id);
}

const paths = ["/v1/ops/changes", "/v1/ops/map", "/v1/ops/appliances/a1", "/v1/ops/appliances/a1/without"];

test("[CO436] operators ask, viewers do not; an appliance that is not there is 404", async (t) => {
  const rig = await openScreenRig(t);
  const [op, viewer] = [
    await someone(rig, "operator"),
    await rig.device(await rig.account("ada@example.org")),
  ];
  for (const path of paths) {
    assert.equal((await viewer.get(path)).code, "not-operator", path);
    assert.equal((await op.get(path)).status, 200, path);
  }
  assert.equal((await op.get("/v1/ops/appliances/none")).code, "unknown-appliance");
  assert.equal((await op.get("/v1/ops/appliances/none/without")).code, "unknown-appliance");
  const map = opsMap.strict().parse((await op.get("/v1/ops/map")).body);
  assert.ok(map.appliances.some(({ id }) => id === "a1"));
  const without = opsWithout.strict().parse((await op.get("/v1/ops/appliances/a1/without")).body);
  assert.equal(without.applianceId, "a1");
});

test("[CO435] who drained what is told to admins alone, by name; the appliance's page tells what became of it", async (t) => {
  const rig = await openScreenRig(t);
  const [op, admin] = [await someone(rig, "operator"), await someone(rig, "admin")];
  assert.equal((await op.post("/v1/ops/appliances/a1/drain", {})).status, 204);
  const kinds = async (who: Client) =>
    opsChanges.strict().parse((await who.get("/v1/ops/changes")).body).changes;
  assert.equal((await kinds(op)).filter(({ kind }) => kind === "order").length, 0);
  const [order] = (await kinds(admin)).filter((one) => one.kind === "order");
  assert.deepEqual(
    [order?.actor, order?.action, order?.object, order?.outcome],
    ["operator@example.org", "POST /v1/ops/appliances/:id/drain", "id=a1", "done"],
  );
  const detail = opsApplianceDetail.strict().parse((await op.get("/v1/ops/appliances/a1")).body);
  assert.equal(detail.appliance.id, "a1");
  assert.deepEqual(detail.events, []);
});

test("[CO438] why a viewer would be sent where is told as data as well", async (t) => {
  const rig = await openScreenRig(t);
  const op = await someone(rig, "operator");
  const said = opsExplain.strict().parse((await op.get("/v1/ops/steer/explain?client=203.0.113.7")).body);
  assert.equal(said.ranked.at(-1)?.id, "origin");
  const count = said.leftOut.reduce((sum, { appliances }) => sum + appliances, 0);
  assert.ok(count >= said.eliminated.length && count > 0, JSON.stringify(said));
  assert.ok(said.ranked.every(({ because }) => because !== ""));
});
