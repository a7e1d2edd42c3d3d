// A DASH manifest as packaged, made one whose sources can be steered: one BaseURL per pathway for the whole presentation, and the
// element that says where to ask. Sources: ISO/IEC 23009-1 §5.6 (BaseURL) and Annex K.3.6 (ContentSteering); ETSI TS 103 998.
//
// The text is not parsed and written anew: two places in it are found, and everything else stays as it was, byte for byte.
import type { Steered, SteeredOrder } from "./steered.ts";

/** Where text may be put in, or why not. */
type Place = { readonly kind: "place"; readonly at: number } | Extract<Steered, { kind: "unfit" }>;

export function steeredManifest({ text, pathways, steeringUrl }: SteeredOrder): Steered {
  const [first] = pathways;
  if (first === undefined) return { kind: "unfit", because: "no pathway was given" };
  const place = placeIn(text);
  if (place.kind === "unfit") return place;
  const lines = [
    ...pathways.map(({ id, folder }) => `<BaseURL serviceLocation="${id}">${escaped(folder)}</BaseURL>`),
    // The list was ranked when this manifest was fetched, but dash.js 5.2.1 never asks at all where it need not ask first and
    // the page, or autoplay, began to play before the manifest was there.
    `<ContentSteering defaultServiceLocation="${first.id}" queryBeforeStart="true">${escaped(new URL(steeringUrl).href)}</ContentSteering>`,
  ];
  const added = lines.map((line) => `\n  ${line}`).join("");
  return { kind: "steered", text: `${text.slice(0, place.at)}${added}${text.slice(place.at)}` };
}

/** Comments, instructions, CDATA, then tags: a ">" inside quotes ends none. Source: XML 1.0 §2. */
const piece =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<!DOCTYPE|<(\/?[A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>/g;

/** What the manifest may not say itself: each would lead players past the pathways. */
const own: ReadonlySet<string> = new Set(["BaseURL", "ContentSteering", "Location"]);

/** Behind MPD's start tag, or behind ProgramInformation, which comes before every BaseURL. Source: ISO/IEC 23009-1, MPDtype. */
function placeIn(text: string): Place {
  let depth = 0;
  let at = 0;
  for (const match of text.matchAll(piece)) {
    const [whole, name, rest = ""] = match;
    const end = match.index + whole.length;
    if (whole === "<!DOCTYPE")
      return { kind: "unfit", because: "it has a document type, which may stand for anything" };
    if (name === undefined) continue;
    if (name.startsWith("/")) {
      depth -= 1;
      if (depth === 1 && name === "/ProgramInformation") at = end;
      continue;
    }
    if (depth === 0 && (name !== "MPD" || at > 0))
      return { kind: "unfit", because: `its root is ${name}, not MPD` };
    if (depth === 1 && own.has(name)) return { kind: "unfit", because: `it has a ${name} of its own` };
    if (name === "BaseURL" && /^\s*[A-Za-z][A-Za-z0-9+.-]*:/.test(text.slice(end, end + 64))) {
      return { kind: "unfit", because: "a BaseURL inside it is absolute" };
    }
    const closed = rest.endsWith("/");
    if (depth === 0) {
      if (closed) return { kind: "unfit", because: "it is empty" };
      at = end;
    } else if (depth === 1 && closed && name === "ProgramInformation") at = end;
    if (!closed) depth += 1;
  }
  return at > 0 && depth === 0 ? { kind: "place", at } : { kind: "unfit", because: "it is no whole MPD" };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
