import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { milliseconds } from "#units/quantity.ts";
import { applianceReport } from "#wire/appliance.ts";
import { type OwnWords, type Readings, reportOf } from "./agent-report.ts";
import { LoadMeter } from "./load.ts";
import { MissBook } from "./misses.ts";

const words: OwnWords = {
  bootId: "b1",
  baseUrl: "http://192.0.2.1",
  draining: false,
  desiredEpoch: 1,
  nextReportMs: 2400,
  budgetBytes: 1e12,
  refusal: "",
  nowMs: 0,
  wallMs: 0,
};

const counts = { filesVerified: 0, bytesFromPeers: 0, bytesFromTier: 0, bytesFromOrigin: 0, rejected: 0 };
const quiet: Omit<Readings, "meter" | "misses"> = {
  nginx: { status: () => "up", trouble: () => "" },
  fill: {
    report: () => ({
      version: 1,
      verified: ["t1/v360"],
      usedBytes: 0,
      ...{ queued: 0, urgent: 0, deferred: 0, window: undefined },
      ...counts,
      rotten: 0,
      lastProblem: "",
    }),
  },
  served: { told: () => ({}) },
  scrubber: { report: () => ({ checkedFiles: 0, checkedBytes: 0, oldestCheckMs: 0 }) },
  health: { sample: async () => ({}), seenTls: async () => undefined },
};

/** Of a stranger with a good token, as nginx writes it: JSON, so that a quote or a line's end is escaped. */
function line(asked: { session: string; title: string; path: string; query: string }): string {
  const { session, title, path, query } = asked;
  const text = { time: 12.345, session, title, path, method: "GET", status: 404, bytes: 9, miss: "none" };
  return `${JSON.stringify({ ...text, seconds: 0.001, query })}\n`;
}

test("[ED186] the report carries the check's outcome, and is one that control takes", async () => {
  const counted = { holds: 10, doesNotHold: 1, cannotBeTold: 0, notAsked: 0 };
  const failures = [{ what: "lag", verdict: "does-not-hold" as const, found: "x", wanted: "y", mend: "z" }];
  const check = { atMs: 1, profile: "site" as const, altered: [], counts: counted, failures };
  const load = { bitsPerSecond: 0, connections: 0, requests: 0, errors: 0, errorShare: 0, tlsConnections: 0 };
  const readings: Readings = {
    ...quiet,
    meter: { sample: async () => load },
    misses: { told: () => ({}) },
    health: { sample: async () => ({ check }), seenTls: async () => undefined },
  };
  const report = applianceReport.parse(await reportOf(readings, words));
  assert.deepEqual(report.check, check);
  const without = applianceReport.parse(await reportOf({ ...readings, health: quiet.health }, words));
  assert.equal("check" in without, false);
});

const parts = [
  "v360",
  "..",
  ".a",
  "",
  "\n",
  "\u0000",
  "\\",
  "ä",
  '","status":999,"bytes":-1,"miss":"none"',
  ...[1, 64, 65, 255, 512, 513, 4000].map((length) => "a".repeat(length)),
];

test("[ED63] whatever viewers ask for, the report passes its schema", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-report-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const accessLog = join(folder, "access.log");
  await writeFile(accessLog, "");
  const misses = new MissBook();
  const nginx = {
    accessLog,
    errorLog: join(folder, "error.log"),
    rotateLog: async () => undefined,
    stub: async () => ({ connections: 1, requests: 1 }),
  };
  const meter = new LoadMeter(nginx, Number.POSITIVE_INFINITY, (lines) => misses.read(lines));
  t.after(() => meter.close());
  let nowMs = 0;
  const told = (): ReturnType<typeof reportOf> => {
    nowMs += milliseconds(1000);
    return reportOf({ ...quiet, meter, misses }, { ...words, nowMs });
  };
  await told();
  for (const title of ["t1", ...parts]) {
    const paths = parts.flatMap((first) => [first, ...parts.map((second) => `${first}/${second}`)]);
    const lines = paths.map((path) => line({ session: "s1", title, path, query: path }));
    await appendFile(accessLog, lines.join("").repeat(2));
    assert.equal(applianceReport.safeParse(await told()).error, undefined, title);
  }
  const honest = line({ session: "s1", title: "t2", path: "v360/1.m4s", query: "" });
  await appendFile(accessLog, honest.repeat(9));
  const report = applianceReport.parse(await told());
  assert.ok(
    report.misses?.files.some(({ titleId }) => titleId === "t2"),
    "an honest miss is told",
  );
});
