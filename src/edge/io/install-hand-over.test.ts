import assert from "node:assert/strict";
import { test } from "node:test";
import { handOver, type Manager } from "./install-hand-over.ts";

/** A service whose agent leaves at the signals named; the next one has another pid. */
function service(pid: number, leavesAt: readonly string[]): { manager: Manager; told: string[] } {
  const told: string[] = [];
  let now = pid;
  const manager: Manager = {
    mainPid: async () => now,
    kill: async (name) => {
      told.push(name);
      if (leavesAt.includes(name)) now += 1;
    },
    start: async () => {
      told.push("start");
    },
    pause: async () => undefined,
  };
  return { manager, told };
}

test("[ED105] an agent is asked to hand over, and is not killed when it does", async () => {
  const { manager, told } = service(812, ["SIGUSR2", "SIGKILL"]);
  assert.equal(await handOver(manager), "handed-over");
  assert.deepEqual(told, ["SIGUSR2"]);
});

test("[ED105] an agent that does not leave when asked is killed", async () => {
  const { manager, told } = service(812, ["SIGKILL"]);
  assert.equal(await handOver(manager), "killed");
  assert.deepEqual(told, ["SIGUSR2", "SIGKILL"]);
});

test("[ED105] where no agent runs one is started, and none is signalled", async () => {
  const { manager, told } = service(0, []);
  assert.equal(await handOver(manager), "started");
  assert.deepEqual(told, ["start"]);
});
