// Control black-holed for ten real minutes: see edge-dark-inside.ts for what is asked of the appliances meanwhile.
// MILLRACE_TEST_LONG_SECONDS makes it shorter, while one works on it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { missing } from "./edge-rig.ts";

const asked = process.env.MILLRACE_TEST_LONG === "1";
const canSeparate =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--net", "ip", "link", "add", "dark0", "type", "veth", "peer", "name", "dark1"])
    .status === 0;
const skip =
  (asked ? false : "it takes ten minutes: MILLRACE_TEST_LONG=1") ||
  missing ||
  (canSeparate ? false : "it needs root, unshare, ip, and a kernel with veth");

test("[ED150] ten minutes without control, its packets dropped or taken in silence, cost no viewer and no report", {
  skip,
}, async (t) => {
  const seconds = process.env.MILLRACE_TEST_LONG_SECONDS ?? "600";
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const argv = ["--net", process.execPath, "test/journeys/edge-dark-inside.ts", seconds];
  const child = spawn("unshare", argv, { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill());
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  for (const line of said.split("\n")) if (/^(ℹ|#) .*(:|after) /.test(line)) t.diagnostic(line.slice(2));
  assert.equal(status, 0, said);
});
