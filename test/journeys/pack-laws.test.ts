// From shots to manifests over made-up films: what research, encoding §10 (invariants 1 to 3 and 9) states must hold whatever the
// shots, the frame rate and the codecs. The plan is the encoder's, so this joins two domains.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planSegments } from "#encode/segment-plan.ts";
import type { Codec, SegmentPlan } from "#model/encoded.ts";
import { pathsInManifest, pathsInPlaylist, rangesInPlaylist, unlisted } from "#pack/agreement.ts";
import { dashManifest } from "#pack/dash.ts";
import { joinPiece, segmentsOf, startJoining } from "#pack/fragmenter.ts";
import { iframePlaylist, iframePlaylistOf, mediaPlaylist } from "#pack/hls.ts";
import { masterPlaylist } from "#pack/hls-master.ts";
import { readInit } from "#pack/init.ts";
import { keyframesIn } from "#pack/keyframe-ranges.ts";
import { sampleTitle } from "#pack/sample-titles.ts";
import { pictureInit, piece, videoInit } from "#pack/synthetic.ts";
import type { PackedTitle, VideoTrack } from "#pack/track.ts";
import { checkVideoSegment } from "#pack/verify.ts";
import type { FrameRate } from "#units/quantity.ts";

interface Film {
  readonly rate: FrameRate;
  readonly frames: number;
  readonly cuts: readonly number[];
}

const films: fc.Arbitrary<Film> = fc
  .record({
    rate: fc.constantFrom({ num: 30_000, den: 1001 }, { num: 24_000, den: 1001 }, { num: 25_000, den: 1000 }),
    lengths: fc.array(fc.integer({ min: 1, max: 220 }), { minLength: 1, maxLength: 9 }),
  })
  .map(({ rate, lengths }) => {
    const ends = lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
    return { rate, frames: ends.at(-1) ?? 0, cuts: [0, ...ends.slice(0, -1)] };
  });

function planOf({ rate, frames, cuts }: Film): SegmentPlan {
  const shots = cuts.map((startFrame, id) => ({ id, startFrame, endFrame: cuts[id + 1] ?? frames }));
  return planSegments(shots, 4, rate, frames);
}

const inits: Readonly<Record<"h264" | "av1", (timescale: number) => Uint8Array>> = {
  h264: videoInit,
  av1: (timescale) => pictureInit("av01", "av1C", [0x81, 0, 0x0c, 0], timescale),
};

/** A rung as the packager would write it, its files by path. H.264 comes a piece per shot, AV1 a piece per keyframe. */
function rungOf(
  film: Film,
  plan: SegmentPlan,
  codec: "h264" | "av1",
  files: Map<string, Uint8Array>,
): VideoTrack {
  const { rate, frames, cuts } = film;
  const id = `${codec}-1`;
  const init = inits[codec](rate.num);
  const read = readInit(init);
  assert.ok(read.kind === "read");
  files.set(`${id}/init.mp4`, init);
  const segments = segmentsOf(plan.boundaries, frames);
  const starts = codec === "av1" ? plan.keyframes : cuts;
  let joining = startJoining(segments, rate.den);
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? frames;
    const keys = plan.keyframes.filter((key) => key >= start && key < end);
    const groups = keys.map((key, at) => (keys[at + 1] ?? end) - key);
    const joined = joinPiece(joining, { frames: end - start, bytes: piece(groups, rate.den, init) });
    assert.ok(joined.kind === "joined", JSON.stringify(joined));
    joining = joined.joining;
    for (const { number, bytes } of joined.finished) files.set(`${id}/${number}.m4s`, bytes);
  }
  const tracks = segments.map(({ number, startFrame, frames: count }) => {
    const bytes = files.get(`${id}/${number}.m4s`) ?? new Uint8Array();
    const found = keyframesIn(bytes, read.init);
    assert.ok(found.kind === "read");
    const at = { start: startFrame * rate.den, duration: count * rate.den };
    return { ...at, bytes: bytes.length, sha256: "", keyframes: found.keyframes };
  });
  const about = { id, codec, codecs: read.init.codecs, timescale: rate.num, width: 320, height: 180 };
  return { ...about, segments: tracks };
}

function packed(film: Film): { title: PackedTitle; plan: SegmentPlan; files: Map<string, Uint8Array> } {
  const plan = planOf(film);
  const files = new Map<string, Uint8Array>();
  const codecs: readonly Extract<Codec, "h264" | "av1">[] = ["h264", "av1"];
  const video = codecs.map((codec) => rungOf(film, plan, codec, files));
  const { frames, rate: frameRate } = film;
  return { title: { ...sampleTitle(), frames, frameRate, video, audio: [] }, plan, files };
}

const seconds = (frame: number, rate: FrameRate): number => (frame * rate.den) / rate.num;

test("[PA34] segments cover the film on the grid, at keyframes, and shots are whole", () => {
  fc.assert(
    fc.property(films, (film) => {
      const { boundaries, keyframes } = planOf(film);
      for (const frame of [0, ...film.cuts, ...boundaries]) assert.ok(keyframes.includes(frame));
      for (const [k, start] of boundaries.entries()) {
        const begins = seconds(start, film.rate);
        assert.ok(begins >= 4 * k && begins < 4 * k + 2, `segment ${k} begins at ${begins}`);
        const next = boundaries[k + 1];
        const length = seconds((next ?? film.frames) - start, film.rate);
        assert.ok(next === undefined ? length < 5 : length > 2 && length < 6, `segment ${k} lasts ${length}`);
      }
    }),
    { seed: 31, numRuns: 300 },
  );
});

test("[PA34] in every codec, segments stand alone, share their boundaries, and hold all frames", () => {
  fc.assert(
    fc.property(films, (film) => {
      const { title, plan, files } = packed(film);
      const timelines = title.video.map((track) => mediaPlaylist(track, 6).replaceAll(track.id, "rung"));
      assert.equal(new Set(timelines).size, 1);
      for (const track of title.video) {
        const read = readInit(files.get(`${track.id}/init.mp4`) ?? new Uint8Array());
        assert.ok(read.kind === "read");
        let afterSequence = 0;
        for (const planned of segmentsOf(plan.boundaries, film.frames)) {
          const bytes = files.get(`${track.id}/${planned.number}.m4s`) ?? new Uint8Array();
          const order = { init: read.init, bytes, afterSequence };
          const verdict = checkVideoSegment(order, planned, film.rate.den);
          assert.ok(verdict.kind === "sound", JSON.stringify(verdict));
          afterSequence = verdict.lastSequence;
        }
        assert.equal(afterSequence, plan.keyframes.length);
      }
    }),
    { seed: 32, numRuns: 40 },
  );
});

test("[PA34] what the manifests state as lengths, rates and places holds for the bytes", () => {
  fc.assert(
    fc.property(films, (film) => {
      const { title, plan, files } = packed(film);
      const master = masterPlaylist(title);
      const playlists = title.video.flatMap((track) => [mediaPlaylist(track, 6), iframePlaylist(track)]);
      const names = title.video.flatMap((track) => [`${track.id}.m3u8`, iframePlaylistOf(track)]);
      const sizes = new Map([
        ...[...files].map(([path, bytes]) => [path, bytes.length] as const),
        ...names.map((name) => [name, 1] as const),
      ]);
      assert.equal(unlisted([master, ...playlists], dashManifest(title), sizes), undefined);
      assert.deepEqual(new Set(pathsInManifest(dashManifest(title))), new Set(files.keys()));
      for (const text of playlists) {
        const lengths = [...text.matchAll(/#EXTINF:([\d.]+),/g)].map((match) => Number(match[1]));
        const total = lengths.reduce((sum, one) => sum + one, 0);
        assert.ok(Math.abs(total - seconds(film.frames, film.rate)) <= 1e-6);
        for (const path of pathsInPlaylist(text)) assert.ok(files.has(path), path);
      }
      for (const track of title.video) {
        const stated = Number(new RegExp(`INF:BANDWIDTH=(\\d+).*VARIANT-ID="${track.id}"`).exec(master)?.[1]);
        for (const [index, start] of plan.boundaries.entries()) {
          const length = seconds((plan.boundaries[index + 1] ?? film.frames) - start, film.rate);
          const bytes = files.get(`${track.id}/${index + 1}.m4s`)?.length ?? Number.POSITIVE_INFINITY;
          assert.ok((bytes * 8) / length <= stated + 1e-6);
        }
        for (const { path, offset } of rangesInPlaylist(iframePlaylist(track))) {
          const type = files.get(path)?.subarray(offset + 4, offset + 8) ?? new Uint8Array();
          assert.equal(new TextDecoder().decode(type), "moof");
        }
        assert.equal(rangesInPlaylist(iframePlaylist(track)).length, plan.keyframes.length);
      }
    }),
    { seed: 33, numRuns: 40 },
  );
});
