import assert from "node:assert/strict";
import { test } from "node:test";
import { type ColourPlan, colourFilters, planColours } from "./colours.ts";
import { type FieldCounts, noFields, readFields, stretches, verdictOn } from "./fields.ts";
import { type FilmFacts, readFacts, type StreamFacts } from "./film-facts.ts";
import { judgeHeader, type Limits } from "./intake.ts";

type Tags = Readonly<Record<string, string>>;
const limits: Limits = {
  ...{
    maxDurationSeconds: 60,
    maxPixels: 40_000_000,
    maxFrameRate: 120,
    maxStreams: 16,
    maxDisplaySide: 720,
  },
  ...{ maxAudioTracks: 3, maxSubtitleTracks: 2, maxChannels: 8, maxSampleRate: 192_000, hdr: "tone-map" },
};

function facts(tags: Tags): FilmFacts {
  const usual = {
    codec_type: "video",
    codec_name: "hevc",
    width: "1920",
    height: "1080",
    pix_fmt: "yuv420p",
  };
  const lines = Object.entries({ ...usual, r_frame_rate: "24/1", ...tags });
  return readFacts(lines.map(([key, value]) => `streams.stream.0.${key}="${value}"`).join("\n"));
}

function picture(tags: Tags): StreamFacts {
  return facts(tags).streams[0] ?? assert.fail();
}

function plan(tags: Tags, display = { width: 1280, height: 720 }): ColourPlan {
  return planColours(picture(tags), display);
}

function words(tags: Tags, display?: { width: number; height: number }): string {
  const made = plan(tags, display);
  if (made.kind === "unknown") return `unknown ${made.found}`;
  const { from, to } = made;
  return `${made.kind} ${from.matrix}/${from.primaries} → ${to.matrix}/${to.primaries}`;
}

const hdr10 = { color_space: "bt2020nc", color_primaries: "bt2020", color_transfer: "smpte2084" };
const sd = { width: 720, height: 480 };

test("[EN45] HDR is tone-mapped from the peak that the header promises, else from 1000 cd/m²", () => {
  const peak = (tags: Tags): number | undefined => {
    const made = plan(tags);
    return made.kind === "tone-map" ? made.peakNits : undefined;
  };
  const mastered = { "side_data_list.side_data.0.max_luminance": "40000000/10000" };
  assert.equal(peak(hdr10), 1000);
  assert.equal(peak({ ...hdr10, ...mastered }), 4000);
  assert.equal(peak({ ...hdr10, ...mastered, "side_data_list.side_data.1.max_content": "1234" }), 1234);
  assert.equal(peak({ ...hdr10, ...mastered, color_transfer: "arib-std-b67" }), 1000);
  assert.equal(words({ color_transfer: "smpte2084" }), "tone-map bt2020nc/bt2020 → bt709/bt709");
  const made = plan(hdr10);
  assert.ok(made.kind !== "unknown");
  assert.equal(
    colourFilters(made).join(","),
    "setparams=range=tv:colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084," +
      "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709," +
      "tonemap=mobius:param=0.3:peak=4.9261:desat=0," +
      "zscale=transfer=bt709:matrix=bt709:primaries=bt709:range=limited:dither=error_diffusion,format=yuv420p," +
      "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709",
  );
});

test("[EN45] HDR is refused where that is set, Dolby Vision without a base layer always", () => {
  const fault = (tags: Tags, hdr = "tone-map"): string | undefined => {
    const judged = judgeHeader(facts(tags), { ...limits, hdr });
    return judged?.kind === "refused" ? judged.fault : undefined;
  };
  assert.equal(fault(hdr10), undefined);
  assert.equal(fault(hdr10, "refuse"), "highDynamicRange");
  assert.equal(fault({ ...hdr10, color_transfer: "arib-std-b67" }, "refuse"), "highDynamicRange");
  assert.equal(fault({}, "refuse"), undefined);
  const dolby = (profile: string, id: string): Tags => ({
    "side_data_list.side_data.0.dv_profile": profile,
    "side_data_list.side_data.0.dv_bl_signal_compatibility_id": id,
  });
  assert.equal(fault(dolby("5", "0")), "dolbyVision");
  assert.equal(fault({ ...hdr10, ...dolby("8", "1") }), undefined);
});

test("[EN46] colours without tags are taken for what players take them for", () => {
  assert.equal(words({}), "keep bt709/bt709 → bt709/bt709");
  const ntsc = { width: "720", height: "480", r_frame_rate: "30000/1001" };
  assert.equal(words(ntsc, sd), "keep smpte170m/smpte170m → smpte170m/smpte170m");
  assert.equal(
    words({ ...ntsc, height: "576", r_frame_rate: "24/1" }, sd),
    "keep bt470bg/bt470bg → bt470bg/bt470bg",
  );
  assert.equal(words({ ...ntsc, r_frame_rate: "50/1" }, sd), "keep bt470bg/bt470bg → bt470bg/bt470bg");
  assert.equal(words({ ...ntsc, color_space: "bt709" }, sd), "keep bt709/bt709 → bt709/bt709");
  assert.equal(words({ color_primaries: "bt2020" }), "convert bt2020nc/bt2020 → bt709/bt709");
  assert.equal(words({ pix_fmt: "gbrp", color_space: "gbr" }), "keep bt709/bt709 → bt709/bt709");
  const hd601 = { color_space: "smpte170m", color_primaries: "smpte170m" };
  assert.equal(words(hd601), "convert smpte170m/smpte170m → bt709/bt709");
  assert.equal(
    words({ ...hd601, width: "720", height: "480" }, sd),
    "keep smpte170m/smpte170m → smpte170m/smpte170m",
  );
  assert.match(words({ color_space: "ictcp" }), /^unknown ictcp matrix/);
  assert.match(words({ color_transfer: "log100" }), /^unknown .* log100$/);
  assert.match(words({ color_primaries: "ebu3213" }), /^unknown/);
  const judged = judgeHeader(facts({ color_space: "ictcp" }), limits);
  assert.equal(judged?.kind === "refused" && judged.fault, "strangeColours");
});

const idet = (
  tff: number,
  bff: number,
  progressive: number,
  undetermined: number,
  top = 0,
  bottom = 0,
): string =>
  `[Parsed_idet_0 @ 0x1] Repeated Fields: Neither:    60 Top:    ${top} Bottom:     ${bottom}\n` +
  "[Parsed_idet_0 @ 0x1] Single frame detection: TFF:     9 BFF:     9 Progressive:     9 Undetermined:     9\n" +
  `[Parsed_idet_0 @ 0x1] Multi frame detection: TFF:    ${tff} BFF:     ${bff} Progressive:   ${progressive} Undetermined:     ${undetermined}\n`;

test("[EN48] the pictures' verdict on interlace beats the header's, where they have one", () => {
  const film = { num: 25, den: 1 };
  const ntsc = { num: 30000, den: 1001 };
  const verdict = (order: string, counts: FieldCounts, rate = film): string => {
    const { reason = "as it is", filters } = verdictOn(order, counts, rate);
    return `${reason} | ${filters.join(",")}`;
  };
  const counts = (...all: Parameters<typeof idet>): FieldCounts => readFields(idet(...all));
  assert.deepEqual(counts(1, 2, 3, 4, 5, 6), {
    ...{ topFirst: 1, bottomFirst: 2, progressive: 3, undetermined: 4, repeated: 11 },
  });
  const bob = "bwdif=mode=send_frame";
  assert.equal(verdict("progressive", noFields), "as it is | ");
  assert.equal(verdict("tt", noFields), `interlaced | ${bob}`);
  assert.equal(verdict("tt", counts(3, 0, 0, 97)), `interlaced | ${bob}`);
  assert.equal(verdict("progressive", counts(0, 0, 100, 0)), "as it is | ");
  assert.equal(verdict("unknown", counts(8, 0, 92, 0)), "as it is | ");
  const hidden = "interlaced, though marked progressive";
  assert.equal(verdict("progressive", counts(95, 0, 0, 5)), `${hidden} | ${bob}:parity=tff:deint=all`);
  assert.equal(verdict("", counts(0, 90, 4, 6)), `${hidden} | ${bob}:parity=bff:deint=all`);
  assert.equal(verdict("bb", counts(0, 0, 99, 1)), "progressive, though marked interlaced | setfield=prog");
  assert.equal(verdict("bb", counts(12, 0, 88, 0)), `interlaced | ${bob}`);
  const part = `idet,${bob}:parity=tff:deint=interlaced`;
  assert.equal(verdict("progressive", counts(40, 0, 60, 0, 20, 20)), `interlaced in part | ${part}`);
  assert.match(verdict("progressive", counts(40, 0, 60, 0, 20, 20), ntsc), /^telecined film/);
  assert.match(verdict("progressive", counts(40, 0, 60, 0, 2, 2), ntsc), /^interlaced in part/);
  assert.deepEqual(stretches(300, film), [0]);
  assert.deepEqual(stretches(1100, film), [4, 20, 36]);
});
