// The console's overview, map and page of an appliance, in a real browser against fixtures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtPages, noBrowser, visit, waitForPost } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;

test("[WE106] [WE171] the overview tells the last hour, defines its figures, and leads to what changed", {
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
  await page.getByText("Killing an appliance and withdrawing a prefix are not orders").waitFor();
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

test("[WE108] an appliance's page tells its log, fill and files; two thousand are a bounded page", {
  skip,
}, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/appliances/flash-b`);
  await page.getByText("took over a desired state epoch=3 bundles=6").waitFor();
  await page.getByRole("row", { name: /^lakeside\/v1080-2/ }).waitFor();
  api.fleet = "large";
  await page.goto(`${api.url}/ops/appliances`);
  await page.getByText("1,998 of 2,000 appliances are healthy.").waitFor();
  assert.equal(await page.locator(".box").count(), 24);
  await page.getByLabel("Find").fill("box-1996");
  await page.getByRole("heading", { name: "box-1996" }).waitFor();
});
