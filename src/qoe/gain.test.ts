// Figures of all players from what sessions gained.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoggedBeacon, SessionSummary } from "#model/playback.ts";
import { type Folded, foldBeacons } from "./fold.ts";
import { added, type Gain, gainOf, noGain } from "./gain.ts";

const sessions = new Map([["s", { profileId: "p", titleId: "t", generation: 1 }]]);

/** The n-th beacon of a session, received so many seconds after its start. */
function beacon(seq: number, at: number, more: Partial<LoggedBeacon["beacon"]> = {}): LoggedBeacon {
  const empty = {
    bufferMs: 0,
    bitrateBps: 0,
    height: 0,
    throughputBps: 0,
    switchCount: 0,
    applianceId: "",
    because: "",
  };
  const first = { positionMs: 0, stallCount: 0, stallMs: 0, startupMs: 0, durationMs: 600_000 };
  return {
    receivedMs: 1_000_000 + at * 1000,
    beacon: { sessionId: "s", seq, state: "playing", ...empty, ...first, ...more },
  };
}

const film: readonly LoggedBeacon[] = [
  beacon(1, 0, { state: "start" }),
  beacon(2, 1, { startupMs: 900 }),
  beacon(3, 11, { startupMs: 900, positionMs: 10_000 }),
  beacon(4, 21, { startupMs: 900, positionMs: 15_000, stallCount: 1, stallMs: 5000 }),
  beacon(5, 31, { startupMs: 900, positionMs: 300_000, stallCount: 1, stallMs: 5000 }),
];

function inBatches(
  batches: readonly (readonly LoggedBeacon[])[],
): Gain & { readonly failures: readonly string[] } {
  let gain = noGain;
  const failures: string[] = [];
  const known = new Map<string, SessionSummary>();
  for (const batch of batches) {
    const folded: Folded = foldBeacons(known, sessions, batch);
    gain = added(gain, gainOf(known, folded.summaries));
    failures.push(...folded.failures);
    for (const summary of folded.summaries) known.set(summary.sessionId, summary);
  }
  return { ...gain, failures };
}

test("[QO41] start-up, stalls and stalled time are gained once, however the beacons come", () => {
  const wanted = { startupsMs: [900], stalls: 1, stalledMs: 5000 };
  for (const batches of [[film], film.map((one) => [one]), [film, film], [film.toReversed()]]) {
    const { startupsMs, stalls, stalledMs } = inBatches(batches);
    assert.deepEqual({ startupsMs, stalls, stalledMs }, wanted);
  }
});

test("[QO41] played is what positions moved, and no more than passed: a seek forward or back is not played", () => {
  assert.equal(inBatches(film.map((one) => [one])).playedMs, 10_000 + 5000 + 10_000);
  const back = [beacon(1, 0, { positionMs: 60_000 }), beacon(2, 10, { positionMs: 0 })];
  assert.equal(inBatches(back.map((one) => [one])).playedMs, 0);
});

test("[QO42] a failure is counted once, before the picture or in play, though its player spoke on", () => {
  const failed = beacon(6, 32, { state: "failed", startupMs: 900 });
  const closed = beacon(7, 33, { state: "closed", startupMs: 900 });
  assert.deepEqual(inBatches([[...film, failed, closed], [failed]]).failures, ["in-play"]);
  assert.deepEqual(inBatches([[beacon(1, 0, { state: "failed" })]]).failures, ["before-picture"]);
  assert.deepEqual(inBatches([film]).failures, []);
});
