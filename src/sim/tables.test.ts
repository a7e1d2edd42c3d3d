import assert from "node:assert/strict";
import { test } from "node:test";
import { regionPage } from "./page.ts";
import { flagsOf } from "./page-words.ts";
import { Region } from "./region.ts";
import type { DayResult } from "./results.ts";
import { failed, smallScenario } from "./sample.ts";
import { settingsOf } from "./settings-of.ts";
import { dailyCsv, plansCsv, serversCsv, summaryOf } from "./tables.ts";

const scenario = smallScenario({
  name: `<script>alert("x")</script>, "quoted"`,
  days: 2,
  events: [{ day: 0, hour: 0, kind: "dark", hours: 24 }, ...failed],
});
const region = new Region(scenario, settingsOf(scenario));
const days: DayResult[] = [];
for (let day = region.nextDay(); day !== undefined; day = region.nextDay()) days.push(day);
const summary = summaryOf(scenario, days, [300, region.demand.catalogue.files]);
const rows = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split("\n")
    .map((row) => row.split(","));

test("[SI30] a row per day and region, per server and day, per plan; their sums are the summary's", () => {
  const [head = [], ...daily] = rows(dailyCsv(scenario, days));
  assert.equal(daily.length, 2 * 4);
  const asked = head.indexOf("askedBytes");
  const of = (region: string): number =>
    daily.filter((row) => row[2] === region).reduce((sum, row) => sum + Number(row[asked]), 0);
  assert.equal(of("all"), summary.bytes.asked);
  assert.equal(of("north") + of("west") + of("peered"), of("all"));
  const { hit, content, health, other } = summary.percent;
  assert.ok(Math.abs(hit + content + health + other - 100) < 1e-9);

  const [names = [], ...servers] = rows(serversCsv(days));
  assert.equal(servers.length, 2 * 6);
  const origin = names.indexOf("fillOriginBytes");
  assert.equal(
    servers.reduce((sum, row) => sum + Number(row[origin]), 0),
    summary.fillBytes.origin,
  );
  const sumOf = (name: string): number =>
    servers.reduce((sum, row) => sum + Number(row[names.indexOf(name)]), 0);
  const [files, twice] = [sumOf("externalFiles"), sumOf("externalTwice")];
  assert.ok(files > 0);
  assert.equal(summary.externalCopies, files / (files - twice));
  assert.equal(rows(plansCsv(days)).length, 1 + 2 * 3);
  for (const csv of [dailyCsv(scenario, days), serversCsv(days), plansCsv(days)])
    assert.equal(new Set(rows(csv).map((row) => row.length)).size, 1, "every row has all columns");
});

test("[SI31] the page asks for no other file, shows every event, and lets no name become an element", () => {
  const page = regionPage({ scenario, days, summary, beside: [{ ...summary, placement: "uniform" }] });
  assert.doesNotMatch(page, /<script|<link|<img|src=|href=|url\(|https?:/);
  assert.match(page, /&lt;script&gt;/);
  for (const { words } of flagsOf(scenario)) assert.ok(page.includes(words), words);
  assert.equal([...page.matchAll(/<svg /g)].length, 4);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});
