import assert from "node:assert/strict";
import { test } from "node:test";
import { laneOf, openLanes, type Screen } from "./lanes.ts";

const trials = { kind: "trials", codec: "h264", total: 9, reused: 0 } as const;
const shots = { kind: "working", stage: "shots" } as const;

/** Everything that was written, on a clock that the test moves. */
function stage(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  const screen: Screen = { isTTY, columns: 60, write: (text) => written.push(text) };
  const lanes = openLanes(screen, () => time);
  return { lanes, written, after: (ms: number) => (time += ms) };
}

test("[EN119] a log gets a line per begin, per step and per ten seconds, and nothing in between", () => {
  const { lanes, written, after } = stage(false);
  lanes.show({ ...shots, share: 0, etaSeconds: undefined });
  for (let second = 1; second <= 25; second++) {
    after(1000);
    lanes.show({ ...shots, share: second / 50, etaSeconds: 50 - second });
  }
  for (const done of [0, 0, 1, 1, 2]) lanes.show({ ...trials, done, share: done / 9, etaSeconds: 61 });
  lanes.say("hulls");
  assert.deepEqual(written, [
    "shots        …\n",
    "shots        20 %  ETA 0:40\n",
    "shots        40 %  ETA 0:30\n",
    "h264 trials  0 of 9  ETA 1:01\n",
    "h264 trials  1 of 9  ETA 1:01\n",
    "h264 trials  2 of 9  ETA 1:01\n",
    "hulls\n",
  ]);
});

test("[EN119] on a terminal the working lane is redrawn in place and stays with its time", () => {
  const { lanes, written, after } = stage(true);
  lanes.show({ ...shots, share: 0.5, etaSeconds: 12 });
  after(4000);
  lanes.show({ ...shots, share: 1, etaSeconds: 0 });
  lanes.show({ ...trials, done: 3, share: 0.3, reused: 1, etaSeconds: undefined });
  lanes.end();
  lanes.end();
  const clear = "\r\x1b[2K";
  assert.deepEqual(written, [
    `${clear}shots        ▓▓▓▓▓▓▓▓░░░░░░░░  50 %  ETA 0:12`,
    `${clear}shots        ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  100 %`,
    `${clear}shots        4.0 s\n`,
    `${clear}h264 trials  ▓▓▓▓▓░░░░░░░░░░░  3 of 9 (1 from an earlier ru`,
    `${clear}h264 trials  3 of 9 (1 from an earlier run), 0.0 s\n`,
  ]);
});

test("[EN119] hundreds of pieces are told by tenths, and the last one always", () => {
  const step = (done: number): number | undefined =>
    laneOf({ ...trials, kind: "encoding", total: 200, done, share: 0, etaSeconds: 1 })?.step;
  assert.equal(new Set(Array.from({ length: 200 }, (_, done) => step(done))).size, 10);
  assert.equal(step(200), Number.POSITIVE_INFINITY);
});
