// The console's overview, map and page of an appliance, in a real browser against fixtures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtPages, noBrowser, visit } from "./pages-visit.ts";

const built = builtPages();
const skip = noBrowser;

test("[WE106] the overview tells the last hour, defines its figures, and leads to what changed", {
  skip,
}, async (t) => {
  const { page, api, complaints, strays } = await visit(t, built(), true);
  await page.goto(`${api.url}/ops`);
  const tile = (name: string) => page.getByRole("article", { name, exact: true });
  await tile("Rebuffering").getByText("0.09 %").waitFor();
  await tile("Plays now").getByText("48", { exact: true }).waitFor();
  await tile("Offload").getByText("97 %").waitFor();
  await tile("Start-up time").getByText("What this is").click();
  await tile("Start-up time").getByText("Half of the starts took no longer").waitFor();
  await tile("Failures")
    .getByRole("img", { name: /^Failures over the last hour, at most/ })
    .waitFor();
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
