import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodedFilm, EncodedRung } from "#model/encoded.ts";
import { bitsPerSecond, seconds } from "#units/quantity.ts";
import { isJpeg, unfitFilm, unfitInit } from "./film.ts";
import { readInit } from "./init.ts";
import { videoInit } from "./synthetic.ts";

function rung(id: string, lengths: readonly number[] = [6, 4]): EncodedRung {
  let next = 0;
  const pieces = lengths.map((frames) => {
    next += frames;
    return { startFrame: next - frames, frames, path: "piece.mp4" };
  });
  const about = { id, codec: "h264", width: 320, height: 180, crf: [], quality: 80 } as const;
  return {
    rung: { ...about, bitrate: bitsPerSecond(1) },
    timescale: 30_000,
    ticksPerFrame: 1001,
    pieces,
    quality: [80, 81],
  };
}

function film(change: Partial<EncodedFilm> = {}): EncodedFilm {
  return {
    source: {
      sha256: "",
      width: 320,
      height: 180,
      frameRate: { num: 30_000, den: 1001 },
      frames: 10,
      duration: seconds(0.33),
      audio: undefined,
    },
    shots: [],
    plan: { boundaries: [0, 6], keyframes: [0, 6] },
    metric: { name: "ssim", model: "", pooling: "mean", displayWidth: 320, displayHeight: 180, subsample: 1 },
    rungs: [rung("v180-1"), rung("v180-2")],
    audio: [],
    subtitles: [],
    thumbnails: {
      sheets: ["s"],
      tileWidth: 80,
      tileHeight: 45,
      columns: 2,
      rows: 2,
      every: 1,
      count: 1,
      poster: "p",
    },
    ...change,
  };
}

test("[PA17] every segment of every rung has its quality", () => {
  for (const quality of [[], [80], [80, 81, 82], [80, Number.NaN]])
    assert.match(unfitFilm(film({ rungs: [{ ...rung("v"), quality }] })) ?? "", /for 2 segments/);
});

test("[PA17] a film that fits together is taken", () => {
  assert.equal(unfitFilm(film()), undefined);
});

test("[PA17] no frame, no rung, or a rung id that is taken or leads elsewhere is refused", () => {
  assert.match(unfitFilm(film({ source: { ...film().source, frames: 0 } })) ?? "", /has 0 frames/);
  assert.equal(unfitFilm(film({ rungs: [] })), "there is no rung");
  for (const id of ["audio", "index", "master", "../up", "", "a/b"]) {
    assert.match(unfitFilm(film({ rungs: [rung(id)] })) ?? "", /malformed, reserved or there twice/, id);
  }
  assert.match(unfitFilm(film({ rungs: [rung("v"), rung("v")] })) ?? "", /there twice/);
});

test("[PA17] all ids share one folder, and languages are tags", () => {
  const sound = { id: "audio", codec: "aac", language: "en", name: "English", path: "a.mp4" } as const;
  const audio = [{ ...sound, bitrate: bitsPerSecond(1), sampleRate: 48_000, channels: 2 }];
  const words = { id: "subtitles-en", path: "a.vtt", language: "en-GB", name: "English", isForced: false };
  assert.equal(unfitFilm(film({ audio, subtitles: [words] })), undefined);
  assert.match(
    unfitFilm(film({ audio, subtitles: [{ ...words, id: "audio" }] })) ?? "",
    /sound id "audio" is/,
  );
  assert.match(unfitFilm(film({ subtitles: [{ ...words, id: "v180-1" }] })) ?? "", /rung id "v180-1" is/);
  assert.match(unfitFilm(film({ subtitles: [{ ...words, id: "storyboard" }] })) ?? "", /subtitles id/);
  assert.match(unfitFilm(film({ rungs: [rung("v-iframes")] })) ?? "", /malformed, reserved/);
  for (const language of ["", "english language", '"', "a".repeat(9)]) {
    assert.match(unfitFilm(film({ subtitles: [{ ...words, language }] })) ?? "", /is no BCP 47 tag/);
  }
});

test("[PA25] a piece of another codec than its rung is refused", () => {
  const read = readInit(videoInit(30_000));
  assert.ok(read.kind === "read");
  const other = { ...rung("v"), rung: { ...rung("v").rung, codec: "vp9" } } as const;
  assert.equal(unfitInit(read.init, other), "it is h264, the rung vp9");
});

test("[PA17] boundaries must rise from 0 and stay inside the film", () => {
  for (const boundaries of [[], [1], [0, 5, 5], [0, 10], [0, 2.5]]) {
    assert.match(unfitFilm(film({ plan: { boundaries, keyframes: [] } })) ?? "", /do not rise/);
  }
});

test("[PA17] pieces must follow each other, fill the film, and count its clock", () => {
  assert.match(unfitFilm(film({ rungs: [rung("v", [6, 3])] })) ?? "", /hold 9 frames, the film 10/);
  assert.match(unfitFilm(film({ rungs: [rung("v", [6, 0, 4])] })) ?? "", /piece of 0 frames/);
  const [one, two] = rung("v").pieces;
  assert.ok(one && two);
  assert.match(
    unfitFilm(film({ rungs: [{ ...rung("v"), pieces: [two, one] }] })) ?? "",
    /begins at frame 6, wanted 0/,
  );
  assert.match(
    unfitFilm(film({ rungs: [{ ...rung("v"), ticksPerFrame: 1000 }] })) ?? "",
    /counts 1000\/30000 s per frame/,
  );
});

test("[PA17] rungs share one clock, since a DASH set says its timeline once", () => {
  const other = { ...rung("v180-2"), timescale: 60_000, ticksPerFrame: 2002 };
  assert.match(unfitFilm(film({ rungs: [rung("v180-1"), other] })) ?? "", /different clocks/);
});

test("[PA17] sheets and pictures must agree", () => {
  const { thumbnails } = film();
  assert.match(
    unfitFilm(film({ thumbnails: { ...thumbnails, count: 5 } })) ?? "",
    /1 sheets of 2×2 tiles for 5 pictures/,
  );
  assert.match(unfitFilm(film({ thumbnails: { ...thumbnails, every: 0 } })) ?? "", /one per 0 s/);
  assert.ok(isJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0)));
  assert.ok(!isJpeg(new TextEncoder().encode("<html>")));
});

test("[PA14] a piece of another size or clock than its rung is refused", () => {
  const read = readInit(videoInit(30_000));
  assert.ok(read.kind === "read");
  assert.equal(unfitInit(read.init, rung("v")), undefined);
  assert.match(unfitInit({ ...read.init, width: 640 }, rung("v")) ?? "", /640×180, the rung 320×180/);
  assert.match(unfitInit({ ...read.init, timescale: 25_000 }, rung("v")) ?? "", /25000 ticks a second/);
});
