import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArgs } from "citty";
import { encodeOptions, readEncodeOptions } from "./encode-options.ts";

function complaintsFor(...options: readonly string[]): readonly string[] {
  const read = readEncodeOptions(
    parseArgs<typeof encodeOptions>(["film.mp4", "--out", "out", ...options], encodeOptions),
  );
  return read.kind === "wrong" ? read.complaints : [];
}

test("[PA44] --ts is refused on the command line when no codec or no sound that it could carry is wanted", () => {
  assert.deepEqual(complaintsFor("--ts"), []);
  assert.deepEqual(complaintsFor("--ts", "--codecs", "av1,h264", "--audio", "opus96,aac64"), []);
  assert.match(complaintsFor("--ts", "--codecs", "av1,vp9").join(), /^--ts: none of its rungs is H\.264/);
  assert.match(complaintsFor("--ts", "--audio", "opus96").join(), /^--ts: none of its sounds is AAC/);
  assert.match(
    complaintsFor("--ts", "--codecs", "av1", "--encrypt", "new").join("|"),
    /^--ts: [^|]*clear copy[^|]*$/,
  );
});

test("[PA50] --encrypt goes with every codec and sound", () => {
  const all = ["--codecs", "h264,hevc,vp9,av1", "--audio", "aac64,opus96"];
  const read = readEncodeOptions(
    parseArgs<typeof encodeOptions>(
      ["film.mp4", "--out", "out", ...all, "--encrypt", "new", "--licence-url", "/key"],
      encodeOptions,
    ),
  );
  assert.ok(read.kind === "wanted");
  const { codecs, audio, encrypt, licenceUrl, transport } = read.wanted;
  assert.deepEqual(codecs, ["h264", "hevc", "vp9", "av1"]);
  assert.deepEqual([audio.length, encrypt, licenceUrl, transport], [2, "new", "/key", undefined]);
});

test("all that is wrong with the options is said at once", () => {
  const wrong = ["--effort", "x", "--heights", "a", "--codecs", "h264,h264", "--budget", "-1", "--seed", "y"];
  const more = ["--bitrates", "2,1", "--audio", "mp3", "--subtitles", "nothing"];
  assert.equal(complaintsFor(...wrong, ...more).length, 8);
});
