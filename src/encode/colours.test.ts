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
    maxFrameGrowth: 50,
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

test("[EN48] frames are told apart by how they comb beside their fields' neighbours", () => {
  const frame = (y: number, t: number, b: number): string =>
    `frame:1 pts:1\nlavfi.signalstats.YAVG=${y}\nlavfi.signalstats.YMAX=9\nlavfi.signalstats.UAVG=${t}\nlavfi.signalstats.VAVG=${b}\n`;
  // As measured on a camera's film, the same woven, and telecined; the first frame says nothing.
  const found = readFields(
    [frame(9, 9, 9), frame(2.1, 3.7, 3.7), frame(3.7, 3.6, 6.7), frame(3.7, 6.8, 3.6)].join("") +
      [frame(3.8, 1.1, 3.8), frame(3.8, 3.8, 1.1), frame(25.8, 25.8, 25.6), frame(2, 2.4, 3)].join(""),
  );
  assert.deepEqual(found, {
    ...{ progressive: 1, topFirst: 1, bottomFirst: 1, topCleaner: 1, bottomCleaner: 1, undetermined: 2 },
  });
  assert.deepEqual(readFields("nothing"), noFields);
});

test("[EN48] the pictures' verdict on interlace beats the header's, where they have one", () => {
  const film = { num: 25, den: 1 };
  const ntsc = { num: 30000, den: 1001 };
  const verdict = (order: string, counts: Partial<FieldCounts>, rate = film): string => {
    const { reason = "as it is", filters } = verdictOn(order, { ...noFields, ...counts }, rate);
    return `${reason} | ${filters.join(",")}`;
  };
  const bob = "bwdif=mode=send_frame";
  assert.equal(verdict("progressive", {}), "as it is | ");
  assert.equal(verdict("tt", {}), `interlaced | ${bob}`);
  assert.equal(verdict("tt", { progressive: 5, undetermined: 95 }), `interlaced | ${bob}`);
  assert.equal(verdict("progressive", { progressive: 92, topFirst: 8 }), "as it is | ");
  const hidden = "interlaced, though marked progressive";
  const woven = { topFirst: 95, undetermined: 5 };
  assert.equal(verdict("progressive", woven), `${hidden} | ${bob}:parity=tff:deint=all`);
  assert.equal(verdict("", { bottomFirst: 90, progressive: 4 }), `${hidden} | ${bob}:parity=bff:deint=all`);
  assert.equal(verdict("bb", { bottomFirst: 90 }), `interlaced | ${bob}:parity=bff:deint=all`);
  assert.equal(verdict("bb", { progressive: 99 }), "progressive, though marked interlaced | setfield=prog");
  const pulled = { progressive: 40, topFirst: 20, topCleaner: 40 };
  assert.match(
    verdict("tt", pulled, ntsc),
    /^telecined film .* \| fieldmatch=order=tff:combmatch=full,setfield=prog$/,
  );
  const part = `idet,${bob}:parity=tff:deint=interlaced`;
  assert.equal(verdict("progressive", pulled), `interlaced in part | ${part}`);
  assert.equal(
    verdict("progressive", { progressive: 60, topFirst: 40 }, ntsc),
    `interlaced in part | ${part}`,
  );
  assert.deepEqual(stretches(300, film), [0]);
  assert.deepEqual(stretches(1100, film), [4, 20, 36]);
});
