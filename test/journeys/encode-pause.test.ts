// What is stopped with Ctrl-Z, or by a lid that was shut, goes on as if nothing had been.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";

test("[EN72] time that a process was stopped does not count towards the deadlines of its programs", async (t) => {
  const child = spawn(process.execPath, ["test/fixtures/patient.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  let told = "";
  child.stdout.on("data", (chunk) => {
    told += chunk;
  });
  await once(child.stdout, "data");
  assert.equal(child.kill("SIGSTOP"), true);
  // The pause is what is tested: the deadline passes in it, and the program still runs after it.
  await rest(4000);
  child.kill("SIGCONT");
  const [status] = await once(child, "close");
  assert.deepEqual([status, told], [0, "waiting\ndone\n"]);
});
