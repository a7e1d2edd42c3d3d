// Drills over HTTP, with a control plane whose clock the test moves, and an appliance that reports.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { dataFaults } from "#data/faults.ts";
import type { Role } from "#data/ports.ts";
import { steerSettings } from "#steer/settings.ts";
import { openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { goodReport, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { type Client, client } from "#test/journeys/control-client.ts";
import { Fault } from "#units/fault.ts";
import { reportAnswer } from "#wire/appliance.ts";
import { type DrillView, drill, drills, keptDrill } from "#wire/drills.ts";
import { opsExplain } from "#wire/ops.ts";
import { opsChanges } from "#wire/ops-network.ts";

async function someone(rig: ScreenRig, role: Role): Promise<Client> {
  const passwordHash = await knownPasswordHash();
  const email = `${role}@example.org`;
  await rig.stores.accounts.create({ email, passwordHash, role, profileName: "P" });
  return rig.device((await rig.stores.accounts.byEmail(email))?.id ?? "");
}

const often = { experimentPollMs: 10 };
const films = smallTitleFiles("film-1");

async function open(t: TestContext, parts: Parameters<typeof openScreenRig>[3] = {}) {
  const rig = await openScreenRig(t, often, undefined, parts);
  let epoch = 0;
  /** What a1 and a2 say, and what a1 is told. */
  const report = async (more: object = {}) => {
    const bearer = { authorization: `Bearer ${"a".repeat(32)}` };
    const say = (id: string, url: string, also: object) =>
      client(rig.control.url).post(
        `/v1/appliances/${id}/report`,
        { ...goodReport(url, films, epoch), ...also },
        bearer,
      );
    await say("a2", "http://127.0.1.12:8181", {});
    const { desired } = reportAnswer.parse((await say("a1", "http://127.0.1.11:8181", more)).body);
    epoch = desired?.epoch ?? epoch;
    return desired;
  };
  await report();
  const op = await someone(rig, "operator");
  const explained = async (address = "203.0.113.7") =>
    opsExplain.parse((await op.get(`/v1/ops/steer/explain?client=${address}`)).body);
  const shown = async (id: string): Promise<DrillView> =>
    drill.parse((await op.get(`/v1/ops/drills/${id}`)).body);
  /** Control looks every few milliseconds of real time. */
  const until = async (id: string, is: (one: DrillView) => boolean): Promise<DrillView> => {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const one = await shown(id);
      if (is(one)) return one;
      assert.ok(performance.now() < deadline, JSON.stringify(one));
    }
  };
  return { rig, op, report, explained, shown, until };
}

const begun = (said: { readonly status: number; readonly body: unknown }): DrillView => {
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return drill.strict().parse(said.body);
};

test("[CO430] operators order drills, viewers do not; each is told in the audit log with its kind, and bad ones are refused", async (t) => {
  const { rig, op } = await open(t);
  const viewer = await rig.device(await rig.account("ada@example.org"));
  const path = "/v1/ops/appliances/a1/drills";
  assert.equal((await viewer.post(`${path}/kill`, {})).code, "not-operator");
  assert.equal((await viewer.get("/v1/ops/drills")).code, "not-operator");
  for (const [kind, body, code] of [
    ["drain", { durationMs: 700_000 }, "drill-too-long"],
    ["drain", { durationMs: 10 }, "bad-request"],
    ["drain", { minutes: 1 }, "bad-request"],
    ["melt", {}, "bad-request"],
    ["withdraw", { prefix: "nonsense" }, "drill-refused"],
  ] as const)
    assert.equal((await op.post(`${path}/${kind}`, body)).code, code, `${kind} ${JSON.stringify(body)}`);
  assert.equal((await op.post("/v1/ops/appliances/none/drills/kill", {})).code, "unknown-appliance");
  assert.equal((await op.post("/v1/ops/drills/d00000000/abort", {})).code, "unknown-drill");
  begun(await op.post(`${path}/drain`, {}));
  const admin = await someone(rig, "admin");
  const { changes } = opsChanges.parse((await admin.get("/v1/ops/changes")).body);
  const orders = changes.flatMap((one) => (one.kind === "order" && one.outcome === "done" ? [one] : []));
  assert.deepEqual(
    orders.map(({ action, object }) => [action, object]),
    [["POST /v1/ops/appliances/:id/drills/:kind", "id=a1 kind=drain"]],
  );
});

test("[CO424] [CO425] a drained appliance is steered around until the drill ends by itself, and the result stays readable", async (t) => {
  const { rig, op, report, explained, until } = await open(t);
  const { id } = begun(await op.post("/v1/ops/appliances/a1/drills/drain", { durationMs: 30_000 }));
  const during = await explained();
  assert.equal(during.eliminated.find((one) => one.id === "a1")?.by, "draining");
  const seen = await until(id, ({ noticedAfterMs }) => noticedAfterMs !== null);
  assert.equal(seen.seen?.health, "draining");
  rig.pass(2000);
  assert.equal((await report())?.killed, undefined, "the appliance serves on");
  rig.pass(28_000);
  await report();
  assert.ok((await explained()).ranked.some((one) => one.id === "a1"));
  const over = await until(id, ({ backAfterMs }) => backAfterMs !== null);
  assert.deepEqual([over.state, over.endedAtMs, over.seen?.health], ["ended", over.endsAtMs, "draining"]);
  const list = drills.strict().parse((await op.get("/v1/ops/drills")).body);
  assert.deepEqual([list.drills.map((one) => one.id), list.mostMs], [[id], 600_000]);
});

test("[CO426] a kill is in the next desired state, is found out by the report, and an abort takes it out again", async (t) => {
  const { op, report, explained, until } = await open(t);
  const { id, endsAtMs } = begun(await op.post("/v1/ops/appliances/a1/drills/kill", {}));
  assert.ok(
    (await explained()).ranked.some((one) => one.id === "a1"),
    "steering finds out as it would of any death",
  );
  assert.deepEqual((await report())?.killed, { id, endsAtMs, durationMs: 60_000 });
  await report({ nginx: "down", trouble: `drill ${id} killed it` });
  const out = (await explained()).eliminated.find((one) => one.id === "a1");
  assert.deepEqual([out?.by, out?.because], ["unhealthy", `nginx is down: drill ${id} killed it.`]);
  assert.equal((await until(id, ({ noticedAfterMs }) => noticedAfterMs !== null)).seen?.health, "unhealthy");
  const aborted = begun(await op.post(`/v1/ops/drills/${id}/abort`, {}));
  assert.deepEqual([aborted.state, aborted.because], ["aborted", "operator@example.org aborted it"]);
  const told = await report({ nginx: "down" });
  assert.equal(told?.killed, undefined);
  for (let calm = 0; calm < defaultsOf(steerSettings).recoverReports; calm++) await report();
  assert.ok((await explained()).ranked.some((one) => one.id === "a1"));
  await until(id, ({ backAfterMs }) => backAfterMs !== null);
  assert.equal((await op.post(`/v1/ops/drills/${id}/abort`, {})).status, 200, "again changes nothing");
});

test("[CO427] a withdrawn prefix leaves the less specific one, comes back at the end, and stays withdrawn over a restart", async (t) => {
  const { rig, op, report, explained, until } = await open(t);
  const rule = async () => (await explained()).ranked.find((one) => one.id.startsWith("a"))?.prefix;
  assert.equal(await rule(), "203.0.113.0/24");
  const order = { prefix: "203.0.113.0/24", durationMs: 30_000 };
  const { id } = begun(await op.post("/v1/ops/appliances/a1/drills/withdraw", order));
  rig.pass(2000);
  await until(id, ({ noticedAfterMs }) => noticedAfterMs !== null);
  assert.equal((await explained()).eliminated.find((one) => one.id === "a1")?.by, "no-route");
  const again = await open(t, { stores: rig.stores });
  again.rig.pass(4000);
  await again.report();
  await again.until(id, ({ seen }) => seen?.health === "healthy" && seen.steered[0]?.now === "origin");
  assert.equal((await again.explained()).eliminated.find((one) => one.id === "a1")?.by, "no-route");
  rig.pass(28_000);
  await report();
  await until(id, ({ state }) => state === "ended");
  rig.pass(2000);
  await report();
  await until(id, ({ state, backAfterMs }) => state === "ended" && backAfterMs !== null);
  assert.equal(await rule(), "203.0.113.0/24");
});

/** Saves of drills wait until they are let through, or fail while told to. */
function heldSaves(rig: ScreenRig) {
  const { drills: store } = rig.stores;
  const real = store.save;
  const gate = { failing: false, tried: 0, held: Promise.resolve(), open: (): void => undefined };
  store.save = async (row) => {
    gate.tried += 1;
    await gate.held;
    if (gate.failing) throw new Fault(dataFaults.databaseUnreachable, { because: "it was told to be" });
    await real(row);
  };
  const hold = (): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(gate, { held: promise, open: resolve });
  };
  const stateOf = async (id: string) =>
    (await store.newest(9)).map(({ value }) => keptDrill.parse(value)).find((one) => one.id === id)?.state;
  const sooner = async (is: () => boolean | Promise<boolean>) => {
    const deadline = performance.now() + 20_000;
    while (!(await is())) {
      assert.ok(performance.now() < deadline, "it did not come about");
      await turn();
    }
  };
  return { gate, hold, stateOf, sooner };
}

for (const end of ["an abort", "its time"] as const) {
  test(`[CO480] a prefix is not withdrawn beyond ${end} that comes while the start is saved`, async (t) => {
    const { rig, op, report, explained, until } = await open(t);
    const { gate, hold, stateOf, sooner } = heldSaves(rig);
    hold();
    const order = { prefix: "203.0.113.0/24", durationMs: 30_000 };
    const starting = op.post("/v1/ops/appliances/a1/drills/withdraw", order);
    await sooner(() => gate.tried > 0);
    const [{ id = "" } = {}] = drills.parse((await op.get("/v1/ops/drills")).body).drills;
    const aborting = end === "an abort" ? op.post(`/v1/ops/drills/${id}/abort`, {}) : undefined;
    if (aborting === undefined) rig.pass(30_000);
    await until(id, ({ state }) => state !== "running");
    gate.open();
    assert.equal((await starting).status, 200);
    if (aborting !== undefined) assert.equal((await aborting).status, 200);
    await sooner(async () => (await stateOf(id)) !== "running");
    // Another withdrawal of the same makes routes speak: what the first one left behind would show after it.
    await report();
    const rule = async () => (await explained()).ranked.find((one) => one.id === "a1")?.prefix;
    const passing = (is: () => Promise<boolean>) =>
      sooner(async () => {
        rig.pass(500);
        await report();
        return is();
      });
    // So long that it is not over before anybody has looked, however slow the machine.
    const longer = { ...order, durationMs: 600_000 };
    const next = begun(await op.post("/v1/ops/appliances/a1/drills/withdraw", longer));
    await passing(async () => (await rule()) === undefined);
    begun(await op.post(`/v1/ops/drills/${next.id}/abort`, {}));
    await passing(async () => (await rule()) === "203.0.113.0/24");
  });
}

test("[CO480] a drill ends at its time though the save of another hangs", async (t) => {
  const { rig, op, explained, until } = await open(t);
  const { gate, hold, sooner } = heldSaves(rig);
  const order = { prefix: "203.0.113.0/24", durationMs: 30_000 };
  const { id } = begun(await op.post("/v1/ops/appliances/a1/drills/withdraw", order));
  hold();
  try {
    rig.pass(2000);
    // Noticing is news, and waits for the database.
    await until(id, ({ noticedAfterMs }) => noticedAfterMs !== null);
    rig.pass(28_000);
    await until(id, ({ state }) => state === "ended");
    await sooner(async () => {
      rig.pass(500);
      return (await explained()).eliminated.find((one) => one.id === "a1")?.by !== "no-route";
    });
  } finally {
    gate.open();
  }
});

test("[CO481] an abort that could not be saved is refused as long, and is down in the end, without another order too", async (t) => {
  const { rig, op } = await open(t);
  const { gate, stateOf, sooner } = heldSaves(rig);
  const path = "/v1/ops/appliances/a1/drills/drain";
  const { id } = begun(await op.post(path, {}));
  gate.failing = true;
  for (const time of ["once", "again"])
    assert.equal((await op.post(`/v1/ops/drills/${id}/abort`, {})).code, "database-unreachable", time);
  assert.equal(await stateOf(id), "running");
  gate.failing = false;
  await sooner(async () => (await stateOf(id)) === "aborted");
  assert.equal((await op.post(`/v1/ops/drills/${id}/abort`, {})).status, 200);
});
