import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { steeredManifest } from "./dash-pathways.ts";

const seed = 68;
const golden = (name: string): string => readFileSync(`test/golden/pack-${name}.mpd`, "utf8");
const pathways = [
  { id: "a1", folder: "http://127.0.1.11:8181/t/1/s1/k.mac/v/film/" },
  { id: "origin", folder: "https://o.example/v/a&b/" },
];
const steeringUrl = "https://control.example/steer/dash/s1?token=p1~s1&x=1";
const added = [
  '\n  <BaseURL serviceLocation="a1">http://127.0.1.11:8181/t/1/s1/k.mac/v/film/</BaseURL>',
  '\n  <BaseURL serviceLocation="origin">https://o.example/v/a&amp;b/</BaseURL>',
  '\n  <ContentSteering defaultServiceLocation="a1" queryBeforeStart="true">https://control.example/steer/dash/s1?token=p1~s1&amp;x=1</ContentSteering>',
].join("");

const steer = (text: string) => steeredManifest({ text, pathways, steeringUrl });

test("[ST68] a packaged manifest gets its pathways and where to ask, and keeps every byte of its own", () => {
  for (const name of ["manifest", "rich-manifest", "silent-manifest"]) {
    const text = golden(name);
    const steered = steer(text);
    assert.ok(steered.kind === "steered", JSON.stringify(steered));
    assert.equal(steered.text.replace(added, ""), text);
    assert.ok(steered.text.indexOf(added) < steered.text.indexOf("<Period"));
  }
});

test("[ST68] BaseURL stands behind ProgramInformation, and no quote or comment is taken for a tag", () => {
  const before =
    '<?xml version="1.0"?>\n<!-- <MPD> -->\n<MPD title="a > b" other=\'</MPD>\'><!-- <BaseURL> --><ProgramInformation><Title>x</Title></ProgramInformation>';
  const after = "<ServiceDescription/><Period><BaseURL>sub/</BaseURL></Period></MPD>";
  assert.deepEqual(steer(before + after), { kind: "steered", text: before + added + after });
  const short = "<MPD><ProgramInformation/>";
  assert.deepEqual(steer(`${short}<Period/></MPD>`), {
    kind: "steered",
    text: `${short}${added}<Period/></MPD>`,
  });
});

test("[ST69] a manifest that leads elsewhere by itself, or is none, is left alone, with the reason", () => {
  const cases: readonly (readonly [text: string, because: RegExp])[] = [
    ["", /no whole MPD/],
    ["#EXTM3U", /no whole MPD/],
    ["<MPD>", /no whole MPD/],
    ["<MPD/>", /empty/],
    ["<SmoothStreamingMedia></SmoothStreamingMedia>", /root is Smooth/],
    ['<!DOCTYPE x [<!ENTITY a "b">]><MPD></MPD>', /document type/],
    ["<MPD><BaseURL>x/</BaseURL></MPD>", /BaseURL of its own/],
    ["<MPD><Location>x</Location></MPD>", /Location of its own/],
    ["<MPD><ContentSteering>x</ContentSteering></MPD>", /ContentSteering of its own/],
    ["<MPD><Period><BaseURL> https://elsewhere/</BaseURL></Period></MPD>", /absolute/],
    ["<MPD><Period></MPD>", /no whole MPD/],
  ];
  for (const [text, because] of cases) {
    const steered = steer(text);
    assert.ok(steered.kind === "unfit" && because.test(steered.because), JSON.stringify([text, steered]));
  }
  assert.equal(steeredManifest({ text: golden("manifest"), pathways: [], steeringUrl }).kind, "unfit");
});

test("[ST69] whatever the text, it is left alone or what was put in can be taken out again", () => {
  const word = fc.constantFrom(
    ...[
      "<MPD>",
      "</MPD>",
      "<MPD a='>'>",
      "<Period>",
      "</Period>",
      "<Period/>",
      "<!--",
      "-->",
      "<BaseURL>",
      "</BaseURL>",
      "x/",
      '"',
      "<",
    ],
    ...[
      "<ProgramInformation>",
      "</ProgramInformation>",
      "<ProgramInformation/>",
      "<?x ?>",
      "<![CDATA[",
      "]]>",
      "http://h/",
    ],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      const text = words.join("");
      const steered = steer(text);
      if (steered.kind === "steered") assert.equal(steered.text.replace(added, ""), text);
      else assert.ok(steered.because.length > 5);
    }),
    { seed, numRuns: 3000 },
  );
});
