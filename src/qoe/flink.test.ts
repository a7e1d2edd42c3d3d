// The same windows by Flink: its SQL has our columns, and what it made of a log is what our job makes of it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { figures } from "./definitions.ts";
import { run, said, theEnd } from "./sample-stream.ts";
import type { StreamInput } from "./stream-event.ts";
import { recordText, type WindowRecord } from "./stream-record.ts";

const sql = readFileSync("src/qoe/flink.sql", "utf8");
/** Without comments. */
const statements = sql.replaceAll(/^\s*--.*\n/gm, "");
const golden = (name: string): readonly string[] =>
  readFileSync(`test/golden/qoe-flink-${name}.ndjson`, "utf8").trimEnd().split("\n");

/** Of the statements that Flink 1.20.1 ran for the golden files, with both connectors replaced by `filesystem`. */
const ran = "fc461f8f1a5df908ed593afcf2df2e8109f6178008919117cca1ee5947d93fea";

function windowsOf(inputs: readonly StreamInput[]): readonly WindowRecord[] {
  return run([...inputs, ...theEnd]).records.filter((one) => one.kind === "window");
}

function columnsOf(table: string): readonly string[] {
  const body = new RegExp(`CREATE TABLE ${table} \\(\\n([^]*?)\\n\\) WITH`).exec(statements)?.[1] ?? "";
  return [...body.matchAll(/^ {2}`(\w+)`/gm)].map(([, name = ""]) => name);
}

test("[QO27] the SQL has a window's fields as columns, every figure among them, in both statements", () => {
  const [window] = windowsOf([said({})]);
  assert.ok(window !== undefined);
  const columns = columnsOf("windows");
  // A window of which nothing is an estimate does not say so.
  assert.deepEqual(columns.toSorted(), [...Object.keys(window), "estimates"].toSorted());
  for (const name of Object.keys(figures)) assert.ok(columns.includes(name), name);
  const inserts = statements.split("INSERT INTO windows").slice(1);
  const [short, long] = inserts.map((text) =>
    [...(text.split("FROM TABLE")[0] ?? "").matchAll(/ AS `(\w+)`/g)].map(([, name = ""]) => name),
  );
  assert.deepEqual(short, columns);
  assert.deepEqual(long, columns);
  const bodies = inserts.map((text) => text.split(";")[0]?.trim());
  assert.equal(bodies[0]?.replace("10000", "60000").replace("'10'", "'60'"), bodies[1]);
});

test("[QO27] what Flink made of a shuffled log with repetitions and weights is what our job makes of it, byte for byte", () => {
  const log = golden("beacons").map((line): StreamInput => {
    const { receivedMs, weight, beacon, facts } = JSON.parse(line);
    const logged = { receivedMs, beacon, ...(weight !== undefined && { weight }) };
    return { kind: "beacon", partition: 0, logged, facts };
  });
  const far: readonly StreamInput[] = [2e12, 2e12 + 1e7].map((nowMs) => ({ kind: "tick", nowMs }));
  assert.deepEqual(
    windowsOf([...log, ...far])
      .map(recordText)
      .toSorted(),
    golden("windows").toSorted(),
  );
  const repeated =
    log.length - new Set(golden("beacons").map((line) => JSON.stringify([JSON.parse(line).beacon]))).size;
  assert.ok(repeated > 0 && golden("windows").length > 50);
  // Thinned while the log filled up: some stand for ten, some for none.
  for (const weight of [10, 0]) {
    const asIfAlone = golden("beacons").filter((line) => line.includes(`"weight":${weight},`));
    assert.ok(asIfAlone.length > 0, `none of weight ${weight}`);
  }
  assert.ok(golden("windows").some((line) => line.includes('"estimates"')));
});

test("[QO27] the statements are the ones that Flink ran: who changes them runs them again", () => {
  assert.equal(createHash("sha256").update(statements).digest("hex"), ran);
});
