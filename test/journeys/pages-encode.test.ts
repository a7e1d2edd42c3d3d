// The console's page about encodes, built and in a browser: shots, downloads, what an operator does, and a very long film.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { builtPages, noBrowser, visit, waitForPost } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;

test("[WE120] [WE121] a shot is picked from the strip, and its hull is had as SVG and all hulls as CSV", {
  skip,
}, async (t) => {
  const { page, api, complaints } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/encode`);
  await page
    .getByRole("img", { name: /^Hull of shot 1;/ })
    .locator("svg")
    .waitFor();
  await page.getByRole("button", { name: /^7 4 s/ }).click();
  const hull = page.getByRole("img", { name: /^Hull of shot 7;/ });
  await hull.locator("svg").waitFor();
  await page
    .getByRole("table", { name: "Chosen for shot 7" })
    .getByRole("row", { name: /^v360-1 / })
    .waitFor();
  assert.ok((await page.locator(".cell image").count()) >= 14, "shots have pictures");
  const saved = async (name: string): Promise<string> => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    return readFile(await file.path(), "utf8");
  };
  const svg = await saved("Hull as SVG");
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  assert.doesNotMatch(svg, /var\(--(?!plot)|NaN/);
  assert.match(await saved("All hulls as CSV"), /^shot,point,width,.*\r\n1,/);
  assert.deepEqual(complaints, []);
});

test("[WE122] [WE123] errors have their last words, silence is told, and runs are tried again, put first and cancelled", {
  skip,
}, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/encode`);
  const errors = page.getByRole("region", { name: "Errors" });
  await errors.getByText("malloc of size 3110400 failed").waitFor();
  await page.getByText(/^silent for 48 s; given up in 12 s/).waitFor();
  await errors.getByRole("button", { name: "Try again: Alps trials" }).click();
  await waitForPost(page, api, "/v1/ops/jobs/a.1/retry ");
  await page.getByLabel("Priority of Harbour").selectOption("9");
  assert.match(await waitForPost(page, api, "/v1/ops/encodes/run-harbour/priority "), /"priority":9/);
  await page.getByRole("button", { name: "Cancel: Harbour" }).click();
  assert.ok(!api.posts.some((post) => post.includes("/cancel")), "one press cancels nothing");
  await page.getByRole("button", { name: "Really cancel?: Harbour" }).click();
  await waitForPost(page, api, "/v1/ops/encodes/run-harbour/cancel ");
  await page.getByRole("button", { name: "Resume: Dunes" }).click();
  await waitForPost(page, api, "/v1/ops/encodes/run-dunes/resume ");
});

test("[WE124] a film of thousands of shots stays usable", { skip }, async (t) => {
  const { page, api } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops/encode`);
  await page.getByLabel("Title", { exact: true }).selectOption("battle");
  await page.getByRole("heading", { name: "3,600 shots" }).waitFor();
  const began = performance.now();
  await page.getByLabel("Shot number").fill("3001");
  await page
    .getByRole("img", { name: /^Hull of shot 3001;/ })
    .locator("svg")
    .waitFor();
  t.diagnostic(`picked in ${Math.round(performance.now() - began)} ms`);
  const elements = Number(await page.evaluate("document.querySelectorAll('*').length"));
  assert.ok(elements < 4000, `${elements} elements`);
  assert.ok((await page.locator(".cell").count()) <= 48);
});
