import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { segmentSizes, sidecar } from "#wire/sidecar.ts";
import { dashManifest } from "./dash.ts";
import { iframePlaylist, mediaPlaylist, subtitlePlaylist, targetSeconds } from "./hls.ts";
import { masterPlaylist } from "./hls-master.ts";
import { richTitle, sampleTitle, soundTrack } from "./sample-titles.ts";
import { sidecarOf } from "./sidecar.ts";
import { storyboardVtt } from "./storyboard.ts";
import { filmMicroseconds, microsecondsOf, peakRate } from "./track.ts";

const title = sampleTitle();
const rich = richTitle();
const [small] = title.video;
assert.ok(small);
const sounded = title.audio[0];
assert.ok(sounded);

/** Compares with test/golden/; `UPDATE_GOLDEN=1` writes the file anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../../test/golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"), name);
}

test("[PA10] [PA12] the HLS playlists are these", () => {
  golden("pack-master.m3u8", masterPlaylist(title));
  golden("pack-video.m3u8", mediaPlaylist(small, 6));
  golden("pack-iframes.m3u8", iframePlaylist(small));
  golden("pack-audio.m3u8", mediaPlaylist(sounded, 6));
});

test("[PA10] [PA12] the DASH manifest is this", () => {
  golden("pack-manifest.mpd", dashManifest(title));
});

test("[PA8] without sound neither manifest speaks of it", () => {
  const silent = { ...title, audio: [] };
  golden("pack-silent-master.m3u8", masterPlaylist(silent));
  golden("pack-silent-manifest.mpd", dashManifest(silent));
});

test("[PA15] the storyboard has a cue per picture and ends with the film", () => {
  golden("pack-storyboard.vtt", storyboardVtt(title));
  const none = { ...title, storyboard: { ...title.storyboard, count: 0 } };
  assert.equal(storyboardVtt(none), "WEBVTT\n");
});

test("[PA15] a picture beyond the film's end gets no cue", () => {
  const short = { ...title, frames: 30 };
  assert.equal(storyboardVtt(short).match(/-->/g)?.length, 1);
  assert.match(storyboardVtt(short), /00:00:00\.000 --> 00:00:01\.001/);
});

test("[PA70] every rung says that it has no closed captions", () => {
  const offers = masterPlaylist(rich).match(/#EXT-X-STREAM-INF:.*/g) ?? [];
  assert.ok(offers.length > 0 && offers.every((offer) => offer.endsWith(",CLOSED-CAPTIONS=NONE")));
});

test("[PA64] forced subtitles are forced in both manifests and leave the language's own to choose", () => {
  const [english] = rich.subtitles;
  assert.ok(english !== undefined);
  const signs = { ...english, id: "signs-en", name: "Signs", isForced: true };
  const title = { ...rich, subtitles: [signs, ...rich.subtitles] };
  const tags = masterPlaylist(title)
    .split("\n")
    .filter((line) => line.includes("TYPE=SUBTITLES"));
  const said = tags.map((tag) => /AUTOSELECT=(\w+),FORCED=(\w+)/.exec(tag)?.slice(1));
  assert.deepEqual(said, [
    ["YES", "YES"],
    ["YES", "NO"],
    ["YES", "NO"],
  ]);
  const roles = [...dashManifest(title).matchAll(/value="((?:forced-)?subtitle)"/g)].map(([, role]) => role);
  assert.deepEqual(roles, ["forced-subtitle", "subtitle", "subtitle"]);
});

test("[PA23] [PA29] stable ids are of one thing each, and per language one sound and one subtitles choose themselves", () => {
  const english = ["en", "English"] as const;
  const voices = [english, ["en", "Commentary"], ["de", "Deutsch"]] as const;
  const audio = voices.map((voice, index) => soundTrack(`a${index}`, "aac", 128, voice));
  const again = { id: "more-en", language: "en", name: "For the deaf", isForced: false, bytes: 4200 };
  const text = masterPlaylist({ ...rich, audio, subtitles: [...rich.subtitles, again] });
  const choosing = [...text.matchAll(/NAME="([^"]+)".*AUTOSELECT=(YES|NO)/g)].map(([, name, auto]) => [
    name,
    auto,
  ]);
  assert.deepEqual(choosing, [
    ["English", "YES"],
    ["Commentary", "NO"],
    ["Deutsch", "YES"],
    ["Subtitles (en)", "YES"],
    ["Subtitles (de)", "YES"],
    ["For the deaf", "NO"],
  ]);
  const played = [...text.matchAll(/STREAM-INF:.*STABLE-VARIANT-ID="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(
    new Set(played).size,
    2 * rich.video.length,
    "the pictures that stand alone are variants of their own",
  );
});

test("[PA23] [PA24] [PA25] [PA26] [PA28] a title with everything gives these manifests", () => {
  golden("pack-rich-master.m3u8", masterPlaylist(rich));
  golden("pack-rich-manifest.mpd", dashManifest(rich));
  const [first] = rich.subtitles;
  assert.ok(first);
  golden("pack-subtitles.m3u8", subtitlePlaylist(first, filmMicroseconds(rich)));
});

test("[PA11] any run of EXTINF adds up to its exact time within a microsecond", () => {
  const rates = fc.constantFrom(
    [30_000, 1001],
    [24_000, 1001],
    [25_000, 1000],
    [60_000, 1001],
    [15_360, 512],
  );
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 400 }),
      (rate, counts) => {
        const [timescale = 1, ticks = 1] = rate;
        let start = 0;
        const rows = counts.map((count) => {
          const row = { start, duration: count * ticks, bytes: 1, sha256: "" };
          start += row.duration;
          return row;
        });
        const track = { ...sounded, timescale, segments: rows };
        const total = [
          ...mediaPlaylist(track, targetSeconds([track])).matchAll(/#EXTINF:(\d+)\.(\d{6}),/g),
        ].reduce((sum, match) => sum + Number(match[1]) * 1_000_000 + Number(match[2]), 0);
        assert.ok(Math.abs(total - (start * 1e6) / timescale) <= 0.5);
        const target = Number(/TARGETDURATION:(\d+)/.exec(mediaPlaylist(track, targetSeconds([track])))?.[1]);
        assert.ok(microsecondsOf(track).every((length) => Math.round(length / 1e6) <= target));
      },
    ),
    { seed: 11, numRuns: 60 },
  );
});

test("[PA12] no segment needs more than the advertised peak", () => {
  for (const track of title.video) {
    for (const segment of track.segments) {
      assert.ok((segment.bytes * 8 * track.timescale) / segment.duration <= peakRate(track));
    }
    const sound = peakRate(sounded);
    assert.match(masterPlaylist(title), new RegExp(`BANDWIDTH=${peakRate(track) + sound},.*"${track.id}"`));
    assert.match(dashManifest(title), new RegExp(`id="${track.id}".*bandwidth="${peakRate(track)}"`));
  }
});

const metric = {
  name: "vmaf",
  model: "m",
  pooling: "mean",
  displayWidth: 640,
  displayHeight: 360,
  subsample: 1,
} as const;

test("[PA16] a segment's quality is its own, beside its length and bytes", () => {
  const scored = [{ track: small, quality: [85, 78.33349, 80, 80] }];
  const facts = sidecarOf("river", metric, scored, title.audio);
  assert.deepEqual(facts.durationsMs, [4004, 4004, 5372.033, 3303.3]);
  assert.deepEqual(facts.renditions[0]?.bytes, [50_000, 70_000, 60_000, 20_000]);
  assert.deepEqual(facts.renditions[0]?.quality, [85, 78.333, 80, 80]);
  assert.deepEqual(facts.metric, metric);
});

test("[PA19] [PA30] the sidecar says size, hash and codec of every segment, every sound's too", () => {
  const scored = rich.video.map((track) => ({ track, quality: [] }));
  const facts = sidecar.parse(sidecarOf("river", metric, scored, rich.audio));
  assert.deepEqual(
    facts.sounds?.map((sound) => [sound.id, sound.language, sound.codec, sound.bytes.length]),
    [
      ["audio", "en", "aac", 5],
      ["audio-en-64", "en", "aac", 5],
      ["audio-de-128", "de", "aac", 5],
      ["audio-de-64", "de", "aac", 5],
      ["audio-en-opus", "en", "opus", 5],
    ],
  );
  for (const track of [...rich.video, ...rich.audio]) {
    assert.deepEqual(
      segmentSizes(facts, track.id),
      track.segments.map((one) => one.bytes),
    );
    const rows: readonly { id: string; codec?: string | undefined; sha256Prefix?: string[] | undefined }[] = [
      ...facts.renditions,
      ...(facts.sounds ?? []),
    ];
    const row = rows.find((one) => one.id === track.id);
    assert.deepEqual(
      row?.sha256Prefix,
      track.segments.map((one) => one.sha256.slice(0, 16)),
    );
    assert.equal(row?.codec, track.codec);
  }
  assert.equal(segmentSizes(facts, "index"), undefined);
  assert.deepEqual(sidecarOf("river", metric, [], []).sounds, []);
});

test("[PA30] the sidecar of an older package is still read, and its sound's sizes are found", () => {
  const old = {
    version: 1,
    titleId: "river",
    metric: { name: "vmaf", model: "m" },
    durationsMs: [4000],
    renditions: [{ id: "v1", width: 320, height: 180, bitrateBps: 1, bytes: [7], quality: [80] }],
  };
  const silent = sidecar.parse(old);
  assert.equal(segmentSizes(silent, "audio"), undefined);
  const sounding = sidecar.parse({ ...old, audio: { id: "audio", bytes: [3, 4] } });
  assert.deepEqual(segmentSizes(sounding, "audio"), [3, 4]);
  assert.deepEqual(segmentSizes(sounding, "v1"), [7]);
});
