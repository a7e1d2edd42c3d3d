// The frame codec on seeded random records, and what a scan makes of every kind of damage.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeFrame, encodeBatch, frameBytes, frameHeaderBytes, scan } from "./frame.ts";

const values = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
const batches = fc.array(values, { minLength: 1, maxLength: 5 });

/** Batches one after the other from offset `first`, and where each ends: [bytes, offset after it]. */
function segment(
  written: readonly (readonly Uint8Array[])[],
  first = 0,
): { bytes: Uint8Array; ends: number[][] } {
  const parts: Uint8Array[] = [];
  const ends: number[][] = [];
  let offset = first;
  let size = 0;
  for (const batch of written) {
    const part = encodeBatch(offset, batch);
    parts.push(part);
    offset += batch.length;
    size += part.length;
    ends.push([size, offset]);
  }
  return { bytes: new Uint8Array(Buffer.concat(parts)), ends };
}

test("[DA2] what is framed is read back: payload, offset and batch", () => {
  const law = fc.property(values, fc.integer({ min: 0, max: 2 ** 50 }), (batch, first) => {
    const bytes = encodeBatch(first, batch);
    let at = 0;
    for (const [place, value] of batch.entries()) {
      const decoded = decodeFrame(bytes, at);
      assert.equal(decoded.kind, "frame");
      if (decoded.kind !== "frame") return;
      assert.deepEqual(decoded.frame.payload, value);
      assert.equal(decoded.frame.offset, first + place);
      assert.equal(decoded.frame.batch, first);
      at = decoded.frame.next;
    }
    assert.equal(at, bytes.length);
  });
  fc.assert(law, { seed: 11, numRuns: 200 });
});

test("[DA2] one flipped bit anywhere in a frame is noticed", () => {
  const bytes = encodeBatch(7, [new TextEncoder().encode("a beacon")]);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const hurt = bytes.slice();
    hurt[bit >> 3] = (hurt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.notEqual(decodeFrame(hurt, 0).kind, "frame", `bit ${bit}`);
  }
});

test("[DA2] noise, zeros and cut frames are never taken for a record, and never throw", () => {
  const law = fc.property(
    fc.uint8Array({ maxLength: 200 }),
    fc.integer({ min: 0, max: 220 }),
    (noise, at) => {
      assert.notEqual(decodeFrame(noise, at).kind, "frame");
      assert.equal(scan(noise, 0, 0).end, 0);
    },
  );
  fc.assert(law, { seed: 12, numRuns: 2000 });
  assert.equal(decodeFrame(new Uint8Array(4096), 0).kind, "damaged");
  const whole = encodeBatch(0, [new Uint8Array(10)]);
  for (let cut = 0; cut < whole.length; cut++) {
    assert.equal(decodeFrame(whole.subarray(0, cut), 0).kind, "short");
  }
});

test("[DA3] a segment cut anywhere keeps every whole record before the cut, and calls the rest torn", () => {
  const law = fc.property(batches, fc.double({ min: 0, max: 1, noNaN: true }), (written, share) => {
    const { bytes } = segment(written);
    const cut = Math.floor(share * bytes.length);
    const found = scan(bytes.subarray(0, cut), 0, 0);
    const sizes = written.flat().map((value) => frameBytes(value.length));
    let position = 0;
    let end = 0;
    for (const size of sizes) {
      if (position + size > cut) break;
      position += size;
      end += 1;
    }
    assert.deepEqual(found, { end, position, tail: { kind: position === cut ? "clean" : "torn" } });
  });
  fc.assert(law, { seed: 13, numRuns: 300 });
});

test("[DA3] a flipped byte is torn tail in the last batch, damage in any batch before it", () => {
  const law = fc.property(batches, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, where, flip) => {
    const { bytes, ends } = segment(written, 3);
    const at = where % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ flip;
    const hurt = ends.findIndex(([end = 0]) => at < end);
    const found = scan(bytes, 0, 3);
    const last = hurt === ends.length - 1;
    assert.equal(found.tail.kind, last ? "torn" : "damaged");
    if (found.tail.kind === "damaged") assert.equal(found.tail.highest, (ends.at(-1)?.[1] ?? 0) - 1);
    assert.ok(found.position <= at && found.end < (ends.at(-1)?.[1] ?? 0));
  });
  fc.assert(law, { seed: 14, numRuns: 500 });
});

test("[DA3] a hole of zeros before whole frames of the same batch is a torn tail: it was never acknowledged", () => {
  const { bytes } = segment([
    [new Uint8Array(8).fill(1)],
    [2, 3, 4].map((fill) => new Uint8Array(8).fill(fill)),
  ]);
  const size = frameHeaderBytes + 8;
  bytes.fill(0, size, 2 * size);
  assert.deepEqual(scan(bytes, 0, 0), { end: 1, position: size, tail: { kind: "torn" } });
});
