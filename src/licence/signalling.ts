// What a key provider wants to stand in packages, read from its DRMSystem element. Of texts that would be copied into manifests only
// the facts are taken, each looked at, and written anew by pack: so that nothing in a provider's answer becomes markup, a tag, or an
// address that players would go to past our own licences. Sources: DASH-IF CPIX 2.3 §5.4 (DRMSystem), RFC 8216 §4.3.2.4.
import { type HlsSignal, type Signalling, type SystemName, systemIds } from "#model/key-system.ts";
import { cpixSpace, is } from "./cpix-elements.ts";
import { withoutAddresses } from "./playready-object.ts";
import { base64Text, bytesOf, mostSignalBytes, psshComplaint, psshWith } from "./signal-bytes.ts";
import { readXml, type XmlElement } from "./xml-read.ts";

export type SignallingRead = { readonly kind: "signalling"; readonly signalling: Signalling } | Unfit;
interface Unfit {
  readonly kind: "unfit";
  readonly because: string;
}

/** A playlist's tag carries a header in base64, and the whole of it comes in base64 once more. */
const mostTextBytes = mostSignalBytes * 3;
const cencSpace = "urn:mpeg:cenc:2013";
const playReadySpace = "urn:microsoft:playready";

/** By the names that each system's own players know; the first is the one for an address that comes without. */
const keyFormats: Readonly<Record<SystemName, readonly [string, ...string[]]>> = {
  widevine: [`urn:uuid:${systemIds.widevine}`],
  playready: ["com.microsoft.playready", `urn:uuid:${systemIds.playready}`],
  fairplay: ["com.apple.streamingkeydelivery"],
};

/** What this element says of one key to one system. A refusal holds nothing that came in it. */
export function readSignalling(element: XmlElement, system: SystemName, kid: string): SignallingRead {
  try {
    const hlsMedia = mediaIn(element, system, kid);
    const hlsMaster = tagIn(element, "master", system, kid);
    const found: Signalling = {
      ...{ system, ...boxesIn(element, system, kid) },
      ...(hlsMedia && { hlsMedia }),
      ...(hlsMaster && { hlsMaster }),
    };
    const needs = system === "fairplay" ? found.hlsMedia : found.pssh;
    if (needs === undefined) throw new Strange(`it has no ${system === "fairplay" ? "address" : "pssh"}`);
    return { kind: "signalling", signalling: found };
  } catch (error) {
    if (error instanceof Strange) return { kind: "unfit", because: error.message };
    throw error;
  }
}

class Strange extends Error {}

function boxesIn(
  element: XmlElement,
  system: SystemName,
  kid: string,
): Pick<Signalling, "pssh" | "playReadyObject"> {
  if (system === "fairplay") return {};
  const own = textOf(element, "PSSH");
  const inDash = dashParts(element);
  const [pssh, other] = [own, inDash.pssh].map((text) => text && boxText(text, system, kid));
  if (pssh !== undefined && other !== undefined && pssh !== other)
    throw new Strange("its ContentProtectionData has another pssh than PSSH");
  const box = pssh ?? other;
  const header = system === "playready" ? inDash.header : undefined;
  return { ...(box && { pssh: box }), ...(header && { playReadyObject: headerText(header) }) };
}

/** Other elements, such as addresses of licences, are left out: licences come by ours. */
function dashParts(element: XmlElement): {
  readonly pssh: string | undefined;
  readonly header: string | undefined;
} {
  const fragment = decoded(element, "ContentProtectionData");
  if (fragment === undefined) return { pssh: undefined, header: undefined };
  const reading = readXml(`<all>${fragment}</all>`);
  if (reading.kind === "refused") throw new Strange(`in its ContentProtectionData, ${reading.because}`);
  const only = (namespace: string, name: string): string | undefined => {
    const [first, second] = reading.root.children.filter((child) => is(child, namespace, name));
    if (second !== undefined) throw new Strange("its ContentProtectionData says something twice");
    return first?.text.trim() || undefined;
  };
  return { pssh: only(cencSpace, "pssh"), header: only(playReadySpace, "pro") };
}

function boxText(text: string, system: SystemName, kid: string): string {
  const bytes = bytesOf(text, mostSignalBytes);
  if (bytes === undefined) throw new Strange("its pssh is no base64, or too large");
  const complaint = psshComplaint(bytes, systemIds[system], kid);
  if (complaint !== undefined) throw new Strange(complaint);
  return base64Text(system === "playready" ? psshWith(bytes, objectIn) : bytes);
}

function headerText(text: string): string {
  const bytes = bytesOf(text, mostSignalBytes);
  if (bytes === undefined) throw new Strange("its PlayReady Object is no base64, or too large");
  return base64Text(objectIn(bytes));
}

function objectIn(bytes: Uint8Array): Uint8Array {
  const reading = withoutAddresses(bytes);
  if (reading.kind === "unfit") throw new Strange(reading.because);
  return reading.bytes;
}

/** The tag of the key's playlists; URIExtXKey, which is of CPIX before 2.3, is its address alone. */
function mediaIn(element: XmlElement, system: SystemName, kid: string): HlsSignal | undefined {
  const tag = tagIn(element, "media", system, kid);
  const address = decoded(element, "URIExtXKey");
  if (address === undefined) return tag;
  const uri = addressOf(address, system, kid);
  if (tag !== undefined && tag.uri !== uri) throw new Strange("its URIExtXKey is not its HLS tag's");
  const [keyFormat] = keyFormats[system];
  return tag ?? { uri, keyFormat, keyFormatVersions: "1" };
}

const tagNames = { media: "#EXT-X-KEY:", master: "#EXT-X-SESSION-KEY:" } as const;

function tagIn(
  element: XmlElement,
  list: keyof typeof tagNames,
  system: SystemName,
  kid: string,
): HlsSignal | undefined {
  const own = element.children.filter(
    (child) =>
      is(child, cpixSpace, "HLSSignalingData") && (child.attributes.get("playlist") ?? "media") === list,
  );
  if (own.length > 1) throw new Strange(`it has two HLS tags for the ${list} playlist`);
  const text = own[0]?.text.trim() ?? "";
  if (text === "") return undefined;
  const name = tagNames[list];
  const line = utf8(text, "HLS tag").trim();
  if (!line.startsWith(name) || /[\r\n]/.test(line)) throw new Strange(`its HLS tag is not one ${name} line`);
  const attributes = attributesOf(line.slice(name.length));
  const keyFormat = keyFormats[system].find(
    (format) => format === attributes.get("KEYFORMAT")?.toLowerCase(),
  );
  if (attributes.get("METHOD") !== "SAMPLE-AES") throw new Strange("its HLS tag's method is not SAMPLE-AES");
  if (keyFormat === undefined) throw new Strange("its HLS tag has another system's KEYFORMAT");
  if ((attributes.get("KEYID") ?? `0x${kid}`).toLowerCase() !== `0x${kid}`)
    throw new Strange("its HLS tag has another key's KEYID");
  const keyFormatVersions = attributes.get("KEYFORMATVERSIONS") ?? "1";
  if (!/^\d{1,4}(\/\d{1,4}){0,9}$/.test(keyFormatVersions))
    throw new Strange("its HLS tag has versions that are none");
  return { uri: addressOf(attributes.get("URI") ?? "", system, kid), keyFormat, keyFormatVersions };
}

/** Attributes other than those that are read, an IV among them, are left out: a package has its own. Source: RFC 8216 §4.2. */
function attributesOf(list: string): ReadonlyMap<string, string> {
  const one = /([A-Z0-9-]{1,64})=(?:"([^"]*)"|([^",\s]+))(,|$)/y;
  const found = new Map<string, string>();
  while (one.lastIndex < list.length) {
    const read = one.exec(list);
    if (read === null || found.has(read[1] ?? "")) throw new Strange("its HLS tag's attributes are no list");
    found.set(read[1] ?? "", read[2] ?? read[3] ?? "");
  }
  return found;
}

/** A player goes nowhere for it: `skd://` is a name, and `data:` carries what it means. */
function addressOf(uri: string, system: SystemName, kid: string): string {
  if (system === "fairplay") {
    if (/^skd:\/\/[\x21\x23-\x7e]{1,2048}$/.test(uri)) return uri;
    throw new Strange("its address is no skd://");
  }
  const [, start = "", content] =
    /^(data:text\/plain;(?:charset=[A-Za-z0-9-]{1,16};)?base64,)([A-Za-z0-9+/=]*)$/.exec(uri) ?? [];
  const bytes = content === undefined ? undefined : bytesOf(content, mostSignalBytes);
  if (bytes === undefined) throw new Strange("its address is no data: in base64");
  const complaint = system === "widevine" ? psshComplaint(bytes, systemIds.widevine, kid) : undefined;
  if (complaint !== undefined) throw new Strange(`in its HLS address, ${complaint}`);
  return system === "widevine" ? uri : `${start}${base64Text(objectIn(bytes))}`;
}

function textOf(element: XmlElement, name: string): string | undefined {
  const [first, second] = element.children.filter((child) => is(child, cpixSpace, name));
  if (second !== undefined) throw new Strange(`it has ${name} twice`);
  return first?.text.trim() || undefined;
}

function decoded(element: XmlElement, name: string): string | undefined {
  const text = textOf(element, name);
  return text === undefined ? undefined : utf8(text, name);
}

function utf8(base64: string, what: string): string {
  const bytes = bytesOf(base64, mostTextBytes);
  if (bytes === undefined) throw new Strange(`its ${what} is no base64, or too large`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Strange(`its ${what} is no UTF-8`);
  }
}
