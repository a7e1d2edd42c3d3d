// What a package says to the key systems of a provider, beside ClearKey: ContentProtection in DASH, EXT-X-KEY and EXT-X-SESSION-KEY in
// HLS, `pssh` in the inits. Each rendition says it of its own key. Sources: ISO/IEC 23001-7 §8.1, §11; DASH-IF, identifiers of content
// protection; RFC 8216 §4.3.2.4, §4.3.4.5.
import type { ContentKey } from "#model/content-key.ts";
import { type HlsSignal, type Signalling, systemIds } from "#model/key-system.ts";
import type { PackedTitle, TrackProtection } from "./track.ts";
import { type Element, element, textElement } from "./xml.ts";

/** FairPlay has no element in DASH. */
const dashValues = { widevine: "Widevine", playready: "MSPR 2.0" } as const;

export function systemProtection({ signalling = [] }: TrackProtection): readonly Element[] {
  return signalling.flatMap(({ system, pssh, playReadyObject }) => {
    if (system === "fairplay") return [];
    const attributes = [
      ["schemeIdUri", `urn:uuid:${systemIds[system]}`],
      ["value", dashValues[system]],
    ] as const;
    const parts = [
      ...(pssh === undefined ? [] : [said("cenc:pssh", "urn:mpeg:cenc:2013", pssh)]),
      ...(playReadyObject === undefined
        ? []
        : [said("mspr:pro", "urn:microsoft:playready", playReadyObject)]),
    ];
    return [element("ContentProtection", attributes, parts)];
  });
}

function said(name: string, namespace: string, text: string): Element {
  const [prefix] = name.split(":");
  return { ...textElement(name, text), attributes: [[`xmlns:${prefix}`, namespace]] };
}

/** For a playlist of this rendition. */
export function systemKeys({ kid, signalling = [] }: TrackProtection): readonly string[] {
  return signalling.flatMap(({ hlsMedia, system }) =>
    hlsMedia === undefined ? [] : [`#EXT-X-KEY:${tag(hlsMedia, system, kid)}`],
  );
}

/** For the multivariant playlist, each once: players may ask for keys before they choose a variant. */
export function sessionKeys({ video, audio }: Pick<PackedTitle, "video" | "audio">): readonly string[] {
  const all = [...video, ...audio].flatMap(({ protection }) =>
    (protection?.signalling ?? []).flatMap(({ hlsMaster, system }) =>
      hlsMaster === undefined ? [] : [`#EXT-X-SESSION-KEY:${tag(hlsMaster, system, protection?.kid ?? "")}`],
    ),
  );
  return [...new Set(all)];
}

/** FairPlay knows its key by the address alone. */
function tag({ uri, keyFormat, keyFormatVersions }: HlsSignal, system: string, kid: string): string {
  const keyId = system === "fairplay" ? [] : [`KEYID=0x${kid}`];
  const format = [`KEYFORMAT="${keyFormat}"`, `KEYFORMATVERSIONS="${keyFormatVersions}"`];
  return ["METHOD=SAMPLE-AES", `URI="${uri}"`, ...keyId, ...format].join(",");
}

/** Whole boxes, for the init of a rendition with this key. */
export function systemBoxes({ signalling = [] }: Pick<ContentKey, "signalling">): readonly Uint8Array[] {
  return signalling.flatMap(({ pssh }: Signalling) =>
    pssh === undefined ? [] : [Uint8Array.from(atob(pssh), (letter) => letter.charCodeAt(0))],
  );
}
