import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { box, boxAt, concat, readBoxes, u32s } from "./boxes.ts";
import { readSegment, writeFragment } from "./fragment.ts";
import {
  joinPiece,
  type PlannedSegment,
  readFragmented,
  type SegmentBytes,
  segmentsOf,
  startJoining,
} from "./fragmenter.ts";
import { type Init, readInit } from "./init.ts";
import { fragmentOf, pictures, piece, syncFlags, videoInit } from "./synthetic.ts";
import { checkVideoSegment } from "./verify.ts";

const ticks = 1001;
const init = videoInit(30_000);

interface Packed {
  readonly segments: readonly PlannedSegment[];
  readonly files: readonly SegmentBytes[];
}

/** Joins pieces given as lists of group lengths; a refusal is returned as its sentence. */
function join(shots: readonly (readonly number[])[], boundaries: readonly number[]): Packed | string {
  const frames = shots.flat().reduce((sum, count) => sum + count, 0);
  const segments = segmentsOf(boundaries, frames);
  const files: SegmentBytes[] = [];
  let joining = startJoining(segments, ticks);
  for (const groups of shots) {
    const count = groups.reduce((sum, group) => sum + group, 0);
    const joined = joinPiece(joining, { frames: count, bytes: piece(groups, ticks, init) });
    if (joined.kind === "refused") return joined.because;
    files.push(...joined.finished);
    joining = joined.joining;
  }
  return { segments, files };
}

function packed(shots: readonly (readonly number[])[], boundaries: readonly number[]): Packed {
  const result = join(shots, boundaries);
  assert.ok(typeof result !== "string", String(result));
  return result;
}

function facts(bytes: Uint8Array): Init {
  const read = readInit(bytes);
  assert.ok(read.kind === "read");
  return read.init;
}

test("[PA1] fragments get running numbers and film time; their pictures are untouched", () => {
  const { files } = packed([[4, 3], [5]], [0, 7]);
  const fragments = files.flatMap((file) => {
    const read = readSegment(file.bytes, facts(init));
    assert.ok(read.kind === "read");
    return read.fragments;
  });
  assert.deepEqual(
    fragments.map((fragment) => [fragment.sequence, fragment.baseTime]),
    [
      [1, 0],
      [2, 4 * ticks],
      [3, 7 * ticks],
    ],
  );
  const second = readFragmented(piece([5], ticks, init));
  assert.ok(second.kind === "read");
  assert.deepEqual(fragments[2]?.data, second.file.fragments[0]?.data);
  assert.deepEqual(fragments[2]?.samples, second.file.fragments[0]?.samples);
});

test("[PA2] a piece with another init is refused", () => {
  const begun = joinPiece(startJoining(segmentsOf([0], 8), ticks), {
    frames: 4,
    bytes: piece([4], ticks, init),
  });
  assert.ok(begun.kind === "joined");
  const other = joinPiece(begun.joining, { frames: 4, bytes: piece([4], ticks, videoInit(30_000, 31)) });
  assert.ok(other.kind === "refused");
  assert.match(other.because, /init \(ftyp\+moov\) differs/);
});

test("[PA3] a segment may span pieces and hold several fragments, but none may straddle a boundary", () => {
  const { files } = packed([[4], [3, 3], [2]], [0, 7]);
  assert.deepEqual(
    files.map((file) => file.number),
    [1, 2],
  );
  assert.equal(
    join([[4], [6]], [0, 7]),
    "a fragment holds frames 4 to 10 of the film and straddles boundary 7",
  );
});

test("[PA6] time in 32 bits is read and written in 64", () => {
  const fragment = fragmentOf(1, 0, pictures(3, ticks, 1));
  const whole = writeFragment(fragment, 1);
  const top = readBoxes(whole, 0, whole.length);
  assert.ok(top.kind === "read");
  const [moof] = top.boxes;
  const [tfhd, trun] = ["tfhd", "trun"].map((type) => moof && boxAt(whole, moof, "traf", type));
  assert.ok(moof && tfhd && trun);
  const run = whole.slice(trun.start, trun.end);
  new DataView(run.buffer).setInt32(16, moof.end + 4);
  const traf = box("traf", whole.subarray(tfhd.start, tfhd.end), box("tfdt", u32s([0, 0])), run);
  const short = concat([box("moof", box("mfhd", u32s([0, 1])), traf), whole.subarray(moof.end)]);
  assert.equal(short.length, whole.length - 4);
  const joined = joinPiece(startJoining(segmentsOf([0], 3), ticks), {
    frames: 3,
    bytes: concat([init, short]),
  });
  assert.ok(joined.kind === "joined", JSON.stringify(joined));
  const read = readSegment(joined.finished[0]?.bytes ?? new Uint8Array(), facts(init));
  assert.deepEqual(read, { kind: "read", fragments: [fragment] });
});

test("[PA6] a piece that is short, late, uneven or begins dependent is refused", () => {
  const state = startJoining(segmentsOf([0], 4), ticks);
  const even = pictures(4, ticks, 1);
  const from = (baseTime: number, samples = even): Uint8Array =>
    concat([init, writeFragment(fragmentOf(1, baseTime, samples), 1)]);
  const cases: [Uint8Array, number, RegExp][] = [
    [from(0), 5, /holds 4 frames, 5 were promised/],
    [from(1001), 4, /frame 0 stands at tick 1001, wanted 0/],
    [
      from(
        0,
        even.map((sample, at) => (at === 3 ? { ...sample, duration: 1 } : sample)),
      ),
      4,
      /a frame lasts 1 ticks/,
    ],
    [from(0, even.slice(1)), 3, /begins a fragment but is no sync sample/],
  ];
  for (const [bytes, frames, sentence] of cases) {
    const joined = joinPiece(state, { frames, bytes });
    assert.ok(joined.kind === "refused");
    assert.match(joined.because, sentence);
  }
});

test("[PA5] [PA6] any shots cut at any of their keyframes give segments that stand alone and miss no frame", () => {
  const shots = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(shots, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (groups, chosen) => {
      let frame = 0;
      const keys = groups.flat().map((count) => {
        frame += count;
        return frame - count;
      });
      const boundaries = keys.filter((key, index) => key === 0 || chosen[index]);
      const { segments, files } = packed(groups, boundaries);
      assert.equal(files.length, segments.length);
      let afterSequence = 0;
      for (const [index, planned] of segments.entries()) {
        const bytes = files[index]?.bytes ?? new Uint8Array();
        const verdict = checkVideoSegment({ init: facts(init), bytes, afterSequence }, planned, ticks);
        assert.ok(verdict.kind === "sound", JSON.stringify(verdict));
        afterSequence = verdict.lastSequence;
      }
      assert.equal(afterSequence, keys.length);
    }),
    { seed: 7, numRuns: 100 },
  );
});

test("[PA18] a segment with a frame lost, moved, doubled or dependent is found", () => {
  const planned = { number: 1, startFrame: 10, frames: 4 };
  const good = pictures(4, ticks, 1);
  const check = (samples: typeof good, baseTime = 10 * ticks, sequence = 5): string => {
    const bytes = writeFragment(fragmentOf(sequence, baseTime, samples), 1);
    const verdict = checkVideoSegment({ init: facts(init), bytes, afterSequence: 4 }, planned, ticks);
    return verdict.kind === "sound" ? "sound" : verdict.because;
  };
  const changed = (at: number, change: Partial<(typeof good)[number]>): typeof good =>
    good.map((sample, index) => (index === at ? { ...sample, ...change } : sample));
  assert.equal(check(good), "sound");
  assert.match(check(good.slice(0, 3)), /last 3003 ticks, wanted 4004/);
  assert.match(check(good, 11 * ticks), /wanted 5 at tick 10010/);
  assert.match(check(good, 10 * ticks, 7), /fragment 7 at tick 10010: wanted 5/);
  assert.match(check(changed(0, { flags: 0x0101_0000 })), /a sync sample first/);
  assert.match(check(changed(1, { offset: 0 })), /frame 12 is shown at tick 11011, wanted 12012/);
  assert.match(check(changed(1, { offset: 40 * ticks })), /is shown at tick/);
  const two = [
    ...changed(2, { duration: 0 }).slice(0, 3),
    { duration: 2 * ticks, bytes: 1, flags: syncFlags, offset: 0 },
  ];
  assert.match(check(two), /is shown at tick/);
});
