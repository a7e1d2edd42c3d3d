// Laws of the fold on seeded random streams, and its rules case by case.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Beacon, PlayState } from "#model/beacon.ts";
import { ord } from "#model/beacon.ts";
import type { Bookmark, LoggedBeacon, SessionSummary } from "#model/playback.ts";
import { type Folded, finishedShare, foldBeacons, type KnownSession } from "./fold.ts";

const sessions = new Map<string, KnownSession>([
  ["s1", { profileId: "ann", titleId: "film", generation: 1 }],
  ["s2", { profileId: "ann", titleId: "film", generation: 2 }],
  ["s3", { profileId: "bob", titleId: "film", generation: 1 }],
]);
const nothing = new Map<string, SessionSummary>();

function said(given: Partial<Beacon> & { readonly receivedMs?: number }): LoggedBeacon {
  const { receivedMs = 1000, ...rest } = given;
  return {
    receivedMs,
    beacon: {
      sessionId: "s1",
      seq: 1,
      state: "playing",
      positionMs: 10_000,
      durationMs: 100_000,
      bufferMs: 5000,
      bitrateBps: 800_000,
      height: 360,
      throughputBps: 3e6,
      stallCount: 0,
      stallMs: 0,
      switchCount: 0,
      startupMs: 700,
      applianceId: "a1",
      because: "",
      ...rest,
    },
  };
}

const states: readonly PlayState[] = [
  "start",
  "playing",
  "paused",
  "seeking",
  "stalled",
  "ended",
  "failed",
  "closed",
];

const anyBeacon = fc
  .record({
    receivedMs: fc.integer({ min: 0, max: 5 }),
    sessionId: fc.constantFrom("s1", "s2", "s3", "nobody"),
    seq: fc.integer({ min: 1, max: 9 }),
    state: fc.constantFrom(...states),
    positionMs: fc.integer({ min: 0, max: 20 }),
    durationMs: fc.integer({ min: 0, max: 15 }),
    startupMs: fc.integer({ min: 0, max: 2 }),
  })
  .map(said);

/** One number, one content: what an honest player sends, however often. */
const honestStream = fc
  .uniqueArray(anyBeacon, { selector: ({ beacon }) => `${beacon.sessionId} ${beacon.seq}`, maxLength: 20 })
  .chain((stream) => fc.tuple(fc.constant(stream), fc.shuffledSubarray([...stream, ...stream])));

interface Kept {
  readonly summaries: Map<string, SessionSummary>;
  readonly bookmarks: Map<string, Bookmark>;
}

/** What the store does with a fold: newer lastSeq and higher ord win. */
function keep(kept: Kept, folded: Folded): Kept {
  for (const summary of folded.summaries) {
    const before = kept.summaries.get(summary.sessionId);
    if (before === undefined || summary.lastSeq > before.lastSeq)
      kept.summaries.set(summary.sessionId, summary);
  }
  for (const bookmark of folded.bookmarks) {
    const key = `${bookmark.profileId} ${bookmark.titleId}`;
    if (bookmark.ord > (kept.bookmarks.get(key)?.ord ?? 0)) kept.bookmarks.set(key, bookmark);
  }
  return kept;
}

function foldAll(batches: readonly (readonly LoggedBeacon[])[]): Kept {
  const empty: Kept = { summaries: new Map(), bookmarks: new Map() };
  return batches.reduce((kept, batch) => keep(kept, foldBeacons(kept.summaries, sessions, batch)), empty);
}

test("[QO1] a shuffled batch folds to the same, even when one number was said with two contents", () => {
  const law = fc.property(
    fc
      .array(anyBeacon, { maxLength: 30 })
      .chain((batch) =>
        fc.tuple(
          fc.constant(batch),
          fc.shuffledSubarray(batch, { minLength: batch.length, maxLength: batch.length }),
        ),
      ),
    ([batch, shuffled]) => {
      assert.deepEqual(foldBeacons(nothing, sessions, shuffled), foldBeacons(nothing, sessions, batch));
    },
  );
  fc.assert(law, { seed: 1, numRuns: 300 });
});

test("[QO1] however the stream is cut into batches, and whatever comes late, the same is kept", () => {
  const law = fc.property(
    honestStream,
    fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }),
    ([stream, extra], cuts) => {
      const sent = [...extra, ...stream].map((logged) => ({ ...logged, receivedMs: 7 }));
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
      const batches = bounds.slice(1).map((bound, index) => sent.slice(bounds[index], bound));
      const whole = foldAll([sent]);
      const pieces = foldAll(batches);
      assert.deepEqual([...pieces.summaries].toSorted(), [...whole.summaries].toSorted());
      assert.deepEqual([...pieces.bookmarks].toSorted(), [...whole.bookmarks].toSorted());
    },
  );
  fc.assert(law, { seed: 2, numRuns: 300 });
});

test("[QO2] the same beacons folded twice are folded once", () => {
  const law = fc.property(fc.array(anyBeacon, { maxLength: 20 }), (batch) => {
    assert.deepEqual(foldAll([batch, batch]), foldAll([batch]));
    const doubled = foldBeacons(nothing, sessions, [...batch, ...batch]);
    const once = foldBeacons(nothing, sessions, batch);
    assert.deepEqual(doubled.summaries, once.summaries);
    assert.deepEqual(doubled.bookmarks, once.bookmarks);
  });
  fc.assert(law, { seed: 3, numRuns: 200 });
});

test("[QO3] a late beacon gives no summary, and a bookmark that ranks below the known one", () => {
  const known = foldBeacons(nothing, sessions, [said({ seq: 5, positionMs: 50_000 })]);
  const summaries = new Map(known.summaries.map((summary) => [summary.sessionId, summary]));
  const late = foldBeacons(summaries, sessions, [said({ seq: 4, positionMs: 40_000 })]);
  assert.deepEqual(late.summaries, []);
  assert.equal(late.bookmarks[0]?.ord, ord(1, 4));
  assert.equal(known.bookmarks[0]?.ord, ord(1, 5));
});

test("[QO3] a play that started later outranks every beacon of an earlier one", () => {
  const folded = foldBeacons(nothing, sessions, [
    said({ sessionId: "s2", seq: 1, positionMs: 1000 }),
    said({ sessionId: "s1", seq: 2 ** 24 - 1, positionMs: 90_000 }),
  ]);
  assert.equal(folded.bookmarks.length, 1);
  assert.equal(folded.bookmarks[0]?.positionMs, 1000);
});

test("[QO4] a position beyond the duration is cut to it", () => {
  const folded = foldBeacons(nothing, sessions, [said({ positionMs: 120_000 })]);
  assert.equal(folded.summaries[0]?.positionMs, 100_000);
  assert.equal(folded.bookmarks[0]?.positionMs, 100_000);
});

test("[QO5] finished when ended or when the credits are reached, and not before", () => {
  const finished = (given: Partial<Beacon>): boolean | undefined =>
    foldBeacons(nothing, sessions, [said(given)]).bookmarks[0]?.finished;
  assert.equal(finished({ state: "ended", positionMs: 0 }), true);
  assert.equal(finished({ positionMs: finishedShare * 100_000 }), true);
  assert.equal(finished({ positionMs: finishedShare * 100_000 - 1 }), false);
});

test("[QO6] a player that stands at 0 for want of better leaves the bookmark alone", () => {
  const silent: readonly Partial<Beacon>[] = [
    { state: "start", positionMs: 0 },
    { state: "failed", positionMs: 0 },
    { state: "closed", positionMs: 0, startupMs: 0 },
    { state: "playing", durationMs: 0 },
  ];
  for (const given of silent) {
    const folded = foldBeacons(nothing, sessions, [said(given)]);
    assert.deepEqual(folded.bookmarks, [], JSON.stringify(given));
    assert.equal(folded.summaries.length, 1);
  }
  assert.equal(foldBeacons(nothing, sessions, [said({ state: "closed" })]).bookmarks.length, 1);
});

test("[QO7] beacons of a session that nobody opened leave no trace", () => {
  const folded = foldBeacons(nothing, sessions, [said({ sessionId: "nobody" })]);
  assert.deepEqual(folded, {
    summaries: [],
    bookmarks: [],
    failures: [],
    progress: { fresh: 0, repeated: 0, foreign: 1 },
  });
});

test("[QO8] every beacon is counted exactly once", () => {
  const law = fc.property(fc.array(anyBeacon, { maxLength: 30 }), (batch) => {
    const { fresh, repeated, foreign } = foldBeacons(nothing, sessions, batch).progress;
    assert.equal(fresh + repeated + foreign, batch.length);
    const numbers = batch.filter(({ beacon }) => sessions.has(beacon.sessionId));
    assert.equal(fresh, new Set(numbers.map(({ beacon }) => `${beacon.sessionId} ${beacon.seq}`)).size);
  });
  fc.assert(law, { seed: 4, numRuns: 200 });
});
