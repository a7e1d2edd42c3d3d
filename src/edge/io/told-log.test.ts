import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog } from "#io/log.ts";
import { mostAgentEvents } from "#wire/appliance.ts";
import { toldLog } from "./told-log.ts";

function rig() {
  let nowMs = 100;
  const told = toldLog(openLog("test", "silent"), () => nowMs++);
  return { ...told, words: () => told.events().map(({ words }) => words) };
}

test("[ED210] the last lines of the agent's log are kept, with what they were about", () => {
  const { log, events } = rig();
  log.info({ kind: "started", pid: 17 }, "nginx");
  log.warn("the control plane is away");
  log.error({ err: new Error("disk full") }, "a file was not written");
  assert.deepEqual(events(), [
    { atMs: 100, level: "info", words: "nginx kind=started pid=17" },
    { atMs: 101, level: "warn", words: "the control plane is away" },
    { atMs: 102, level: "error", words: "a file was not written err=disk full" },
  ]);
});

test("[ED210] they are few and short, and hold no secret", () => {
  const { log, words } = rig();
  for (let line = 0; line < mostAgentEvents + 5; line++) log.info({ line }, "line");
  log.info({ token: "t0p", keys: [{ secret: "s3cret" }] }, "x".repeat(1000));
  assert.equal(words().length, mostAgentEvents);
  assert.equal(words()[0], "line line=6");
  assert.equal(words().at(-1)?.length, 300);
  log.info({ token: "t0p", keys: [{ secret: "s3cret" }] }, "keys");
  assert.equal(words().at(-1), "keys");
});
