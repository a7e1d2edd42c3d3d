// Screens in a real browser: two of them on a plan of one, a page that is loaded again, a film that outlives its paths, and a
// control plane that is gone for a while.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import type { Page } from "playwright-core";
import {
  ends,
  eventually,
  notesOf,
  openTheatre,
  playsTo,
  speedUp,
  stateOf,
  type Theatre,
} from "./player-theatre.ts";
import { openScreensTheatre } from "./screens-theatre.ts";

let theatre: Theatre;
before(async () => {
  theatre = await openTheatre();
});
after(() => theatre.close());

/** For people to look at, when a folder for pictures is named. */
async function picture(page: Page, name: string): Promise<void> {
  const pictures = process.env.MILLRACE_TEST_PICTURES;
  if (pictures === undefined) return;
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

test("[WE42] [WE44] [WE45] [WE47] two browsers, one screen: the second stops the first and plays beyond its first paths", async (t) => {
  const { film, folder, missing } = theatre;
  if (film === undefined) return t.skip(missing);
  const lease = { leaseTtlMs: 4000, leaseGraceMs: 1000, leaseRenewMs: 400 };
  const screens = await openScreensTheatre(film, join(folder, "page"), lease);
  const context = await theatre.browser();
  const other = await context.browser()?.newContext();
  t.after(async () => {
    await other?.close();
    await screens.close();
  });
  const first = await screens.open(context);
  t.after(() => first.close());
  await playsTo(first, 300);
  await first.reload();
  await playsTo(first, 300);
  assert.ok(other !== undefined);
  const second = await screens.open(other);
  await second.getByRole("heading", { name: "The one screen of this account is in use" }).waitFor();
  await picture(second, "screens-full");
  await second.getByRole("button", { name: "Stop Film sample on Unknown device" }).click();
  await playsTo(second, 300);
  await first.getByRole("heading", { name: "Another screen took this one over" }).waitFor();
  await picture(first, "screens-taken");
  assert.equal(await first.evaluate(() => document.querySelector("video")?.paused), true);
  assert.equal((await stateOf(first))?.phase, "taken");
  // Half of the film is fetched ahead, so that its last segments are asked for when it stands at 8 s, with paths of 5 s.
  await playsTo(second, 8500);
  assert.deepEqual([screens.refused, (await stateOf(second))?.phase], [[], "playing"]);
  assert.ok(screens.folders.size > 4, `${screens.folders.size} folders`);
});

test("[WE46] a control plane that is gone and comes back within the lease is not noticed", async (t) => {
  const { film, folder, missing } = theatre;
  if (film === undefined) return t.skip(missing);
  const lease = { leaseTtlMs: 40_000, leaseGraceMs: 1000, leaseRenewMs: 300 };
  const screens = await openScreensTheatre(film, join(folder, "page"), lease);
  const context = await theatre.browser();
  const page = await screens.open(context);
  t.after(async () => {
    await page.close();
    await screens.close();
  });
  await playsTo(page, 1500);
  await screens.stop();
  const before = screens.folders.size;
  await rest(1000);
  const renewals = screens.renewals();
  // What is left to fetch is asked for after a beat was answered, however long its next try takes.
  await page.evaluate(() => document.querySelector("video")?.pause());
  await screens.start();
  await eventually("a beat that is answered", () => screens.renewals() > renewals);
  await page.evaluate(() => document.querySelector("video")?.play());
  await speedUp(page, 3);
  await ends(page);
  const state = await stateOf(page);
  assert.deepEqual([state?.stalls, state?.notice, state?.phase], [0, null, "playing"]);
  assert.deepEqual([screens.refused, await notesOf(page)], [[], ""]);
  assert.ok(screens.folders.size > before, "the paths of afterwards are fresh");
});
