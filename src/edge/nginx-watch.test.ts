import assert from "node:assert/strict";
import { test } from "node:test";
import { type Look, slownessOf, step, unwatched, type WatchCommand } from "./nginx-watch.ts";

const answered: Look = { probe: "answered", stopped: [], isInDisk: false };
const silent: Look = { probe: "silent", stopped: [], isInDisk: false };
const unasked: Look = { probe: "unasked", stopped: [], isInDisk: false };
const stopped = (kind: "master" | "worker", pid: number): Look => ({
  probe: "silent",
  stopped: [{ pid, kind }],
  isInDisk: false,
});

function see(...looks: readonly (readonly [Look, number])[]): readonly WatchCommand[] {
  let state = unwatched;
  let last: readonly WatchCommand[] = [];
  for (const [look, at] of looks) ({ state, commands: last } = step(state, look, at));
  return last;
}

test("[ED77] three silent questions in a row are a hang; an answer between begins anew, an agent's own sleep and a slow disk say nothing", () => {
  assert.equal(see([silent, 0], [silent, 1], [silent, 2])[0]?.kind, "kill-all");
  assert.equal(see([silent, 0], [silent, 1], [unasked, 2], [silent, 3])[0]?.kind, "kill-all");
  assert.deepEqual(see([silent, 0], [silent, 1], [answered, 2], [silent, 3]), []);
  assert.deepEqual(see([silent, 0], [silent, 1], [unasked, 2]), []);
  assert.deepEqual(see([silent, 0], [silent, 1], [{ ...silent, isInDisk: true }, 2]), []);
});

test("[ED76] a stopped process is woken, killed when it is stopped again, and woken again after a minute", () => {
  assert.deepEqual(see([stopped("worker", 7), 0]), [{ kind: "wake", pid: 7 }]);
  assert.deepEqual(see([stopped("worker", 7), 0], [answered, 1], [stopped("worker", 7), 59_999]), [
    { kind: "kill-worker", pid: 7 },
  ]);
  assert.deepEqual(see([stopped("worker", 7), 0], [stopped("worker", 7), 60_000]), [
    { kind: "wake", pid: 7 },
  ]);
  assert.deepEqual(see([stopped("master", 6), 0], [stopped("master", 6), 1]), [
    { kind: "kill-all", because: "its master (pid 6) was stopped again" },
  ]);
});

test("[ED88] a reload is slow while a worker waits for the disk or the new configuration answers, else it failed", () => {
  const old = [
    { pid: 7, state: "S" },
    { pid: 8, state: "D" },
  ];
  const silent = { masterIsGone: false, newAnswers: false, old };
  assert.match(slownessOf(silent) ?? "", /pid 8\) waits for the disk/);
  const running = old.slice(0, 1);
  assert.match(slownessOf({ ...silent, newAnswers: true, old: running }) ?? "", /pid 7\) has not made way/);
  assert.equal(slownessOf({ ...silent, old: running }), undefined);
  assert.equal(slownessOf({ ...silent, masterIsGone: true }), undefined);
});
