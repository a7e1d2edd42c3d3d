// Two rules side by side in the page and the command line's simulator: the same film, the same recorded network, the same figures.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bufferGoalFor } from "#play/buffer-goal.ts";
import { filmOf } from "#play/ladder.ts";
import type { Fetched } from "#play/log.ts";
import { recordedPeriods, traceFile } from "#play/recorded.ts";
import { rules } from "#play/rules.ts";
import { sideOf } from "#play/side-by-side.ts";
import { traceOf } from "#play/sim-network.ts";
import { seededRandom } from "#units/random.ts";
import type { Sidecar } from "#wire/sidecar.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-beside-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const chance = seededRandom(41);
const rungs = [
  { id: "v270-1", height: 270, kbps: 400, quality: 62 },
  { id: "v540-1", height: 540, kbps: 1400, quality: 84 },
  { id: "v720-1", height: 720, kbps: 2900, quality: 93 },
];
const segments = 90;
const sidecar: Sidecar = {
  version: 1,
  titleId: "sample",
  metric: { name: "vmaf", model: "vmaf_v0.6.1" },
  durationsMs: Array.from({ length: segments }, () => 2000),
  renditions: rungs.map(({ id, height, kbps, quality }) => ({
    ...{ id, height, width: (height * 16) / 9, bitrateBps: kbps * 1000 },
    bytes: Array.from({ length: segments }, () => Math.round(kbps * 250 * (0.6 + 0.8 * chance.next()))),
    quality: Array.from({ length: segments }, () => quality + 4 * chance.next()),
  })),
};

/** A play of a minute on a network that nobody would choose. */
function played(): readonly Fetched[] {
  let atMs = 0;
  return Array.from({ length: 30 }, (_, segment) => {
    const throughputKbps = 300 + 4000 * chance.next() ** 2;
    const bytes = 100_000 + chance.integer(0, 300_000);
    const ms = (bytes * 8) / throughputKbps + 20 + 60 * chance.next();
    atMs += ms + 500 * chance.next();
    return {
      ...{ kind: "fetched", media: "video", segment, rendition: "v540-1", height: 540, kbps: 1400 },
      ...{ atMs, ms, bytes, throughputKbps, sourceId: "north-a1" },
    };
  });
}

test("[PY184] side by side in the page is what the simulator of the command line says of the exported trace, to the digit", () => {
  const periods = recordedPeriods(played());
  writeFileSync(join(folder, "recorded.json"), traceFile(periods));
  writeFileSync(join(folder, "sidecar.json"), JSON.stringify(sidecar));
  const film = filmOf(sidecar, new Set(rungs.map(({ id }) => id)));
  const maxBufferMs = bufferGoalFor(film).aheadMs;
  const names = ["default", "bba-2", "dynamic", "throughput", "robustmpc", "bola-e-fs"];
  const given = [
    ...["--traces", join(folder, "recorded.json"), "--movie", join(folder, "sidecar.json")],
    ...["--rules", names.join(), "--buffer", String(maxBufferMs / 1000), "--json"],
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["src/bin/millrace.ts", "abr", "simulate", ...given],
    { encoding: "utf8", timeout: 120_000, env: { PATH: process.env.PATH, MILLRACE_HOME: folder } },
  );
  assert.equal(status, 0, stderr);
  const made = traceOf("recorded", periods);
  assert.equal(made.kind, "made");
  if (made.kind !== "made") return;
  const inPage = names.map((name) => {
    const row = rules.find((one) => one.name === name);
    assert.ok(row);
    return sideOf({ film, trace: made.trace, maxBufferMs }, row).row;
  });
  assert.deepEqual(JSON.parse(stdout).results, JSON.parse(JSON.stringify(inPage)));
  const [rule, other] = inPage;
  assert.ok(rule !== undefined && other !== undefined);
  assert.notEqual(rule.meanBitrateBps, other.meanBitrateBps, "two rules that say the same compare nothing");
});
