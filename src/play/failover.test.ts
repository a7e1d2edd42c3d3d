import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Failover,
  type FailoverEvent,
  failoverTuning,
  newFailover,
  sourcesFor,
  stepFailover,
} from "./failover.ts";

const list = (...ids: string[]) => ids.map((sourceId) => ({ sourceId, baseUrl: `http://${sourceId}/` }));
const sources = { "v360-1": list("a", "b", "origin"), audio: list("b", "origin") };
const fresh = newFailover(sources, ["a", "b", "origin"]);
const order = (state: Failover, nowMs: number, bufferMs = 30_000, rendition = "v360-1"): readonly string[] =>
  sourcesFor(state, { rendition, nowMs, bufferMs }).map((source) => source.sourceId);
const failed = (sourceId: string, startedMs: number): FailoverEvent => ({
  kind: "failed",
  sourceId,
  startedMs,
  because: "no answer within 2.0 s",
});
const after = (state: Failover, ...events: readonly [FailoverEvent, number][]): Failover =>
  events.reduce((s, [event, nowMs]) => stepFailover(s, event, nowMs).state, state);

const served = (sourceId: string, startedMs: number, rendition = "v360-1"): FailoverEvent => ({
  kind: "served",
  sourceId,
  rendition,
  startedMs,
});
const lacking = (sourceId: string, startedMs: number, rendition = "v360-1"): FailoverEvent => ({
  kind: "lacking",
  sourceId,
  rendition,
  startedMs,
  because: "answered HTTP 404",
});
/** A new play answer with the same folders. */
const ranked = (...rank: readonly string[]): FailoverEvent => ({ kind: "resigned", sources, rank });

const ids = fc.constantFrom("a", "b", "origin");
const renditions = fc.constantFrom("v360-1", "audio");
const events: fc.Arbitrary<FailoverEvent> = fc.oneof(
  fc.record({
    kind: fc.constant("served" as const),
    sourceId: ids,
    rendition: renditions,
    startedMs: fc.integer({ min: 0, max: 900_000 }),
  }),
  fc.record({
    kind: fc.constant("failed" as const),
    sourceId: ids,
    startedMs: fc.integer({ min: 0, max: 900_000 }),
    because: fc.constant("HTTP 503"),
  }),
  fc.record({
    kind: fc.constant("lacking" as const),
    sourceId: ids,
    rendition: renditions,
    startedMs: fc.integer({ min: 0, max: 900_000 }),
    because: fc.constant("answered HTTP 404"),
  }),
  fc.shuffledSubarray(["a", "b", "origin", "c"]).map((rank) => ranked(...rank)),
);

test("[PY15] the order is the whole list, each once, and who was set aside comes last", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(events, fc.integer({ min: 0, max: 60_000 })), { maxLength: 30 }),
      fc.integer({ min: 0, max: 60_000 }),
      (course, bufferMs) => {
        let state = fresh;
        let nowMs = 0;
        for (const [event, waited] of course) {
          nowMs += waited;
          state = stepFailover(state, event, nowMs).state;
          const now = order(state, nowMs, bufferMs);
          assert.deepEqual(now.toSorted(), ["a", "b", "origin"]);
          const isAway = (key: string): boolean =>
            nowMs < (state.health[key]?.awayUntilMs ?? 0) && !state.health[key]?.proven;
          const away = now.map((id) => isAway(id) || isAway(`${id}/v360-1`));
          assert.deepEqual(
            away,
            away.toSorted((x, y) => Number(x) - Number(y)),
          );
        }
      },
    ),
    { numRuns: 2000, seed: 3 },
  );
});

test("[PY15] without failures the order is the steering's, and a new steering changes it at once", () => {
  assert.deepEqual(order(fresh, 0), ["a", "b", "origin"]);
  const reranked = after(fresh, [ranked("origin", "b", "a"), 0]);
  assert.deepEqual(order(reranked, 0), ["origin", "b", "a"]);
});

test("[PY16] each further failure sets aside for twice as long, up to a limit", () => {
  let state = fresh;
  let nowMs = 0;
  const spans: number[] = [];
  for (let i = 0; i < 7; i++) {
    state = after(state, [failed("a", nowMs), nowMs]);
    const health = state.health.a;
    assert.ok(health);
    spans.push((health.awayUntilMs - nowMs) / 1000);
    nowMs = health.awayUntilMs + 1;
    state = after(state, [served("a", nowMs), nowMs]);
  }
  assert.deepEqual(spans, [10, 20, 40, 80, 160, 160, 160]);
});

test("[PY16] failures are forgotten after a quiet time", () => {
  const once = after(fresh, [failed("a", 0), 0], [failed("a", 20_000), 20_000]);
  const later = 20_000 + 20_000 + failoverTuning.forgiveMs + 1;
  assert.equal(after(once, [failed("a", later), later]).health.a?.strikes, 1);
});

test("[PY17] a source on trial goes first only with buffer to spare, and one answer makes it well", () => {
  const struck = after(fresh, [failed("a", 0), 0]);
  assert.deepEqual(order(struck, 9_999), ["b", "origin", "a"]);
  assert.deepEqual(order(struck, 10_000, 4_000), ["b", "origin", "a"], "little buffer: no trial");
  assert.deepEqual(order(struck, 10_000, 30_000), ["a", "b", "origin"]);
  const well = after(struck, [served("a", 10_500), 11_000]);
  assert.deepEqual(order(well, 11_000, 0), ["a", "b", "origin"]);
});

test("[PY18] requests that fail together count as one failure", () => {
  const both = after(fresh, [failed("a", 1000), 3000], [failed("a", 1200), 3200]);
  assert.equal(both.health.a?.strikes, 1);
  assert.equal(both.health.a?.awayUntilMs, 13_000);
});

test("[PY17] an answer to a request from before the failure proves nothing", () => {
  const late = after(fresh, [failed("a", 1000), 3000], [served("a", 900), 3100]);
  assert.deepEqual(order(late, 3100), ["b", "origin", "a"]);
});

test("[PY19] every change of who serves has a sentence", () => {
  const first = stepFailover(fresh, served("a", 0), 0);
  assert.equal(first.note, undefined);
  const struck = stepFailover(first.state, failed("a", 1000), 3000);
  assert.equal(struck.note, "a: no answer within 2.0 s → set aside for 10 s");
  const other = stepFailover(struck.state, served("b", 3000), 3100);
  assert.equal(other.note, "b serves now instead of a");
  const back = stepFailover(other.state, served("a", 19_900), 20_000);
  assert.equal(back.note, "a answers again");
  const steered = stepFailover(fresh, ranked("elsewhere", "b", "a"), 0);
  assert.equal(steered.note, "steering ranks b first now");
  assert.equal(stepFailover(fresh, ranked("a", "origin"), 0).note, undefined, "the first is the same");
  const bare = stepFailover(fresh, lacking("a", 1000), 1100);
  assert.equal(bare.note, "a: answered HTTP 404 for v360-1 → set aside for it for 10 s");
  assert.equal(stepFailover(bare.state, served("a", 11_200), 11_300).note, "a has v360-1 again");
});

test("[PY15] freshly signed folders replace the old ones and keep what is known of the sources", () => {
  const struck = after(fresh, [failed("a", 0), 0]);
  const folders = { "v360-1": list("a", "b", "c") };
  const renewed = after(struck, [{ kind: "resigned", sources: folders, rank: ["c", "a", "b"] }, 1]);
  assert.deepEqual(order(renewed, 2), ["c", "b", "a"], "a source that is new takes its place in the order");
  assert.deepEqual(order(renewed, 2, 0, "unknown"), []);
});

test("[PY26] a source that lacks one rendition is set aside for that one only", () => {
  const bare = after(fresh, [lacking("b", 0, "audio"), 100]);
  assert.deepEqual(order(bare, 200, 30_000, "audio"), ["origin", "b"]);
  assert.deepEqual(order(bare, 200), ["a", "b", "origin"], "its other renditions are as good as before");
  const other = after(bare, [served("b", 300, "v360-1"), 400]);
  assert.deepEqual(order(other, 500, 30_000, "audio"), ["origin", "b"], "another rendition proves nothing");
  const filled = after(other, [served("b", 10_200, "audio"), 10_300]);
  assert.deepEqual(order(filled, 10_400, 0, "audio"), ["b", "origin"]);
});

test("[PY26] an answer that a rendition is missing is an answer: a source on trial is well by it", () => {
  const tried = after(fresh, [failed("a", 0), 0], [lacking("a", 10_500), 10_600]);
  assert.deepEqual(order(tried, 10_700, 0, "v360-1"), ["b", "origin", "a"]);
  assert.equal(tried.health.a?.proven, true);
});

const corrupt = (sourceId: string, startedMs: number, file = "5.m4s"): FailoverEvent => ({
  kind: "corrupt",
  sourceId,
  rendition: "v360-1",
  file,
  startedMs,
  because: "sent other bytes",
});
const orderFor = (state: Failover, file: string, nowMs: number, bufferMs = 30_000): readonly string[] =>
  sourcesFor(state, { rendition: "v360-1", file, nowMs, bufferMs }).map((source) => source.sourceId);

test("[PY110] a broken copy sets its source aside for that file only", () => {
  const { state, note } = stepFailover(fresh, corrupt("a", 0), 100);
  assert.equal(note, "a: sent other bytes → set aside for v360-1/5.m4s for 10 s");
  assert.deepEqual(orderFor(state, "5.m4s", 200), ["b", "origin", "a"]);
  assert.deepEqual(orderFor(state, "6.m4s", 200), ["a", "b", "origin"]);
  assert.deepEqual(order(state, 200), ["a", "b", "origin"]);
});

test("[PY110] a second broken file soon after sets it aside for all; a trial and one whole answer bring it back", () => {
  const once = after(fresh, [corrupt("a", 0), 100]);
  const { state, note } = stepFailover(once, corrupt("a", 2000, "6.m4s"), 2100);
  assert.equal(note, "a: sent other bytes, again → set aside for 10 s");
  assert.deepEqual(orderFor(state, "7.m4s", 2200), ["b", "origin", "a"]);
  assert.deepEqual(orderFor(state, "7.m4s", 12_200, 4000), ["b", "origin", "a"], "little buffer: no trial");
  assert.deepEqual(orderFor(state, "7.m4s", 12_200), ["a", "b", "origin"]);
  const answer = {
    kind: "served",
    sourceId: "a",
    rendition: "v360-1",
    file: "7.m4s",
    startedMs: 12_200,
  } as const;
  const whole = stepFailover(state, answer, 12_300);
  assert.equal(whole.note, "a answers again");
  const relapsed = after(whole.state, [corrupt("a", 13_000, "8.m4s"), 13_100]);
  assert.equal(relapsed.health.a?.awayUntilMs, 13_100 + 20_000, "and stays away for longer the next time");
  const later = after(once, [corrupt("a", 200_000, "6.m4s"), 200_100]);
  assert.deepEqual(
    orderFor(later, "7.m4s", 200_200),
    ["a", "b", "origin"],
    "long after, it is the first again",
  );
});

test("[PY110] what is kept of single files is bounded", () => {
  let state = fresh;
  for (let i = 0; i < 500; i++) state = after(state, [corrupt("a", i * 10_000, `${i}.m4s`), i * 10_000 + 1]);
  assert.ok(Object.keys(state.health).length < 40, `${Object.keys(state.health).length} are kept`);
});

test("[PY111] when all fail within one round none is set aside for it, and older failures stay", () => {
  const old = after(fresh, [failed("b", 0), 10], [failed("b", 20_000), 20_010]);
  const gone = after(old, [failed("a", 30_000), 30_010], [failed("origin", 30_020), 30_030]);
  const { state, note } = stepFailover(gone, { kind: "outage", sinceMs: 30_000 }, 30_040);
  assert.equal(note, "no appliance answers: that is the network, and none is set aside");
  assert.deepEqual(order(state, 30_050), ["a", "origin", "b"]);
  const later = after(state, [failed("a", 40_000), 40_010]);
  assert.equal(later.health.a?.awayUntilMs, 50_010, "the outage does not count as a failure before");
});
