import assert from "node:assert/strict";
import { test } from "node:test";
import { plan } from "#place/plan.ts";
import { boxes, zipfCatalogue } from "#place/sample.ts";
import { summaryOf } from "#place/summary.ts";
import type { Planned } from "./place-input.ts";
import { placementPage } from "./place-page.ts";

const clusters = {
  "one server": boxes("only", 1, 1, 1),
  "unlike servers": [...boxes("flash", 2, 18, 100), ...boxes("storage<2>", 2, 200, 40)],
  "many servers": [...boxes("flash", 40, 18, 100), ...boxes("storage", 80, 200, 40)],
};

function planned(servers: Planned["servers"], count: number, part: number): Planned {
  const room = servers.reduce((sum, server) => sum + server.storageBytes, 0);
  const files = zipfCatalogue({ count, exponent: 0.9, totalBytes: room * part, seed: 7 });
  const planning = plan({ servers, files, minCopies: 1 });
  if (planning.kind === "refused") assert.fail(planning.because);
  return { plan: planning.plan, servers, files, minCopies: 1, headroomPercent: 3, previous: new Map() };
}

async function pageOf(one: Planned): Promise<string> {
  const files = new Map(one.files.map((file) => [file.id, file]));
  const summary = summaryOf({ plan: one.plan, servers: one.servers, files, previous: one.previous });
  const history = [{ label: "2026-11-01", bytes: 5e12 }];
  return placementPage({ path: "x/cluster.json", planned: one, summary, history });
}

test("[PL146] the page asks nobody, runs nothing, and names every figure", async () => {
  const page = await pageOf(planned(clusters["unlike servers"], 300, 0.96));
  assert.doesNotMatch(page, /<script|\son\w+=|<link|<img|@import|url\(|javascript:/i);
  const addresses = [...page.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address);
  assert.ok(addresses.length > 3 && addresses.every((address) => address.startsWith("#")));
  for (const address of addresses) assert.ok(page.includes(`id="${address.slice(1)}"`), address);
  const figures = [...page.matchAll(/<figure role="img" aria-label="([^"]+)"/g)];
  assert.equal(figures.length, 5);
  assert.equal([...page.matchAll(/<figure/g)].length, 5);
  assert.match(page, /prefers-color-scheme: light/);
  assert.match(page, /storage&lt;2&gt;1/);
  assert.doesNotMatch(page, /storage<2>/);
});

test("[PL149] every plan can be drawn, and no coordinate is missing", async () => {
  for (const [name, servers] of Object.entries(clusters)) {
    for (const [count, part] of [
      [0, 0],
      [1, 0.5],
      [50, 0.3],
      [200, 1.4],
    ] as const) {
      const page = await pageOf(planned(servers, count, part));
      const drawings = [...page.matchAll(/<svg.*?<\/svg>/gs)].map(([svg]) => svg);
      assert.ok(drawings.length >= 8, `${name}, ${count} files: ${drawings.length} drawings`);
      for (const svg of drawings)
        assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/, `${name}, ${count} files`);
      assert.doesNotMatch(page, /NaN|undefined/, `${name}, ${count} files`);
    }
  }
});
