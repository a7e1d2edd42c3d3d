import assert from "node:assert/strict";
import { test } from "node:test";
import { box, boxAt, concat, readBoxes, u32s } from "./boxes.ts";
import { bare, type CipherSample, clearMedia, protectFragment, readCipher } from "./cipher.ts";
import { type Fragment, readSegment, writeFragment } from "./fragment.ts";
import { segmentBytes } from "./fragmenter.ts";
import { readInit } from "./init.ts";
import { originalType, protectInit, readProtection } from "./protected-init.ts";
import { audioInit, fragmentOf, syncFlags, videoInit } from "./synthetic.ts";

const kid = "00112233445566778899aabbccddeeff";
const iv = "0f".repeat(16);
const track = { trackId: 1, kind: "video" } as const;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** Three pictures of 30, 50 and 40 bytes; of each, 5 are clear and the rest is covered, which is one block and what it passes over. */
const sizes = [30, 50, 40];
const samples = sizes.map((bytes) => ({ duration: 100, bytes, flags: syncFlags, offset: 0 }));
const clear: Fragment = fragmentOf(4, 900, samples);
const cipher: readonly CipherSample[] = cut(clear).map((bytes) => ({
  bytes: bytes.map((byte, at) => (at < 5 || at >= 21 ? byte : byte ^ 255)),
  parts: [{ clear: 5, covered: bytes.length - 5 }],
}));

function cut({ data }: Fragment): readonly Uint8Array[] {
  return sizes.map((size, index) => {
    const at = sizes.slice(0, index).reduce((sum, each) => sum + each, 0);
    return data.subarray(at, at + size);
  });
}

/** An init as a packager leaves it. */
function encryptedInit(kind: "video" | "audio", plain: Uint8Array): Uint8Array {
  const pattern = kind === "video" ? 0x19 : 0;
  const tenc = box("tenc", Uint8Array.of(1, 0, 0, 0, 0, pattern, 1, 0), hex(kid), Uint8Array.of(16), hex(iv));
  const schm = box("schm", u32s([0]), new TextEncoder().encode("cbcs"), u32s([0x1_0000]));
  const frma = box("frma", new TextEncoder().encode(kind === "video" ? "avc1" : "mp4a"));
  const sinf = box("sinf", frma, schm, box("schi", tenc));
  const system = hex("1077efecc0b24d02ace33c1e52e2fb4b");
  const pssh = box("pssh", u32s([0x0100_0000]), system, u32s([1]), hex(kid), u32s([0]));
  const entry =
    kind === "video" ? box("encv", new Uint8Array(78), sinf) : box("enca", new Uint8Array(28), sinf);
  const stbl = box("stbl", box("stsd", u32s([0, 1]), entry));
  const theirs = box("moov", box("trak", box("mdia", box("minf", stbl))), pssh);
  const made = protectInit(kind, plain, theirs);
  assert.ok(made.kind === "made", made.kind === "refused" ? made.because : "");
  return made.bytes;
}

test("[PA37] an encrypted init is the clear one with its entry renamed, sinf and pssh put in", () => {
  for (const [kind, plain] of [["video", videoInit(1000)] as const, ["audio", audioInit()] as const]) {
    const bytes = encryptedInit(kind, plain);
    const [before, after] = [readInit(plain), readInit(bytes)];
    assert.deepEqual(after, before, "it says the same of the track");
    const facts = readProtection(bytes);
    assert.ok(facts.kind === "read");
    const pattern = kind === "video" ? [1, 9] : [0, 0];
    assert.deepEqual(facts.facts, { scheme: "cbcs", kid, iv, pattern, psshKids: [kid], systemBoxes: [] });
    assert.equal(readProtection(plain).kind, "refused");
  }
  const none = protectInit("video", videoInit(1000), videoInit(1000));
  assert.ok(none.kind === "refused" && /no sinf/.test(none.because));
});

test("[PA37] an init's bytes may be anything: facts or a refusal, never an exception", () => {
  const whole = encryptedInit("video", videoInit(1000));
  for (let at = 0; at < whole.length; at++) {
    readProtection(whole.subarray(0, at));
    const bent = Uint8Array.from(whole);
    bent[at] = (bent[at] ?? 0) ^ 0xff;
    readProtection(bent);
    const top = readBoxes(bent, 0, bent.length);
    if (top.kind === "read") for (const one of top.boxes) originalType(bent, one);
    protectInit("video", videoInit(1000), bent);
  }
});

test("[PA37] a fragment keeps its times, number and sizes, and its samples and parts come back", () => {
  const made = protectFragment(clear, track, cipher);
  assert.ok(made.kind === "made");
  const read = readInit(encryptedInit("video", videoInit(1000)));
  assert.ok(read.kind === "read");
  const segment = segmentBytes([made.bytes]);
  const fragments = readSegment(segment, read.init);
  assert.ok(fragments.kind === "read");
  const data = concat(cipher.map((sample) => sample.bytes));
  assert.deepEqual(fragments.fragments, [{ ...clear, data }]);
  assert.deepEqual(readCipher(segment, read.init), { kind: "read", samples: cipher });
});

test("[PA37] saio leads to the first row of senc, counted from the moof", () => {
  const made = protectFragment(clear, track, cipher);
  assert.ok(made.kind === "made");
  const top = readBoxes(made.bytes, 0, made.bytes.length);
  assert.ok(top.kind === "read");
  const [moof] = top.boxes;
  assert.ok(moof?.type === "moof");
  const saio = boxAt(made.bytes, moof, "traf", "saio");
  const senc = boxAt(made.bytes, moof, "traf", "senc");
  assert.ok(saio && senc);
  const offset = new DataView(made.bytes.buffer, made.bytes.byteOffset).getUint32(saio.body + 8);
  assert.equal(moof.start + offset, senc.body + 8);
});

test("[PA37] [PA39] samples that are not the encryption of ours are refused", () => {
  const [first, second, third] = cipher;
  const [plain] = cut(clear);
  assert.ok(first && second && third && plain);
  const cases: [readonly CipherSample[], RegExp][] = [
    [[first, second], /sample 3 of 2 is missing/],
    [[second, first, third], /sample 1 of 3 has 50 bytes, its clear one 30/],
    [[{ ...first, bytes: plain }, second, third], /sample 1 of 3 is not encrypted at byte 5/],
    [[{ ...first, bytes: first.bytes.map((byte) => byte ^ 1) }, second, third], /differs where it is clear/],
    [[{ ...first, parts: [{ clear: 5, covered: 20 }] }, second, third], /parts of 25 bytes and 30 bytes/],
  ];
  for (const [given, words] of cases) {
    const made = protectFragment(clear, track, given);
    assert.ok(made.kind === "refused", String(words));
    assert.match(made.because, words);
  }
});

/** One sample of this size, and what is left of it when these blocks are changed. */
function one(size: number, changed: readonly number[]): { fragment: Fragment; bytes: Uint8Array } {
  const fragment = fragmentOf(1, 0, [{ duration: 100, bytes: size, flags: syncFlags, offset: 0 }]);
  const bytes = fragment.data.map((byte, at) => (changed.includes(Math.floor(at / 16)) ? byte ^ 255 : byte));
  return { fragment, bytes };
}

test("[PA38] [PA39] every block of the pattern must have changed, and none beside it", () => {
  const picture = [{ clear: 0, covered: 500 }];
  const cases: ["video" | "audio", readonly number[], CipherSample["parts"], RegExp | undefined][] = [
    ["video", [0, 10, 20, 30], picture, undefined],
    ["video", [0, 10, 30], picture, /is not encrypted at byte 320/],
    ["video", [0, 10, 20], picture, /is not encrypted at byte 480/],
    ["video", [0, 5, 10, 20, 30], picture, /differs where it is clear/],
    ["video", [], [{ clear: 500, covered: 0 }], undefined],
    ["video", [], [], /has no parts/],
    ["video", [0, 10, 20, 30], [], /has no parts/],
    ["audio", Array.from({ length: 31 }, (_, block) => block), [], undefined],
    ["audio", Array.from({ length: 32 }, (_, block) => block), [], /differs where it is clear/],
    ["audio", [0], [], /is not encrypted at byte 16/],
    ["audio", [], [{ clear: 500, covered: 0 }], /has parts/],
  ];
  for (const [kind, changed, parts, words] of cases) {
    const { fragment, bytes } = one(500, changed);
    const made = protectFragment(fragment, { trackId: 1, kind }, [{ bytes, parts }]);
    assert.equal(made.kind, words === undefined ? "made" : "refused", `${kind} ${changed} ${words}`);
    if (made.kind === "refused") assert.match(made.because, words ?? /never/);
  }
});

test("[PA39] a picture rendition of which nothing, or hardly anything, is covered is refused", () => {
  const cover = (size: number, changed: readonly number[], part: CipherSample["parts"][number]) => {
    const { fragment, bytes } = one(size, changed);
    const made = protectFragment(fragment, track, [{ bytes, parts: [part] }]);
    assert.ok(made.kind === "made", JSON.stringify(made));
    return made.coverage;
  };
  const none = cover(2000, [], { clear: 2000, covered: 0 });
  const little = cover(2000, [124], { clear: 1984, covered: 16 });
  const whole = cover(2000, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120], {
    clear: 0,
    covered: 2000,
  });
  const small = cover(60, [1], { clear: 16, covered: 44 });
  assert.match(bare("video", [none]) ?? "", /no block/);
  assert.match(bare("video", [little, small]) ?? "", /16 of 2000 bytes/);
  assert.match(bare("video", [whole, none, none]) ?? "", /2000 of 6000 bytes/);
  assert.equal(bare("video", [whole, little, small]), undefined);
  assert.equal(bare("video", [small]), undefined);
  assert.equal(
    bare("audio", [{ blocks: 0, large: 0, covered: 0 }]),
    undefined,
    "silence has frames of six bytes",
  );
});

test("[PA37] a sample of more parts than saiz can count is refused", () => {
  const most = (count: number) => {
    const { fragment, bytes } = one(count, []);
    const parts = Array.from({ length: count }, () => ({ clear: 1, covered: 0 }));
    return protectFragment(fragment, track, [{ bytes, parts }]);
  };
  assert.equal(most(42).kind, "made");
  const refusal = most(43);
  assert.ok(refusal.kind === "refused" && /has 43 parts, at most 42/.test(refusal.because));
});

test("[PA39] an init or a segment that is clear is known as such", () => {
  const made = protectFragment(clear, track, cipher);
  assert.ok(made.kind === "made");
  assert.equal(clearMedia(encryptedInit("audio", audioInit())), undefined);
  assert.equal(clearMedia(segmentBytes([made.bytes])), undefined);
  assert.match(clearMedia(videoInit(1000)) ?? "", /nothing of encryption/);
  assert.match(clearMedia(segmentBytes([made.bytes, writeFragment(clear, 1)])) ?? "", /fragment 2 is clear/);
  assert.match(clearMedia(segmentBytes([])) ?? "", /neither/);
  assert.match(clearMedia(Uint8Array.of(0x47, 0x40, 0, 0x10)) ?? "", /no MP4/);
});
