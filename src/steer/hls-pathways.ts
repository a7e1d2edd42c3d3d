// An HLS multivariant playlist as packaged, made one whose sources can be steered: every variant and every rendition once per
// pathway, with addresses of their own, and the tag that says where to ask.
// Sources: draft-pantos-hls-rfc8216bis §4.4.6.6 and §7; RFC 8216 §4.2 for attribute lists.
//
// Each pathway has groups of its own: a variant names its sound by group, and so never mixes two appliances. PATHWAY-ID stands
// on EXT-X-MEDIA too, which the standard does not ask for: Shaka Player steers subtitles by nothing else.
import type { Steered, SteeredOrder } from "./steered.ts";

interface Tag {
  readonly name: string;
  /** Values as written, quotes included. */
  readonly attributes: ReadonlyMap<string, string>;
}

interface Variant {
  readonly tag: Tag;
  readonly uri: string;
}

interface Playlist {
  /** Lines of neither variants nor renditions. */
  readonly head: readonly (string | Tag)[];
  readonly media: readonly Tag[];
  readonly variants: readonly Variant[];
  readonly pictures: readonly Tag[];
}

type Pathway = SteeredOrder["pathways"][number];

export function steeredPlaylist(order: SteeredOrder): Steered {
  const { pathways, steeringUrl } = order;
  const reading = readPlaylist(order.text);
  if (reading.kind === "unfit") return reading;
  const [first] = pathways;
  if (first === undefined) return { kind: "unfit", because: "no pathway was given" };
  const { head, media, variants, pictures } = reading.playlist;
  const steering = `#EXT-X-CONTENT-STEERING:SERVER-URI="${quotable(new URL(steeringUrl))}",PATHWAY-ID="${first.id}"`;
  const lines = [
    ...head.map((line) => (typeof line === "string" ? line : tagText(withUri(line, first)))),
    steering,
    ...pathways.flatMap((pathway) => media.map((tag) => tagText(rendition(tag, pathway)))),
    ...pathways.flatMap((pathway) =>
      variants.flatMap(({ tag, uri }) => [tagText(variant(tag, uri, pathway)), addressOf(uri, pathway)]),
    ),
    ...pathways.flatMap((pathway) =>
      pictures.map((tag) => tagText(onPathway(withUri(tag, pathway), pathway))),
    ),
  ];
  return { kind: "steered", text: `${lines.join("\n")}\n` };
}

type Reading = { readonly kind: "read"; readonly playlist: Playlist } | Extract<Steered, { kind: "unfit" }>;

function readPlaylist(text: string): Reading {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines[0] !== "#EXTM3U") return { kind: "unfit", because: "it is no playlist: #EXTM3U is missing" };
  const head: (string | Tag)[] = [];
  const [media, variants, pictures]: [Tag[], Variant[], Tag[]] = [[], [], []];
  let waiting: Tag | undefined;
  for (const line of lines) {
    if (!line.startsWith("#")) {
      if (waiting === undefined) return { kind: "unfit", because: `nothing says what ${line} is` };
      variants.push({ tag: waiting, uri: line });
      waiting = undefined;
      continue;
    }
    const tag = tagOf(line);
    if (tag === undefined) {
      head.push(line);
      continue;
    }
    const stranger = steered(tag);
    if (stranger !== undefined) return { kind: "unfit", because: stranger };
    if (tag.name === "#EXT-X-MEDIA") media.push(tag);
    else if (tag.name === "#EXT-X-I-FRAME-STREAM-INF") pictures.push(tag);
    else if (tag.name === "#EXT-X-STREAM-INF") waiting = tag;
    else head.push(tag);
  }
  if (variants.length === 0) return { kind: "unfit", because: "it has no variants" };
  return { kind: "read", playlist: { head, media, variants, pictures } };
}

/** Why a playlist with this tag has pathways of its own. */
function steered({ name, attributes }: Tag): string | undefined {
  if (name === "#EXT-X-CONTENT-STEERING" || attributes.has("PATHWAY-ID")) return "it is steered already";
  return name === "#EXT-X-DEFINE" ? "it has variables, which stand for addresses" : undefined;
}

const attribute = /([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)/y;

/** A tag with an attribute list; undefined for every other line. */
function tagOf(line: string): Tag | undefined {
  const [name = "", list] = split(line);
  if (!name.startsWith("#EXT") || list === undefined) return undefined;
  const attributes = new Map<string, string>();
  attribute.lastIndex = 0;
  while (attribute.lastIndex < list.length) {
    const [, key = "", value = ""] = attribute.exec(list) ?? [];
    if (key === "") return undefined;
    attributes.set(key, value);
  }
  return { name, attributes };
}

function split(line: string): readonly [name: string, list: string | undefined] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, undefined] : [line.slice(0, colon), line.slice(colon + 1)];
}

function tagText({ name, attributes }: Tag): string {
  return `${name}:${[...attributes].map(([key, value]) => `${key}=${value}`).join(",")}`;
}

function rendition(tag: Tag, pathway: Pathway): Tag {
  const group = tag.attributes.get("GROUP-ID");
  const uri = unquoted(tag.attributes.get("URI"));
  const named = {
    ...(group === undefined ? {} : { "GROUP-ID": groupOn(group, pathway) }),
    ...(uri === undefined ? {} : stableId(tag, "STABLE-RENDITION-ID", uri)),
  };
  return onPathway(withUri(changed(tag, named), pathway), pathway);
}

const groups = ["AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"];

function variant(tag: Tag, uri: string, pathway: Pathway): Tag {
  const own = groups.flatMap((name) => {
    const group = tag.attributes.get(name);
    return group?.startsWith('"') === true ? [[name, groupOn(group, pathway)] as const] : [];
  });
  const named = { ...Object.fromEntries(own), ...stableId(tag, "STABLE-VARIANT-ID", uri) };
  return onPathway(changed(tag, named), pathway);
}

function onPathway(tag: Tag, pathway: Pathway): Tag {
  return changed(tag, { "PATHWAY-ID": `"${pathway.id}"` });
}

function withUri(tag: Tag, pathway: Pathway): Tag {
  const uri = unquoted(tag.attributes.get("URI"));
  return uri === undefined ? tag : changed(tag, { URI: `"${addressOf(uri, pathway)}"` });
}

function changed(tag: Tag, values: Readonly<Record<string, string>>): Tag {
  return { ...tag, attributes: new Map([...tag.attributes, ...Object.entries(values)]) };
}

function groupOn(quoted: string, pathway: Pathway): string {
  return `"${unquoted(quoted)}@${pathway.id}"`;
}

/** Where the package gave none, the address inside the package serves: it is the same on every pathway. */
function stableId(tag: Tag, name: string, uri: string): Readonly<Record<string, string>> {
  const id = uri.replace(/\.m3u8$/, "");
  return tag.attributes.has(name) || !/^[A-Za-z0-9+/=._-]+$/.test(id) ? {} : { [name]: `"${id}"` };
}

function addressOf(uri: string, pathway: Pathway): string {
  return URL.canParse(uri, pathway.folder) ? quotable(new URL(uri, pathway.folder)) : uri;
}

/** A host may hold quotes, which would end the attribute. */
function quotable(url: URL): string {
  return url.href.replaceAll('"', "%22");
}

function unquoted(value: string | undefined): string | undefined {
  return value?.replace(/^"(.*)"$/, "$1");
}
