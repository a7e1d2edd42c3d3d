// The placement panel's answers from a real control plane: the plan with its pictures, why a file is where it is, churn.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { explainFile } from "#place/explain-file.ts";
import { placeSettings } from "#place/settings.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { opsPlacement } from "#wire/ops.ts";
import { opsPlacementChurn, opsPlacementExplain } from "#wire/ops-placement.ts";
import { type Client, client } from "./control-client.ts";
import { openPlane, operator } from "./control-plane.ts";

const home = await mkdtemp(join(tmpdir(), "millrace-control-placement-"));
const plane = await openPlane(home);
after(async () => {
  await plane.close();
  await rm(home, { recursive: true, force: true });
});

async function signedIn(): Promise<Client> {
  const op = client(plane.control.url);
  await op.post("/v1/sign-in", operator);
  return op;
}

test("[PL151] without a plan nothing is explained, and nothing has moved", async () => {
  const op = await signedIn();
  assert.equal((await op.get("/v1/ops/placement")).code, "no-plan");
  assert.equal((await op.get("/v1/ops/placement/explain?file=a/b")).code, "no-plan");
  assert.deepEqual((await op.get("/v1/ops/placement/churn")).body, { days: [] });
});

test("[PL151] control tells theory and pictures, explains a file as the command does, and sums churn", async () => {
  await plane.control.publishTitle(smallTitle("film-1"));
  const first = plane.control.placement()?.epoch ?? 0;
  await plane.control.publishTitle(smallTitle("film-2"));
  const op = await signedIn();
  const shown = opsPlacement.parse((await op.get("/v1/ops/placement")).body);
  assert.equal(shown.theory?.curve.length, 201);
  assert.deepEqual(
    shown.pictures.servers.map((server) => server.serverId).sort(),
    shown.weights.map((weight) => weight.serverId).sort(),
  );
  assert.ok(shown.pictures.uniform.arcs.length > 2);

  const plan = plane.control.placement()?.plan;
  assert.ok(plan !== undefined);
  const files = shown.files.map(({ fileId, sizeBytes, playsPerDay }) => ({
    ...{ id: fileId, titleId: fileId.split("/")[0] ?? "", sizeBytes, playsPerDay },
  }));
  const { minCopies } = defaultsOf(placeSettings);
  for (const { fileId } of shown.files) {
    const answer = await op.get(`/v1/ops/placement/explain?file=${encodeURIComponent(fileId)}`);
    const found = opsPlacementExplain.parse(answer.body);
    const wanted = explainFile({ plan, files, servers: [], minCopies }, fileId);
    assert.deepEqual(found, JSON.parse(JSON.stringify(wanted)));
  }
  assert.equal((await op.get("/v1/ops/placement/explain?file=film-1/none")).code, "unknown-file");
  assert.equal((await op.get("/v1/ops/placement/explain")).code, "bad-request");

  const { days } = opsPlacementChurn.parse((await op.get("/v1/ops/placement/churn")).body);
  const later = (await plane.stores.plans.moved()).filter((one) => one.epoch > first);
  assert.ok(later.length > 0);
  const moved = later.reduce((sum, one) => sum + one.churnBytes, 0);
  assert.equal(
    days.reduce((sum, day) => sum + day.bytes, 0),
    moved,
  );
});
