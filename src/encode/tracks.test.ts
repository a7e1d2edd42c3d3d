import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { idPattern } from "#units/id.ts";
import { type AudioRate, audioOrders, readAudioRates, usualRate } from "./audio-rates.ts";
import { readFacts } from "./film-facts.ts";
import { judgeHeader, type Limits } from "./intake.ts";
import { preSkipIn } from "./opus-head.ts";
import { readSubtitleFiles, subtitleOrders } from "./subtitle-tracks.ts";
import { languageName, languageOf, type Tracks, titleOf, tracksOf } from "./tracks.ts";
import { onFilmClock, readCues, writeCues } from "./web-vtt.ts";

type Fields = Readonly<Record<string, string>>;
const picture: Fields = {
  codec_type: "video",
  codec_name: "h264",
  width: "640",
  height: "360",
  pix_fmt: "yuv420p",
};
const limits: Limits = {
  ...{
    maxDurationSeconds: 60,
    maxPixels: 4_000_000,
    maxFrameRate: 120,
    maxStreams: 16,
    maxFrameGrowth: 50,
    maxDisplaySide: 720,
  },
  ...{ maxAudioTracks: 3, maxSubtitleTracks: 1, maxChannels: 8, maxSampleRate: 192_000, hdr: "tone-map" },
};

function sound(more: Fields = {}): Fields {
  return { codec_type: "audio", codec_name: "aac", channels: "2", sample_rate: "48000", ...more };
}

function probed(streams: readonly Fields[], more = "") {
  const lines = streams.flatMap((fields, index) =>
    Object.entries({ index: `${index}`, ...fields }).map(
      ([key, value]) => `streams.stream.${index}.${key}=${JSON.stringify(value)}`,
    ),
  );
  return readFacts(`${lines.join("\n")}\n${more}`);
}

function tracks(streams: readonly Fields[], more?: string): Tracks {
  const facts = probed([picture, ...streams], more);
  return tracksOf(facts, facts.streams[0] ?? assert.fail(), limits);
}

function rates(text: string): readonly AudioRate[] {
  const read = readAudioRates(text);
  return read.kind === "rates" ? read.rates : assert.fail(text);
}

const german = sound({ "tags.language": "ger", "tags.title": 'Kino "7"' });
const english = sound({ "tags.language": "eng", "disposition.default": "1" });

test("[EN50] every sound of the film is taken, its default first, and what is over the setting is named", () => {
  const found = tracks([german, english, sound({ "tags.language": "eng" }), sound()]);
  assert.deepEqual(
    found.sounds.map(({ stream, language, title }) => `${stream} ${language} ${title}`),
    ["2 en ", "1 de Kino '7'", "3 en "],
  );
  assert.deepEqual(found.leftOut, [
    "stream 4 (aac): more than 3 of its kind (MILLRACE_ENCODE_MAX_AUDIO_TRACKS)",
  ]);
});

test("[EN50] languages are BCP 47, titles one line that a playlist can hold", () => {
  const tags = [
    "deu",
    "ger",
    "eng",
    "fre",
    "pt-br",
    "zh-Hant",
    "",
    "und",
    "klingon!",
    "pt_BR",
    "a-b",
    "x".repeat(99),
  ];
  assert.deepEqual(tags.map(languageOf), [
    "de",
    "de",
    "en",
    "fr",
    "pt-BR",
    "zh-Hant",
    "und",
    "und",
    "und",
    "und",
    "und",
    "und",
  ]);
  assert.equal(titleOf('Director\'s\n"cut"\u0000\u202E'), "Director's 'cut'");
  assert.equal(titleOf("x".repeat(500)).length, 64);
  assert.deepEqual(["de", "en", "und"].map(languageName), ["Deutsch", "English", "Original"]);
});

test("[EN50] the ladder: the default sound at the usual rate is called audio, all ids are new and valid", () => {
  const { sounds } = tracks([german, english, sound({ "tags.language": "eng" })]);
  const orders = audioOrders(sounds, rates("aac64,aac128,opus96"));
  assert.deepEqual(
    orders.map(({ id, name }) => `${id} ${name}`),
    [
      ...["audio English", "audio-en-aac64 English", "audio-en-opus96 English"],
      ...["audio-de-aac128 Kino '7'", "audio-de-aac64 Kino '7'", "audio-de-opus96 Kino '7'"],
      ...["audio-en-aac128 English 2", "audio-en-aac64-2 English 2", "audio-en-opus96-2 English 2"],
    ],
  );
  assert.deepEqual(audioOrders(sounds, rates("opus96")).map(({ id }) => id)[0], "audio");
  assert.deepEqual(audioOrders([], [usualRate]), []);
});

test("[EN50] law: whatever a film's tags say, ids and names are distinct and ids are valid", () => {
  const tag = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom("eng", "deu", "de-Latn-DE-1996", "und"));
  fc.assert(
    fc.property(fc.array(fc.tuple(tag, tag), { maxLength: 3 }), (said) => {
      const { sounds } = tracks(
        said.map(([language, title]) => sound({ "tags.language": language, "tags.title": title })),
      );
      const orders = audioOrders(sounds, rates("aac64,aac128,opus96"));
      assert.equal(orders.length, said.length * 3);
      assert.equal(new Set(orders.map(({ id }) => id)).size, orders.length);
      for (const { id, name } of orders)
        assert.ok(idPattern.test(id) && name !== "" && !/["\n]/.test(name), id);
    }),
    { seed: 7 },
  );
});

test("[EN50] rates that are none are refused", () => {
  for (const text of ["", "aac", "mp3128", "aac128,aac128", "aac16", "opus999", "aac64.5"])
    assert.equal(readAudioRates(text).kind, "wrong", text);
  assert.equal(readAudioRates("aac48,aac64,aac96,aac128,aac160,aac192,aac256").kind, "wrong");
  assert.deepEqual(rates("aac128"), [usualRate]);
});

test("[EN51] the pre-skip of an Opus head is found, and only there", () => {
  const box = [0, 0, 0, 19, ...Buffer.from("dOps"), 0, 2, 1, 56, 0, 0, 187, 128, 0, 0, 0];
  assert.deepEqual(preSkipIn(Uint8Array.from([...Buffer.from("dOpsxxxxdOps"), ...box])), {
    offset: 22,
    samples: 312,
  });
  assert.equal(preSkipIn(Uint8Array.from(box.slice(0, 10))), undefined);
  assert.equal(preSkipIn(new Uint8Array(64)), undefined);
});

test("[EN52] text subtitles are taken; pictures of text are named as left out", () => {
  const subtitle = (codec_name: string, language: string): Fields => {
    return { codec_type: "subtitle", codec_name, "tags.language": language };
  };
  const found = tracks([
    subtitle("hdmv_pgs_subtitle", "ger"),
    subtitle("subrip", "eng"),
    subtitle("ass", "eng"),
    subtitle("eia_608", ""),
  ]);
  assert.deepEqual(
    found.subtitles.map(({ stream, language }) => [stream, language]),
    [[2, "en"]],
  );
  assert.deepEqual(found.leftOut, [
    "stream 1 (hdmv_pgs_subtitle, de): subtitles that are pictures, not text",
    "stream 4 (eia_608): subtitles in a format that is not text",
    "stream 3 (ass, en): more than 1 of its kind (MILLRACE_ENCODE_MAX_SUBTITLE_TRACKS)",
  ]);
});

const vtt = `WEBVTT - made by hand\r
\r
STYLE\r
::cue { background: url(http://evil.example/x) }\r
\r
NOTE a note\r
\r
one\r
00:01.000 --> 00:02.500 line:0 evil:<script>\r
<i>Tom</i> & <c.red>Jerry</c>\r
\r
01:00:00.000 --> 01:00:01.000\r
a < b\r
`;

test("[EN53] WebVTT and SubRip are read into cues, and only words and times come out", () => {
  const read = readCues(vtt);
  assert.ok(read.kind === "cues");
  assert.deepEqual(read.cues, [
    { start: 1, end: 2.5, settings: "line:0", text: "<i>Tom</i> &amp; Jerry" },
    { start: 3600, end: 3601, settings: "", text: "a &lt; b" },
  ]);
  const srt =
    "1\n00:00:03,000 --> 00:00:04,5\n{\\an8}<font color=red>Hi</font>\n--> there\n\n2\n00:00:01,000 --> 00:00:02,000\nfirst\n";
  const other = readCues(`\uFEFF${srt}`);
  assert.ok(other.kind === "cues");
  assert.equal(
    writeCues(other.cues),
    "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nfirst\n\n00:00:03.000 --> 00:00:04.500\nHi\n--&gt; there\n",
  );
  assert.match(JSON.stringify(readCues("Once upon a time")), /neither WebVTT nor SubRip/);
  assert.match(JSON.stringify(readCues("WEBVTT\n\n00:xx --> 00:02.000\nno\n")), /near line 3/);
});

test("[EN53] law: what is written is read again as the same cues", () => {
  const cue = fc.record({ at: fc.integer({ min: 0, max: 40_000_000 }), text: fc.string({ maxLength: 30 }) });
  fc.assert(
    fc.property(fc.array(cue, { maxLength: 8 }), (cues) => {
      const file = cues.map(({ at, text }) => `${stamp(at)} --> ${stamp(at + 900)}\n${text}\n`).join("\n");
      const once = readCues(`WEBVTT\n\n${file}`);
      if (once.kind !== "cues") return assert.match(JSON.stringify(cues), /-->|\\[nr]/);
      assert.deepEqual(readCues(writeCues(once.cues)), once);
    }),
    { seed: 11 },
  );
});

function stamp(ms: number): string {
  return `${Math.floor(ms / 3_600_000)}:${new Date(ms).toISOString().slice(14, 23)}`;
}

test("[EN52] cues are moved to the film's time 0 and cut at its ends", () => {
  const cue = (start: number, end: number) => ({ start, end, settings: "", text: `${start}` });
  const moved = onFilmClock([cue(0, 0.4), cue(0.2, 1), cue(2, 3), cue(9, 12), cue(11, 12)], 0.5, 10);
  assert.deepEqual(
    moved.map(({ start, end }) => [start, end]),
    [
      [0, 0.5],
      [1.5, 2.5],
      [8.5, 10],
    ],
  );
});

test("[EN53] subtitle files are named by language, and the same language twice is two tracks", () => {
  assert.deepEqual(readSubtitleFiles("ger=a.vtt,en=b=c.srt"), [
    { language: "de", path: "a.vtt" },
    { language: "en", path: "b=c.srt" },
  ]);
  for (const text of ["", "de", "de=", "=a.vtt", "!!=a.vtt", "de=a.vtt,b.vtt"])
    assert.equal(readSubtitleFiles(text), undefined, text);
  const cues = [{ start: 0, end: 1, settings: "", text: "a" }];
  assert.deepEqual(
    subtitleOrders([
      { language: "de", title: "", isForced: false, cues },
      { language: "de", title: "", isForced: false, cues },
      { language: "und", title: "signs", isForced: false, cues },
    ]).map(({ id, name }) => `${id} ${name}`),
    ["subtitles-de Deutsch", "subtitles-de-2 Deutsch 2", "subtitles-und signs"],
  );
});

test("[EN54] what a film holds beside picture, sound and words is left out by name", () => {
  const found = tracks(
    [
      { codec_type: "video", codec_name: "mjpeg", "disposition.attached_pic": "1" },
      { codec_type: "video", codec_name: "h264", width: "64", height: "64" },
      { codec_type: "data", codec_name: "bin_data" },
      { codec_type: "attachment", codec_name: "ttf" },
      { codec_type: "audio", codec_name: "unknown", channels: "2", sample_rate: "48000" },
    ],
    "chapters.chapter.0.id=1\nchapters.chapter.1.id=2\n",
  );
  assert.deepEqual(found.leftOut, [
    "stream 1 (mjpeg): a cover picture",
    "stream 2 (h264): a second picture",
    "stream 3 (bin_data): data, neither picture nor sound",
    "stream 4 (ttf): an attachment",
    "stream 5 (unknown): sound in a codec that is not known",
    "2 chapter marks: not published",
  ]);
});

test("[EN54] a title cannot pose as another field, and absurd sounds are refused in words", () => {
  const forged = 'x"\nstreams.stream.0.width=9\n[/STREAM]';
  const [stream] = probed([{ ...picture, "tags.title": forged }]).streams;
  assert.deepEqual([stream?.width, stream?.title], [640, forged]);
  const judged = (fields: Fields) => judgeHeader(probed([picture, sound(fields)]), limits);
  const refused = (fields: Fields): string => {
    const judgement = judged(fields);
    return judgement?.kind === "refused" ? `${judgement.facts.found} ${judgement.facts.setting}` : "accepted";
  };
  assert.equal(refused({}), "accepted");
  assert.equal(refused({ channels: "64" }), "sound of 64 channels (stream 1) MILLRACE_ENCODE_MAX_CHANNELS");
  assert.equal(
    refused({ sample_rate: "2000000" }),
    "sound at 2000000 Hz (stream 1) MILLRACE_ENCODE_MAX_SAMPLE_RATE",
  );
});
