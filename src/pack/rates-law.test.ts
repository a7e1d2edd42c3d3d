// The rates that manifests promise, against a plain recomputation from sizes and times. Source: research, encoding §10,
// invariant 9; RFC 8216 §4.3.4.2.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dashManifest } from "./dash.ts";
import { masterPlaylist } from "./hls-master.ts";
import { rungTrack, sampleTitle, soundTrack } from "./sample-titles.ts";
import type { AudioTrack, PackedTitle, VideoTrack } from "./track.ts";

type Track = AudioTrack | VideoTrack;

const sizes = fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 5, maxLength: 5 });

const voices = [
  ["en", "English"],
  ["de", "Deutsch"],
] as const;

/** Rungs and sounds whose segments have any sizes; sound is cut otherwise than the picture. */
const titles: fc.Arbitrary<PackedTitle> = fc
  .record({
    video: fc.array(sizes, { minLength: 1, maxLength: 4 }),
    audio: fc.array(
      fc.record({
        codec: fc.constantFrom("aac" as const, "opus" as const),
        kilobits: fc.constantFrom(64, 128, 192),
        voice: fc.constantFrom(...voices),
        sizes,
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ video, audio }) => ({
    ...sampleTitle(),
    video: video.map((rung, n) => rungTrack(`v${180 + 2 * n}-1`, 180 + 2 * n, rung)),
    audio: audio.map(({ codec, kilobits, voice, sizes: bytes }, n) => {
      const track = soundTrack(`a${n}`, codec, kilobits, voice);
      const segments = track.segments.map((segment, index) => ({ ...segment, bytes: bytes[index] ?? 1 }));
      return { ...track, segments };
    }),
  }));

/** bits/s at an instant, and over the whole track. */
function rateAt({ segments, timescale }: Track, time: number): number {
  const segment = segments.findLast(({ start }) => start <= time * timescale);
  if (segment === undefined || time * timescale >= segment.start + segment.duration) return 0;
  return (segment.bytes * 8) / (segment.duration / timescale);
}

function meanOf({ segments, timescale }: Track): number {
  let [bits, length] = [0, 0];
  for (const { bytes, duration } of segments) {
    bits += bytes * 8;
    length += duration / timescale;
  }
  return bits / length;
}

/** Every instant at which some segment of either begins. */
function instants(...tracks: readonly Track[]): readonly number[] {
  return tracks.flatMap(({ segments, timescale }) => segments.map(({ start }) => (start + 0.5) / timescale));
}

const attribute = (line: string, name: string): string =>
  new RegExp(`[:,]${name}=("[^"]*"|[^,]*)`).exec(line)?.[1]?.replaceAll('"', "") ?? "";

test("[PA66] law: BANDWIDTH and AVERAGE-BANDWIDTH hold for picture and sound together", () => {
  let sounded = 0;
  fc.assert(
    fc.property(titles, (title) => {
      const text = masterPlaylist(title).split("\n");
      const media = text.filter((line) => line.startsWith("#EXT-X-MEDIA:TYPE=AUDIO"));
      const streams = text.flatMap((line, index) =>
        line.startsWith("#EXT-X-STREAM-INF:") ? [[line, text[index + 1] ?? ""] as const] : [],
      );
      assert.ok(streams.length >= title.video.length);
      for (const [line, uri] of streams) {
        const track = title.video.find(({ id }) => `${id}.m3u8` === uri);
        assert.ok(track !== undefined, uri);
        const group = media.filter((one) => attribute(one, "GROUP-ID") === attribute(line, "AUDIO"));
        const uris = new Set(group.map((one) => attribute(one, "URI")));
        const sounds = title.audio.filter(({ id }) => uris.has(`${id}.m3u8`));
        assert.equal(sounds.length > 0, title.audio.length > 0);
        sounded += sounds.length;
        const stated = Number(attribute(line, "BANDWIDTH"));
        const average = Number(attribute(line, "AVERAGE-BANDWIDTH"));
        for (const sound of sounds) {
          for (const time of instants(track, sound)) {
            assert.ok(rateAt(track, time) + rateAt(sound, time) <= stated, `${uri} at ${time}`);
          }
          assert.ok(meanOf(track) + meanOf(sound) <= average + 1e-6, uri);
        }
        const dearest = (one: Track): number => Math.max(...instants(one).map((time) => rateAt(one, time)));
        const most = (of: (one: Track) => number): number => of(track) + Math.max(0, ...sounds.map(of));
        assert.ok(stated >= most(dearest) - 1e-6 && stated < most(dearest) + 2);
        assert.ok(average >= most(meanOf) - 1e-6 && average < most(meanOf) + 2);
      }
    }),
    { seed: 67, numRuns: 150 },
  );
  assert.ok(sounded > 300, `only ${sounded} sounds were heard`);
});

test("[PA66] law: in DASH each representation has the rate of its own dearest segment", () => {
  fc.assert(
    fc.property(titles, (title) => {
      const text = dashManifest(title);
      const tracks: readonly Track[] = [...title.video, ...title.audio];
      for (const track of tracks) {
        const stated = Number(new RegExp(`id="${track.id}"[^>]* bandwidth="(\\d+)"`).exec(text)?.[1]);
        const dearest = Math.max(...instants(track).map((time) => rateAt(track, time)));
        assert.ok(stated >= dearest - 1e-6 && stated < dearest + 1, `${track.id}: ${stated}, ${dearest}`);
      }
    }),
    { seed: 68, numRuns: 100 },
  );
});
