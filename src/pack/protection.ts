// Which key encrypts which rendition, and what the packager is told. Scheme cbcs: AES-128-CBC with a constant IV; of the
// picture one block of 16 bytes in ten, of the sound all. Source: ISO/IEC 23001-7 §10.4.
import { type ContentKey, type KeyLabel, keyLabels } from "#model/content-key.ts";
import { type Refused, refused } from "./boxes.ts";
import type { TrackProtection } from "./track.ts";
import { type Element, element, textElement } from "./xml.ts";

/** Below this shorter side a picture is SD. */
const hdSide = 720;
/** Up to this shorter side it is HD: 1080 and the 1088 that some encoders round it to. */
const hdMostSide = 1088;

/** One key per tier, so that a licence can stop at SD: by the shorter side, since a film may stand upright. */
export function labelOf(track: { readonly width: number; readonly height: number } | "sound"): KeyLabel {
  if (track === "sound") return "AUDIO";
  const side = Math.min(track.width, track.height);
  if (side < hdSide) return "SD";
  return side <= hdMostSide ? "HD" : "UHD1";
}

export type Keyring = { readonly kind: "complete"; readonly keys: readonly ContentKey[] } | Refused;

/** One key for every label, whatever the ladder will be: so nothing turns out to be missing after an hour of encoding. */
export function keyringOf(keys: readonly ContentKey[]): Keyring {
  const twice = keyLabels.find((label) => keys.filter((one) => one.label === label).length > 1);
  if (twice !== undefined) return refused(`label ${twice} is there twice`);
  const ordered = keyLabels.flatMap((label) => keys.find((one) => one.label === label) ?? []);
  const missing = keyLabels.filter((label) => !ordered.some((one) => one.label === label));
  if (missing.length > 0) return refused(`there is no key for ${missing.join(", ")}`);
  if (new Set(ordered.map((one) => one.kid)).size < ordered.length)
    return refused("two keys have the same kid");
  if (new Set(ordered.map((one) => one.key)).size < ordered.length)
    return refused("two labels have the same key");
  return { kind: "complete", keys: ordered };
}

export function keyFor(keys: readonly ContentKey[], label: KeyLabel): ContentKey {
  const found = keys.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no key for ${label} in a complete keyring`);
  return found;
}

export interface PackagerOrder {
  readonly stream: "video" | "audio";
  readonly label: KeyLabel;
  readonly iv: string;
}

/** Names inside the packager's working folder. Relative, because a comma in a path would end a field. */
export const packagerFiles = { clear: "clear.mp4", folder: "out", init: "out/init.mp4" } as const;

export const packagerSegment = (number: number): string => `${packagerFiles.folder}/${number}.m4s`;

/** The keys are not here: every user of the machine may read a command line. `--fromenv` takes them from the environment. */
export function packagerArgs({ stream, label, iv }: PackagerOrder): readonly string[] {
  const { clear, init } = packagerFiles;
  const output = `init_segment=${init},segment_template=${packagerFiles.folder}/$Number$.m4s`;
  return [
    `in=${clear},stream=${stream},${output},drm_label=${label}`,
    "--fromenv=keys",
    "--enable_raw_key_encryption",
    ...["--protection_scheme", "cbcs", "--protection_systems", "Common", "--iv", iv, "--clear_lead", "0"],
    ...["--segment_duration", "4", "--fragment_duration", "4", "--quiet"],
  ];
}

/** What `--fromenv=keys` reads. */
export function packagerSecret(keys: readonly ContentKey[]): Readonly<Record<string, string>> {
  const fields = keys.map(({ label, kid, key }) => `label=${label}:key_id=${kid}:key=${key}`);
  return { FLAGS_keys: fields.join(",") };
}

/**
 * A text that another program wrote, for a fault: no key stays in it, nor the part of one that was cut off somewhere.
 * Whatever is eight hex digits or more goes, key or not, and of a key in base64 whatever six letters are of it.
 */
export function withoutKeys(text: string, keys: readonly ContentKey[]): string {
  const bare = text.replaceAll(/[0-9a-f]{8,}/gi, "(hex)");
  return keys.reduce((left, { key }) => left.replaceAll(piecesOf(base64(key)), "(base64)"), bare);
}

/** Any six letters of `form`, in both alphabets of base64, with up to five that follow. */
function piecesOf(form: string): RegExp {
  const pieces = Array.from({ length: form.length - 5 }, (_, at) => form.slice(at, at + 6));
  const either = pieces.map((piece) => piece.replaceAll("+", "[-+]").replaceAll("/", "[/_]"));
  return new RegExp(`(?:${either.join("|")})[\\w+/-]{0,5}`, "g");
}

/**
 * EXT-X-KEY for a playlist. Never KEYFORMAT "identity": there the URI would have to hold the key itself.
 * Source: draft-pantos-hls-rfc8216bis §4.4.4.4; the form that hls.js reads.
 */
export function hlsKey({ kid }: TrackProtection): string {
  const uri = `data:text/plain;base64,${base64(kid)}`;
  const format = 'KEYFORMAT="org.w3.clearkey",KEYFORMATVERSIONS="1"';
  return `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${uri}",KEYID=0x${kid},${format}`;
}

/** ContentProtection of a Representation. Sources: ISO/IEC 23001-7 §11, DASH-IF IOP ClearKey. */
export function contentProtection({ kid, licenceUrl }: TrackProtection): readonly Element[] {
  const dashed = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(kid)?.slice(1).join("-") ?? kid;
  const common = [
    ["schemeIdUri", "urn:mpeg:dash:mp4protection:2011"],
    ["value", "cbcs"],
    ["xmlns:cenc", "urn:mpeg:cenc:2013"],
    ["cenc:default_KID", dashed],
  ] as const;
  const clearKey = [
    ["schemeIdUri", "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"],
    ["value", "ClearKey1.0"],
  ] as const;
  const address = licenceUrl === undefined ? [] : [licenceAddress(licenceUrl)];
  return [element("ContentProtection", common), element("ContentProtection", clearKey, address)];
}

function licenceAddress(url: string): Element {
  return {
    ...textElement("dashif:Laurl", url),
    attributes: [["xmlns:dashif", "https://dashif.org/CPS"]],
  };
}

function base64(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return btoa(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))));
}
