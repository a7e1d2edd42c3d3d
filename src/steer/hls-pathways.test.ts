import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { steeredPlaylist } from "./hls-pathways.ts";

const seed = 67;
const golden = (name: string): string => readFileSync(`test/golden/pack-${name}.m3u8`, "utf8");
const steeringUrl = "https://control.example/steer/hls/s1?token=p1~s1";
const folderOf = (id: string): string => `https://${id}.example/t/1/s1/k.mac/v/film/`;

function on(text: string, ...ids: readonly string[]): string {
  const pathways = ids.map((id) => ({ id, folder: folderOf(id) }));
  const steered = steeredPlaylist({ text, pathways, steeringUrl });
  assert.ok(steered.kind === "steered", JSON.stringify(steered));
  return steered.text;
}

const saidBy = (line: string, name: string): string | undefined =>
  new RegExp(`[:,]${name}="([^"]*)"`).exec(line)?.[1];

test("[ST67] a small playlist, line by line", () => {
  const text = [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    '#EXT-X-SESSION-DATA:DATA-ID="a.b",URI="data.json"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="One, two",DEFAULT=YES,URI="audio.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1,mp4a",AUDIO="aac",CLOSED-CAPTIONS=NONE',
    "v360-1.m3u8",
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3,STABLE-VARIANT-ID="i",URI="i.m3u8"',
    "",
  ].join("\n");
  const [a, b] = [folderOf("a1"), folderOf("b1")];
  const lines = (id: string, folder: string) => ({
    media: `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac@${id}",NAME="One, two",DEFAULT=YES,URI="${folder}audio.m3u8",STABLE-RENDITION-ID="audio",PATHWAY-ID="${id}"`,
    variant: `#EXT-X-STREAM-INF:BANDWIDTH=9,CODECS="avc1,mp4a",AUDIO="aac@${id}",CLOSED-CAPTIONS=NONE,STABLE-VARIANT-ID="v360-1",PATHWAY-ID="${id}"`,
    pictures: `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=3,STABLE-VARIANT-ID="i",URI="${folder}i.m3u8",PATHWAY-ID="${id}"`,
  });
  const [first, second] = [lines("a1", a), lines("b1", b)];
  assert.deepEqual(on(text, "a1", "b1").split("\n"), [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    `#EXT-X-SESSION-DATA:DATA-ID="a.b",URI="${a}data.json"`,
    `#EXT-X-CONTENT-STEERING:SERVER-URI="${steeringUrl}",PATHWAY-ID="a1"`,
    first.media,
    second.media,
    first.variant,
    `${a}v360-1.m3u8`,
    second.variant,
    `${b}v360-1.m3u8`,
    first.pictures,
    second.pictures,
    "",
  ]);
});

for (const name of ["master", "rich-master", "silent-master"]) {
  test(`[ST67] every pathway of ${name} has every variant and rendition, in groups of its own`, () => {
    const ids = ["x1", "a-1.b", "origin"];
    const lines = on(golden(name), ...ids)
      .trimEnd()
      .split("\n");
    const tags = lines.filter((line) => /^#EXT-X-(STREAM-INF|MEDIA|I-FRAME-STREAM-INF):/.test(line));
    const kept = (id: string): readonly string[] =>
      tags
        .filter((line) => saidBy(line, "PATHWAY-ID") === id)
        .map((line) =>
          line.replaceAll(folderOf(id), "").replaceAll(`@${id}"`, '"').replace(`,PATHWAY-ID="${id}"`, ""),
        );
    const before = golden(name)
      .split("\n")
      .filter((line) => /^#EXT-X-(STREAM-INF|MEDIA|I-FRAME)/.test(line));
    for (const id of ids) assert.deepEqual(kept(id).toSorted(), before.toSorted(), id);
    const addresses = lines.filter((line) => !line.startsWith("#"));
    assert.equal(
      addresses.length,
      ids.length *
        golden(name)
          .split("\n")
          .filter((line) => /^[^#]/.test(line)).length,
    );
    const groups = new Map(tags.map((line) => [saidBy(line, "GROUP-ID"), saidBy(line, "PATHWAY-ID")]));
    for (const [index, line] of lines.entries()) {
      if (!line.startsWith("#EXT-X-STREAM-INF")) continue;
      const id = saidBy(line, "PATHWAY-ID") ?? "";
      assert.ok(lines[index + 1]?.startsWith(folderOf(id)), line);
      for (const group of [saidBy(line, "AUDIO"), saidBy(line, "SUBTITLES")]) {
        if (group !== undefined)
          assert.equal(groups.get(group), id, `${group} is there, on the same pathway`);
      }
    }
  });
}

test("[ST67] the first pathway is the one that players begin with, in the tag and in the order", () => {
  const text = on(golden("master"), "b1", "a1");
  assert.match(text, /#EXT-X-CONTENT-STEERING:[^\n]*,PATHWAY-ID="b1"\n/);
  const [first = ""] = text.split("\n").filter((line) => line.startsWith("#EXT-X-STREAM-INF"));
  assert.equal(saidBy(first, "PATHWAY-ID"), "b1");
});

test("[ST67] no address ends its attribute early", () => {
  const [evil] = ['https://a",X="b'];
  const order = {
    text: golden("master"),
    pathways: [{ id: "a1", folder: `${evil}/v/` }],
    steeringUrl: `${evil}/s`,
  };
  const steered = steeredPlaylist(order);
  assert.ok(steered.kind === "steered" && !steered.text.includes(',X="b'), JSON.stringify(steered));
});

test("[ST69] a playlist with pathways, variables or without sense is left alone, with the reason", () => {
  const cases: readonly (readonly [text: string, because: RegExp])[] = [
    ["", /EXTM3U/],
    ["<MPD/>", /EXTM3U/],
    ["#EXTM3U\n", /no variants/],
    ["#EXTM3U\nv.m3u8\n", /nothing says what v.m3u8/],
    [on(golden("master"), "a1"), /steered already/],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID="."\nv.m3u8\n', /steered already/],
    ['#EXTM3U\n#EXT-X-DEFINE:NAME="h",VALUE="x"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$h}\n', /variables/],
  ];
  for (const [text, because] of cases) {
    const pathways = [{ id: "a1", folder: folderOf("a1") }];
    const steered = steeredPlaylist({ text, pathways, steeringUrl });
    assert.ok(steered.kind === "unfit" && because.test(steered.because), JSON.stringify([text, steered]));
  }
  assert.equal(steeredPlaylist({ text: golden("master"), pathways: [], steeringUrl }).kind, "unfit");
});

test("[ST69] whatever the text, it is steered or left alone, and no line of it is lost on the way", () => {
  const line = fc.oneof(
    fc.constantFrom(
      "#EXT-X-STREAM-INF:BANDWIDTH=1",
      "v.m3u8",
      "#EXT-X-VERSION:7",
      "# words",
      '#EXT-X-MEDIA:URI="a"',
      "#EXTINF:2,x",
    ),
    fc.string({ maxLength: 20 }).filter((text) => !/[\r\n]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (all) => {
      const text = ["#EXTM3U", ...all].join("\n");
      const pathways = [{ id: "a1", folder: folderOf("a1") }];
      const steered = steeredPlaylist({ text, pathways, steeringUrl });
      if (steered.kind === "unfit") return assert.ok(steered.because.length > 5);
      const expected = all.filter((one) => one !== "").length + 2;
      const open = all.filter((one) => one.startsWith("#EXT-X-STREAM-INF:")).length;
      const found = steered.text.trimEnd().split("\n").length;
      assert.ok(found <= expected && found >= expected - open, `${found} of ${expected} lines`);
    }),
    { seed, numRuns: 1500 },
  );
});
