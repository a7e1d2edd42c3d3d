// Sounds and subtitles of real films: in step with the picture, as loud as they were, as long as it lasts; and what is left out.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type AudioRate, readAudioRates } from "#encode/audio-rates.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeEvent } from "#encode/io/encode-order.ts";
import { makeSounds } from "#encode/io/sounds.ts";
import type { EncodedAudio } from "#model/encoded.ts";
import { ffmpeg, inFolder } from "./encode-films.ts";
import { tagsOf } from "./encode-pixels.ts";
import { command, ended, isRefused, keptFiles, options, order, prepare, settings } from "./encode-run.ts";

const picture = "-f lavfi -t 3 -i testsrc=s=128x96:r=25";
const coded = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25";
/** A millisecond of noise-free click at `at` seconds, else silence. */
const click = (at: number): string =>
  `-f lavfi -t 4 -i aevalsrc=0.8*between(t\\,${at}\\,${at + 0.0005}):s=48000`;

function rates(text: string): readonly AudioRate[] {
  const read = readAudioRates(text);
  return read.kind === "rates" ? read.rates : assert.fail(text);
}

async function soundsOf(folder: string, film: string, wanted: string): Promise<readonly EncodedAudio[]> {
  const { accepted, prepared, bench } = await prepare(join(folder, film), join(folder, "work"));
  const seconds = (prepared.changes.length * prepared.reference.rate.den) / prepared.reference.rate.num;
  return makeSounds(accepted, accepted.intake.sounds, rates(wanted), seconds, bench);
}

/** Both channels as they are decoded, sample 0 first, whatever any header says about time. */
async function samples(folder: string, path: string): Promise<readonly [Float32Array, Float32Array]> {
  await ffmpeg(folder, `-i ${path} -map 0:a:0 -ac 2 -f f32le raw.f32`);
  const bytes = await readFile(join(folder, "raw.f32"));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return [all.filter((_, index) => index % 2 === 0), all.filter((_, index) => index % 2 === 1)];
}

async function mono(folder: string, path: string): Promise<Float32Array> {
  await ffmpeg(folder, `-i ${path} -f f32le mono.f32`);
  const bytes = await readFile(join(folder, "mono.f32"));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function loudest(channel: Float32Array): number {
  return channel.reduce((best, value, at) => (Math.abs(value) > Math.abs(channel[best] ?? 0) ? at : best), 0);
}

function rms(channel: Float32Array): number {
  const middle = channel.subarray(48_000, 96_000);
  return Math.sqrt(middle.reduce((sum, value) => sum + value * value, 0) / middle.length);
}

for (const late of [0, 0.4]) {
  const when = late === 0 ? "from 0 on" : "0.4 s late";
  test(
    `[EN51] a click is heard within a millisecond of its picture, AAC and Opus, picture ${when}`,
    options,
    () =>
      inFolder(async (folder) => {
        const offset = late === 0 ? "" : `-itsoffset ${late} `;
        await ffmpeg(
          folder,
          `${offset}${picture} ${click(1.5)} -map 0 -map 1 ${coded} -c:a pcm_s16le film.mkv`,
        );
        for (const sound of await soundsOf(folder, "film.mkv", "aac128,opus96,opus24")) {
          const [left, right] = await samples(folder, sound.path);
          const wanted = (1.5 - late) * 48_000;
          for (const at of [loudest(left), loudest(right)])
            assert.ok(Math.abs(at - wanted - 12) < 48, `${sound.id}: ${at - wanted} samples off`);
          const frame = sound.codec === "aac" ? 1024 : 960;
          assert.ok(Math.abs(left.length - 3 * 48_000) <= frame, `${sound.id}: ${left.length} samples`);
        }
      }),
  );
}

test("[EN51] mono is as loud on both sides; 5.1 is mixed down by BS.775; loudness stays", options, () =>
  inFolder(async (folder) => {
    const tone = "-f lavfi -t 3 -i sine=f=500:r=44100";
    const layouts =
      "-filter_complex [1:a]aformat=channel_layouts=mono[m];[1:a]pan=5.1|FC=c0[c];[1:a]pan=5.1|FL=c0[l];[1:a]pan=stereo|c0=c0|c1=0*c0[s]";
    const maps = "-map 0 -map [m] -map [c] -map [l] -map [s]";
    await ffmpeg(folder, `${picture} ${tone} ${layouts} ${maps} ${coded} -c:a pcm_s16le film.mkv`);
    await ffmpeg(folder, "-i film.mkv -map 0:1 -ar 48000 source.wav");
    const source = await mono(folder, "source.wav");
    const decibels = (channel: Float32Array): number => 20 * Math.log10(rms(channel) / rms(source));
    const made = await soundsOf(folder, "film.mkv", "aac192");
    const levels: number[][] = [];
    for (const { path } of made) levels.push((await samples(folder, path)).map(decibels));
    // The centre comes from both sides 3 dB lower each, left stays left. Source: ITU-R BS.775 annex 4.
    const silent = Number.NEGATIVE_INFINITY;
    const wanted = [
      [0, 0],
      [-3.01, -3.01],
      [0, silent],
      [0, silent],
    ];
    for (const [track, pair] of wanted.entries())
      for (const [side, level] of pair.entries()) {
        const found = levels[track]?.[side] ?? Number.NaN;
        const fits = Number.isFinite(level) ? Math.abs(found - level) < 0.3 : found < -50;
        assert.ok(fits, `sound ${track}, side ${side}: ${found} dB instead of ${level}`);
      }
  }),
);

const srt =
  "1\n00:00:00,200 --> 00:00:01,000\nHello <i>you</i> & me\n\n2\n00:00:02,500 --> 00:00:09,000\nBye\n";

/** Picture 0.2 s late; German mono, English 5.1 as default; words as SubRip and as pictures; a font, chapters, data. */
async function richFilm(folder: string): Promise<string> {
  await writeFile(join(folder, "words.srt"), srt);
  await writeFile(join(folder, "font.ttf"), "not really a font");
  await writeFile(
    join(folder, "chapters.txt"),
    ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=3000\n",
  );
  const sound = "-f lavfi -t 3.2 -i sine=f=300";
  const maps = "-map 0 -map 1 -map 1 -map 2 -map 2 -map 2 -map_metadata 3 -map_chapters 3";
  const sounds =
    "-c:a aac -ac:a:0 1 -ac:a:1 6 -metadata:s:a:0 language=ger -metadata:s:a:1 language=eng -disposition:a:0 0 -disposition:a:1 default";
  const words =
    "-c:s:0 subrip -c:s:1 ass -c:s:2 subrip -metadata:s:s:0 language=ger -metadata:s:s:1 language=eng -metadata:s:s:1 title=Signs -metadata:s:s:2 language=fre";
  const font = "-attach font.ttf -metadata:s:t mimetype=application/x-truetype-font";
  await ffmpeg(
    folder,
    `-itsoffset 0.2 ${picture} ${sound} -i words.srt -i chapters.txt ${maps} ${coded} ${sounds} ${words} ${font} film.mkv`,
  );
  const path = join(folder, "film.mkv");
  const file = await readFile(path);
  // The French words become PGS pictures, by name; their codec's name is a letter shorter.
  const at = file.lastIndexOf("S_TEXT/UTF8");
  file.write("S_HDMV/PGS\0", at, "latin1");
  await writeFile(path, file);
  return path;
}

test(
  "[EN50] [EN52] [EN83] a rich film: a ladder per language, words on the film's clock, the rest named",
  options,
  () =>
    inFolder(async (folder) => {
      const path = await richFilm(folder);
      await writeFile(join(folder, "beside.vtt"), "WEBVTT\n\n00:01.000 --> 00:59.000 line:0\nvon außen\n");
      const probed: Extract<EncodeEvent, { kind: "probed" }>[] = [];
      const onEvent = (event: EncodeEvent): void => {
        if (event.kind === "probed") probed.push(event);
      };
      const beside = { language: "de", path: join(folder, "beside.vtt") };
      const work = join(folder, "work");
      await writeFile(join(folder, "after.srt"), "1\n00:01:00,000 --> 00:01:01,000\nlong over\n");
      const after = { language: "nl", path: join(folder, "after.srt") };
      const wanted = { audio: rates("aac64,aac128,opus96"), subtitles: [beside, after], onEvent };
      const { film, report } = await encodeFilm(order(path, work, wanted));
      assert.deepEqual(
        film.audio.map(({ id, codec, language, name, bitrate, channels }) =>
          [id, codec, language, name, bitrate, channels].join(" "),
        ),
        [
          ...["audio aac en English 128000 2", "audio-en-aac64 aac en English 64000 2"],
          ...["audio-en-opus96 opus en English 96000 2", "audio-de-aac128 aac de Deutsch 128000 2"],
          ...["audio-de-aac64 aac de Deutsch 64000 2", "audio-de-opus96 opus de Deutsch 96000 2"],
        ],
      );
      assert.deepEqual(
        film.subtitles.map(({ id, language, name }) => [id, language, name].join(" ")),
        ["subtitles-de de Deutsch", "subtitles-de-2 de Deutsch 2", "subtitles-en en Signs"],
      );
      const texts = await Promise.all(film.subtitles.map((one) => readFile(one.path, "utf8")));
      assert.equal(texts[0], "WEBVTT\n\n00:00:01.000 --> 00:00:03.000 line:0\nvon außen\n");
      // 0.2 s earlier than in the file, as the picture is, and no longer than it.
      const words =
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.800\nHello <i>you</i> &amp; me\n\n00:00:02.300 --> 00:00:03.000\nBye\n";
      assert.equal(texts[1], words);
      assert.equal(texts[2], words);
      assert.deepEqual(probed[0]?.leftOut, [
        "stream 5 (hdmv_pgs_subtitle, fr): subtitles that are pictures, not text",
        "stream 6 (ttf): an attachment",
        "2 chapter marks: not published",
        "subtitle file (nl): no words while the film lasts",
      ]);
      assert.ok(probed[0]?.mended.includes("does not start at 0"));
      const { mended, leftOut } = probed[0];
      assert.deepEqual(report.intake, { mended, leftOut });
      for (const { pieces } of film.rungs)
        for (const piece of pieces) assert.equal(await tagsOf(piece.path), "tv,bt470bg,smpte170m,bt470bg");
      const again = await encodeFilm(order(path, work, wanted));
      assert.deepEqual(again.film, film);
      assert.equal(again.report.encodesRun, 0);
    }),
);

test("[EN46] pieces of a film without tags all say what its size says", options, () =>
  inFolder(async (folder) => {
    await ffmpeg(folder, `-f lavfi -t 0.5 -i testsrc=s=128x96:r=24 ${coded} plain.mp4`);
    const { film } = await encodeFilm(order(join(folder, "plain.mp4"), join(folder, "work")));
    assert.ok(film.rungs.length > 0);
    for (const { pieces } of film.rungs)
      for (const piece of pieces) assert.equal(await tagsOf(piece.path), "tv,smpte170m,smpte170m,smpte170m");
  }),
);

test("[EN53] subtitle files that are none are refused before anything is encoded", options, (t) =>
  inFolder(async (folder) => {
    await ffmpeg(folder, `${picture} ${coded} film.mp4`);
    const refused = async (name: string, content: string | Uint8Array, words: RegExp): Promise<void> => {
      await writeFile(join(folder, name), content);
      const subtitles = [{ language: "de", path: join(folder, name) }];
      const more = { subtitles, settings: { ...settings, maxSubtitleKib: 4 } };
      const work = join(folder, "work");
      await assert.rejects(encodeFilm(order(join(folder, "film.mp4"), work, more)), words);
      assert.deepEqual(await keptFiles(work), []);
    };
    await refused(
      "prose.vtt",
      "Once upon a time",
      /prose\.vtt cannot be used: it is neither WebVTT nor SubRip/,
    );
    await refused(
      "latin.srt",
      Uint8Array.of(...Buffer.from(srt), 0xe4),
      /latin\.srt .* not UTF-8 text; save it as UTF-8/,
    );
    await refused(
      "long.vtt",
      `WEBVTT\n\n${"x".repeat(5000)}`,
      /5 KiB are more than 4 KiB \(MILLRACE_ENCODE_MAX_SUBTITLE_KIB\)/,
    );
    await refused("none.vtt", "WEBVTT\n\nNOTE nothing\n", /holds no words/);
    await refused("time.vtt", "WEBVTT\n\n1:2 --> 3\nno\n", /near line 3/);
    const { status, stderr } = await ended(
      command(t, [
        "encode",
        join(folder, "film.mp4"),
        "--out",
        join(folder, "out"),
        "--subtitles",
        "film.vtt",
        "--audio",
        "mp3",
      ]),
    );
    assert.equal(status, 2);
    assert.match(stderr, /--audio: wanted different rates/);
    assert.match(stderr, /--subtitles: wanted LANGUAGE=FILE/);
  }),
);

test("[EN54] hostile heads: hundreds of streams, megabytes of tags, absurd rates and channels", options, () =>
  inFolder(async (folder) => {
    const work = join(folder, "work");
    await ffmpeg(
      folder,
      `-f lavfi -t 0.2 -i testsrc=s=128x96:r=25 -f lavfi -t 0.2 -i sine ${coded} -c:a aac one.mp4`,
    );
    await ffmpeg(folder, `-i one.mp4 -map 0:v ${"-map 0:a ".repeat(499)}-c copy many.mp4`);
    await isRefused(join(folder, "many.mp4"), work, "film-over-limit", /has 500 streams; the limit is 64/);
    const title = `x${'"=[/STREAM]\\\n'.repeat(20)}`;
    await writeFile(
      join(folder, "tags.txt"),
      `;FFMETADATA1\n[STREAM]\n[STREAM]\ntitle=${title.replaceAll(/[=\n[\]"#;]/g, "\\$&")}${"y".repeat(3_000_000)}\n`,
    );
    await ffmpeg(folder, "-i one.mp4 -i tags.txt -map 0 -map_metadata 1 -c copy tags.mkv");
    const { accepted } = await prepare(join(folder, "tags.mkv"), work);
    assert.ok((accepted.intake.sounds[0]?.title.length ?? 99) <= 64);
    assert.equal(accepted.intake.sounds.length, 1);
    await ffmpeg(
      folder,
      `-f lavfi -t 0.2 -i testsrc=s=128x96:r=25 -f lavfi -t 0.2 -i anullsrc=r=400000:cl=mono ${coded} -c:a pcm_s16le fast.mkv`,
    );
    await isRefused(
      join(folder, "fast.mkv"),
      join(folder, "none"),
      "film-over-limit",
      /sound at 400000 Hz \(stream 1\); the limit is 192000 Hz/,
    );
    await ffmpeg(
      folder,
      `-f lavfi -t 0.2 -i testsrc=s=128x96:r=25 -f lavfi -t 0.2 -i anullsrc=cl=hexadecagonal ${coded} -c:a pcm_s16le wide.mkv`,
    );
    await isRefused(
      join(folder, "wide.mkv"),
      join(folder, "none"),
      "film-over-limit",
      /sound of 16 channels \(stream 1\); the limit is 8/,
    );
    await ffmpeg(folder, `-f lavfi -t 0.1 -i testsrc=s=128x96:r=1000 ${coded} thousand.mp4`);
    await isRefused(
      join(folder, "thousand.mp4"),
      join(folder, "none"),
      "film-over-limit",
      /frames per second; the limit is 120/,
    );
  }),
);
