import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tried } from "./retrieval.ts";
import { foldTroubles, maySkip, noTroubles, stepsFor, triedFor, whatWasTried } from "./troubles.ts";

const tried = (sourceId: string, because: string): Tried => ({ sourceId, verdict: "corrupt", because });

test("[PY103] steps are counted per segment, over all its rungs, and end with the segment", () => {
  let state = foldTroubles(noTroubles, "video", 4, { kind: "stepped" });
  state = foldTroubles(state, "video", 4, { kind: "stepped" });
  assert.deepEqual(
    [stepsFor(state, "video", 4), stepsFor(state, "video", 5), stepsFor(state, "audio", 4)],
    [2, 0, 0],
  );
  assert.equal(stepsFor(foldTroubles(state, "video", 4, { kind: "served" }), "video", 4), 0);
  assert.equal(stepsFor(foldTroubles(state, "video", 5, { kind: "stepped" }), "video", 5), 1);
});

test("[PY103] no two segments side by side are skipped, in whatever order they are wanted", () => {
  const state = foldTroubles(noTroubles, "video", 7, { kind: "skipped" });
  assert.deepEqual(
    [5, 6, 7, 8, 9].map((segment) => maySkip(state, "video", segment)),
    [true, false, true, false, true],
  );
  assert.ok(maySkip(state, "audio", 8), "sound is counted apart");
});

test("[PY103] the sentence names each source, what it did, and in which renditions, within its bounds", () => {
  let state = noTroubles;
  for (const rendition of ["v480", "v240"]) {
    for (const one of [tried("a", "answered HTTP 503"), tried("b", "sent 3 bytes")]) {
      state = foldTroubles(state, "video", 4, { kind: "tried", rendition, tried: one });
    }
  }
  assert.equal(
    whatWasTried(triedFor(state, "video", 4)),
    "a: answered HTTP 503 (v480, v240); b: sent 3 bytes (v480, v240)",
  );
  for (let i = 0; i < 100; i++) {
    const event = { kind: "tried", rendition: "v240", tried: tried(`source-${i}`, "x".repeat(80)) } as const;
    state = foldTroubles(state, "video", 4, event);
  }
  assert.ok(triedFor(state, "video", 4).length <= 24);
  assert.ok(whatWasTried(triedFor(state, "video", 4)).length <= 600);
  assert.deepEqual(triedFor(state, "video", 5), []);
});
