import assert from "node:assert/strict";
import { test } from "node:test";
import { readInit } from "./init.ts";
import { opusInit, pictureInit } from "./synthetic.ts";

function codecsOf(init: Uint8Array): string {
  const read = readInit(init);
  return read.kind === "read" ? read.init.codecs : read.because;
}

/** hvcC up to the level. */
const hevc = (
  profile: number,
  compatibility: readonly number[],
  constraints: readonly number[],
  level: number,
) => pictureInit("hvc1", "hvcC", [1, profile, ...compatibility, ...constraints, level, 0xf0, 0]);
const vp9 = (profile: number, level: number, depth: number) =>
  pictureInit("vp09", "vpcC", [1, 0, 0, 0, profile, level, (depth << 4) | 2, 2, 2, 2, 0, 0]);
const av1 = (level: number, bits: number) => pictureInit("av01", "av1C", [0x81, level, bits, 0]);

test("[PA20] codec strings say profile, level, tier and bit depth as the configuration record has them", () => {
  const cases: [string, Uint8Array, string][] = [
    ["as x265 writes it", hevc(1, [0x60, 0, 0, 0], [0x90, 0, 0, 0, 0, 0], 30), "hvc1.1.6.L30.90"],
    ["main 10, high tier", hevc(0x22, [0x20, 0, 0, 0], [0xb0, 0, 0, 0, 0, 0], 153), "hvc1.2.4.H153.B0"],
    [
      "a profile space, no constraints",
      hevc(0x44, [0, 0, 0, 1], [0, 0, 0, 0, 0, 0], 93),
      "hvc1.A4.80000000.L93",
    ],
    [
      "a zero between constraints",
      hevc(1, [0x60, 0, 0, 0], [0x90, 0, 8, 0, 0, 0], 120),
      "hvc1.1.6.L120.90.0.8",
    ],
    ["as libvpx writes it", vp9(0, 10, 8), "vp09.00.10.08"],
    ["10 bit", vp9(2, 41, 10), "vp09.02.41.10"],
    ["as SVT-AV1 writes it", av1(0x00, 0x0c), "av01.0.00M.08"],
    ["main, 10 bit, high tier", av1(0x09, 0xcc), "av01.0.09H.10"],
    ["high", av1(0x28, 0x00), "av01.1.08M.08"],
    ["professional, 12 bit", av1(0x50, 0x60), "av01.2.16M.12"],
    ["Opus", opusInit(312), "opus"],
  ];
  for (const [name, init, codecs] of cases) assert.equal(codecsOf(init), codecs, name);
});

test("[PA20] an init whose record is missing, cut off, unknown or says no level is refused", () => {
  const cases: [Uint8Array, RegExp][] = [
    [pictureInit("hev1", "hvcC", [1]), /"hev1".*encode HEVC with the tag hvc1/],
    [pictureInit("hvc1", "avcC", [1]), /the hvc1 entry has no hvcC/],
    [pictureInit("hvc1", "hvcC", [1, 1, 0x60, 0, 0, 0]), /hvcC of the hvc1 entry is cut off/],
    [pictureInit("avc1", "avcC", [2, 0x64, 0, 30]), /avcC of the avc1 entry is cut off or of an unknown/],
    [vp9(0, 0, 8), /vpcC of the vp09 entry/],
    [pictureInit("av01", "av1C", [1, 0, 0, 0]), /av1C of the av01 entry/],
    [pictureInit("Opus", "dOps", []), /the Opus entry has no dOps/],
  ];
  for (const [init, sentence] of cases) assert.match(codecsOf(init), sentence);
});
