import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DesiredState } from "#wire/appliance.ts";
import { atEnd, get, k1, missing, publish, sha256, signed, startAgent, until } from "./edge-rig.ts";
import { origin, plan, site } from "./edge-site.ts";

/** A window of two hours that opens `hours` from now. */
function opensIn(hours: number): NonNullable<DesiredState["fill"]> {
  const now = new Date(Date.now() + hours * 3_600_000);
  const opensAtMinute = now.getUTCHours() * 60 + now.getUTCMinutes();
  return { window: { zone: "UTC", opensAtMinute, hours: 2 }, rateBps: 1e9, urgentShare: 0.25 };
}

test("[ED194] [ED201] [ED203] by day what is urgent alone comes; without control, started anew, an appliance fills the night that it knows", {
  skip: missing,
}, async (t) => {
  const { dir, listen, originUrl, control, folder, ...opened } = await site(t);
  const [film, premiere] = ["t1", "t2"].map((title) =>
    publish(join(folder, "store"), title, "v360", 2, 20_000),
  );
  assert.ok(film !== undefined && premiere !== undefined);
  const bundles = [film, { ...premiere, urgent: true }];
  control.desired = { ...plan(1, bundles, origin(originUrl)), fill: opensIn(6) };
  const agent = startAgent(t, { dir, listen, control: control.url });
  const day = await control.report("the urgent bundle", (report) => report.verified.length > 0);
  assert.deepEqual([day.verified, day.fill.deferred, day.fill.urgent], [["t2/v360"], 2, 0]);
  assert.ok(day.fill.window !== undefined && !day.fill.window.isOpen);
  const left = (day.fill.window.changesAtMs ?? 0) - Date.now();
  assert.ok(left > 5.9 * 3_600_000 && left < 6.1 * 3_600_000);
  assert.match(agent.stderr(), /fill window closed/);

  await opened.origin.stop();
  control.desired = { ...plan(2, bundles, origin(originUrl)), fill: opensIn(-1) };
  const night = await control.report("the night", (report) => report.fill.window?.isOpen === true);
  assert.deepEqual([night.desiredEpoch, night.fill.deferred], [2, 0]);
  agent.child.kill("SIGKILL");
  await agent.ended();
  control.close();
  const alone = startAgent(t, { dir, listen, control: control.url });
  await until("it serves", async () => (await get(listen, signed(k1, "t2", "v360/0.m4s"))).status === 200);
  const reopened = await opened.openOrigin();
  atEnd(t, () => reopened.stop());
  await until("it fills", () => existsSync(join(dir, "v/t1/v360/1.m4s")));
  const got = await get(listen, signed(k1, "t1", "v360/1.m4s"));
  assert.deepEqual([got.status, sha256(got.body)], [200, film.files[1]?.sha256]);
  assert.match(alone.stderr(), /fill window open/);
});
