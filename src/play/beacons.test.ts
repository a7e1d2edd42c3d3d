import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { playedRuleOf } from "#model/beacon.ts";
import { beacon as beaconSchema } from "#wire/viewer.ts";
import {
  type BeaconEvent,
  type Beacons,
  bytesOnLeaving,
  keptBeacons,
  newBeacons,
  type Observation,
  stepBeacons,
} from "./beacons.ts";
import { rules } from "./rules.ts";

const heartbeatMs = 10_000;
const seen = (order: Partial<Observation> = {}): Observation => ({
  state: "playing",
  positionMs: 1000,
  durationMs: 30_000,
  bufferMs: 8000,
  bitrateBps: 1e6,
  height: 360,
  throughputBps: 5e6,
  stallCount: 0,
  stallMs: 0,
  switchCount: 0,
  startupMs: 300,
  applianceId: "north-a1",
  because: "buffer 8.0 s",
  ...order,
});
const observed = (order: Partial<Observation> = {}): BeaconEvent => ({
  kind: "observed",
  observation: seen(order),
});
const step = (state: Beacons, event: BeaconEvent, nowMs: number) =>
  stepBeacons(state, event, nowMs, heartbeatMs);

test("[PY20] a beacon is made at each change of state and at each heartbeat", () => {
  let state = newBeacons("s1");
  const feed = (event: BeaconEvent, nowMs: number) => {
    const done = step(state, event, nowMs);
    state = done.state;
    return state.nextSeq - 1;
  };
  assert.equal(feed(observed({ state: "start" }), 0), 1);
  assert.equal(feed(observed(), 400), 2);
  assert.equal(feed(observed(), 5000), 2);
  assert.equal(feed(observed(), 10_400), 3);
  assert.equal(feed(observed({ state: "stalled" }), 10_500), 4);
});

const courses = fc.array(
  fc.tuple(
    fc.constantFrom("playing", "stalled", "heartbeat", "acknowledged", "unsent", "refused", "leaving"),
    fc.integer({ min: 0, max: 12_000 }),
  ),
  { maxLength: 80 },
);

test("[PY20] [PY21] numbers have no gap and stay; one request is under way at a time", () => {
  fc.assert(
    fc.property(courses, (course) => {
      let state = newBeacons("s1");
      let nowMs = 0;
      let underWay: readonly number[] = [];
      const texts = new Map<number, string>();
      for (const [kind, waited] of course) {
        nowMs += waited;
        const answered = ["acknowledged", "unsent", "refused"].includes(kind);
        if (answered && underWay.length === 0) continue;
        const done = step(state, eventOf(kind, underWay.at(-1) ?? 0), nowMs);
        if (answered) underWay = [];
        state = done.state;
        for (const beacon of done.send) {
          const before = texts.get(beacon.seq) ?? JSON.stringify(beacon);
          assert.equal(JSON.stringify(beacon), before);
          texts.set(beacon.seq, before);
        }
        if (done.send.length > 0 && kind !== "leaving") {
          assert.deepEqual(underWay, [], "a second request while one is under way");
          underWay = done.send.map((beacon) => beacon.seq);
        }
        const kept = state.unacknowledged.map((beacon) => beacon.seq);
        assert.deepEqual(
          kept,
          kept.map((_, i) => state.nextSeq - kept.length + i),
        );
      }
    }),
    { numRuns: 1000, seed: 5 },
  );
});

function eventOf(kind: string, upToSeq: number): BeaconEvent {
  if (kind === "acknowledged" || kind === "refused") return { kind, upToSeq };
  if (kind === "unsent") return { kind };
  if (kind === "leaving") return { kind, observation: seen({ state: "closed" }) };
  return observed({ state: kind === "stalled" ? "stalled" : "playing" });
}

test("[PY21] what was not acknowledged is sent again with the same number", () => {
  const first = step(newBeacons("s1"), observed(), 0);
  assert.deepEqual(
    first.send.map((b) => b.seq),
    [1],
  );
  const lost = step(first.state, { kind: "unsent" }, 100);
  const again = step(lost.state, observed({ state: "paused" }), 2000);
  assert.deepEqual(
    again.send.map((b) => b.seq),
    [1, 2],
  );
  const done = step(again.state, { kind: "acknowledged", upToSeq: 2 }, 2100);
  assert.deepEqual([done.state.unacknowledged, done.send], [[], []]);
});

test("[PY22] at most 500 are kept and the newest stays; the pause after failures doubles up to a limit", () => {
  let state = newBeacons("s1");
  for (let i = 0; i < keptBeacons + 20; i++) state = step(state, observed(), i * heartbeatMs).state;
  assert.equal(state.unacknowledged.length, keptBeacons);
  assert.equal(state.dropped, 20);
  assert.equal(state.unacknowledged.at(-1)?.seq, keptBeacons + 20);
  const pauses: number[] = [];
  for (let i = 0; i < 7; i++) {
    state = step(state, { kind: "unsent" }, 0).state;
    pauses.push(state.notBeforeMs / 1000);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 30, 30]);
});

test("[PY23] a beacon always fits the schema, whatever the browser measured", () => {
  const odd = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300, 0.5));
  fc.assert(
    fc.property(odd, fc.string({ maxLength: 900 }), (number, text) => {
      const observation = seen({
        positionMs: number,
        durationMs: number,
        bufferMs: number,
        bitrateBps: number,
        height: number,
        throughputBps: number,
        stallMs: number,
        startupMs: number,
        applianceId: text,
        because: text,
      });
      const { state } = step(newBeacons("s1"), { kind: "observed", observation }, 0);
      assert.ok(beaconSchema.safeParse(state.unacknowledged[0]).success);
    }),
    { numRuns: 1000, seed: 9 },
  );
});

test("[PY21] on leaving, the newest are sent even while a request is under way", () => {
  const first = step(newBeacons("s1"), observed(), 0);
  const leaving = step(first.state, { kind: "leaving", observation: seen({ state: "closed" }) }, 10);
  assert.deepEqual(
    leaving.send.map((b) => [b.seq, b.state]),
    [
      [1, "playing"],
      [2, "closed"],
    ],
  );
});

test("[PY116] a page that is hidden sends all that is unacknowledged, and again with the same numbers if it lives on", () => {
  const first = step(newBeacons("s1"), observed(), 0);
  const hidden = step(first.state, { kind: "hiding", observation: seen({ state: "playing" }) }, 10);
  assert.deepEqual(
    hidden.send.map((b) => [b.seq, b.state]),
    [
      [1, "playing"],
      [2, "playing"],
    ],
  );
  const lost = step(hidden.state, { kind: "unsent" }, 100);
  const back = step(lost.state, observed(), 5000);
  assert.deepEqual(back.send.slice(0, 2), hidden.send, "the receiver counts each once, by its number");
});

test("[PY116] what is sent away fits what a browser takes, the newest first, whatever letters it has", () => {
  let state = newBeacons("s1");
  for (let i = 0; i < 300; i++) {
    const observation = seen({ because: "→".repeat(400), positionMs: i });
    state = step(state, { kind: "observed", observation }, i * heartbeatMs).state;
  }
  const { send } = step(state, { kind: "leaving", observation: seen({ state: "closed" }) }, 1e7);
  const bytes = new TextEncoder().encode(JSON.stringify(send)).length;
  assert.ok(bytes <= bytesOnLeaving + 2 && bytes > bytesOnLeaving - 3000, `${bytes} bytes`);
  assert.deepEqual([send.at(-1)?.seq, send.at(-1)?.state], [301, "closed"]);
});

test("[PY22] while nothing gets through, heartbeats come half as often; changes of state come at once, and the wait asked for is kept", () => {
  const made = (state: Beacons, nowMs: number, order: Partial<Observation> = {}): boolean =>
    step(state, observed(order), nowMs).state.nextSeq > state.nextSeq;
  const first = step(newBeacons("s1"), observed(), 0).state;
  assert.ok(made(first, 10_000));
  const failing = step(first, { kind: "unsent", waitMs: 25_000 }, 100).state;
  assert.ok(!made(failing, 10_000) && made(failing, 20_000) && made(failing, 500, { state: "stalled" }));
  assert.deepEqual(step(failing, observed(), 25_000).send, []);
  assert.equal(step(failing, observed(), 25_100).send.length, 2);
  const well = step(failing, { kind: "acknowledged", upToSeq: 1 }, 200).state;
  assert.ok(made(well, 10_000));
});

test("[QO55] a beacon says codec and rule where they are known, and can name every rule that there is", () => {
  const made = (order: Partial<Observation>) =>
    stepBeacons(newBeacons("s"), { kind: "observed", observation: seen(order) }, 0, heartbeatMs).send[0];
  const mute = made({});
  assert.ok(mute !== undefined && !("codec" in mute) && !("rule" in mute));
  const told = made({ codec: "av1", rule: playedRuleOf("bola-e-u") });
  assert.deepEqual([told?.codec, told?.rule], ["av1", "bola-e-u"]);
  assert.ok(rules.length > 20 && rules.every(({ name }) => playedRuleOf(name) === name));
  assert.deepEqual([playedRuleOf(undefined), playedRuleOf("pensieve")], [undefined, "other"]);
});
