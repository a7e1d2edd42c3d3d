import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { dataSettings } from "#data/settings.ts";
import type { BestChoice, Ranking } from "#model/steering.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { catalogueOf } from "./catalogue.ts";
import { readEntry } from "./log-record.ts";
import { recordOfDecision, recordsOfServed } from "./served.ts";
import { sessionOf } from "./telemetry.ts";

const title = catalogueOf([smallTitle("film")]).titles.get("film");

test("[CO410] a decision says what kept each appliance of the best tier out, and what the others lack", () => {
  assert.ok(title !== undefined);
  const outs: readonly BestChoice["out"][] = [undefined, "not-held", "full", "silent", "list-full"];
  const best = outs.map((out, i) => ({ id: `a${i}`, siteId: "x", ...(out !== undefined && { out }) }));
  const eliminated = ["a1", "b1", "b2"].map((id) => ({ id, by: "not-held" as const, because: "" }));
  const ranking: Ranking = { ranked: [], eliminated, best, appliances: 5 };
  const holds = (id: string, file: string): boolean => id !== "a0" || file !== "film/v360-1";
  const record = recordOfDecision({ atMs: 5, sessionId: "s", title, ranking, reach: { holds } });
  const entry = readEntry(record);
  assert.deepEqual(entry.kind === "steered" && entry.steered.best, [
    { id: "a0", siteId: "x", lacks: ["v360-1"] },
    { id: "a1", siteId: "x", out: "content" },
    { id: "a2", siteId: "x", out: "capacity" },
    { id: "a3", siteId: "x", out: "health" },
    { id: "a4", siteId: "x" },
  ]);
  assert.deepEqual(JSON.parse(Buffer.from(record).toString()).steered.eliminated, { "not-held": 3 });
  assert.equal(sessionOf(record), "s");
});

test("[CO410] a batch comes in parts that the log takes, by the ages of its rows and not by the clock of its source", () => {
  const sentMs = 77_000_000_000;
  const longest = "s".repeat(80);
  const row = { atMs: sentMs - 1000, sessionId: longest, folder: "f".repeat(512), bytes: 7, pulled: 0 };
  const ahead = { ...row, atMs: sentMs + 9, bytes: 1, pulled: 5 };
  const told = { sentMs, batch: 3, rows: [...Array.from({ length: 250 }, () => row), ahead] };
  const order = { atMs: 5_000_000, source: { id: "a1", siteId: "x" }, bootId: "b" };
  const records = recordsOfServed({ ...order, told });
  const most = defaultsOf(dataSettings).logRecordKib * 1024;
  assert.ok(records.every((record) => record.length < most));
  const parts = records.map(readEntry).flatMap((entry) => (entry.kind === "served" ? [entry.told] : []));
  assert.deepEqual(
    parts.map(({ batch, part, rows: some }) => [batch, part, some.length]),
    [
      [3, 0, 100],
      [3, 1, 100],
      [3, 2, 51],
    ],
  );
  assert.equal(parts[0]?.rows[0]?.atMs, 4_999_000);
  assert.deepEqual(parts[2]?.rows.at(-1), { ...parts[0]?.rows[0], atMs: 5_000_000, bytes: 1, pulled: 1 });
  assert.equal(records[0] && sessionOf(records[0]), "a1");
});
