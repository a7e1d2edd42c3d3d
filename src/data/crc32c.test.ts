// The checksum against the vectors of its standard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import { crc32c } from "./crc32c.ts";

test("[DA1] CRC32C gives the values of RFC 3720 appendix B.4", () => {
  const rising = Uint8Array.from({ length: 32 }, (_, index) => index);
  const scsiRead = Uint8Array.from([
    0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0,
    0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
  ]);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(rising), 0x46dd794e);
  assert.equal(crc32c(rising.toReversed()), 0x113fdb5c);
  assert.equal(crc32c(scsiRead), 0xd9963a56);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(0)), 0);
});

test("[DA1] a part of a buffer has the checksum of that part alone", () => {
  const bytes = new TextEncoder().encode("xx123456789yy");
  assert.equal(crc32c(bytes, 2, 11), 0xe3069283);
});

test("[DA1] eight bytes at a time or one by one, whatever the length and the place: it is the same", () => {
  const plain = (bytes: Uint8Array): number => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? 0x82f63b78 ^ (crc >>> 1) : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  const random = seededRandom(7);
  const bytes = Uint8Array.from({ length: 400 }, () => random.integer(0, 255));
  for (let round = 0; round < 500; round++) {
    const from = random.integer(0, 200);
    const to = random.integer(from, 400);
    assert.equal(crc32c(bytes, from, to), plain(bytes.subarray(from, to)), `${from}…${to}`);
    assert.equal(crc32c(bytes.subarray(from, to)), plain(bytes.subarray(from, to)));
  }
});
