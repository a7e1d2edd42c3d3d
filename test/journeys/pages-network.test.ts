// The console's overview, map and page of an appliance, in a real browser against fixtures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { steerSettings } from "#steer/settings.ts";
import { openDrillStage } from "./pages-drill.ts";
import { builtPages, noBrowser, seriousViolations, visit, waitForPost } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;

test("[WE106] [WE181] [WE171] the overview tells the last hour, defines its figures, and leads to what changed", {
  skip,
}, async (t) => {
  const { page, api, complaints, strays } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops`);
  const tile = (name: string) => page.getByRole("article", { name, exact: true });
  await tile("Rebuffering").getByText("0.09 %").waitFor();
  await tile("Plays now").getByText("48", { exact: true }).waitFor();
  await tile("Offload").locator(".figure-of", { hasText: "97 %" }).waitFor();
  await tile("Start-up time").getByText("What this is").click();
  await tile("Start-up time").getByText("Half of the starts took no longer").waitFor();
  const failures = tile("Failures").getByRole("slider", { name: /^Failures over the last hour, at most/ });
  await failures.hover({ position: { x: 120, y: 40 } });
  await page.waitForFunction(
    "[...document.querySelectorAll('[role=slider]')].some((one) => one.ariaValueNow !== one.ariaValueMax)",
  );
  const startups = tile("Start-up time").getByRole("slider");
  await startups.press("Home");
  assert.match(
    String(await startups.getAttribute("aria-valuetext")),
    /^\d\d:\d\d: half 310 ms, 19 of 20 620 ms$/,
  );
  await startups.press("Escape");
  const changes = page.getByRole("region", { name: "What changed" });
  await changes.getByText("operator@millrace.example: POST /v1/ops/appliances/:id/drain").waitFor();
  const withdrawal = "Withdraw a prefix 203.0.113.0/24 on storage-a, ordered by operator@millrace.example";
  await changes.getByRole("button", { name: "Drills" }).click();
  await changes.getByRole("link", { name: `Drill ended: ${withdrawal}` }).waitFor();
  await changes.getByRole("button", { name: "Plans" }).click();
  assert.equal(await changes.getByRole("listitem").count(), 1);
  await changes.getByRole("button", { name: "Health" }).click();
  await changes.getByRole("link", { name: "flash-x became silent, from healthy" }).click();
  await page.waitForURL(`${api.url}/ops/appliances/flash-x`);
  assert.deepEqual({ complaints, strays }, { complaints: [], strays: [] });
});

test("[WE106] an installation that nobody has watched says so, and shows no made-up zero", {
  skip,
}, async (t) => {
  const { page, api } = await visit(t, built(), true);
  api.fleet = "fresh";
  await page.goto(`${api.url}/ops`);
  const tile = page.getByRole("article", { name: "Rebuffering" });
  await tile.getByText("No play has been counted yet: figures come some two minutes after.").waitFor();
  assert.equal(await tile.getByText("0 %").count(), 0);
  await page.getByText("Nothing has changed yet.").waitFor();
});

test("[WE107] the map is moved by keys, explains a viewpoint, and tells what a drain would come to before it is ordered", {
  skip,
}, async (t) => {
  const { page, api, complaints, strays } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/map`);
  const ground = page.getByRole("application", { name: /^Map of sites/ });
  const seen = () => ground.locator("svg").getAttribute("viewBox");
  await ground.focus();
  const before = await seen();
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await seen(), before);
  await page.keyboard.press("0");
  assert.equal(await seen(), before);
  await page
    .getByRole("row", { name: /^Exchange Point/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Why Birch Telecom?" }).click();
  assert.equal(await page.getByLabel("Address").inputValue(), "198.51.100.7");
  await page.getByRole("combobox", { name: "Appliance" }).fill("flash-b");
  await page.getByRole("button", { name: "What would be?" }).click();
  await page.getByText("From Birch Telecom, new plays would go to storage-a instead.").waitFor();
  const svg = await seen();
  await ground.scrollIntoViewIfNeeded();
  const box = (await ground.boundingBox()) ?? assert.fail("no map");
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 260, box.y + 130, { steps: 4 });
  await page.mouse.up();
  assert.notEqual(await seen(), svg, "it was dragged");
  const still = await seen();
  await page.mouse.wheel(0, -100);
  await page.waitForFunction(
    (then) => document.querySelector(".map-ground svg")?.getAttribute("viewBox") !== then,
    still,
  );
  await page.getByRole("table", { name: "Ranked for 192.0.2.1" }).waitFor();
  assert.equal(await page.locator(".rank").count(), 1);
  await page.getByText("1 appliance: no route to the viewer").waitFor();
  await page.getByRole("button", { name: "Drain flash-b…" }).click();
  assert.equal(api.posts.length, 0);
  await page.getByRole("button", { name: "Drain it" }).click();
  await waitForPost(page, api, "/v1/ops/appliances/flash-b/drain ");
  await page.getByText("flash-b takes no new plays from now on").waitFor();
  await page.getByRole("button", { name: "What would be without storage-a?" }).click();
  await page.getByRole("button", { name: "Drain storage-a…" }).waitFor();
  assert.equal(await page.getByText("takes no new plays from now on").count(), 0);
  assert.deepEqual({ complaints, strays }, { complaints: [], strays: [] });
});

test("[WE164] an operator kills an appliance from the map, sees who moved and what steering says, aborts, and all is back", {
  skip,
}, async (t) => {
  const { rig, page, isDown, report, beat } = await openDrillStage(t, built());
  await page.goto(`${rig.control.url}/ops/map`);
  await page.getByRole("button", { name: "What would be without a1?" }).click();
  await page.getByRole("listitem").filter({ hasText: "One play is served by a1 now." }).waitFor();
  await page.getByRole("radio", { name: /^Kill/ }).check();
  await page.getByLabel("For how long, s").fill("90");
  await page.getByRole("button", { name: "Begin…" }).click();
  const asked = page.getByRole("dialog", { name: "Kill: a1, for 90 seconds?" });
  await asked.getByText("One play is cut off in the middle of a segment").waitFor();
  await asked.getByRole("button", { name: "Begin now" }).click();
  const drill = page.getByRole("article", { name: "Kill on a1" });
  await drill.getByText("90 seconds left").waitFor();
  await report();
  assert.ok(isDown(), "a1 was told");
  await report();
  await drill.getByText("It counts as unhealthy").waitFor();
  rig.pass(20_000);
  await report();
  await beat(2, "a2", 1);
  // Still there, elsewhere, over, failed, not heard, stalls since, new plays there.
  await drill.getByRole("row", { name: "0 1 0 0 0 1 0", exact: true }).waitFor();
  await drill.getByText("70 seconds left").waitFor();
  await page.getByLabel("Address").fill("203.0.113.7");
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  await page.getByText("1 appliance: not healthy").waitFor();
  assert.deepEqual(await seriousViolations(page), []);
  await drill.getByRole("button", { name: "Abort: Kill on a1" }).click();
  await drill.getByText("operator@example.org aborted it").waitFor();
  for (let calm = 0; calm <= defaultsOf(steerSettings).recoverReports; calm++) await report();
  assert.ok(!isDown(), "a1 was told");
  await drill.getByText(/^All was as before/).waitFor();
  await drill.getByText("It counted as unhealthy").waitFor();
  const ranked = page.getByRole("table", { name: "Ranked for 203.0.113.7" });
  await ranked.getByRole("rowheader", { name: "a1" }).waitFor();
  await page.getByRole("radio", { name: /^Withdraw/ }).check();
  await page.getByRole("combobox", { name: "Prefix" }).fill("203.0.113.0/24");
  await page.getByRole("button", { name: "Begin…" }).click();
  await page.getByRole("button", { name: "Begin now" }).click();
  const withdrawal = page.getByRole("article", { name: "Withdraw a prefix 203.0.113.0/24 on a1" });
  await withdrawal.getByRole("button", { name: /^Abort/ }).click();
  await withdrawal.getByText("operator@example.org aborted it").waitFor();
});

test("[WE108] an appliance's page tells its log, fill and files; two thousand are a bounded page", {
  skip,
}, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/appliances/flash-b`);
  await page.getByText("took over a desired state epoch=3 bundles=6").waitFor();
  await page.getByRole("row", { name: /^lakeside\/v1080-2/ }).waitFor();
  api.fleet = "large";
  await page.goto(`${api.url}/ops/map`);
  await page.locator(".disc").first().waitFor();
  assert.ok((await page.locator(".disc").count()) < 35 * 19);
  await page.goto(`${api.url}/ops/appliances`);
  await page.getByText("1,998 of 2,000 appliances are healthy.").waitFor();
  assert.equal(await page.locator(".box").count(), 24);
  await page.getByLabel("Find").fill("box-1996");
  await page.getByRole("heading", { name: "box-1996" }).waitFor();
});
