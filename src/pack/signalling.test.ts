import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signalling } from "#model/key-system.ts";
import { pathsInPlaylist } from "./agreement.ts";
import { dashManifest } from "./dash.ts";
import { iframePlaylist, mediaPlaylist } from "./hls.ts";
import { masterPlaylist } from "./hls-master.ts";
import { sampleTitle } from "./sample-titles.ts";
import { systemBoxes } from "./signalling.ts";
import type { PackedTitle, TrackProtection } from "./track.ts";

const widevineUrn = "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed";

/** Of a key that is called by one digit. */
function signallingOf(digit: string): readonly Signalling[] {
  const tag = (uri: string, keyFormat: string) => ({ uri, keyFormat, keyFormatVersions: "1" });
  const box = btoa(`box ${digit}`);
  return [
    { system: "widevine", pssh: box, hlsMedia: tag(`data:text/plain;base64,${box}`, widevineUrn) },
    { system: "playready", pssh: btoa(`ready ${digit}`), playReadyObject: btoa(`object ${digit}`) },
    {
      system: "fairplay",
      hlsMedia: tag(`skd://film/${digit}`, "com.apple.streamingkeydelivery"),
      hlsMaster: tag(`skd://film/${digit}`, "com.apple.streamingkeydelivery"),
    },
  ];
}

/** Pictures with key 1, the last rung with key 2, sound with key 3. */
function protectedTitle(signalled: (digit: string) => Partial<TrackProtection>): PackedTitle {
  const title = sampleTitle();
  const protection = (digit: string): TrackProtection => ({
    ...{ kid: digit.repeat(32), licenceUrl: undefined },
    ...signalled(digit),
  });
  const last = title.video.length - 1;
  return {
    ...title,
    video: title.video.map((track, at) => ({ ...track, protection: protection(at === last ? "2" : "1") })),
    audio: title.audio.map((track) => ({ ...track, protection: protection("3") })),
  };
}

const whole = protectedTitle((digit) => ({ signalling: signallingOf(digit) }));
const clearKeyOnly = protectedTitle(() => ({}));
const keyLines = (text: string): readonly string[] =>
  text.split("\n").filter((line) => /^#EXT-X-(SESSION-)?KEY:/.test(line));

test("[PA72] DASH says of each representation what the systems want of its key, beside ClearKey", () => {
  const manifest = dashManifest(whole);
  const found = [...manifest.matchAll(/<Representation id="([^"]*)"[^>]*>([\s\S]*?)<\/Representation>/g)];
  const media = [...whole.video, ...whole.audio];
  assert.ok(media.length >= 3);
  for (const { id, protection } of media) {
    const [, , text = ""] = found.find(([, name]) => name === id) ?? [];
    const digit = protection?.kid[0] ?? "";
    assert.deepEqual(
      [...text.matchAll(/<ContentProtection schemeIdUri="([^"]*)"/g)].map(([, urn]) => urn),
      [
        "urn:mpeg:dash:mp4protection:2011",
        "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e",
        widevineUrn,
        "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95",
      ],
      id,
    );
    assert.deepEqual(
      [...text.matchAll(/<(cenc:pssh|mspr:pro) xmlns:[^>]*>([^<]*)</g)].map(([, name, value]) => [
        name,
        atob(value ?? ""),
      ]),
      [
        ["cenc:pssh", `box ${digit}`],
        ["cenc:pssh", `ready ${digit}`],
        ["mspr:pro", `object ${digit}`],
      ],
      id,
    );
  }
});

test("[PA72] each playlist names its own key to every system, and the multivariant playlist all of them once", () => {
  for (const track of [...whole.video, ...whole.audio]) {
    const { kid = "" } = track.protection ?? {};
    const texts = [mediaPlaylist(track, 6), ...("width" in track ? [iframePlaylist(track)] : [])];
    for (const text of texts) {
      const [clearKey = "", ...systems] = keyLines(text);
      assert.match(clearKey, /KEYFORMAT="org\.w3\.clearkey"/);
      assert.deepEqual(systems, [
        `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,${btoa(`box ${kid[0]}`)}",KEYID=0x${kid},KEYFORMAT="${widevineUrn}",KEYFORMATVERSIONS="1"`,
        `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://film/${kid[0]}",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"`,
      ]);
      assert.ok(
        text.indexOf("#EXT-X-KEY") < text.indexOf("#EXT-X-MAP"),
        "a tag holds for what comes after it",
      );
      assert.ok(pathsInPlaylist(text).every((path) => /\.(mp4|m4s)$/.test(path)));
    }
  }
  const master = masterPlaylist(whole);
  assert.deepEqual(
    keyLines(master),
    ["1", "2", "3"].map(
      (digit) =>
        `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://film/${digit}",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"`,
    ),
  );
  assert.ok(pathsInPlaylist(master).every((path) => path.endsWith(".m3u8")));
});

test("[PA72] with ClearKey alone no word of a system is there", () => {
  const [rung] = clearKeyOnly.video;
  assert.ok(rung);
  const texts = [dashManifest(clearKeyOnly), masterPlaylist(clearKeyOnly), mediaPlaylist(rung, 6)];
  for (const text of texts) assert.doesNotMatch(text, /pssh|edef8ba9|9a04f079|skd:|SESSION-KEY/);
  assert.deepEqual(systemBoxes({}), []);
  assert.deepEqual(keyLines(texts[2] ?? "").length, 1);
});

test("[PA73] the boxes for an init are those of its key, as the provider made them", () => {
  const boxes = systemBoxes({ signalling: signallingOf("2") });
  assert.deepEqual(
    boxes.map((box) => Buffer.from(box).toString()),
    ["box 2", "ready 2"],
  );
});
