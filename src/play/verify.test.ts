import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bodyFault, type Expected, hashFault, lengthFault, nothingToShow } from "./verify.ts";

const box = (name: string, payload = 4): number[] => [
  ...[0, 0, 0, 8 + payload],
  ...Buffer.from(name, "latin1"),
  ...Array.from({ length: payload }, () => 7),
];
const segment = Uint8Array.from([...box("styp"), ...box("moof"), ...box("mdat", 20)]);
const video = (change: Partial<Expected> = {}): Expected => ({
  media: "video",
  bytes: segment.length,
  sha256Prefix: undefined,
  ...change,
});
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test("[PY100] a body is taken with the length that the index says, and with no other", () => {
  assert.equal(bodyFault(segment, video()), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: segment.length - 1 }), (length) => {
      const fault = bodyFault(segment.subarray(0, length), video());
      assert.equal(fault, `sent ${length} bytes where the title's index says ${segment.length}`);
    }),
    { numRuns: 100, seed: 11 },
  );
});

test("[PY100] a length that is announced wrongly is refused before the body", () => {
  assert.equal(lengthFault(segment.length, video()), undefined);
  assert.equal(lengthFault(undefined, video()), undefined, "nothing was announced");
  assert.equal(lengthFault(9, video({ bytes: undefined })), undefined, "the index knows no length");
  assert.equal(lengthFault(9, video({ bytes: 8 })), "announces 9 bytes where the title's index says 8");
});

test("[PY100] a hash is held against as many digits as the index has", () => {
  const whole = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  assert.equal(hashFault(whole, video({ sha256Prefix: "0011223344556677" })), undefined);
  assert.match(
    hashFault(whole, video({ sha256Prefix: "1011223344556677" })) ?? "",
    /begins with 0011223344556677, not 1011223344556677/,
  );
  assert.equal(hashFault(whole, video()), undefined, "an older index has none");
});

test("[PY100] without a length in the index, a cut file is known by its boxes", () => {
  const unknown = video({ bytes: undefined });
  assert.equal(bodyFault(segment, unknown), undefined);
  for (let length = 0; length < segment.length; length++) {
    assert.notEqual(bodyFault(segment.subarray(0, length), unknown), undefined, `${length} bytes`);
  }
  assert.match(bodyFault(text("<html>not found</html>"), unknown) ?? "", /boxes|box/);
  const init = Uint8Array.from([...box("ftyp"), ...box("moov")]);
  assert.equal(bodyFault(init, { ...unknown, media: "init" }), undefined);
  assert.equal(bodyFault(segment, { ...unknown, media: "init" }), "sent a file without its ftyp box");
});

test("[PY100] boxes of 64-bit length and boxes that reach to the end are read too", () => {
  const unknown = video({ bytes: undefined });
  const long = [0, 0, 0, 1, ...Buffer.from("mdat"), 0, 0, 0, 0, 0, 0, 0, 18, 1, 2];
  assert.equal(bodyFault(Uint8Array.from([...box("moof"), ...long]), unknown), undefined);
  assert.notEqual(bodyFault(Uint8Array.from([...box("moof"), ...long, 3]), unknown), undefined);
  const open = [0, 0, 0, 0, ...Buffer.from("mdat"), 1, 2, 3];
  assert.equal(bodyFault(Uint8Array.from([...box("moof"), ...open]), unknown), undefined);
});

test("[PY100] a manifest is whole from its first to its last tag", () => {
  const manifest: Expected = { media: "manifest", bytes: undefined, sha256Prefix: undefined };
  const whole = '<?xml version="1.0"?>\n<MPD type="static"><Period/></MPD>\n';
  assert.equal(bodyFault(text(whole), manifest), undefined);
  for (const broken of [whole.slice(0, -9), "", "<html></html>", `oops${whole}`]) {
    assert.equal(bodyFault(text(broken), manifest), "sent something that is no whole manifest");
  }
});

test("[PY103] what stands in for a skipped segment is a file of one empty box", () => {
  assert.deepEqual([...nothingToShow], [0, 0, 0, 8, ...Buffer.from("free")]);
});
