import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import fc from "fast-check";
import { keyLabels } from "#model/content-key.ts";
import { playReadyBox, playReadyObject, signals, widevineBox } from "#test/fixtures/cpix-answer.ts";
import { cpixRequest, type KeyOrder, readProviderKeys } from "./cpix.ts";
import { base64Of, uuidOf } from "./kid.ts";
import { readXml, xmlLimits } from "./xml-read.ts";

const kids = keyLabels.map((label, n) => ({ label, kid: `${n}a`.repeat(16) }));
const order: KeyOrder = { titleId: "film-1", kids, systems: ["widevine", "playready", "fairplay"] };
const keyOf = (n: number): string => `${n}e`.repeat(16);

const contentKey = (kid: string, key: string, more = ""): string =>
  `<cpix:ContentKey kid="${uuidOf(kid)}" commonEncryptionScheme="cbcs"${more}><cpix:Data><pskc:Secret><pskc:PlainValue>${base64Of(key)}</pskc:PlainValue></pskc:Secret></cpix:Data></cpix:ContentKey>`;
const all = kids.map(({ kid }, n) => contentKey(kid, keyOf(n)));

function answer(list: readonly string[], more = ""): string {
  return `<?xml version="1.0"?><cpix:CPIX contentId="film-1" version="2.3" xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc"><cpix:ContentKeyList>${list.join("")}</cpix:ContentKeyList>${more}</cpix:CPIX>`;
}

function because(document: string): string {
  const found = readProviderKeys({ ...order, systems: [] }, document);
  if (found.kind === "keys") return "taken";
  for (const n of kids.keys()) {
    assert.ok(
      !found.because.includes(keyOf(n)) && !found.because.includes(base64Of(keyOf(n))),
      found.because,
    );
  }
  return found.because;
}

test("[LI10] the question is the CPIX document that is expected, the same each time, and says no key", async () => {
  const golden = await readFile("test/golden/licence-cpix-request.xml", "utf8");
  assert.equal(cpixRequest(order), golden);
  assert.equal(cpixRequest(order), golden);
  assert.doesNotMatch(golden, /PlainValue|ContentKeyPeriod/);
  const reading = readXml(golden);
  assert.equal(reading.kind === "read" && reading.root.name, "CPIX");
  assert.doesNotMatch(cpixRequest({ ...order, systems: [] }), /DRMSystem/);
});

test("[LI11] an answer with every key, once, is taken, with what the systems want to be signalled", async () => {
  const golden = await readFile("test/golden/licence-cpix-answer.xml", "utf8");
  const found = readProviderKeys(order, golden);
  assert.ok(found.kind === "keys", JSON.stringify(found));
  assert.deepEqual(
    found.keys.map(({ label, kid, key }) => ({ label, kid, key })),
    kids.map(({ label, kid }, n) => ({ label, kid, key: keyOf(n) })),
  );
  for (const { kid, signalling } of found.keys) {
    const tag = (system: "widevine" | "playready" | "fairplay", keyFormat: string) => {
      const signal = { uri: signals(system, kid).address, keyFormat, keyFormatVersions: "1" };
      return { hlsMedia: signal, hlsMaster: signal };
    };
    const box = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    assert.deepEqual(signalling, [
      {
        ...{ system: "widevine", pssh: box(widevineBox(kid)) },
        ...tag("widevine", "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"),
      },
      {
        ...{ system: "playready", pssh: box(playReadyBox(kid)), playReadyObject: box(playReadyObject(kid)) },
        ...tag("playready", "com.microsoft.playready"),
      },
      { system: "fairplay", ...tag("fairplay", "com.apple.streamingkeydelivery") },
    ]);
  }
});

test("[LI11] any other answer is refused as a whole, with the reason and no value", () => {
  const [first = "", second = "", ...rest] = all;
  const [sd, hd] = kids;
  assert.ok(sd !== undefined && hd !== undefined);
  const cases: readonly (readonly [string, RegExp])[] = [
    [answer(all), /^taken$/],
    [answer(all.slice(1)), /there is no key 0a0a/],
    [answer([...all, contentKey("ff".repeat(16), keyOf(9))]), /not asked for/],
    [answer([first, first, second, ...rest]), /twice/],
    [answer([first, contentKey(hd.kid, keyOf(0)), ...rest]), /same key/],
    [answer([first.replace("cbcs", "cenc"), second, ...rest]), /scheme/],
    [answer([first.replace(' commonEncryptionScheme="cbcs"', ""), second, ...rest]), /scheme/],
    [answer([contentKey(sd.kid, "ab".repeat(15)), second, ...rest]), /16 bytes/],
    [
      answer([first.replace("Ph4eHh4=", "Ph4eHh4"), contentKey(hd.kid, "ab".repeat(17)), ...rest]),
      /16 bytes/,
    ],
    [answer([first.replace(uuidOf(sd.kid), sd.kid), second, ...rest]), /UUID/],
    [answer([first.replaceAll("PlainValue", "EncryptedValue"), second, ...rest]), /encrypted/],
    [answer([first.replace(/<cpix:Data>.*<\/cpix:Data>/, ""), second, ...rest]), /no plain value/],
    [answer([first.replace(/(<pskc:Secret>.*<\/pskc:Secret>)/, "$1$1"), second, ...rest]), /several/],
    [answer(all).replace("film-1", "film-2"), /another title/],
    [answer(all).replace('version="2.3"', 'version="2.0"'), /version/],
    [answer(all).replace("urn:dashif:org:cpix", "urn:other"), /no CPIX/],
    [answer(all).replaceAll("urn:ietf:params:xml:ns:keyprov:pskc", "urn:other"), /no plain value/],
    ["", /ends in the middle/],
    ["{}", /not well-formed/],
  ];
  for (const [document, reason] of cases) assert.match(because(document), reason);
});

test("[LI12] hostile XML is refused: document types, entities, instructions, depth, size, and what is not well-formed", () => {
  const refused = (source: string): string => {
    const reading = readXml(source);
    return reading.kind === "refused" ? reading.because : "read";
  };
  const laughs = `<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>`;
  const cases: readonly (readonly [string, RegExp])[] = [
    [laughs, /document type/],
    [`<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, /document type/],
    ["<a>&b;</a>", /entity/],
    [`<a b="&c;"/>`, /entity/],
    ["<a>&#0;</a>", /letter/],
    ["<a>&#xD800;</a>", /letter/],
    ["<a>&#x110000;</a>", /letter/],
    ["<a><?php x?></a>", /instruction/],
    ["<a><![CDATA[x]]></a>", /CDATA/],
    ["<a><b></a></b>", /match/],
    ["<a/><b/>", /behind its end/],
    ["<a>", /middle/],
    ["<a", /tag does not end/],
    [`<a b="1" b="2"/>`, /twice/],
    [`<a b="<"/>`, /tag does not end/],
    ["<x:a/>", /prefix/],
    ["<a><!-- ", /comment/],
    ["<a>".repeat(xmlLimits.depth + 1), /deeper/],
    [`<a>${"<b/>".repeat(xmlLimits.elements)}</a>`, /elements/],
    [`<a ${Array.from({ length: 65 }, (_, n) => `b${n}=""`).join(" ")}/>`, /attributes/],
    ["x".repeat(xmlLimits.letters + 1), /letters/],
    [`<a>${"<!-- -->".repeat(1000)}ok &lt;&#65;&#x42;</a>`, /^read$/],
  ];
  for (const [source, reason] of cases) assert.match(refused(source), reason, source.slice(0, 60));
});

test("[LI12] whatever is thrown at the reader, it reads or refuses, and what it reads is what was written", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  const letters = fc.string({ unit: fc.constantFrom("a", "<", "&", ">", '"', "é", "😀", " ") });
  const written = (value: string): string =>
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  fc.assert(
    fc.property(name, name, letters, letters, (element, key, value, inside) => {
      const reading = readXml(`<${element} ${key}="${written(value)}"><b/>${written(inside)}</${element}>`);
      assert.ok(reading.kind === "read", JSON.stringify(reading));
      assert.deepEqual([reading.root.attributes.get(key), reading.root.text], [value, inside]);
    }),
    { seed: 6 },
  );
  const piece = fc.constantFrom(
    "<a>",
    "</a>",
    "<",
    ">",
    "&",
    "&amp;",
    "<!--",
    "-->",
    '"',
    " b=",
    "<!DOCTYPE",
    "<?xml ?>",
    "x",
    "/>",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const { kind } = readXml(pieces.join(""));
      assert.ok(kind === "read" || kind === "refused");
    }),
    { seed: 7, numRuns: 2000 },
  );
});
