import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { milliseconds } from "#units/quantity.ts";
import { type HealthEvent, type HealthReport, type HealthState, step, unheard } from "./health.ts";

const calm: HealthReport = { nginx: "up", trouble: "", draining: false, load: 0.2 };

function reports(count: number, given: Partial<HealthReport> = {}): HealthReport[] {
  return new Array<HealthReport>(count).fill({ ...calm, ...given });
}

/** One report every 2 s, from a state that last heard something at `from` ms. */
function after(given: readonly HealthReport[], state: HealthState = unheard, from = 0): HealthState {
  return given.reduce(
    (current, report, i) => step(current, { kind: "report", report }, milliseconds(from + 2000 * (i + 1))),
    state,
  );
}

test("[ST10] silent before the first report, after 6 s without one, and heard again at once", () => {
  assert.equal(unheard.health, "silent");
  const well = after(reports(1));
  assert.equal(well.health, "healthy");
  assert.equal(step(well, { kind: "tick" }, milliseconds(8000)).health, "healthy");
  const gone = step(well, { kind: "tick" }, milliseconds(8100));
  assert.deepEqual([gone.health, gone.because], ["silent", "No report for 6.1 s, the limit is 6 s."]);
  assert.equal(after(reports(1), gone, 9000).health, "healthy");
});

test("[ST11] nginx down closes at once, overload after three reports in a row", () => {
  const down = after(reports(1, { nginx: "down", trouble: "port 8181 is taken" }));
  assert.deepEqual([down.health, down.because], ["unhealthy", "nginx is down: port 8181 is taken."]);
  assert.equal(after(reports(2, { load: 0.96 })).health, "healthy");
  assert.equal(after(reports(3, { load: 0.96 })).health, "unhealthy");
  assert.equal(
    after([...reports(2, { load: 1 }), ...reports(1), ...reports(2, { load: 1 })]).health,
    "healthy",
  );
});

test("[ST12] six calm reports in a row open a closed gate, and load between the limits changes nothing", () => {
  for (const cause of [reports(3, { load: 1.2 }), reports(1, { nginx: "down" })]) {
    const closed = after(cause);
    assert.equal(after(reports(5), closed, 6000).health, "unhealthy");
    assert.equal(after(reports(6), closed, 6000).health, "healthy");
    assert.equal(
      after([...reports(5), ...reports(1, { load: 0.9 }), ...reports(5)], closed, 6000).health,
      "unhealthy",
    );
  }
  assert.equal(after(reports(20, { load: 0.9 })).health, "healthy");
});

test("[ST12] a box that only starts is healthy with its first report of nginx up, one that was down is not", () => {
  const starting = after(reports(2, { nginx: "starting" }));
  assert.deepEqual([starting.health, starting.because], ["unhealthy", "nginx is starting."]);
  assert.equal(after(reports(1), starting, 4000).health, "healthy");
  const again = after([
    ...reports(1, { nginx: "down" }),
    ...reports(1, { nginx: "starting" }),
    ...reports(1),
  ]);
  assert.equal(again.health, "unhealthy");
});

test("[ST13] draining as long as it says so, unless it is unhealthy", () => {
  assert.equal(after(reports(2, { draining: true })).health, "draining");
  assert.equal(after([...reports(2, { draining: true }), ...reports(1)]).health, "healthy");
  assert.equal(after(reports(1, { draining: true, nginx: "down" })).health, "unhealthy");
});

test("[ST14] a load that is no number counts as full, and a clock that goes back silences nobody", () => {
  assert.equal(after(reports(3, { load: Number.NaN })).health, "unhealthy");
  assert.equal(step(after(reports(5)), { kind: "tick" }, milliseconds(0)).health, "healthy");
});

test("[ST15] every state says why, with a number or the cause", () => {
  const anyEvent = fc.oneof(
    fc.constant<HealthEvent>({ kind: "tick" }),
    fc
      .record({
        nginx: fc.constantFrom<HealthReport["nginx"]>("up", "up", "starting", "down"),
        trouble: fc.constant(""),
        draining: fc.boolean(),
        load: fc.double({ min: 0, max: 2 }),
      })
      .map((report): HealthEvent => ({ kind: "report", report })),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(anyEvent, fc.nat(9000)), { minLength: 1 }), (events) => {
      let state = unheard;
      let now = 0;
      for (const [event, passed] of events) {
        now += passed;
        state = step(state, event, milliseconds(now));
        assert.match(state.because, /\d|nginx|drain|not reported/);
        assert.equal(state.health === "unhealthy", state.gate !== "open");
      }
    }),
    { seed: 21 },
  );
});

test("[ED86] the lease is the setting, or longer for an agent that says its reports are further apart", () => {
  const at = (due: number | undefined, later: number): string => {
    const report = { nginx: "up" as const, trouble: "", draining: false, load: 0 };
    const told = due === undefined ? report : { ...report, due: milliseconds(due) };
    const heard = step(unheard, { kind: "report", report: told }, milliseconds(1000));
    return step(heard, { kind: "tick" }, milliseconds(1000 + later)).health;
  };
  assert.deepEqual([at(undefined, 6000), at(undefined, 6001)], ["healthy", "silent"]);
  assert.deepEqual([at(240, 6000), at(240, 6001)], ["healthy", "silent"]);
  assert.deepEqual([at(12_000, 30_000), at(12_000, 30_001)], ["healthy", "silent"]);
});
