// Packets between our programs and the engines are dropped, dropped one way, reset or lost by chance, in a network namespace
// of its own: test/fixtures/network-faults-inside.ts.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { EngineSeen } from "#test/fixtures/network-faults-inside.ts";

const tried = spawnSync("unshare", ["--net", "iptables", "-w", "-A", "INPUT", "-p", "tcp", "-j", "DROP"]);
const skip =
  process.getuid?.() === 0 && tried.status === 0
    ? false
    : "it needs root, unshare and iptables: apt-get install -y iptables";

/** Nothing comes through these. */
const walls = ["dropped both ways", "answers dropped", "reset"];
/** Research, control-telemetry §7, rows 12 to 15. */
const healMs = 10_000;

/** One sentence for each promise that was not kept. */
function complaints({
  engine,
  faults,
  violations,
  lost,
  acknowledged,
  takenMeanwhile,
}: EngineSeen): string[] {
  const said = [...violations, ...lost.map((id) => `${id} was acknowledged and is lost`)];
  if (acknowledged < 100) said.push(`only ${acknowledged} were acknowledged: this would check nothing`);
  for (const { fault, during, healedMs } of faults) {
    if (walls.includes(fault) && during > 0) said.push(`${fault}: ${during} came through, so it was none`);
    if (!walls.includes(fault) && during === 0) said.push(`${fault}: nothing came through`);
    if (healedMs > healMs) said.push(`${fault}: well only after ${healedMs} ms`);
  }
  if (takenMeanwhile === 0) said.push("the event log took nothing meanwhile");
  return said.map((text) => `${engine}: ${text}`);
}

test("[DA281] through partitions, half partitions, resets and loss nothing acknowledged is lost, and all is well in 10 s", {
  skip,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "mr-net-"));
  await chmod(folder, 0o755);
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = ["--net", process.execPath, "test/fixtures/network-faults-inside.ts", folder];
  const child = spawn("unshare", argv, { env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill());
  let [said, wrong] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    wrong = (wrong + text).slice(-4000);
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (status !== 0 && / is (missing|not installed)/.test(wrong))
    return t.skip(wrong.trim().split("\n").at(-1));
  assert.equal(status, 0, wrong);
  const seen: EngineSeen[] = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const { engine, acknowledged, faults, doubles, takenMeanwhile } of seen) {
    const heals = faults.map(
      ({ fault, during, healedMs }) => `${fault}: ${during} meanwhile, well after ${healedMs} ms`,
    );
    const more = takenMeanwhile === undefined ? "" : `, ${takenMeanwhile} taken by the log meanwhile`;
    console.log(
      `           ${engine}: ${acknowledged} acknowledged, ${doubles} twice${more}; ${heals.join("; ")}`,
    );
  }
  assert.deepEqual(seen.flatMap(complaints), []);
  assert.equal(seen.length, 3);
  // Planted: a store that lost one, a partition that let something through, and a heal that took too long.
  const [one] = seen;
  assert.ok(one !== undefined);
  const [first] = one.faults;
  assert.ok(first !== undefined);
  assert.equal(complaints({ ...one, lost: ["x"] }).length, 1);
  assert.equal(complaints({ ...one, faults: [{ ...first, during: 1 }] }).length, 1);
  assert.equal(complaints({ ...one, faults: [{ ...first, healedMs: healMs + 1 }] }).length, 1);
});
