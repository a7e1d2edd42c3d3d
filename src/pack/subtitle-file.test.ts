import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readSubtitleFile } from "./subtitle-file.ts";

const limits = { filmMs: 60_000, maxBytes: 10_000 };

function said(text: string | Uint8Array, more: Partial<typeof limits> = {}): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const read = readSubtitleFile(bytes, { ...limits, ...more });
  return read.kind === "refused" ? read.because : `${read.cues.length} cues`;
}

const file = (...lines: readonly string[]): string => ["WEBVTT", "", ...lines, ""].join("\n");

test("[PA85] a file in which nothing is wrong is taken, with styles, notes and a last cue a little past the end", () => {
  const text = file(
    ...["STYLE", "::cue { color: red }", "", "NOTE by hand", "", "1", "00:01.000 --> 00:02.500 line:0"],
    ...["<v Mary O'Neill>Hello <c.loud><i>you</i></c> &amp; <00:01.500>me", "- fish & chips", ""],
    ...["00:00:59.000 --> 00:01:00.900", "<lang de>Ende</lang>"],
  );
  assert.equal(said(text), "2 cues");
  assert.equal(said(`\uFEFF${text.replaceAll("\n", "\r\n")}`), "2 cues");
});

test("[PA85] what is no WebVTT, too large or without words is refused", () => {
  assert.equal(said(new Uint8Array([0xff, 0xd8, 0xff, 0xe0])), "it is not text in UTF-8");
  assert.equal(said(file("a\0b")), "it is not text in UTF-8");
  assert.equal(said("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n"), "its first line is not WEBVTT");
  assert.equal(said("WEBVTTX\n"), "its first line is not WEBVTT");
  assert.equal(said(file("NOTE nothing")), "no cue of it shows a word");
  assert.match(said(file("x".repeat(10_000))), /^it has 10009 bytes, at most 10000 are taken/);
});

test("[PA85] times that run backwards, cannot be read or lie beyond the film are refused with their line", () => {
  const cue = (...times: readonly string[]): string =>
    said(file(...times.flatMap((time) => [time, "a", ""])));
  assert.match(cue("00:02.000 --> 00:01.000"), /^line 3: the cue ends at 00:00:01.000, which is not after/);
  assert.match(cue("00:02.000 --> 00:02.000"), /^line 3: the cue ends/);
  assert.match(
    cue("00:05.000 --> 00:06.000", "00:04.999 --> 00:07.000"),
    /^line 6: the cue begins at 00:00:04.999, before the cue above it does \(00:00:05.000\)/,
  );
  assert.match(cue("1:2 --> 00:02.000"), /^line 3: its times cannot be read/);
  assert.match(
    cue("00:01:00.000 --> 00:01:00.500"),
    /^line 3: .* lies beyond the film's end at 00:01:00.000/,
  );
  assert.match(cue("00:00:59.000 --> 00:01:01.001"), /beyond the film's end/);
});

test("[PA85] markup that is not WebVTT's own is refused with its line", () => {
  const words = (text: string): string => said(file("00:01.000 --> 00:02.000", text));
  assert.equal(words("<script>alert(1)</script>"), "line 4: <script> as it stands there is no tag of WebVTT");
  for (const [text, name] of [
    ['<img src="x" onerror="alert(1)">', "img"],
    ["<b onclick=alert(1)>x</b>", "b"],
    ["<v onclick=alert(1)>x", "v"],
    ["<i", "i"],
    ["</v Mary>", "v"],
    ["<svg/onload=alert(1)>", "svg"],
    ["<v <script>alert(1)</script>>", "v"],
  ] as const) {
    assert.equal(words(text), `line 4: <${name}> as it stands there is no tag of WebVTT`, text);
  }
  assert.equal(words("1 < 2"), "line 4: a < begins no tag there, write &lt; for the letter");
  assert.equal(words("1 &lt; 2"), "1 cues");
});

test("[PA85] whatever the bytes are, the answer is cues or a sentence", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .string({ unit: fc.constantFrom(..."<>/-: .\n0159bcivx&") })
          .map((text) => new TextEncoder().encode(`WEBVTT\n\n${text}`)),
      ),
      (bytes) => {
        const read = readSubtitleFile(bytes, limits);
        if (read.kind === "refused") return read.because !== "";
        return read.cues.every(({ startMs, endMs }) => startMs < endMs && endMs <= limits.filmMs);
      },
    ),
    { seed: 85, numRuns: 1000 },
  );
});
