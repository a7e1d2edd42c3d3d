import assert from "node:assert/strict";
import { test } from "node:test";
import { box, concat } from "./boxes.ts";
import { readAac } from "./elementary.ts";
import { readEsds } from "./esds.ts";
import { readInit } from "./init.ts";
import { audioInit } from "./synthetic.ts";

/** An mp4a entry's boxes with a decoder configuration of these bytes. */
function entryWith(...config: readonly number[]): Parameters<typeof readEsds> {
  const head = [
    0x03,
    0x19,
    0,
    1,
    0,
    0x04,
    0x11,
    0x40,
    0x15,
    ...Array<number>(11).fill(0),
    0x05,
    config.length,
  ];
  const bytes = box("esds", Uint8Array.of(0, 0, 0, 0), Uint8Array.of(...head, ...config));
  return [bytes, { type: "mp4a", start: 0, body: 0, end: bytes.length }];
}

test("[PA60] the esds says what kind of AAC it is, its rate and its channels, long types too", () => {
  const about = { kind: "read", objectType: 0x40 };
  assert.deepEqual(readEsds(...entryWith(0x11, 0x90)), { ...about, audioType: 2, rateIndex: 3, channels: 2 });
  // 11111 001010 0011 0010 00000: type 32 + 10, 48 kHz, stereo (USAC).
  assert.deepEqual(readEsds(...entryWith(0b11111001, 0b01000110, 0b01000000)), {
    ...{ ...about, audioType: 42, rateIndex: 3, channels: 2 },
  });
});

test("[PA60] codec string and ADTS header come from the one reading, and what it refuses neither has", () => {
  const init = audioInit();
  const read = readInit(init);
  assert.equal(read.kind === "read" && read.init.codecs, "mp4a.40.2");
  assert.deepEqual(readAac(init), { kind: "aac", profile: 1, rateIndex: 3, channels: 2 });
  const at = concat([init]);
  at[at.findIndex((_, index) => String.fromCharCode(...at.subarray(index, index + 4)) === "esds") + 8] = 9;
  const why = "the esds does not begin with a plain ES descriptor";
  assert.deepEqual(readInit(at), { kind: "refused", because: why });
  assert.deepEqual(readAac(at), { kind: "refused", because: why });
  assert.equal(readEsds(...entryWith(0xf9)).kind, "refused", "a long type that is cut off");
});
