// What a key provider is asked, and what of its answer is taken: CPIX 2.3 as SPEKE 2.0 uses it for films (no key period, keys in the
// clear inside TLS). Sources: DASH-IF CPIX 2.3; SPEKE API v2, standard payload components and encryption contract.
import { type ContentKey, type KeyLabel, keyLabels } from "#model/content-key.ts";
import { type Signalling, type SystemName, systemIds } from "#model/key-system.ts";
import { cpixSpace, inside, is } from "./cpix-elements.ts";
import { base64Of, hexOfUuid, uuidOf } from "./kid.ts";
import { readSignalling } from "./signalling.ts";
import { readXml, type XmlElement } from "./xml-read.ts";

export interface KeyOrder {
  readonly titleId: string;
  readonly kids: readonly { readonly label: KeyLabel; readonly kid: string }[];
  readonly systems: readonly SystemName[];
}

/** Each key with what the systems that were asked for want to be signalled of it. */
export type ProviderKeys =
  | { readonly kind: "keys"; readonly keys: readonly ContentKey[] }
  | { readonly kind: "unfit"; readonly because: string };

const pskcSpace = "urn:ietf:params:xml:ns:keyprov:pskc";

/** Tiers as pack/protection.ts cuts them, by the pixels of a 16:9 picture: SPEKE knows no shorter side. */
const filters: Readonly<Record<KeyLabel, string>> = {
  SD: `<cpix:VideoFilter maxPixels="${1280 * 720 - 1}"/>`,
  HD: `<cpix:VideoFilter minPixels="${1280 * 720}" maxPixels="${1920 * 1088}"/>`,
  UHD1: `<cpix:VideoFilter minPixels="${1920 * 1088 + 1}"/>`,
  AUDIO: "<cpix:AudioFilter/>",
};

/** The document that is sent. Ids are of our own alphabet, so that nothing in it needs to be escaped. */
export function cpixRequest({ titleId, kids, systems }: KeyOrder): string {
  const keys = kids.map(
    ({ kid }) => `    <cpix:ContentKey kid="${uuidOf(kid)}" commonEncryptionScheme="cbcs"/>`,
  );
  const wanted = kids.flatMap(({ kid }) => systems.map((system) => systemRequest(system, kid)));
  const rules = kids.map(
    ({ kid, label }) =>
      `    <cpix:ContentKeyUsageRule kid="${uuidOf(kid)}" intendedTrackType="${label}">${filters[label]}</cpix:ContentKeyUsageRule>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<cpix:CPIX contentId="${titleId}" version="2.3" xmlns:cpix="${cpixSpace}" xmlns:pskc="${pskcSpace}">`,
    ...listed("ContentKeyList", keys),
    ...listed("DRMSystemList", wanted),
    ...listed("ContentKeyUsageRuleList", rules),
    "</cpix:CPIX>\n",
  ].join("\n");
}

function listed(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  <cpix:${name}>`, ...lines, `  </cpix:${name}>`];
}

/** Empty elements ask for what belongs into them. FairPlay has neither box nor DASH element. */
function systemRequest(system: SystemName, kid: string): string {
  const hls = ["media", "master"].map((list) => `<cpix:HLSSignalingData playlist="${list}"/>`).join("");
  const boxes = system === "fairplay" ? "" : "<cpix:PSSH/><cpix:ContentProtectionData/>";
  return `    <cpix:DRMSystem kid="${uuidOf(kid)}" systemId="${systemIds[system]}">${boxes}${hls}</cpix:DRMSystem>`;
}

/** Every key that was asked for, or nothing. What is said of a refusal holds nothing that the answer held but kids that we sent. */
export function readProviderKeys(order: KeyOrder, document: string): ProviderKeys {
  const reading = readXml(document);
  if (reading.kind === "refused") return unfit(reading.because);
  const { root } = reading;
  if (!is(root, cpixSpace, "CPIX")) return unfit("it is no CPIX document");
  if (root.attributes.get("contentId") !== order.titleId) return unfit("its contentId is another title's");
  if (root.attributes.get("version") !== "2.3") return unfit("its version is not 2.3");
  const found = new Map<string, string>();
  for (const element of inside(root, "ContentKeyList", "ContentKey")) {
    const kid = hexOfUuid(element.attributes.get("kid") ?? "");
    if (kid === undefined) return unfit("a key has no kid that is a UUID");
    if (!order.kids.some((one) => one.kid === kid)) return unfit("it has a key that was not asked for");
    if (found.has(kid)) return unfit(`${kid} is there twice`);
    const key = keyIn(element);
    if (key.kind === "unfit") return unfit(`${kid}: ${key.because}`);
    found.set(kid, key.hex);
  }
  const missing = order.kids.find(({ kid }) => !found.has(kid));
  if (missing !== undefined) return unfit(`there is no key ${missing.kid}`);
  if (new Set(found.values()).size < found.size) return unfit("two labels have the same key");
  const systems = systemsIn(root, order);
  if (systems.kind === "unfit") return systems;
  const keys = order.kids.map(({ label, kid }) => {
    const signalling = systems.ofKid.get(kid);
    return { label, kid, key: found.get(kid) ?? "", ...(signalling && { signalling }) };
  });
  return { kind: "keys", keys };
}

function keyIn(
  element: XmlElement,
): { readonly kind: "key"; readonly hex: string } | { readonly kind: "unfit"; readonly because: string } {
  if (element.attributes.get("commonEncryptionScheme") !== "cbcs") return unfit("its scheme is not cbcs");
  const [data, ...more] = element.children.filter((child) => is(child, cpixSpace, "Data"));
  const secrets = data?.children.filter((child) => is(child, pskcSpace, "Secret")) ?? [];
  const values = secrets.flatMap(({ children }) => children);
  if (values.some((value) => is(value, pskcSpace, "EncryptedValue"))) {
    return unfit("it is encrypted, which is not supported");
  }
  const [plain, ...others] = values.filter((value) => is(value, pskcSpace, "PlainValue"));
  if (plain === undefined || more.length + others.length > 0)
    return unfit("it has no plain value, or several");
  const hex = hexOfBase64(plain.text.trim());
  return hex === undefined ? unfit("it is no 16 bytes of base64") : { kind: "key", hex };
}

type SystemsRead =
  | { readonly kind: "systems"; readonly ofKid: ReadonlyMap<string, readonly Signalling[]> }
  | { readonly kind: "unfit"; readonly because: string };

/** Every system that was asked for, of every key, once: a film that lacks one would be closed to its players, and nobody told. */
function systemsIn(root: XmlElement, { kids, systems }: KeyOrder): SystemsRead {
  const ofKid = new Map<string, Signalling[]>();
  for (const element of inside(root, "DRMSystemList", "DRMSystem")) {
    const id = element.attributes.get("systemId")?.toLowerCase() ?? "";
    if (hexOfUuid(id) === undefined) return unfit("a system has no id that is a UUID");
    const system = systems.find((name) => systemIds[name] === id);
    if (system === undefined) continue;
    const kid = hexOfUuid(element.attributes.get("kid") ?? "");
    if (kid === undefined || !kids.some((one) => one.kid === kid))
      return unfit(`${system} is signalled for a key that was not asked for`);
    const before = ofKid.get(kid) ?? [];
    if (before.some((one) => one.system === system)) return unfit(`${kid}: ${system} is there twice`);
    const read = readSignalling(element, system, kid);
    if (read.kind === "unfit") return unfit(`${kid}: ${system}: ${read.because}`);
    ofKid.set(kid, [...before, read.signalling]);
  }
  for (const { kid } of kids) {
    const missing = systems.find((name) => !ofKid.get(kid)?.some(({ system }) => system === name));
    if (missing !== undefined) return unfit(`${kid}: ${missing} is not signalled`);
  }
  return { kind: "systems", ofKid };
}

function hexOfBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{22}==$/.test(text)) return undefined;
  const bytes = atob(text);
  const hex = Array.from(bytes, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return base64Of(hex) === text ? hex : undefined;
}

function unfit(because: string): { readonly kind: "unfit"; readonly because: string } {
  return { kind: "unfit", because };
}

/** One kid for each label, as a whole keyring wants it. */
export function keyOrder(titleId: string, systems: readonly SystemName[], newKid: () => string): KeyOrder {
  return { titleId, kids: keyLabels.map((label) => ({ label, kid: newKid() })), systems };
}
