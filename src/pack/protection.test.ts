import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type ContentKey, keyLabels } from "#model/content-key.ts";
import {
  contentProtection,
  hlsKey,
  keyringOf,
  labelOf,
  packagerArgs,
  packagerSecret,
  withoutKeys,
} from "./protection.ts";
import { xmlText } from "./xml.ts";

const keys: readonly ContentKey[] = keyLabels.map((label, index) => ({
  label,
  kid: `${index}a`.repeat(16),
  key: `${index}c`.repeat(16),
}));
const [sd, hd] = keys;
const kid = "00112233445566778899aabbccddeeff";

test("[PA35] a label follows from the shorter side, so an upright film has the tier of a lying one", () => {
  const labels = [
    [1278, 718],
    [1280, 720],
    [608, 1080],
    [1080, 1920],
    [1920, 1088],
    [3840, 2160],
  ].map(([width = 0, height = 0]) => labelOf({ width, height }));
  assert.deepEqual(labels, ["SD", "HD", "SD", "HD", "HD", "UHD1"]);
  assert.equal(labelOf("sound"), "AUDIO");
});

test("[PA35] a keyring is one key for every label, in whatever order, and no two alike", () => {
  assert.ok(sd && hd);
  assert.deepEqual(keyringOf(keys.toReversed()), { kind: "complete", keys });
  const wrong: [readonly ContentKey[], RegExp][] = [
    [[...keys, { ...sd, kid, key: kid }], /label SD is there twice/],
    [keys.slice(1), /no key for SD/],
    [[], /no key for SD, HD, UHD1, AUDIO/],
    [keys.map((one) => (one === hd ? { ...hd, kid: sd.kid } : one)), /same kid/],
    [keys.map((one) => (one === hd ? { ...hd, key: sd.key } : one)), /same key/],
  ];
  for (const [list, words] of wrong) {
    const found = keyringOf(list);
    assert.ok(found.kind === "refused");
    assert.match(found.because, words);
    for (const { key } of keys) assert.ok(!found.because.includes(key));
  }
});

test("[PA36] the packager's command line names no key, and its words lose theirs", () => {
  const args = packagerArgs({ stream: "video", label: "HD", iv: "ab".repeat(16) }).join(" ");
  const secret = packagerSecret(keys);
  for (const { key, kid: id } of keys) {
    assert.ok(!args.includes(key));
    assert.ok(secret.FLAGS_keys?.includes(`key_id=${id}:key=${key}`));
    const words = withoutKeys(`bad key ${key.toUpperCase()} of ${key}, exit 3`, keys);
    assert.equal(words, "bad key (hex) of (hex), exit 3");
  }
});

test("[PA36] a text that was cut anywhere, even within a key, shows no eight digits or letters of it", () => {
  const real = keys.map((one, index) => ({
    ...one,
    key: createHash("sha256").update(`${index}`).digest("hex").slice(0, 32),
  }));
  const forms = real.flatMap(({ key }) => {
    const raw = Buffer.from(key, "hex");
    return [key, key.toUpperCase(), raw.toString("base64"), raw.toString("base64url")];
  });
  const pieces = forms.flatMap((form) =>
    Array.from({ length: form.length - 7 }, (_, at) => form.slice(at, at + 8)),
  );
  const text = `flags: ${packagerSecret(real).FLAGS_keys} then ${forms.join(" or ")}, Packaging Error: 5`;
  for (let cut = 0; cut < text.length; cut++) {
    for (const part of [text.slice(cut), text.slice(0, cut)]) {
      const words = withoutKeys(part, real);
      assert.deepEqual(
        pieces.filter((piece) => words.includes(piece)),
        [],
        `cut at ${cut}`,
      );
    }
  }
  assert.match(withoutKeys(text, real), /^flags: label=SD:key_id=.*, Packaging Error: 5$/);
});

test("[PA40] HLS and DASH name the KID, and the licence address as text", () => {
  const tag = hlsKey({ kid, licenceUrl: undefined });
  assert.equal(
    tag,
    '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,ABEiM0RVZneImaq7zN3u/w==",KEYID=0x00112233445566778899aabbccddeeff,KEYFORMAT="org.w3.clearkey",KEYFORMATVERSIONS="1"',
  );
  const [common, clearKey] = contentProtection({ kid, licenceUrl: undefined }).map((one) => xmlText(one));
  assert.match(
    common ?? "",
    /mp4protection:2011" value="cbcs".*cenc:default_KID="00112233-4455-6677-8899-aabbccddeeff"\/>\n$/,
  );
  assert.equal(
    clearKey,
    '<ContentProtection schemeIdUri="urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e" value="ClearKey1.0"/>\n',
  );
  const [, addressed] = contentProtection({ kid, licenceUrl: "https://host/drm?a=1&b=<2>" }).map((one) =>
    xmlText(one),
  );
  assert.match(
    addressed ?? "",
    /<dashif:Laurl [^>]*>https:\/\/host\/drm\?a=1&amp;b=&lt;2&gt;<\/dashif:Laurl>/,
  );
});
