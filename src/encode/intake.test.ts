import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { headBytes, recognise } from "./container.ts";
import { readFacts, readPackets } from "./film-facts.ts";
import { paceOf, timescaleOf } from "./frame-rate.ts";
import { type Judgement, judge, judgeHeader, type Limits } from "./intake.ts";

const limits: Limits = {
  ...{
    maxDurationSeconds: 60,
    maxPixels: 4_000_000,
    maxFrameRate: 120,
    maxStreams: 16,
    maxFrameGrowth: 50,
    maxDisplaySide: 720,
  },
  ...{ maxAudioTracks: 3, maxSubtitleTracks: 2, maxChannels: 8, maxSampleRate: 192_000, hdr: "tone-map" },
};
const usual: Readonly<Record<string, string>> = {
  ...{ index: "0", codec_type: "video", codec_name: "h264", width: "640", height: "360", pix_fmt: "yuv420p" },
  ...{ sample_aspect_ratio: "1:1", r_frame_rate: "25/1", avg_frame_rate: "25/1", start_time: "0.000000" },
  ...{ duration: "2.000000", field_order: "progressive", "disposition.attached_pic": "0" },
};
type Fields = Readonly<Record<string, string>>;

const sound: Fields = { codec_type: "audio", codec_name: "aac", channels: "2", sample_rate: "44100" };

/** As ffprobe prints it flat: the picture first, then the other streams. */
function probeText(changes: Fields = {}, others: readonly Fields[] = [], chapters = 0): string {
  const picture: Fields = { ...usual, ...changes };
  const lines = [picture, ...others].flatMap((fields, index) =>
    Object.entries({ ...fields, index: `${index}` }).map(
      ([key, value]) =>
        `streams.stream.${index}.${key}=${/^-?\d+$/.test(value) ? value : JSON.stringify(value)}`,
    ),
  );
  const marks = Array.from({ length: chapters }, (_, index) => `chapters.chapter.${index}.id=${index}`);
  const format = ['format.start_time="0.000000"', `format.duration="${picture.duration}"`];
  return [...marks, ...lines, ...format, ""].join("\n");
}

function packetText(count: number, rate = 25): string {
  return Array.from(
    { length: count },
    (_, n) => `0,${(n / rate).toFixed(6)},${n % 25 === 0 ? "K__" : "___"}`,
  ).join("\n");
}

function judged(changes: Fields, packets = packetText(50), more: readonly Fields[] = []): Judgement {
  return judge(readFacts(probeText(changes, more)), readPackets(packets), "mov", limits);
}

function accepted(changes: Readonly<Record<string, string>>, packets?: string) {
  const judgement = judged(changes, packets);
  assert.equal(judgement.kind, "accepted", JSON.stringify(judgement));
  return judgement.kind === "accepted" ? judgement.intake : assert.fail();
}

function refusal(judgement: Judgement | undefined): string {
  return judgement?.kind === "refused" ? judgement.fault : "accepted";
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test("[EN1] containers are told by their first bytes", () => {
  const stream = new Uint8Array(headBytes);
  for (const packet of [0, 1, 2]) stream[packet * 188] = 0x47;
  assert.deepEqual(recognise(bytesOf("\0\0\0\u0020ftypisom")), { kind: "film", container: "mov" });
  assert.deepEqual(recognise(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 0, 0, 0, 0)), {
    kind: "film",
    container: "matroska",
  });
  assert.deepEqual(recognise(stream), { kind: "film", container: "mpegts" });
});

test("[EN1] what is no film is named", () => {
  const found = (text: string): string => {
    const seen = recognise(bytesOf(text));
    return seen.kind === "other" ? seen.found : "a film";
  };
  assert.equal(found("#EXTM3U\n#EXT-X-VERSION:3\n"), "an HLS playlist");
  assert.equal(found("Dear diary, today"), "text");
  assert.equal(found("<?xml version='1.0'?><MPD>"), "an XML or HTML page");
  assert.equal(found(""), "an empty file");
  assert.equal(found("\u0001\u0002\u0003"), "unknown bytes");
});

test("[EN1] law: no text is ever taken for a film unless it carries a container's own mark", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      const seen = recognise(bytesOf(`#EXTM3U\n${text}`));
      assert.equal(seen.kind, "other");
    }),
    { seed: 1 },
  );
});

test("[EN2] limits are held before a packet is read", () => {
  const header = (changes: Fields, more: readonly Fields[] = []): string =>
    refusal(judgeHeader(readFacts(probeText(changes, more)), limits));
  assert.equal(header({}), "accepted");
  assert.equal(header({ width: "8000", height: "4000" }), "overLimit");
  assert.equal(header({ duration: "61.0" }), "overLimit");
  assert.equal(
    header(
      {},
      Array.from({ length: 16 }, () => sound),
    ),
    "overLimit",
  );
  assert.equal(header({ width: "62" }), "tooSmall");
  assert.equal(header({ codec_type: "audio" }), "noPicture");
  assert.equal(header({ "disposition.attached_pic": "1" }), "noPicture");
  assert.equal(
    refusal(judged({ avg_frame_rate: "240/1", r_frame_rate: "240/1" }, packetText(480, 240))),
    "overLimit",
  );
});

test("[EN3] a film that ends before its header says is cut off", () => {
  assert.equal(refusal(judged({}, packetText(30))), "truncated");
  assert.equal(refusal(judged({}, packetText(40))), "accepted");
  assert.equal(refusal(judged({}, "")), "noPicture");
});

test("[EN4] turned, anamorphic, odd and large pictures get their display size", () => {
  assert.deepEqual(accepted({}).display, { width: 640, height: 360 });
  assert.deepEqual(accepted({ rotation: "-90" }).display, { width: 360, height: 640 });
  assert.deepEqual(accepted({ width: "720", height: "576", sample_aspect_ratio: "16:15" }).display, {
    width: 768,
    height: 576,
  });
  assert.deepEqual(accepted({ sample_aspect_ratio: "399:400" }).display, { width: 640, height: 360 });
  assert.deepEqual(accepted({ width: "321", height: "179" }).display, { width: 322, height: 180 });
  assert.deepEqual(accepted({ width: "1080", height: "1920" }).display, { width: 720, height: 1280 });
});

test("[EN49] pictures turned askew are refused; mirrored ones are mended", () => {
  assert.equal(refusal(judged({ rotation: "45" })), "turnedAskew");
  const matrix = (a: number, b: number, c: number, d: number): Fields => ({
    "side_data_list.side_data.0.displaymatrix": `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1\n`,
  });
  assert.deepEqual(accepted(matrix(65536, 0, 0, -65536)).reasons, ["mirrored"]);
  assert.deepEqual(accepted(matrix(65536, 0, 0, 65536)).reasons, []);
  assert.deepEqual(
    accepted({ ...matrix(0, 65536, 65536, 0), "side_data_list.side_data.0.rotation": "-90" }).display,
    {
      width: 360,
      height: 640,
    },
  );
});

test("[EN5] a constant rate survives millisecond rounding; NTSC stays a fraction", () => {
  const times = Array.from({ length: 200 }, (_, n) => Math.round((n * 1001 * 1000) / 24000) / 1000);
  assert.deepEqual(paceOf(times, [{ num: 2997, den: 125 }]), {
    rate: { num: 24000, den: 1001 },
    isConstant: true,
  });
  assert.deepEqual(timescaleOf({ num: 30000, den: 1001 }), { timescale: 30000, ticksPerFrame: 1001 });
  assert.deepEqual(timescaleOf({ num: 25, den: 1 }), { timescale: 25000, ticksPerFrame: 1000 });
});

test("[EN5] a variable rate is brought to the usual one nearest to it", () => {
  const times = [0, 0.033, 0.067, 0.2, 0.233, 0.267, 0.3, 0.333, 0.9];
  assert.deepEqual(paceOf(times, [{ num: 10, den: 1 }]), { rate: { num: 30, den: 1 }, isConstant: false });
  assert.deepEqual(paceOf([0], [{ num: 25, den: 1 }]), { rate: { num: 25, den: 1 }, isConstant: true });
});

test("[EN6] only what needs no mending is used as it is", () => {
  assert.deepEqual(accepted({}).reasons, []);
  const needs = (changes: Readonly<Record<string, string>>, packets?: string): string =>
    accepted(changes, packets).reasons.join("; ");
  assert.match(needs({ codec_name: "vp9" }), /codec vp9/);
  assert.match(needs({ pix_fmt: "yuv420p10le" }), /pixel format yuv420p10le/);
  assert.match(needs({ rotation: "90" }), /turned/);
  assert.match(needs({ sample_aspect_ratio: "4:3" }), /not square/);
  assert.match(needs({ width: "321" }), /scaled to 322×360/);
  assert.match(needs({ start_time: "0.5" }, packetText(80)), /start at 0/);
  assert.match(needs({ color_range: "pc" }), /full-range/);
  assert.deepEqual(accepted({ field_order: "tt" }).mending, ["bwdif=mode=send_frame"]);
  assert.match(needs({}, `${packetText(50)}\n0,2.08,K__\n0,2.04,___\n0,2.12,___`), /across keyframes/);
  assert.match(needs({}, `0,-0.04,_D_\n${packetText(50)}`), /edit list/);
});

test("[EN28] the sound is found beside the picture, and its absence is no failure", () => {
  assert.deepEqual(accepted({}).sounds, []);
  const judgement = judged({}, packetText(50), [sound]);
  const found = judgement.kind === "accepted" ? judgement.intake.sounds : undefined;
  const said = { language: "und", title: "" };
  assert.deepEqual(found, [
    { stream: 1, codec: "aac", sampleRate: 44100, channels: 2, ...said, pictureStart: 0 },
  ]);
});

test("[EN103] few pictures far apart do not become many frames, unless a setting allows it", () => {
  const facts = readFacts(probeText({ duration: "40.000000" }));
  const apart = readPackets(
    ["0,0.000000,K__", "0,0.040000,K__", "0,0.080000,K__", "0,39.960000,K__"].join("\n"),
  );
  const told = judge(facts, apart, "mov", limits);
  assert.equal(told.kind, "refused");
  assert.ok(told.kind === "refused" && told.fault === "overLimit");
  assert.match(`${told.facts.found}`, /^4 frames, which at its rate would become 1000$/);
  assert.equal(judge(facts, apart, "mov", { ...limits, maxFrameGrowth: 400 }).kind, "accepted");
});
