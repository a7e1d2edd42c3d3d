// How a step of set-up is run and told about.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export function say(text) {
  process.stderr.write(`set-up  ${text}\n`);
}

export function run(command, args, options = {}) {
  return spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
}

/** Runs a step that may take long: says what it does, then how long it took or why it failed. */
export function step(label, command, args, options = {}) {
  const begun = Date.now();
  say(`${label} …`);
  const done = run(command, args, { maxBuffer: 64 << 20, ...options });
  if (done.status === 0) {
    say(`${label}: done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    return true;
  }
  const said = `${done.stderr}`.trim() || `${done.stdout}`.trim();
  const why = done.error ? String(done.error.message) : said.split("\n").slice(-6).join("\n        ");
  say(`${label}: FAILED${done.status === 124 ? " (no end within its time)" : ""}\n        ${why}`);
  return false;
}

/** The same for a step that waits for others: `timeout` ends it with everything that it started. */
export function stepWithin(seconds, label, command, args, options = {}) {
  return step(label, "timeout", ["--kill-after=10", `${seconds}`, command, ...args], options);
}

export function digest(...files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}
