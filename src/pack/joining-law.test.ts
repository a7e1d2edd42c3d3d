// Whatever is joined, judged by a reader of its own. Source: research, encoding §10, invariants 3 and 4.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { joinPiece, segmentsOf, startJoining } from "./fragmenter.ts";
import { piece, videoInit } from "./synthetic.ts";

interface Fragment {
  readonly sequence: number;
  readonly tick: bigint;
  readonly frames: number;
  readonly data: Buffer;
}

/** Boxes between two places: type, start of the body, end. */
function boxesIn(bytes: Buffer, from: number, to: number): readonly (readonly [string, number, number])[] {
  const found: [string, number, number][] = [];
  for (let at = from; at < to; at += bytes.readUInt32BE(at)) {
    assert.ok(bytes.readUInt32BE(at) >= 8 && at + bytes.readUInt32BE(at) <= to, "boxes fill their parent");
    found.push([bytes.toString("latin1", at + 4, at + 8), at + 8, at + bytes.readUInt32BE(at)]);
  }
  return found;
}

/** Every moof and its mdat, by the places that ISO/IEC 14496-12 §8.8 gives their fields. */
function fragmentsIn(bytes: Buffer): readonly Fragment[] {
  const fragments: Fragment[] = [];
  let open: Omit<Fragment, "data"> | undefined;
  for (const [type, start, end] of boxesIn(bytes, 0, bytes.length)) {
    if (type === "moof") {
      const inner = boxesIn(bytes, start, end);
      const traf = inner.find(([name]) => name === "traf");
      const mfhd = inner.find(([name]) => name === "mfhd");
      assert.ok(traf !== undefined && mfhd !== undefined && open === undefined);
      const parts = new Map(boxesIn(bytes, traf[1], traf[2]).map(([name, at]) => [name, at]));
      const [tfdt, trun] = [parts.get("tfdt"), parts.get("trun")];
      assert.ok(tfdt !== undefined && trun !== undefined);
      assert.equal(bytes[tfdt], 1, "time has 64 bits");
      const frames = bytes.readUInt32BE(trun + 4);
      open = { sequence: bytes.readUInt32BE(mfhd[1] + 4), tick: bytes.readBigUInt64BE(tfdt + 4), frames };
    }
    if (type === "mdat") {
      assert.ok(open !== undefined, "an mdat follows its moof");
      fragments.push({ ...open, data: bytes.subarray(start, end) });
      open = undefined;
    }
  }
  assert.equal(open, undefined);
  return fragments;
}

const films = fc.record({
  timescale: fc.integer({ min: 1, max: 2 ** 31 }),
  ticks: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 2 ** 28, max: 2 ** 30 })),
  /** `pieces[piece][group]` frames. */
  pieces: fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 8,
  }),
  chosen: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
});

test("[PA65] law: any pieces cut at any keyframes are joined to the tick, the number and the byte", () => {
  let beyond = 0;
  fc.assert(
    fc.property(films, ({ timescale, ticks, pieces, chosen }) => {
      const init = videoInit(timescale);
      const lengths = pieces.flat();
      const starts = lengths.map((_, n) => lengths.slice(0, n).reduce((sum, length) => sum + length, 0));
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const boundaries = starts.filter((start, n) => start === 0 || chosen[n] === true);
      const segments = segmentsOf(boundaries, total);
      let joining = startJoining(segments, ticks);
      const files: Buffer[] = [];
      const given: Buffer[] = [];
      for (const groups of pieces) {
        const bytes = piece(groups, ticks, init);
        const frames = groups.reduce((sum, length) => sum + length, 0);
        const joined = joinPiece(joining, { frames, bytes });
        assert.ok(joined.kind === "joined", JSON.stringify(joined));
        joining = joined.joining;
        for (const { number, bytes: segment } of joined.finished) {
          assert.equal(number, files.length + 1);
          files.push(Buffer.from(segment));
        }
        given.push(...fragmentsIn(Buffer.from(bytes)).map(({ data }) => data));
      }
      assert.equal(files.length, boundaries.length);
      const found = files.map(fragmentsIn);
      for (const [index, fragments] of found.entries()) {
        const next = boundaries[index + 1] ?? total;
        assert.equal(fragments[0]?.tick, BigInt(boundaries[index] ?? 0) * BigInt(ticks));
        assert.equal(
          fragments.reduce((sum, { frames }) => sum + frames, 0),
          next - (boundaries[index] ?? 0),
        );
      }
      const all = found.flat();
      assert.deepEqual(
        all.map(({ sequence, tick, frames }) => ({ sequence, tick, frames })),
        starts.map((start, n) => {
          return { sequence: n + 1, tick: BigInt(start) * BigInt(ticks), frames: lengths[n] };
        }),
      );
      assert.deepEqual(Buffer.concat(all.map(({ data }) => data)), Buffer.concat(given));
      if ((all.at(-1)?.tick ?? 0n) > 2n ** 32n) beyond++;
    }),
    { seed: 65, numRuns: 100 },
  );
  assert.ok(beyond > 10, `only ${beyond} films went past 32 bits`);
});

test("[PA65] law: a boundary inside a group of pictures is refused, never cut", () => {
  fc.assert(
    fc.property(films, fc.nat(), ({ timescale, ticks, pieces }, pick) => {
      const lengths = pieces.flat();
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const keys = new Set(
        lengths.map((_, n) => lengths.slice(0, n).reduce((sum, length) => sum + length, 0)),
      );
      const inside = Array.from({ length: total }, (_, frame) => frame).filter((frame) => !keys.has(frame));
      const boundary = inside[pick % Math.max(1, inside.length)];
      if (boundary === undefined) return;
      let joining = startJoining(segmentsOf([0, boundary], total), ticks);
      for (const groups of pieces) {
        const frames = groups.reduce((sum, length) => sum + length, 0);
        const joined = joinPiece(joining, { frames, bytes: piece(groups, ticks, videoInit(timescale)) });
        if (joined.kind === "refused") return assert.match(joined.because, /straddles boundary/);
        joining = joined.joining;
      }
      assert.fail(`boundary ${boundary} was cut`);
    }),
    { seed: 66, numRuns: 60 },
  );
});
