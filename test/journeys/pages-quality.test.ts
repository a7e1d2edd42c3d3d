// The console's pages about sessions and quality, built and in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { misses } from "./pages-quality.ts";
import { builtPages, noBrowser, visit } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;

test("[WE125] a session is opened from the list, replayed, and looked at moment by moment", {
  skip,
}, async (t) => {
  const { page, api, complaints } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/sessions`);
  await page.getByRole("link", { name: "viewer0@millrace.example" }).click();
  await page.getByText("8 beacons were never heard, in 1 gap: grey in the figures.").waitFor();
  const buffer = page.getByRole("slider", { name: /^Buffer over time, from 132 beacons/ });
  await buffer.locator("canvas").waitFor();
  await buffer.press("Home");
  await page.locator("[aria-valuetext='0:10: 23.6 s']").waitFor();
  await buffer.press("ArrowRight");
  await page.locator(".readout", { hasText: /^0:20/ }).waitFor();
  for (const name of [/^Rung played and throughput/, /^Who served/]) {
    const svg = page.getByRole("img", { name }).locator("svg").first();
    await svg.waitFor();
    assert.doesNotMatch(await svg.innerHTML(), /NaN|Infinity|undefined/);
  }
  const moment = page.getByRole("region", { name: "Moment" });
  await moment.getByRole("slider").fill("70");
  await moment.getByText("270p · 420 kbit/s").waitFor();
  await moment.getByText(/does not carry v720-4 over its dearest minute/).waitFor();
  await page.getByRole("row", { name: /^15:10 10 s storage-a another appliance took over/ }).waitFor();
  assert.deepEqual(complaints, []);
});

test("[WE124] [WE126] sessions are filtered, and a thousand of them stay usable", { skip }, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/sessions`);
  const rows = page.getByRole("table", { name: "Recent sessions" }).locator("tbody tr");
  await page.getByRole("form", { name: "Which sessions" }).getByLabel("State").selectOption("failed");
  await page.getByRole("button", { name: "Show these" }).click();
  await page.getByRole("link", { name: "viewer29@" }).waitFor();
  assert.equal(await rows.count(), 6);
  await page.getByLabel("Title").fill("battle");
  await page.getByRole("form").getByLabel("State").selectOption("");
  await page.getByRole("button", { name: "Show these" }).click();
  await page.getByRole("button", { name: "Show more (25 of 500)" }).waitFor();
  assert.equal(await rows.count(), 25);
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("button", { name: "Show more (25 of 30)" }).waitFor();
});

test("[WE127] [WE128] [WE170] quality is sorted by any measure, whose name leads to what it means; windows that are not in are said", {
  skip,
}, async (t) => {
  const { page, api, complaints } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/quality`);
  const breakdown = page.getByRole("region", { name: "By who, where and with what" });
  await breakdown.getByRole("row", { name: /^AS64500 storage-a av1 41 / }).waitFor();
  await breakdown.getByLabel("and by", { exact: true }).selectOption("rule");
  await breakdown.getByRole("row", { name: /^AS64500 storage-a not known 42 / }).waitFor();
  await breakdown.getByLabel("and", { exact: true }).selectOption("device");
  await breakdown.getByLabel("and by", { exact: true }).selectOption("");
  await breakdown.getByRole("row", { name: /^AS64500 Firefox on Linux 40 / }).waitFor();
  await breakdown.getByRole("button", { name: "Sort by Start-up 95 %" }).click();
  await breakdown
    .getByRole("columnheader", { name: /^Start-up 95 %/ })
    .and(page.locator("[aria-sort=descending]"))
    .waitFor();
  await breakdown.getByRole("row").nth(1).getByText("3.1 s").waitFor();
  const links = await page
    .locator("main a[href^='#def-']")
    .evaluateAll((found) => found.map((one) => String(one.getAttribute("href")).slice(1)));
  assert.ok(links.length > 12);
  for (const id of new Set(links)) assert.equal(await page.locator(`[id="${id}"]`).count(), 1, id);
  await breakdown.getByRole("link", { name: "Start-up 50 %" }).click();
  await page.locator("#def-startupMedian:target").waitFor();
  await page.getByText(/^Windows are whole up to \d\d:\d\d; later ones, up to .* are so far/).waitFor();
  await breakdown.getByLabel("and", { exact: true }).selectOption("");
  await breakdown.getByRole("row", { name: /^not known 13/ }).waitFor();
  assert.deepEqual(complaints, []);
});

test("[WE129] the miss ledger's classes are all misses, and an experiment says what is sure", {
  skip,
}, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.route("**/v1/ops/misses?*", (route) => route.fulfill({ json: misses }));
  await page.goto(`${api.url}/ops/quality`);
  const row = page.getByRole("table", { name: "By site" }).locator("tbody tr").first();
  const words = String(await row.textContent());
  const shares = [...words.matchAll(/(?:Content|Health|Other) ([\d.]+) %/g)].map(([, share]) =>
    Number(share),
  );
  assert.equal(Math.round(100 * shares.reduce((sum, share) => sum + share, 0)), 10_000);
  await page.getByRole("row", { name: /^With a stall .* higher with it$/ }).waitFor();
  await page.getByRole("row", { name: /^Played on .* no difference is sure$/ }).waitFor();
  await page.getByRole("row", { name: /^Switches .* too few sessions$/ }).waitFor();
});
