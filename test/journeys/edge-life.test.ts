// How agents come and go: one makes way for the next while films run, one leaves without cutting anyone off.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { begun, get, k1, missing, publish, sha256, signed, startAgent, until } from "./edge-rig.ts";
import { origin, pidsOf, plan, site } from "./edge-site.ts";

test("[ED85] [ED87] told to hand over, an agent leaves nginx running, and the next one takes it: no request fails", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundle = publish(join(folder, "store"), "t1", "v360", 1, 300_000);
  control.desired = plan(1, [bundle], origin(originUrl));
  const old = startAgent(t, { dir, listen, control: control.url });
  const { bootId } = await control.report("all", (report) => report.verified.length === 1);
  const masters = await pidsOf(dir, "master");
  const statuses: (number | string)[] = [];
  let isOver = false;
  const viewer = (async () => {
    while (!isOver) {
      const got = await get(listen, signed(k1, "t1", "v360/0.m4s")).catch((error: unknown) => error);
      const whole = got instanceof Error || Object(got).body.length !== 300_000 ? String(got) : 200;
      statuses.push(whole);
    }
  })();
  await until("some requests before", () => statuses.length > 5);
  old.child.kill("SIGUSR2");
  assert.equal(await old.ended(), 0);
  assert.equal(
    control.reports.some((report) => report.draining),
    false,
  );
  const between = statuses.length;
  await until("some requests between", () => statuses.length > between + 5);
  startAgent(t, { dir, listen, control: control.url });
  // By its name: a last report of the one before may be read after its end was heard of.
  const isNext = (report: ApplianceReport): boolean => report.bootId !== bootId;
  const next = await control.report(
    "the next agent",
    (report) => isNext(report) && report.verified.length === 1,
  );
  const news = control.reports.filter(isNext);
  assert.ok(news.every((report) => report.verified.length === 1 && report.fill.filesVerified === 0));
  assert.deepEqual([next.nginx, next.desiredEpoch], ["up", 1]);
  assert.deepEqual(await pidsOf(dir, "master"), masters);
  isOver = true;
  await viewer;
  assert.deepEqual(
    statuses.filter((status) => status !== 200),
    [],
  );
});

test("[ED87] [ED156] an agent that takes long to look at its disk reports, advertising nothing, and makes way only then", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  control.desired = plan(1, [publish(join(folder, "store"), "t1", "v360", 1, 1000)], origin(originUrl));
  const old = startAgent(t, { dir, listen, control: control.url });
  const { bootId } = await control.report("all", (report) => report.verified.length === 1);
  old.child.kill("SIGUSR2");
  assert.equal(await old.ended(), 0);
  // Reading what was handed over lasts until somebody writes into the pipe in its place.
  const proofs = join(dir, "state/handed-over.txt");
  const text = readFileSync(proofs);
  rmSync(proofs);
  execFileSync("mkfifo", [proofs]);
  const often = { MILLRACE_EDGE_REPORT_INTERVAL_MS: "200" };
  const slow = startAgent(t, { dir, listen, control: control.url }, often);
  for (const count of ["one", "another"]) {
    // The one before it may have sent a report that is only read now.
    const early = await control.report(
      `${count} report before the end`,
      (report) => report.bootId !== bootId,
    );
    assert.deepEqual([early.nginx, early.verified, early.desiredEpoch], ["up", [], 1]);
    slow.child.kill("SIGUSR2");
  }
  assert.equal(slow.child.exitCode, null, "it still waits for what was handed over to it");
  await writeFile(proofs, text);
  assert.equal(await slow.ended(), 0);
  startAgent(t, { dir, listen, control: control.url });
  const full = await control.report("the film", (report) => report.verified.length === 1);
  assert.equal(full.fill.filesVerified, 0);
});

test("[ED86] an appliance that leaves tells control first, and finishes what it sends", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundle = publish(join(folder, "store"), "t1", "v360", 1, 20_000_000);
  control.desired = plan(1, [bundle], origin(originUrl));
  const agent = startAgent(
    t,
    { dir, listen, control: control.url },
    { MILLRACE_EDGE_STOP_GRACE_MS: "60000" },
  );
  await control.report("all", (report) => report.verified.length === 1);
  const finish = await begun(listen, signed(k1, "t1", "v360/0.m4s"));
  agent.child.kill("SIGTERM");
  const told = await control.report("the leave", (report) => report.draining);
  assert.equal(told.nginx, "up");
  await until("nobody new is let in", () =>
    get(listen, "/").then(
      () => false,
      () => true,
    ),
  );
  assert.equal(sha256((await finish()).body), bundle.files[0]?.sha256);
  assert.equal(await agent.ended(), 0);
  assert.equal((await ownProcesses(join(dir, "nginx"))).length, 0);
});

function killedFor(durationMs: number) {
  return { id: "d00c0ffee", endsAtMs: Date.now() + durationMs, durationMs };
}

test("[ED211] [ED212] a drill kills nginx while it sends, an agent that starts meanwhile leaves it down, and the next word brings it back", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder } = await site(t);
  const bundle = publish(join(folder, "store"), "t1", "v360", 1, 20_000_000);
  const well = plan(1, [bundle], origin(originUrl));
  control.desired = well;
  const agent = startAgent(t, { dir, listen, control: control.url });
  await control.report("all", (report) => report.verified.length === 1);
  const finish = await begun(listen, signed(k1, "t1", "v360/0.m4s"));
  control.desired = { ...well, epoch: 2, killed: killedFor(600_000) };
  const dead = await control.report("its death", (report) => report.nginx === "down");
  assert.equal(dead.trouble, "drill d00c0ffee killed it");
  await assert.rejects(finish(), "what was being sent is cut off");
  assert.equal((await ownProcesses(join(dir, "nginx"))).length, 0);
  await assert.rejects(get(listen, "/"));
  agent.child.kill("SIGKILL");
  await agent.ended();
  startAgent(t, { dir, listen, control: control.url });
  const next = await control.report(
    "the next agent",
    ({ bootId, verified }) => bootId !== dead.bootId && verified.length === 1,
  );
  assert.deepEqual([next.nginx, next.desiredEpoch], ["down", 2]);
  assert.equal((await ownProcesses(join(dir, "nginx"))).length, 0);
  control.desired = { ...well, epoch: 3 };
  await control.report("its return", (report) => report.nginx === "up" && report.desiredEpoch === 3);
  assert.equal(sha256((await get(listen, signed(k1, "t1", "v360/0.m4s"))).body), bundle.files[0]?.sha256);
  const soon = killedFor(1500);
  control.desired = { ...well, epoch: 4, killed: soon };
  await control.report("its second death", (report) => report.nginx === "down");
  await control.report("its end", (report) => report.nginx === "up" && report.desiredEpoch === 4);
});
