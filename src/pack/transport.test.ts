import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AudioCodec, Codec } from "#model/encoded.ts";
import { accessUnit, adtsFrame, readAac, readAvc } from "./elementary.ts";
import { audioInit, videoInit } from "./synthetic.ts";
import { checksum, clockWrap, muxChunk, startCounters, type TimedUnit } from "./transport.ts";
import { chunkComplaint } from "./transport-check.ts";
import { unfitTransport } from "./transport-film.ts";
import { type Chunk, readChunk } from "./transport-read.ts";

const frame = 3000;

/** Pictures from `start` on, the first alone; sound between them. */
function units(start: number, sizes: readonly number[]): readonly TimedUnit[] {
  return sizes.flatMap((size, index) => {
    const shown = start + index * frame;
    const bytes = Uint8Array.from({ length: size }, (_, at) => at & 255);
    const picture = {
      stream: "video",
      shown,
      decoded: shown - 100,
      standsAlone: index === 0,
      bytes,
    } as const;
    return [picture, { stream: "audio", shown, decoded: shown, standsAlone: true, bytes } as const];
  });
}

function read(bytes: Uint8Array, before = startCounters): Chunk {
  const chunk = readChunk(bytes, before);
  assert.ok(chunk.kind === "read", chunk.kind === "refused" ? chunk.because : "");
  return chunk;
}

test("[PA42] whatever the sizes, packets are whole, counters run on and every unit comes back in its time", () => {
  const size = fc.integer({ min: 1, max: 1200 });
  fc.assert(
    fc.property(
      fc.array(fc.array(size, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      (film) => {
        let counters = startCounters;
        let start = 0;
        for (const sizes of film) {
          const made = muxChunk(counters, units(start, sizes), "sound");
          assert.equal(made.bytes.length % 188, 0);
          const chunk = read(made.bytes, counters);
          assert.deepEqual(chunk.counters, made.counters);
          assert.deepEqual(
            chunk.video.map((unit) => unit.shown),
            sizes.map((_, index) => start + index * frame),
          );
          const end = start + sizes.length * frame;
          assert.equal(
            chunkComplaint(chunk, { start, end }, { pictures: sizes.length, sounds: sizes.length }),
            undefined,
          );
          counters = made.counters;
          start = end;
        }
      },
    ),
    { seed: 43 },
  );
});

test("[PA42] the payload of a PID is the units' bytes, nothing lost at a packet's edge", () => {
  for (const size of [1, 130, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 183, 184, 185, 368, 70_000]) {
    const [picture] = units(0, [size]);
    assert.ok(picture);
    const { bytes } = muxChunk(startCounters, [picture], "silent");
    const payload: number[] = [];
    for (let at = 0; at < bytes.length; at += 188) {
      const packet = bytes.subarray(at, at + 188);
      if ((((packet[1] ?? 0) & 31) << 8) + (packet[2] ?? 0) !== 0x100) continue;
      const field = ((packet[3] ?? 0) & 0x20) === 0 ? 0 : (packet[4] ?? 0) + 1;
      payload.push(...packet.subarray(4 + field));
    }
    assert.deepEqual(payload.slice(19), [...picture.bytes], `${size} bytes`);
  }
});

test("[PA42] stamps wrap at 2^33 and stay in order over the wrap", () => {
  const start = clockWrap - 2 * frame;
  const chunk = read(muxChunk(startCounters, units(start, [10, 10, 10, 10]), "sound").bytes);
  assert.deepEqual(
    chunk.video.map((unit) => unit.shown),
    [clockWrap - 2 * frame, clockWrap - frame, 0, frame],
  );
  assert.equal(
    chunkComplaint(chunk, { start, end: start + 4 * frame }, { pictures: 4, sounds: 4 }),
    undefined,
  );
});

test("[PA42] [PA43] a chunk that is damaged, lacks a picture, is out of order or begins elsewhere is found", () => {
  const { bytes } = muxChunk(startCounters, units(0, [400, 400]), "sound");
  const end = 2 * frame;
  const two = { pictures: 2, sounds: 2 };
  const bad = (change: (copy: Uint8Array) => void): string => {
    const copy = Uint8Array.from(bytes);
    change(copy);
    const chunk = readChunk(copy, startCounters);
    return chunk.kind === "refused" ? chunk.because : (chunkComplaint(chunk, { start: 0, end }, two) ?? "");
  };
  assert.equal(
    bad(() => undefined),
    "",
  );
  assert.match(
    bad((copy) => copy.copyWithin(376, 564)),
    /a packet is missing/,
  );
  assert.match(
    bad((copy) => copy.fill(0, 376, 377)),
    /packet 3 is none of ours/,
  );
  assert.match(
    bad((copy) => copy.fill(9, 10, 11)),
    /checksum/,
  );
  const whole = read(bytes);
  assert.match(chunkComplaint(whole, { start: frame, end }, two) ?? "", /first picture/);
  assert.match(chunkComplaint(whole, { start: 0, end: frame }, two) ?? "", /outside/);
  assert.match(
    chunkComplaint(whole, { start: 0, end }, { ...two, sounds: 3 }) ?? "",
    /2 units of sound, wanted 3/,
  );
  const less = { ...whole, video: whole.video.slice(0, 1) };
  assert.match(chunkComplaint(less, { start: 0, end }, two) ?? "", /1 pictures, wanted 2/);
  const reversed = { ...whole, audio: whole.audio.toReversed() };
  assert.match(chunkComplaint(reversed, { start: 0, end }, two) ?? "", /out of order/);
});

test("[PA42] the checksum is CRC-32/MPEG-2, whose check value is published", () => {
  assert.equal(checksum(new TextEncoder().encode("123456789")), 0x0376_e6e7);
});

test("[PA42] a picture that stands alone begins with delimiter and parameter sets; lengths become start codes", () => {
  const avc = { kind: "avc", lengthBytes: 2, parameters: Uint8Array.of(0, 0, 0, 1, 0x67, 1) } as const;
  const sample = Uint8Array.of(0, 2, 0x09, 0x10, 0, 1, 0x68, 0, 3, 0x65, 7, 8);
  const made = accessUnit(sample, avc, true);
  assert.ok(made.kind === "made");
  assert.deepEqual([...made.bytes], [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 7, 8]);
  const later = accessUnit(sample, avc, false);
  assert.ok(later.kind === "made");
  assert.deepEqual([...later.bytes], [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x65, 7, 8]);
  assert.equal(accessUnit(sample.subarray(0, 11), avc, true).kind, "refused");
});

test("[PA43] a frame of sound has an ADTS header that says rate, channels and length", () => {
  const aac = readAac(audioInit());
  assert.deepEqual(aac, { kind: "aac", profile: 1, rateIndex: 3, channels: 2 });
  assert.ok(aac.kind === "aac");
  assert.deepEqual(
    [...adtsFrame(Uint8Array.of(1, 2, 3), aac)],
    [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x5f, 0xfc, 1, 2, 3],
  );
  assert.equal(readAac(videoInit(1000)).kind, "refused");
  assert.equal(readAvc(audioInit()).kind, "refused");
});

test("[PA44] MPEG-TS is refused for an encrypted film, without H.264, and with sound none of which is AAC", () => {
  const words = (codec: Codec, audio: readonly AudioCodec[], protection: "clear" | "encrypted") =>
    unfitTransport({ rungs: [{ rung: { codec } }], audio: audio.map((one) => ({ codec: one })) }, protection);
  assert.equal(words("h264", [], "clear"), undefined);
  assert.equal(words("h264", ["opus", "aac"], "clear"), undefined);
  assert.match(words("h264", ["aac"], "encrypted") ?? "", /clear copy/);
  assert.match(words("av1", ["aac"], "clear") ?? "", /H\.264/);
  assert.match(words("h264", ["opus"], "clear") ?? "", /AAC/);
});
