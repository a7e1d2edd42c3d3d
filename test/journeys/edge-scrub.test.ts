// Rot that comes while an appliance serves: a flipped bit, and a disk that gives a file back no more.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  type AgentProcess,
  atEnd,
  type Bundle,
  get,
  k1,
  missing,
  publish,
  type Scope,
  signed,
  startAgent,
  until,
} from "./edge-rig.ts";
import { held, origin, plan, type Site, site } from "./edge-site.ts";
import { type FaultShim, openFaultShim, shimMissing } from "./fault-shim.ts";

const restless = { MILLRACE_EDGE_SCRUB_DAYS: "0" };

interface OnBadDisk extends Site {
  readonly bundle: Bundle;
  readonly shim: FaultShim;
  readonly agent: AgentProcess;
  readonly bootId: string;
}

/** An appliance that holds two files, on a disk that fails when it is told to. */
async function onBadDisk(t: Scope, environment: Record<string, string>): Promise<OnBadDisk> {
  const box = await site(t);
  const { dir, listen, originUrl, control, folder } = box;
  const bundle = publish(join(folder, "store"), "t1", "v360", 2, 20_000);
  control.desired = plan(1, [bundle], origin(originUrl));
  const shim = openFaultShim(t);
  const agent = startAgent(t, { dir, listen, control: control.url }, { ...environment, ...shim.environment });
  const { bootId } = await control.report("all", (report) => report.verified.length === 1);
  return { ...box, bundle, shim, agent, bootId };
}

test("[ED70] [ED71] [ED72] a file that rots in service is found, withdrawn, and fetched again when the origin is back", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder, ...opened } = await site(t);
  const bundles = ["v360", "v720"].map((name) => publish(join(folder, "store"), "t1", name, 2, 20_000));
  control.desired = plan(1, bundles, origin(originUrl));
  const agent = startAgent(t, { dir, listen, control: control.url }, restless);
  await control.report("both, read again at least once", (report) => {
    return report.verified.length === 2 && (report.scrub?.checkedFiles ?? 0) > 4;
  });
  await opened.origin.stop();
  const rotten = join(dir, "v/t1/v360/1.m4s");
  const content = readFileSync(rotten);
  content[777] = (content[777] ?? 0) ^ 1;
  writeFileSync(rotten, content);
  const part = await control.report("the rest", (report) => report.verified.length === 1);
  assert.deepEqual([part.verified, part.scrub?.rotten], [["t1/v720"], 1]);
  await until("the file to be set aside", () => readdirSync(join(dir, "quarantine")).length === 1);
  assert.equal((await get(listen, signed(k1, "t1", "v360/1.m4s"))).status, 404);
  const reopened = await opened.openOrigin();
  atEnd(t, () => reopened.stop());
  await control.report("both again", (report) => report.verified.length === 2);
  assert.equal(held(dir, "t1", "v360/1.m4s"), bundles[0]?.files[1]?.sha256);
  agent.child.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
  const ledger = readFileSync(join(dir, "state/scrub.txt"), "utf8");
  const names = ["t1/v360/0.m4s", "t1/v360/1.m4s", "t1/v720/0.m4s", "t1/v720/1.m4s"];
  assert.deepEqual(ledger.match(/\S+$/gm)?.sort(), names);
});

test("[ED159] a file that nginx cannot read for a viewer is read at once, found rotten and fetched again", {
  skip: missing || shimMissing,
}, async (t) => {
  const { dir, listen, control, bundle, shim } = await onBadDisk(t, {});
  shim.failReads("/v/t1/v360/1.m4s");
  const film = signed(k1, "t1", "v360/1.m4s");
  await until("the rot", async () => {
    await get(listen, film).catch(() => undefined);
    return (control.last()?.scrub?.rotten ?? 0) > 0;
  });
  shim.mend();
  await control.report("all again", (report) => report.verified.length === 1);
  assert.equal(held(dir, "t1", "v360/1.m4s"), bundle.files[1]?.sha256);
  assert.equal((await get(listen, film)).status, 200);
});

test("[ED72] a disk that answers with EIO makes one file rotten and ends nobody", {
  skip: missing || shimMissing,
}, async (t) => {
  const { dir, listen, control, bundle, shim, agent, bootId } = await onBadDisk(t, restless);
  shim.failReads("/v/t1/v360/1.m4s");
  await control.report("the rot", (report) => (report.scrub?.rotten ?? 0) > 0);
  assert.equal((await get(listen, signed(k1, "t1", "v360/0.m4s"))).status, 200, "the others are served");
  shim.mend();
  const whole = await control.report("all again", (report) => report.verified.length === 1);
  assert.equal(whole.bootId, bootId);
  assert.equal(held(dir, "t1", "v360/1.m4s"), bundle.files[1]?.sha256);
  agent.child.kill("SIGTERM");
  assert.equal(await agent.ended(), 0);
  shim.failReads("/v/t1/v360/0.m4s");
  startAgent(t, { dir, listen, control: control.url }, shim.environment);
  await control.report("rot found at the start", (report) => report.scrub?.rotten === 1);
  await control.report("and mended", (report) => report.verified.length === 1);
});
