import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Cue, readCues, vttText } from "./webvtt.ts";

const hour = 3_600_000;

function cues(text: string, filmMs = hour): readonly Cue[] {
  const read = readCues(new TextEncoder().encode(text), filmMs);
  assert.ok(read.kind === "read", JSON.stringify(read));
  return read.cues;
}

function refusal(text: string): string {
  const read = readCues(new TextEncoder().encode(text), hour);
  return read.kind === "refused" ? read.because : "accepted";
}

const short = (text: string, filmMs = hour): readonly string[] =>
  cues(text, filmMs).map((cue) => `${cue.startMs}-${cue.endMs} ${cue.settings}|${cue.text}`);

test("[PA27] times, text and well-formed settings are read; the rest of the file is not", () => {
  const text = [
    "\uFEFFWEBVTT - made by hand",
    "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000",
    "",
    "STYLE",
    "::cue { background: url(https://example.org/x) }",
    "",
    "NOTE a comment",
    "",
    "intro",
    "00:01.500 --> 00:03.000 align:start line:90% region:fred position:200% size:50%",
    "<b>Hello</b>",
    "world",
    "",
    "01:00:00.000 --> 02:00:00.000",
    "after the end",
    "",
  ].join("\r\n");
  assert.deepEqual(short(text), ["1500-3000 align:start line:90% size:50%|<b>Hello</b>\nworld"]);
});

test("[PA27] what other programs write is read too: no header, commas, CR, no blank line, wrong order", () => {
  const text = [
    ..."2|00:00:05,000 --> 00:00:07,000|second|1|00:00:01,0 --> 00:00:06,000|first".split("|"),
    "0:00:02.000-->0:00:03.000",
    "overlaps",
  ].join("\r");
  assert.deepEqual(short(text), ["1000-6000 |first", "2000-3000 |overlaps", "5000-7000 |second\n1"]);
});

test("[PA27] NUL and control characters, bad bytes, empty and impossible cues do no harm", () => {
  const bytes = new TextEncoder().encode(
    [
      "WEBVTT",
      "",
      "00:01.000 --> 00:02.000",
      "a\0b\u0007c",
      "",
      "00:03.000 --> 00:03.000",
      "no time",
      "",
      "00:05.000 --> 00:04.000",
      "backwards",
      "",
      "00:61.000 --> 00:99.000",
      "no such second",
      "",
      "00:06.000 --> 00:07.000",
      "\u0001",
      "",
      "00:08.000 --> 00:09.000 --> 00:10.000",
      "two arrows",
    ].join("\n"),
  );
  bytes[bytes.length - 1] = 0xff;
  const read = readCues(bytes, hour);
  assert.deepEqual(read, {
    kind: "read",
    cues: [{ startMs: 1000, endMs: 2000, settings: "", text: "a\uFFFDb c" }],
  });
});

test("[PA27] cues end with the film", () => {
  assert.deepEqual(short("WEBVTT\n\n00:01.000 --> 00:09.000\na\n\n00:05.000 --> 00:06.000\nb", 5000), [
    "1000-5000 |a",
  ]);
});

test("[PA27] no subtitles at all and more cues than speech could be are refused; an empty file of the kind is not", () => {
  assert.match(refusal("<html></html>"), /neither the header WEBVTT nor a cue/);
  assert.match(refusal(""), /neither the header WEBVTT nor a cue/);
  assert.match(refusal("00:01.000 --> 00:02.000\na\n\n".repeat(50_001)), /more than 50000 cues/);
  assert.deepEqual(cues("WEBVTT"), []);
});

test("[PA27] whatever the bytes are there is an answer, and what is written is read back the same", () => {
  const pieces = fc.constantFrom(
    ..."WEBVTT|\n|\r\n|\n\n|00:01.000|-->| --> |00:02.500|99:59:59.999|line:1|line:-1,end|size:3.5%|a|<i>|\0|é|NOTE x".split(
      "|",
    ),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.array(pieces, { maxLength: 60 }).map((all) => new TextEncoder().encode(all.join(""))),
  );
  fc.assert(
    fc.property(bytes, (some) => {
      const read = readCues(some, hour);
      if (read.kind === "refused") return;
      const text = vttText(read.cues);
      assert.deepEqual(readCues(new TextEncoder().encode(text), hour), read);
      assert.ok(read.cues.every((cue, i) => cue.startMs >= (read.cues[i - 1]?.startMs ?? 0)));
    }),
    { seed: 8, numRuns: 1000 },
  );
});

test("[PA28] a written file maps its time 0 to the picture's", () => {
  assert.equal(
    vttText([{ startMs: 3_723_004, endMs: 3_724_000, settings: "align:end", text: "a\nb" }]),
    "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n01:02:03.004 --> 01:02:04.000 align:end\na\nb\n",
  );
});
