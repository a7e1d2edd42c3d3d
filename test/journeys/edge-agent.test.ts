// Real agents: they fill from peers and the origin, survive lies, rot and kill -9, and live without the control plane.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import {
  atEnd,
  FakeControl,
  freeListen,
  get,
  k1,
  liar,
  missing,
  publish,
  sha256,
  signed,
  startAgent,
  tempFolder,
  until,
} from "./edge-rig.ts";
import { held, origin, peer, plan, site } from "./edge-site.ts";

test("[ED20] [ED21] [ED30] a fill past a lying peer is verified, advertised and served; SIGTERM leaves nothing behind", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundles = [
    publish(join(folder, "store"), "t1", "v360", 3, 50_000),
    publish(join(folder, "store"), "t1", "a", 1, 9),
  ];
  control.desired = plan(1, bundles, peer(await liar(t, 50_000)), origin(originUrl));
  // Longer than the test: no liar is asked twice.
  const patient = { MILLRACE_EDGE_RETRY_MIN_MS: "30000", MILLRACE_EDGE_RETRY_MAX_MS: "30000" };
  const agent = startAgent(t, { dir, listen, control: control.url }, patient);
  const full = await control.report("everything verified", (report) => report.verified.length === 2);
  assert.deepEqual(full.verified, ["t1/a", "t1/v360"]);
  assert.equal(full.fill.filesVerified, 4);
  assert.equal(full.fill.rejected, 4);
  assert.equal(full.fill.bytesFromOrigin, 150_009);
  assert.equal(full.disk.usedBytes, 150_009);
  assert.deepEqual([full.desiredEpoch, full.nginx, full.trouble, full.draining], [1, "up", "", false]);
  assert.ok(
    control.reports.every((report) => report.verified.length === 0 || report.fill.filesVerified > 0),
    "nothing is advertised unverified",
  );
  for (const { path, sha256: right } of bundles[0]?.files ?? []) {
    const got = await get(listen, signed(k1, "t1", path));
    assert.deepEqual([got.status, sha256(got.body)], [200, right]);
  }
  const busy = await control.report("the load", (report) => report.load.requests === 3);
  assert.ok(busy.load.errors === 0);
  agent.child.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
  assert.equal(control.last()?.draining, true);
  assert.equal((await ownProcesses(join(dir, "nginx"))).length, 0);
  assert.deepEqual(readdirSync(join(dir, "incoming")), []);
});

test("[ED21] [ED26] a second box fills from the first; a new plan replaces the old one", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder, origin: originNginx } = await site(t);
  const store = join(folder, "store");
  const first = publish(store, "t1", "v360", 2, 20_000);
  control.desired = plan(1, [first], origin(originUrl));
  const second = await new FakeControl(t).open();
  second.desired = plan(1, [first], peer(`http://${listen}/`), origin(originUrl));
  startAgent(t, { dir, listen, control: control.url });
  await control.report("the first box full", (report) => report.verified.length === 1);
  await originNginx.stop();
  const dir2 = join(folder, "box2");
  startAgent(t, { dir: dir2, listen: await freeListen(), control: second.url });
  const copied = await second.report("the second box full", (report) => report.verified.length === 1);
  assert.deepEqual([copied.fill.bytesFromPeers, copied.fill.bytesFromOrigin], [40_000, 0]);
  second.desired = plan(
    2,
    [{ ...first, id: "t1/half", files: first.files.slice(0, 1) }],
    peer(`http://${listen}`),
  );
  await second.report(
    "the smaller plan",
    (report) => report.desiredEpoch === 2 && report.verified.includes("t1/half"),
  );
  await until("the rest to go", () => !existsSync(join(dir2, "v/t1/v360/1.m4s")));
  assert.ok(existsSync(join(dir2, "v/t1/v360/0.m4s")));
});

test("[ED22] [ED12] [ED32] killed with -9 in the middle of a file, it goes on from there, and nginx never stopped", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundle = publish(join(folder, "store"), "t1", "v360", 2, 3_000_000);
  control.desired = plan(1, [bundle], origin(originUrl));
  const slow = { MILLRACE_EDGE_FILL_BPS: "4000000" };
  const agent = startAgent(t, { dir, listen, control: control.url }, slow);
  const incoming = join(dir, "incoming");
  await until("half a file", () => {
    const names = existsSync(incoming) ? readdirSync(incoming) : [];
    const sizes = names.map((name) => statSync(join(incoming, name), { throwIfNoEntry: false })?.size ?? 0);
    return sizes.length === 2 && sizes.every((size) => size > 300_000);
  });
  agent.child.kill("SIGKILL");
  await agent.ended();
  const masters = async (): Promise<readonly number[]> =>
    (await ownProcesses(join(dir, "nginx"))).filter(({ kind }) => kind === "master").map(({ pid }) => pid);
  const before = await masters();
  assert.equal(
    (await get(listen, signed(k1, "t1", "v360/0.m4s"))).status,
    404,
    "nginx serves on, and has nothing half",
  );
  const unfinished = ["state/desired.json.0a1b2c3d.new", "nginx/conf/nginx.conf.candidate.0a1b2c3d.new"];
  for (const name of unfinished) writeFileSync(join(dir, name), "half");
  startAgent(t, { dir, listen, control: control.url });
  const full = await control.report("the rest", (report) => report.verified.length === 1);
  for (const { path, sha256: right } of bundle.files) assert.equal(held(dir, "t1", path), right);
  assert.ok(full.fill.bytes < 5_500_000, `${full.fill.bytes} bytes were fetched again`);
  assert.deepEqual(await masters(), before);
  assert.deepEqual(
    unfinished.filter((name) => existsSync(join(dir, name))),
    [],
  );
});

test("[ED24] [ED31] [ED32] rot on the disk is found at the start, without control too, and mended when the origin is back", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder, ...opened } = await site(t);
  const bundles = ["v360", "v720"].map((name) => publish(join(folder, "store"), "t1", name, 2, 20_000));
  control.desired = plan(1, bundles, origin(originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url });
  await control.report("both", (report) => report.verified.length === 2);
  agent.child.kill("SIGTERM");
  await agent.ended();
  const rotten = join(dir, "v/t1/v360/1.m4s");
  const content = readFileSync(rotten);
  content[777] = (content[777] ?? 0) ^ 1;
  writeFileSync(rotten, content);
  await opened.origin.stop();
  const again = startAgent(t, { dir, listen, control: control.url });
  const part = await control.report(
    "only what is whole",
    (report) => report.verified.length === 1 && report.fill.queued > 0,
  );
  assert.deepEqual(part.verified, ["t1/v720"]);
  await until("the rotten file to be set aside", () => !existsSync(rotten));
  assert.equal((await get(listen, signed(k1, "t1", "v360/1.m4s"))).status, 404);
  assert.equal(readdirSync(join(dir, "quarantine")).length, 1);
  const reopened = await opened.openOrigin();
  atEnd(t, () => reopened.stop());
  await control.report("both again", (report) => report.verified.length === 2);
  assert.equal(held(dir, "t1", "v360/1.m4s"), bundles[0]?.files[1]?.sha256);
  again.child.kill("SIGKILL");
  await again.ended();
  control.close();
  const alone = startAgent(t, { dir, listen, control: control.url });
  await until("it serves without the control plane", async () => {
    const got = await get(listen, signed(k1, "t1", "v360/1.m4s"));
    return got.status === 200 && /does not answer|serving goes on/.test(alone.stderr());
  });
  alone.child.kill("SIGINT");
  assert.equal(await alone.ended(), 0);
});

test("[ED25] [ED29] a plan too big, or with paths that lead outside, is told back", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundles = ["v360", "v720"].map((name) => publish(join(folder, "store"), "t1", name, 1, 20_000));
  control.desired = plan(1, bundles, origin(originUrl));
  startAgent(t, { dir, listen, control: control.url, budget: 30_000 });
  const short = await control.report("the problem", (report) =>
    /budget is 30000/.test(report.fill.lastProblem),
  );
  assert.ok(short.disk.usedBytes <= 30_000);
  const [outside] = bundles;
  assert.ok(outside !== undefined);
  const files = [{ path: "../../../outside.m4s", bytes: 1, sha256: "0".repeat(64) }];
  control.desired = plan(2, [{ ...outside, files }], origin(originUrl));
  const refused = await control.report(
    "the refusal, while what was taken over before is fetched",
    (report) => /could never be served/.test(report.fill.lastProblem) && report.verified.length > 0,
  );
  assert.equal(refused.desiredEpoch, 1);
  assert.deepEqual(refused.verified, ["t1/v360"]);
});

test("[ED33] one disk has one agent, and a taken port ends the second with the holder's name", {
  skip: missing,
}, async (t) => {
  const { dir, listen, control, folder } = await site(t);
  startAgent(t, { dir, listen, control: control.url });
  await control.report("the first", (report) => report.nginx === "up");
  const second = startAgent(t, { dir, listen: await freeListen(), control: control.url });
  const third = startAgent(t, { dir: join(folder, "box2"), listen, control: control.url });
  assert.equal(await second.ended(), 1);
  assert.match(second.stderr(), /already belongs to a running agent \(pid \d+\)/);
  assert.equal(await third.ended(), 1);
  assert.match(third.stderr(), /already in use by nginx \(pid \d+\)/);
  assert.equal((await get(listen, "/")).status, 403, "the first one is not disturbed");
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("[ED34] an appliance told to die with its parent does, and takes nginx along", {
  skip: missing,
}, async (t) => {
  const { dir, listen, control } = await site(t);
  writeFileSync(`${dir}.token`, "the token");
  const options = { id: "box", control: control.url, "token-file": `${dir}.token`, listen, dir, budget: "1" };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const code = `
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["src/bin/appliance.ts", "--die-with-parent", ...JSON.parse(process.argv[1])]);
    process.stdout.write(String(child.pid));
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code, JSON.stringify(args)]);
  atEnd(t, () => parent.kill("SIGKILL"));
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once("data", (text) => resolve(Number(text))),
  );
  await control.report("it is up", (report) => report.nginx === "up");
  parent.kill("SIGKILL");
  // Without parents it may stay a zombie for as long as the first process of the machine likes: that has no command line.
  await until("the agent to end", () => commandOf(pid) === "");
  assert.equal(control.last()?.draining, true);
  assert.equal((await ownProcesses(join(dir, "nginx"))).length, 0);
});

test("[ED34] a wrong option is named, and ends with status 2", async (t) => {
  const folder = tempFolder(t);
  const agent = startAgent(t, {
    dir: join(folder, "box"),
    listen: "127.0.0.1:1",
    control: "nowhere",
    budget: -1,
  });
  assert.equal(await agent.ended(), 2);
  assert.match(agent.stderr(), /--budget: wanted bytes/);
  assert.match(agent.stderr(), /--control: wanted an address/);
});

test("[ED34] wrong and unknown settings are named, all at once, and end with status 2", async (t) => {
  const folder = tempFolder(t);
  const order = { dir: join(folder, "box"), listen: "127.0.0.1:1", control: "http://127.0.0.1:1" };
  const environment = { MILLRACE_EDGE_FILL_PARALEL: "2", MILLRACE_EDGE_RETRY_MAX_MS: "soon" };
  const agent = startAgent(t, order, environment);
  assert.equal(await agent.ended(), 2);
  assert.match(agent.stderr(), /MILLRACE_EDGE_RETRY_MAX_MS/);
  assert.match(agent.stderr(), /Unknown settings: MILLRACE_EDGE_FILL_PARALEL\./);
});
