import assert from "node:assert/strict";
import { test } from "node:test";
import { disagreement, opinionArgs, type Promised, readOpinion, withoutKeyLines } from "./second-opinion.ts";

const picture: Promised = {
  kind: "video",
  ...{ codec: "h264", width: 640, height: 360, frames: 3, seconds: 3003 / 30_000, isEncrypted: false },
};
const sound: Promised = {
  kind: "audio",
  ...{ codec: "aac", sampleRate: 48_000, channels: 2, seconds: 3000 / 48_000, isEncrypted: false },
};

/** As ffprobe prints it: packets in decode order, then the stream twice, once within its program. */
const pictureText = (changes: Readonly<Record<string, string>> = {}): string => {
  const stream = "codec_name=h264|width=640|height=360|time_base=1/30000|nb_read_packets=3|side_data|";
  const lines = ["packet|pts=2002|side_data|", "", "packet|pts=4004", "packet|pts=3003"];
  const text = [...lines, `program|stream|${stream}`, "", `stream|${stream}`, "", "format|duration=0.100099"];
  return Object.entries(changes).reduce((all, [from, to]) => all.replaceAll(from, to), text.join("\n"));
};
const soundText = (last: number): string =>
  [
    ...["packet|pts=0", "packet|pts=1024", `packet|pts=${last}`],
    "stream|codec_name=aac|sample_rate=48000|channels=2|time_base=1/48000|nb_read_packets=3",
    "format|duration=0.062500",
  ].join("\n");

function differs(promised: Promised, text: string): string {
  const opinion = readOpinion(text);
  if (opinion === undefined) return "unreadable";
  const found = disagreement(promised, opinion);
  return found === undefined ? "agrees" : `${found.wanted} / ${found.found}`;
}

test("[PA61] pictures agree, wherever their first time is; each fact that is not as planned is named", () => {
  assert.equal(differs(picture, pictureText()), "agrees");
  // A time that ffmpeg 5.1 guessed a frame off.
  assert.equal(differs(picture, pictureText({ "pts=4004": "pts=5005" })), "agrees");
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ h264: "hevc" }, "h264 / hevc"],
    [{ "width=640": "width=320" }, "640×360 / 320×360"],
    [{ "packets=3": "packets=2" }, "3 frames / 2 frames"],
    [{ "pts=4004": "pts=8008" }, "its packets to last 0.100 s / 0.234 s"],
    [{ "duration=0.100099": "duration=4.1" }, "its playlist to last 0.100 s / 4.100 s"],
    [{ "duration=0.100099": "duration=N/A" }, "unreadable"],
    [{ "\nformat": "\nstream|codec_name=aac\nformat" }, "1 stream / 2 streams"],
  ];
  for (const [changes, words] of cases) assert.equal(differs(picture, pictureText(changes)), words);
});

test("[PA61] sound agrees when its last packet ends where it was planned, however long that packet is", () => {
  assert.equal(differs(sound, soundText(2048)), "agrees");
  assert.equal(differs(sound, soundText(2999)), "agrees");
  assert.match(differs(sound, soundText(4096)), /its packets to last 0\.063 s \/ 0\.085 s/);
  const long = { ...sound, seconds: 0.2 };
  assert.match(differs(long, soundText(2048).replace("0.0625", "0.2")), /its packets to last 0\.200 s/);
  assert.equal(differs({ ...sound, channels: 1 }, soundText(2048)), "1 channels / 2 channels");
  assert.equal(differs({ ...sound, sampleRate: 44_100 }, soundText(2048)), "44100 Hz / 48000 Hz");
  assert.equal(differs(picture, soundText(2048)), "h264 / aac");
});

test("[PA61] what ffprobe decodes of encrypted media is noise and not held against it; what it counts is", () => {
  const noise = soundText(2048).replace("channels=2", "channels=21").replace("48000|", "12000|");
  assert.match(differs(sound, noise), /48000 Hz/);
  assert.equal(differs({ ...sound, isEncrypted: true }, noise), "agrees");
  const encrypted = { ...picture, isEncrypted: true };
  assert.equal(differs(encrypted, pictureText({ "width=640": "width=16" })), "agrees");
  assert.equal(differs(encrypted, pictureText({ "packets=3": "packets=2" })), "3 frames / 2 frames");
});

test("[PA61] what is no opinion is none: nothing, half of one, times that are not known", () => {
  for (const text of ["", "packet|pts=0", pictureText().replace("pts=3003", "pts=N/A"), "stream|\nformat|"])
    assert.equal(readOpinion(text), undefined, text);
});

test("[PA61] ffprobe counts and decodes nothing, and is asked without the keys that a playlist names", () => {
  const args = opinionArgs("v360-1.m3u8");
  assert.ok(args.includes("-count_packets") && !args.includes("-count_frames"));
  assert.deepEqual(args.slice(args.indexOf("-protocol_whitelist") + 1)[0], "file");
  assert.ok(args.includes("file:v360-1.m3u8"));
  const keys = '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:x"\n#EXT-X-MAP:URI="a"\n1.m4s\n';
  assert.equal(withoutKeyLines(keys), '#EXTM3U\n#EXT-X-MAP:URI="a"\n1.m4s\n');
});
