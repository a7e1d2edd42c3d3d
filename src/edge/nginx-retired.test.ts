import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeRetired, type Retired, type RetiredState, type Stuck } from "./nginx-retired.ts";

const told: Retired = { pid: 7, kind: "told", state: "R", cpuMs: 0 };
const leaving: Retired = { ...told, kind: "leaving" };

/** Looks every half second for so many seconds, after those before; who is stuck in the end. */
function watch(...spans: readonly (readonly [Retired, number])[]): readonly Stuck[] {
  let [state, stuck, now]: [RetiredState, readonly Stuck[], number] = [new Map(), [], 0];
  for (const [one, seconds] of spans) {
    for (let i = 0; i <= seconds * 2; i += 1) {
      const cpuMs = one.state === "R" ? now : one.cpuMs;
      ({ state, stuck } = judgeRetired(state, [{ ...one, cpuMs }], now, 30_000));
      now += 500;
    }
  }
  return stuck;
}

test("[ED152] a worker that does not begin to leave is stuck after the grace, one that does after nginx's own time and the grace", () => {
  assert.deepEqual(watch([told, 29.5]), []);
  assert.equal(watch([told, 30])[0]?.pid, 7);
  assert.match(watch([told, 30])[0]?.because ?? "", /not begun to leave 30\.0 s.*processor for 30\.0 s/);
  assert.deepEqual(watch([told, 29], [leaving, 149.5]), []);
  assert.match(
    watch([told, 29], [leaving, 150])[0]?.because ?? "",
    /not ended, though its responses were cut/,
  );
});

test("[ED152] time in which a worker waits for its disk, or in which the agent did not run, is not held against it", () => {
  assert.deepEqual(watch([told, 20], [{ ...told, state: "D" }, 600], [told, 9]), []);
  assert.equal(watch([told, 20], [{ ...told, state: "D" }, 600], [told, 10]).length, 1);
  assert.deepEqual(watch([told, 40], [{ ...told, state: "D" }, 1]), [], "nor is it killed while it waits");
  const { state } = judgeRetired(new Map(), [told], 0, 30_000);
  assert.deepEqual(judgeRetired(state, [told], 3_600_000, 30_000).stuck, []);
});

test("[ED152] a worker that is gone is forgotten, and its pid may come again", () => {
  const { state } = judgeRetired(new Map(), [told], 0, 100);
  const gone = judgeRetired(state, [], 500, 100);
  assert.equal(gone.state.size, 0);
  assert.deepEqual(judgeRetired(gone.state, [told], 1000, 100).stuck, []);
});
