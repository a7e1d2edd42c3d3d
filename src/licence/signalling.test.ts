// What a provider wants to stand in packages: taken as facts, and refused as a whole when any of it is strange.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type SystemName, systemIds } from "#model/key-system.ts";
import {
  base64,
  cpixAnswer,
  playReadyBox,
  playReadyObject,
  psshBox,
  signals,
  widevineBox,
} from "#test/fixtures/cpix-answer.ts";
import { cpixRequest, keyOrder, readProviderKeys } from "./cpix.ts";
import { mostSignalBytes, psshComplaint } from "./signal-bytes.ts";
import { readSignalling } from "./signalling.ts";
import { readXml, type XmlElement } from "./xml-read.ts";

const kid = "0123456789abcdef0123456789abcdef";
const other = "ff".repeat(16);

const part = (name: string, content: string | Uint8Array, more = ""): string =>
  `<${name}${more}>${base64(content)}</${name}>`;
const media = (line: string): string => part("HLSSignalingData", line, ' playlist="media"');

function systemWith(inside: string): XmlElement {
  const reading = readXml(`<DRMSystem xmlns="urn:dashif:org:cpix">${inside}</DRMSystem>`);
  assert.ok(reading.kind === "read", JSON.stringify(reading));
  return reading.root;
}

function read(system: SystemName, inside: string): string | object {
  const found = readSignalling(systemWith(inside), system, kid);
  return found.kind === "unfit" ? found.because : found.signalling;
}

test("[LI16] only facts are taken: boxes, PlayReady Objects, names and contents of keys", () => {
  const box = base64(widevineBox(kid));
  const pssh = part("PSSH", widevineBox(kid));
  const laurl =
    '<dashif:Laurl xmlns:dashif="https://dashif.org/CPS">https://elsewhere.example/</dashif:Laurl>';
  const cases: readonly (readonly [SystemName, string, object])[] = [
    ["widevine", pssh, { system: "widevine", pssh: box }],
    ["widevine", `<PSSH>\n  ${box.slice(0, 9)}\n ${box.slice(9)}</PSSH>`, { system: "widevine", pssh: box }],
    [
      "widevine",
      part("ContentProtectionData", `<cenc:pssh xmlns:cenc="urn:mpeg:cenc:2013">${box}</cenc:pssh>${laurl}`),
      { system: "widevine", pssh: box },
    ],
    [
      "playready",
      `${part("PSSH", playReadyBox(kid))}${part("ContentProtectionData", signals("playready", kid).dash)}`,
      {
        ...{ system: "playready", pssh: base64(playReadyBox(kid)) },
        playReadyObject: base64(playReadyObject(kid)),
      },
    ],
    [
      "fairplay",
      part("URIExtXKey", "skd://one"),
      {
        system: "fairplay",
        hlsMedia: { uri: "skd://one", keyFormat: "com.apple.streamingkeydelivery", keyFormatVersions: "1" },
      },
    ],
    [
      "fairplay",
      media(
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://two",IV=0x12,X-WHATEVER="a,b",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1/2"\n',
      ),
      {
        system: "fairplay",
        hlsMedia: { uri: "skd://two", keyFormat: "com.apple.streamingkeydelivery", keyFormatVersions: "1/2" },
      },
    ],
  ];
  for (const [system, inside, wanted] of cases) assert.deepEqual(read(system, inside), wanted);
});

const keyTag = (uri: string, more = ""): string =>
  media(`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${uri}",KEYFORMAT="com.apple.streamingkeydelivery"${more}`);

type Case = readonly [SystemName, string, RegExp];

function demandRefused([system, inside, words]: Case): void {
  const found = read(system, inside);
  assert.ok(typeof found === "string", `taken: ${inside}`);
  assert.match(found, words, inside.slice(0, 200));
  assert.doesNotMatch(found, /elsewhere|identity|rubbish|ff{8}/, "no word of the answer");
}

test("[LI16] bad base64, foreign systems and keys, and what is cut off, too large or no XML are refused", () => {
  const box = widevineBox(kid);
  const resized = Buffer.from(box);
  resized.writeUInt32BE(box.length + 1, 0);
  const crowded = psshBox(systemIds.widevine, Buffer.alloc(0), { version: 1, kids: [kid] });
  crowded.writeUInt32BE(0xffffffff, 28);
  const cases: readonly Case[] = [
    ["widevine", "", /no pssh/],
    ["fairplay", "", /no address/],
    ["widevine", "<PSSH>!!!!</PSSH>", /pssh is no base64/],
    ["widevine", "<PSSH>AAA</PSSH>", /pssh is no base64/],
    ["widevine", part("PSSH", psshBox(systemIds.widevine, Buffer.alloc(mostSignalBytes))), /too large/],
    ["widevine", part("PSSH", "pssh"), /not one whole box/],
    ["widevine", part("PSSH", box.subarray(0, -1)), /not one whole box/],
    ["widevine", part("PSSH", Buffer.concat([box, box])), /not one whole box/],
    ["widevine", part("PSSH", resized), /not one whole box/],
    ["widevine", part("PSSH", crowded), /does not end where it says/],
    ["widevine", part("PSSH", playReadyBox(kid)), /another system's/],
    ["playready", part("PSSH", playReadyBox(other)), /does not name the key/],
    ["widevine", part("PSSH", psshBox(systemIds.widevine, box, { version: 2 })), /version/],
    ["widevine", part("PSSH", box).repeat(2), /PSSH twice/],
    [
      "widevine",
      part("PSSH", box) + part("ContentProtectionData", signals("widevine", other).dash),
      /another pssh/,
    ],
    [
      "playready",
      part("PSSH", playReadyBox(kid)) +
        part("ContentProtectionData", '<pro xmlns="urn:microsoft:playready">AAAAAAAAAAAAAAAA</pro>'),
      /PlayReady Object/,
    ],
    ["widevine", part("PSSH", box) + part("ContentProtectionData", "<a>&b;</a>"), /an entity/],
    [
      "widevine",
      part("PSSH", box) + part("ContentProtectionData", '<!DOCTYPE a [<!ENTITY b "c">]><a/>'),
      /a document type/,
    ],
    ["widevine", part("PSSH", box) + part("ContentProtectionData", "</all><all>"), /behind its end/],
    ["widevine", part("PSSH", box) + part("ContentProtectionData", Buffer.from([0xff])), /no UTF-8/],
  ];
  for (const one of cases) demandRefused(one);
});

test("[LI16] tags of other methods, systems and keys, and addresses that lead anywhere are refused", () => {
  const box = widevineBox(kid);
  const data = (address: string): string =>
    part("PSSH", box) +
    media(`#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${address}",KEYFORMAT="urn:uuid:${systemIds.widevine}"`);
  const cases: readonly Case[] = [
    ["fairplay", keyTag("https://elsewhere.example/key"), /no skd/],
    ["fairplay", keyTag("skd://a b"), /no skd/],
    ["fairplay", keyTag(`skd://${"a".repeat(2049)}`), /no skd/],
    ["fairplay", keyTag("skd://a", "\n#EXT-X-ENDLIST"), /not one #EXT-X-KEY/],
    ["fairplay", media('#EXT-X-MAP:URI="skd://a"'), /not one #EXT-X-KEY/],
    ["fairplay", keyTag("skd://a", ",METHOD=NONE"), /no list/],
    ["fairplay", keyTag("skd://a", ",rubbish"), /no list/],
    ["fairplay", keyTag("skd://a", `,KEYID=0x${other}`), /another key's/],
    ["fairplay", keyTag("skd://a", ',KEYFORMATVERSIONS="one"'), /versions/],
    ["fairplay", keyTag("skd://a") + part("URIExtXKey", "skd://b"), /not its HLS tag's/],
    ["fairplay", keyTag("skd://a").repeat(2), /two HLS tags/],
    ["fairplay", media('#EXT-X-KEY:METHOD=AES-128,URI="skd://a"'), /not SAMPLE-AES/],
    ["fairplay", media('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://a",KEYFORMAT="identity"'), /KEYFORMAT/],
    ["widevine", data("https://elsewhere.example/"), /no data:/],
    ["widevine", data(`data:text/html;base64,${base64(box)}`), /no data:/],
    ["widevine", data(`data:text/plain;base64,${base64(playReadyBox(kid))}`), /another system's/],
  ];
  for (const one of cases) demandRefused(one);
});

test("[LI20] of a PlayReady Object the header is taken without licence addresses, wherever the object stands", () => {
  const [la, lui] = ["<LA_URL>https://elsewhere.example/</LA_URL>", "<LUI_URL />"];
  const signalled = (more: string): object => {
    const object = base64(playReadyObject(kid, more));
    const uri = `data:text/plain;charset=UTF-16;base64,${object}`;
    const dash = `<pro xmlns="urn:microsoft:playready">${object}</pro>`;
    const tag = `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${uri}",KEYFORMAT="com.microsoft.playready"`;
    const found = read(
      "playready",
      part("PSSH", playReadyBox(kid, more)) +
        part("ContentProtectionData", dash) +
        media(tag) +
        part("URIExtXKey", uri),
    );
    return typeof found === "string" ? assert.fail(found) : found;
  };
  const bare = signalled("");
  for (const more of [la, lui, `${la}${lui}`, la.replaceAll("LA_URL>", "LA_URL\n>")])
    assert.deepEqual(signalled(more), bare, more);
  const kept = signalled("<DS_ID>one</DS_ID>");
  assert.deepEqual(signalled(`<DS_ID>one</DS_ID>${la}`), kept, "the rest stays");
  const object = (more: string): string =>
    part("PSSH", psshBox(systemIds.playready, playReadyObject(kid, more)));
  const two = Buffer.concat([playReadyObject(kid), playReadyObject(kid).subarray(6)]);
  two.writeUInt32LE(two.length, 0);
  two.writeUInt16LE(2, 4);
  const cases: readonly Case[] = [
    [
      "playready",
      object('<a:LA_URL xmlns:a="b">https://elsewhere.example/</a:LA_URL>'),
      /cannot be left out/,
    ],
    ["playready", object("<LA_URL>https://<b/>elsewhere.example/</LA_URL>"), /cannot be left out/],
    ["playready", object("<la_url>https://elsewhere.example/</la_url>"), /cannot be left out/],
    ["playready", object("&la;"), /no header in UTF-16/],
    ["playready", object("<![CDATA[<LA_URL>https://elsewhere.example/</LA_URL>]]>"), /no header in UTF-16/],
    ["playready", object("</WRMHEADER><WRMHEADER>"), /no header in UTF-16/],
    ["playready", part("PSSH", psshBox(systemIds.playready, two)), /has not one header/],
    ["playready", part("PSSH", psshBox(systemIds.playready, two.subarray(0, -2))), /does not end/],
  ];
  for (const one of cases) demandRefused(one);
  two.writeUInt16LE(3, playReadyObject(kid).length);
  const licence = read("playready", part("PSSH", psshBox(systemIds.playready, two)));
  const alone = read("playready", part("PSSH", psshBox(systemIds.playready, playReadyObject(kid))));
  assert.deepEqual(licence, alone, "a record that may be a licence is left out");
});

test("[LI16] bytes by chance are no box of a system, and a box with any byte of its frame changed is none", () => {
  const box = playReadyBox(kid);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.nat({ max: 51 }),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, change) => {
        assert.ok(psshComplaint(bytes, systemIds.playready, kid) !== undefined);
        const bent = Uint8Array.from(box);
        bent[at] = (bent[at] ?? 0) ^ change;
        // Flags are for nobody to read.
        if (at < 9 || at > 11)
          assert.ok(psshComplaint(bent, systemIds.playready, kid) !== undefined, `byte ${at}`);
      },
    ),
    { seed: 16 },
  );
});

test("[LI17] each system that was asked for says something of each key, once, and of no other", () => {
  let count = 0;
  const order = keyOrder("film-1", ["widevine", "fairplay"], () => `${count++}b`.repeat(16));
  const [first] = order.kids;
  assert.ok(first !== undefined);
  const whole = cpixAnswer(cpixRequest(order));
  const because = (document: string): string => {
    const found = readProviderKeys(order, document);
    return found.kind === "keys" ? "taken" : found.because;
  };
  assert.equal(because(whole), "taken");
  const one = / *<cpix:DRMSystem .*?<\/cpix:DRMSystem>\n/;
  const [text = ""] = one.exec(whole) ?? [];
  const cases: readonly (readonly [string, RegExp])[] = [
    [whole.replace(one, ""), /0b0b: widevine is not signalled/],
    [whole.replace(one, `${text}${text}`), /widevine is there twice/],
    [
      whole.replace(
        one,
        text.replace(/kid="[^"]*"/, `kid="${"f".repeat(8)}-ffff-ffff-ffff-${"f".repeat(12)}"`),
      ),
      /not asked for/,
    ],
    [whole.replace(one, text.replace(systemIds.widevine, "widevine")), /no id that is a UUID/],
    [whole.replace(one, text.replace(systemIds.widevine, systemIds.fairplay)), /twice|HLS tag/],
    [whole.replace(one, text.replace(systemIds.widevine, systemIds.playready)), /widevine is not signalled/],
    [whole.replace(one, text.replace(/<cpix:PSSH>[^<]*/, "<cpix:PSSH>AAAA")), /0b0b: widevine: its pssh/],
  ];
  for (const [document, words] of cases) assert.match(because(document), words);
});
