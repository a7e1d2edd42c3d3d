import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { dashManifest } from "./dash.ts";
import { segmentsOf } from "./fragmenter.ts";
import { masterPlaylist, mediaPlaylist } from "./hls.ts";
import { qualityOf, sidecarOf } from "./sidecar.ts";
import { storyboardVtt } from "./storyboard.ts";
import { microsecondsOf, type PackedTitle, peakRate, type VideoTrack } from "./track.ts";
import { pathsInManifest, pathsInPlaylist, unlisted } from "./verify.ts";

const boundaries = [0, 120, 240, 401];
const frames = 500;
const segments = segmentsOf(boundaries, frames);

function video(id: string, height: number, sizes: readonly number[]): VideoTrack {
  return {
    id,
    codecs: "avc1.64001E",
    timescale: 30_000,
    width: (height * 16) / 9,
    height,
    segments: segments.map((segment, index) => ({
      start: segment.startFrame * 1001,
      duration: segment.frames * 1001,
      bytes: sizes[index] ?? 0,
    })),
  };
}

const title: PackedTitle = {
  frames,
  frameRate: { num: 30_000, den: 1001 },
  video: [
    video("v180-1", 180, [50_000, 70_000, 60_000, 20_000]),
    video("v360-1", 360, [150_000, 300_000, 190_000, 60_000]),
  ],
  audio: {
    id: "audio",
    codecs: "mp4a.40.2",
    timescale: 48_000,
    channels: 2,
    sampleRate: 48_000,
    segments: [187, 188, 188, 188, 31].map((count, index) => ({
      start: index === 0 ? 0 : (187 + (index - 1) * 188) * 1024,
      duration: count * 1024,
      bytes: count * 250,
    })),
  },
  storyboard: {
    sheets: [9000, 4000],
    tileWidth: 160,
    tileHeight: 90,
    columns: 2,
    rows: 2,
    every: 2.5,
    count: 7,
  },
};

/** Compares with test/golden/; `UPDATE_GOLDEN=1` writes the file anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../../test/golden/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"), name);
}

test("[PA10] [PA12] the HLS playlists are these", () => {
  golden("pack-master.m3u8", masterPlaylist(title));
  golden("pack-video.m3u8", mediaPlaylist(title.video[0] ?? video("none", 90, [])));
  if (title.audio !== undefined) golden("pack-audio.m3u8", mediaPlaylist(title.audio));
});

test("[PA10] [PA12] the DASH manifest is this", () => {
  golden("pack-manifest.mpd", dashManifest(title));
});

test("[PA8] without sound neither manifest speaks of it", () => {
  const silent = { ...title, audio: undefined };
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

test("[PA10] both manifests name the same segments, and a file that is lost or unknown is found", () => {
  const playlists = [
    masterPlaylist(title),
    ...[...title.video, ...(title.audio ? [title.audio] : [])].map(mediaPlaylist),
  ];
  const manifest = dashManifest(title);
  const folder = new Set([...playlists.flatMap(pathsInPlaylist), "manifest.mpd"]);
  assert.equal(folder.size, 3 + 2 * 5 + 6 + 1);
  assert.deepEqual(
    new Set(pathsInManifest(manifest)),
    new Set([...folder].filter((path) => path.includes("/"))),
  );
  assert.equal(unlisted(playlists, manifest, folder), undefined);
  assert.ok([...folder].every((path) => !/^\/|:|\.\./.test(path)));
  assert.match(
    unlisted(playlists, manifest, new Set([...folder].filter((path) => path !== "v360-1/3.m4s"))) ?? "",
    /v360-1\/3\.m4s, which is not there/,
  );
  assert.match(
    unlisted(playlists, manifest, new Set([...folder, "v360-1/9.m4s"])) ?? "",
    /9\.m4s is not named/,
  );
  assert.match(unlisted(playlists.slice(0, 3), manifest, folder) ?? "", /audio\/init\.mp4 is not named/);
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
          const row = { start, duration: count * ticks, bytes: 1 };
          start += row.duration;
          return row;
        });
        const track = { ...video("v", 180, []), timescale, segments: rows };
        const total = [...mediaPlaylist(track).matchAll(/#EXTINF:(\d+)\.(\d{6}),/g)].reduce(
          (sum, match) => sum + Number(match[1]) * 1_000_000 + Number(match[2]),
          0,
        );
        assert.ok(Math.abs(total - (start * 1e6) / timescale) <= 0.5);
        const target = Number(/TARGETDURATION:(\d+)/.exec(mediaPlaylist(track))?.[1]);
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
    const sound = title.audio === undefined ? 0 : peakRate(title.audio);
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

test("[PA16] quality is weighted by the frames that each piece has in the segment", () => {
  const pieces = [
    { startFrame: 0, frames: 100, path: "a", quality: 90 },
    { startFrame: 100, frames: 30, path: "b", quality: 60 },
    { startFrame: 130, frames: 370, path: "c", quality: 80 },
  ];
  assert.deepEqual(
    segments.map((segment) => qualityOf(segment, pieces)),
    [85, 78.333, 80, 80],
  );
  const scored = [{ track: title.video[0] ?? video("none", 90, []), pieces }];
  const facts = sidecarOf("river", metric, segments, scored, title.audio);
  assert.deepEqual(facts.durationsMs, [4004, 4004, 5372.033, 3303.3]);
  assert.deepEqual(facts.renditions[0]?.bytes, [50_000, 70_000, 60_000, 20_000]);
  assert.deepEqual(facts.renditions[0]?.quality, [85, 78.333, 80, 80]);
});

test("[PA19] the sidecar says the size of every segment, the sound's too", () => {
  const facts = sidecarOf("river", metric, segments, [], title.audio);
  assert.deepEqual(facts.audio, { id: "audio", bytes: title.audio?.segments.map((one) => one.bytes) });
  assert.ok((facts.audio?.bytes.length ?? 0) > 1);
  assert.equal(sidecarOf("river", metric, segments, [], undefined).audio, undefined);
});
