import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ascii, box, boxAt, concat, cursorOver, readBoxes, u32s } from "./boxes.ts";
import { readSegment, writeFragment } from "./fragment.ts";
import { readFragmented } from "./fragmenter.ts";
import { readInit } from "./init.ts";
import { audioInit, fragmentOf, piece, videoInit } from "./synthetic.ts";

const seed = 20_260;

function initFacts(bytes: Uint8Array) {
  const read = readInit(bytes);
  assert.ok(read.kind === "read", JSON.stringify(read));
  return read.init;
}

test("[PA4] boxes that were written are read back, nested and large ones too", () => {
  const inner = box("tkhd", u32s([7]));
  const large = concat([u32s([1]), ascii("mdat"), u32s([0, 20]), u32s([9])]);
  const bytes = concat([box("moov", box("trak", inner)), large]);
  const top = readBoxes(bytes, 0, bytes.length);
  assert.ok(top.kind === "read");
  assert.deepEqual(
    top.boxes.map((one) => [one.type, one.body - one.start, one.end - one.start]),
    [
      ["moov", 8, 28],
      ["mdat", 16, 20],
    ],
  );
  const [moov] = top.boxes;
  assert.ok(moov);
  const found = boxAt(bytes, moov, "trak", "tkhd");
  assert.ok(found);
  assert.equal(cursorOver(bytes, found.body, found.end).u32(), 7);
  assert.equal(boxAt(bytes, moov, "trak", "mdia"), undefined);
});

test("[PA4] a box that claims too much, too little or is cut off is refused with its place", () => {
  const cases: [Uint8Array, RegExp][] = [
    [u32s([100, 0x6d646174]), /byte 0 box "mdat" claims 100 bytes, 8 are there/],
    [concat([box("free"), u32s([4, 0x6d646174])]), /byte 8 box "mdat" claims only 4 bytes/],
    [Uint8Array.of(0, 0, 0), /byte 0 a box header is cut off/],
    [concat([u32s([1, 0x6d646174, 0xffff_ffff, 0])]), /cut off/],
  ];
  for (const [bytes, sentence] of cases) {
    const read = readBoxes(bytes, 0, bytes.length);
    assert.ok(read.kind === "refused");
    assert.match(read.because, sentence);
  }
});

test("[PA4] a cursor past its end answers 0, stays unsound, and never reads its neighbour", () => {
  const cursor = cursorOver(u32s([1, 2, 3]), 0, 6);
  assert.equal(cursor.u32(), 1);
  assert.equal(cursor.u32(), 0);
  assert.equal(cursor.u16(), 0);
  assert.equal(cursor.sound(), false);
});

test("[PA4] arbitrary bytes give an answer, never an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.ok(["read", "refused"].includes(readFragmented(bytes).kind));
      assert.ok(["read", "refused"].includes(readInit(bytes).kind));
    }),
    { seed, numRuns: 500 },
  );
});

test("[PA4] a film with any bytes overwritten or cut gives an answer, never an exception", () => {
  const films = [piece([5, 3], 1001, videoInit(30_000)), concat([audioInit(1024), box("free")])];
  const damage = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...films), damage, fc.nat(2000), (film, changes, cut) => {
      const hurt = film.slice(0, cut % 3 === 0 ? cut % film.length : film.length);
      for (const [at, value] of changes) if (hurt.length > 0) hurt[at % hurt.length] = value;
      assert.ok(["read", "refused"].includes(readFragmented(hurt).kind));
    }),
    { seed, numRuns: 2000 },
  );
});

test("[PA4] a fragment that was written is read back as it was, whatever its samples are", () => {
  const sample = fc.record(
    {
      duration: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      bytes: fc.nat(50),
      flags: fc.constantFrom(0x0200_0000, 0x0101_0000, 0),
      offset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    },
    { noNullPrototype: true },
  );
  const samples = fc.array(sample, { minLength: 1, maxLength: 12 });
  const init = initFacts(videoInit(30_000));
  fc.assert(
    fc.property(samples, fc.nat(2 ** 31), fc.maxSafeNat(), (facts, sequence, baseTime) => {
      const fragment = fragmentOf(sequence, baseTime, facts);
      const bytes = writeFragment(fragment, 1);
      assert.deepEqual(readSegment(bytes, init), { kind: "read", fragments: [fragment] });
    }),
    { seed, numRuns: 300 },
  );
});

test("[PA12] codec strings come from the init: profile and level, AAC object type", () => {
  const video = initFacts(videoInit(30_000));
  assert.deepEqual(
    [video.codecs, video.width, video.height, video.timescale],
    ["avc1.64001E", 320, 180, 30_000],
  );
  const audio = initFacts(audioInit(1024));
  assert.deepEqual([audio.kind, audio.codecs, audio.editStart], ["audio", "mp4a.40.2", 1024]);
});

test("[PA4] an init with no track, two edits or an unknown codec is refused", () => {
  const sentences = [
    readInit(box("ftyp")),
    readInit(box("moov", box("trak"))),
    readInit(audioInit(-1)),
    readInit(replaced(videoInit(30_000), "avc1", "mjp2")),
  ].map((read) => (read.kind === "refused" ? read.because : "accepted"));
  assert.deepEqual(sentences, [
    "there is no moov box",
    "the moov box does not describe exactly one fragmented track (tkhd, mdhd, stsd, trex)",
    "its edit list is more than one plain start (an empty edit, a cut, or several)",
    'sample entry "mjp2" is none of avc1, hvc1, vp09, av01, mp4a and Opus',
  ]);
});

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return ascii(text.replace(from, to));
}
