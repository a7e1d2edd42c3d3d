// The fault table of src/edge/README.md, each with a real agent and a real nginx.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { signalTo } from "#edge/io/nginx-process.ts";
import { drippingPeer, silentPeer } from "./edge-peers.ts";
import { atEnd, get, k1, k2, missing, publish, sha256, signed, startAgent, until } from "./edge-rig.ts";
import { held, origin, peer, pidsOf, plan, type Site, site } from "./edge-site.ts";
import { holdProcess, openFaultShim, shimMissing } from "./fault-shim.ts";

function filesOf({ folder }: Site, title: string, files = 2): ReturnType<typeof publish> {
  return publish(join(folder, "store"), title, "v360", files, 20_000);
}

function statusOf(listen: string, title = "t1", seconds = 7200): Promise<number> {
  return get(listen, signed(k1, title, "v360/0.m4s", seconds)).then(
    (got) => got.status,
    () => 0,
  );
}

const serves = (listen: string): Promise<unknown> =>
  until("it serves", async () => (await statusOf(listen)) === 200);

test("[ED76] stopped processes of nginx are told to go on, and killed when they are stopped again", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  control.desired = plan(1, [filesOf(box, "t1")], origin(box.originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_WORKERS: "2" });
  await control.report("all", (report) => report.verified.length === 1);
  const isWoken = (pid: number): boolean => new RegExp(`"kind":"woken","pid":${pid}\\b`).test(agent.stderr());
  const [worker = 0, other = 0] = await pidsOf(dir, "worker");
  const [master = 0] = await pidsOf(dir, "master");
  process.kill(worker, "SIGSTOP");
  await until("the worker goes on", () => isWoken(worker));
  process.kill(worker, "SIGSTOP");
  await until("another worker in its place", async () => {
    const now = await pidsOf(dir, "worker");
    return now.length === 2 && !now.includes(worker) && now.includes(other);
  });
  assert.deepEqual(await pidsOf(dir, "master"), [master]);
  process.kill(master, "SIGSTOP");
  await until("the master goes on", () => isWoken(master));
  process.kill(master, "SIGSTOP");
  await until("another master in its place", async () => {
    const [now = master] = await pidsOf(dir, "master");
    return now !== master;
  });
  await serves(listen);
  await control.report("all is well again", (report) => report.nginx === "up" && report.trouble === "");
});

test("[ED77] an nginx that hangs and is not stopped is killed and started again", {
  skip: missing || shimMissing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  control.desired = plan(1, [filesOf(box, "t1")], origin(box.originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_HANG_MS: "1500" });
  await control.report("all", (report) => report.verified.length === 1);
  const [worker = 0] = await pidsOf(dir, "worker");
  if (!(await holdProcess(t, worker))) {
    t.skip("this system lets nobody hold another process");
    return;
  }
  await until("another worker in its place", async () => {
    const [now = worker] = await pidsOf(dir, "worker");
    return now !== worker;
  });
  await serves(listen);
  assert.match(agent.stderr(), /it left 3 questions in a row unanswered/);
});

test("[ED152] a worker that spins, and so never leaves after a reload, is killed, and the reload is through", {
  skip: missing || shimMissing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const files = [filesOf(box, "t1")];
  control.desired = plan(1, files, origin(box.originUrl));
  const shim = openFaultShim(t);
  const environment = { ...shim.environment, MILLRACE_EDGE_WORKERS: "2", MILLRACE_EDGE_STUCK_MS: "300" };
  const agent = startAgent(t, { dir, listen, control: control.url }, environment);
  await control.report("all", (report) => report.verified.length === 1);
  const [worker = 0, other = 0] = await pidsOf(dir, "worker");
  shim.spin(worker);
  control.desired = { ...plan(2, files, origin(box.originUrl)), keys: [k1, k2] };
  await control.report(
    "the reload is through",
    (report) => report.desiredEpoch === 2 && report.trouble === "",
  );
  const told = /"kind":"stuck-killed","pid":(\d+),"because":"has not begun to leave/.exec(agent.stderr());
  assert.equal(Number(told?.[1]), worker);
  const now = await pidsOf(dir, "worker");
  assert.deepEqual([now.length, now.includes(worker), now.includes(other)], [2, false, false]);
  assert.equal(await statusOf(listen), 200);
});

test("[ED78] a full disk pauses the fill and says so; what is held is served; with room the fill goes on", {
  skip: missing || shimMissing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const bundles = [filesOf(box, "t1"), filesOf(box, "t2", 6)];
  control.desired = plan(1, bundles.slice(0, 1), origin(box.originUrl));
  const shim = openFaultShim(t);
  const agent = startAgent(t, { dir, listen, control: control.url }, shim.environment);
  await control.report("the first", (report) => report.verified.length === 1);
  shim.fillDisk("/incoming/");
  control.desired = plan(2, bundles, origin(box.originUrl));
  const full = await control.report("the full disk", (report) =>
    /the disk is full/.test(report.fill.lastProblem),
  );
  assert.match(full.fill.lastProblem, /ENOSPC.*the fill pauses/);
  assert.equal(await statusOf(listen), 200);
  assert.deepEqual(control.last()?.verified, ["t1/v360"]);
  shim.mend();
  await control.report("all", (report) => report.verified.length === 2);
  for (const { path, sha256: right } of bundles[1]?.files ?? []) assert.equal(held(dir, "t2", path), right);
  assert.equal(agent.child.exitCode, null);
});

test("[ED84] a state that cannot be kept is served and denies all the same, without reloads, and is kept later", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const files = [filesOf(box, "t1")];
  control.desired = plan(1, files, origin(box.originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url });
  await control.report("all", (report) => report.verified.length === 1);
  const reloads = (): number => agent.stderr().split('"kind":"reloaded"').length - 1;
  const before = reloads();
  const state = join(dir, "state/desired.json");
  rmSync(state);
  mkdirSync(state);
  const untilMs = Date.now() + 3_600_000;
  control.desired = {
    ...plan(2, files, origin(box.originUrl)),
    denied: [{ kind: "title", id: "t1", untilMs }],
  };
  const told = await control.report("what was not kept", (report) =>
    /not be kept/.test(report.fill.lastProblem),
  );
  assert.equal(told.desiredEpoch, 2);
  const from = control.reports.length;
  await until("more reports", () => control.reports.length > from + 5);
  assert.equal(await statusOf(listen), 403);
  assert.equal(reloads(), before + 1);
  assert.deepEqual(
    readdirSync(join(dir, "state")).filter((name) => name.endsWith(".new")),
    [],
  );
  rmdirSync(state);
  await control.report("it is kept", (report) => report.fill.lastProblem === "");
  assert.equal(JSON.parse(readFileSync(state, "utf8")).epoch, 2);
});

test("[ED79] an address that was taken while nginx was down is told with its holder, and served when it is free", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  control.desired = plan(1, [filesOf(box, "t1")], origin(box.originUrl));
  // With two workers nginx lets others share its port, so that a stranger can sit there before it ends.
  startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_WORKERS: "2" });
  await control.report("all", (report) => report.verified.length === 1);
  const [host = "", port = ""] = listen.split(":");
  const stranger = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    stranger.once("error", reject);
    stranger.listen({ host, port: Number(port), reusePort: true }, resolve);
  });
  atEnd(t, () => stranger.close());
  for (const kind of ["master", "worker"] as const) {
    for (const pid of await pidsOf(dir, kind)) signalTo(pid, "SIGKILL");
  }
  const down = await control.report("the stranger", (report) => report.nginx === "down");
  assert.match(down.trouble, new RegExp(`already in use by .*\\(pid ${process.pid}\\)`));
  stranger.close();
  await control.report("it is back", (report) => report.nginx === "up" && report.trouble === "");
  await serves(listen);
});

test("[ED80] file handles: the soft limit becomes the hard one, both are told, and running out of them ends nothing", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const bundle = filesOf(box, "t1", 60);
  control.desired = plan(1, [bundle], origin(box.originUrl));
  const through = ["sh", "-c", 'ulimit -Sn 40 && ulimit -Hn 56 && exec "$@"', "sh"];
  const greedy = { MILLRACE_EDGE_FILL_PARALLEL: "50" };
  const agent = startAgent(t, { dir, listen, control: control.url, through }, greedy);
  const full = await control.report("all, in the end", (report) => report.verified.length === 1);
  assert.equal(full.handles?.limit, 56);
  assert.match(agent.stderr(), /EMFILE|too many open files/, "they did run out");
  assert.equal(await statusOf(listen), 200);
});

test("[ED81] a wall clock that jumps ends no life, and fill, reports and serving go on", {
  skip: missing || shimMissing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const bundles = ["t1", "t2", "t3"].map((title) => filesOf(box, title));
  control.desired = plan(1, bundles.slice(0, 1), origin(box.originUrl));
  const shim = openFaultShim(t);
  startAgent(t, { dir, listen, control: control.url }, shim.environment);
  const { bootId } = await control.report("the first", (report) => report.verified.length === 1);
  for (const [i, jump] of [3600, -1800].entries()) {
    shim.setClock(jump);
    const count = i + 2;
    control.desired = plan(count, bundles.slice(0, count), origin(box.originUrl));
    const filled = await control.report("the next", (report) => report.verified.length === count);
    assert.deepEqual([filled.bootId, filled.nginx], [bootId, "up"]);
    assert.equal(await statusOf(listen), 200);
    // The jump did reach nginx: a path for half an hour is over an hour later, as it must be.
    assert.equal(await statusOf(listen, "t1", 1800), jump > 0 ? 403 : 200);
  }
});

test("[ED82] while control accepts and says nothing, nginx is mended and serves; the first answer after is taken", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control } = box;
  const bundles = ["t1", "t2"].map((title) => filesOf(box, title));
  control.desired = plan(1, bundles.slice(0, 1), origin(box.originUrl));
  const hasty = { MILLRACE_EDGE_REPORT_DEADLINE_MS: "300" };
  const agent = startAgent(t, { dir, listen, control: control.url }, hasty);
  await control.report("the first", (report) => report.verified.length === 1);
  control.isMute = true;
  control.desired = plan(2, bundles, origin(box.originUrl));
  await until("it notices", () => /it did not answer in time.*serving goes on/.test(agent.stderr()));
  const [master = 0] = await pidsOf(dir, "master");
  process.kill(master, "SIGKILL");
  await until("another nginx", async () => {
    const [now = master] = await pidsOf(dir, "master");
    return now !== master && (await statusOf(listen)) === 200;
  });
  control.isMute = false;
  await control.report(
    "what was missed",
    (report) => report.desiredEpoch === 2 && report.verified.length === 2,
  );
});

test("[ED21] [ED158] a peer that says nothing, and one that drips, are given up after the stall time; the next is asked", {
  skip: missing,
}, async (t) => {
  const box = await site(t);
  const { dir, listen, control, folder } = box;
  const bundle = filesOf(box, "t1");
  const silent = await silentPeer(t);
  const dripping = await drippingPeer(t, join(folder, "store"));
  const sources = [silent, dripping].map((url, i) => ({ ...peer(url), sourceId: `peer${i}` }));
  control.desired = plan(1, [bundle], ...sources, origin(box.originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url }, { MILLRACE_EDGE_FILL_STALL_MS: "300" });
  const { fill } = await control.report("all", (report) => report.verified.length === 1);
  assert.equal(fill.bytesFromPeers + fill.bytesFromOrigin, 40_000);
  assert.ok(fill.bytesFromPeers > 0 && fill.bytesFromPeers < 200, "drops came, and were not lost");
  for (const words of [/it was silent for 300 ms/, /it sent less than 8000 bytes a second/])
    assert.match(agent.stderr(), words);
  const got = await get(listen, signed(k1, "t1", "v360/1.m4s"));
  assert.equal(sha256(got.body), bundle.files[1]?.sha256);
});
