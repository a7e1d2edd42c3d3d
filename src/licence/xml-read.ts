// A small reader of XML from strangers: elements, attributes, text. What could stand for more than it is (document types, entities of
// one's own, instructions) is refused, and depth, size and number are bounded before anything is built. Each letter is looked at
// once: every pattern is anchored where the last one ended and none has a choice to go back on. Source: XML 1.0 §2, §3; names with
// a prefix are looked up by XML Namespaces 1.0.

export interface XmlElement {
  /** Undefined: in no namespace. */
  readonly namespace: string | undefined;
  /** Without its prefix. */
  readonly name: string;
  /** By name as written. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly inside. */
  readonly text: string;
}

export type XmlReading =
  | { readonly kind: "read"; readonly root: XmlElement }
  | { readonly kind: "refused"; readonly because: string };

export const xmlLimits = { letters: 1024 * 1024, depth: 32, elements: 4096, attributes: 64 } as const;

const space = /[ \t\r\n]*/y;
const text = /[^<&]+/y;
const startTag = /<([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)/y;
const endTag = /<\/([A-Za-z_][\w.:-]*)[ \t\r\n]*>/y;
const attribute = /[ \t\r\n]+([A-Za-z_][\w.:-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /[ \t\r\n]*(\/?)>/y;
const declaration = /<\?xml[ \t\r\n][^<>?]*\?>/y;
const reference = /&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/y;
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

interface Open {
  readonly written: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly pieces: string[];
}

class Refused extends Error {}

export function readXml(source: string): XmlReading {
  if (source.length > xmlLimits.letters) {
    return { kind: "refused", because: `it has more than ${xmlLimits.letters} letters` };
  }
  try {
    return { kind: "read", root: new Reader(source).root() };
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused", because: error.message };
    throw error;
  }
}

class Reader {
  readonly #source: string;
  #at = 0;
  #elements = 0;

  constructor(source: string) {
    this.#source = source;
  }

  root(): XmlElement {
    if (this.#source.startsWith("\uFEFF")) this.#at = 1;
    this.#take(declaration);
    this.#skip();
    const open: Open[] = [];
    for (;;) {
      const done = this.#step(open);
      if (done === undefined) continue;
      this.#skip();
      if (this.#at < this.#source.length) throw new Refused("something stands behind its end");
      return done;
    }
  }

  /** One piece; the root when it is closed. */
  #step(open: Open[]): XmlElement | undefined {
    const inside = open.at(-1);
    const plain = inside === undefined ? undefined : this.#take(text)?.[0];
    if (plain !== undefined) {
      inside?.pieces.push(plain);
      return undefined;
    }
    if (inside !== undefined && this.#source[this.#at] === "&") {
      inside.pieces.push(this.#reference());
      return undefined;
    }
    if (this.#comment()) return undefined;
    const end = this.#take(endTag);
    if (end !== undefined) return this.#close(open, end[1] ?? "");
    const start = this.#take(startTag);
    if (start !== undefined) return this.#open(open, start[1] ?? "");
    throw new Refused(this.#strange());
  }

  #strange(): string {
    const here = this.#source.slice(this.#at, this.#at + 9);
    if (here === "") return "it ends in the middle";
    if (here.startsWith("<!DOCTYPE")) return "it has a document type";
    if (here.startsWith("<![CDATA[")) return "it has a CDATA section";
    if (here.startsWith("<?")) return "it has a processing instruction";
    return "it is not well-formed";
  }

  #open(open: Open[], written: string): XmlElement | undefined {
    this.#elements += 1;
    if (this.#elements > xmlLimits.elements)
      throw new Refused(`it has more than ${xmlLimits.elements} elements`);
    if (open.length >= xmlLimits.depth) throw new Refused(`it is deeper than ${xmlLimits.depth}`);
    const attributes = this.#attributes();
    const prefixes = new Map(open.at(-1)?.prefixes);
    for (const [name, value] of attributes) {
      if (name === "xmlns") prefixes.set("", value);
      else if (name.startsWith("xmlns:")) prefixes.set(name.slice(6), value);
    }
    const end = this.#take(tagEnd);
    if (end === undefined) throw new Refused("a tag does not end");
    open.push({ written, attributes, prefixes, children: [], pieces: [] });
    return end[1] === "/" ? this.#close(open, written) : undefined;
  }

  #attributes(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (let one = this.#take(attribute); one !== undefined; one = this.#take(attribute)) {
      const [, name = "", double, single] = one;
      if (found.has(name)) throw new Refused("an attribute is there twice");
      if (found.size >= xmlLimits.attributes)
        throw new Refused(`a tag has more than ${xmlLimits.attributes} attributes`);
      found.set(name, unescaped(double ?? single ?? ""));
    }
    return found;
  }

  #close(open: Open[], written: string): XmlElement | undefined {
    const closed = open.pop();
    if (closed === undefined || closed.written !== written) throw new Refused("its tags do not match");
    const [local = "", prefix = ""] = written.split(":").toReversed();
    const namespace = closed.prefixes.get(prefix);
    if (prefix !== "" && namespace === undefined) throw new Refused("a prefix stands for nothing");
    const { attributes, children } = closed;
    const element = { namespace, name: local, attributes, children, text: closed.pieces.join("") };
    const outer = open.at(-1);
    if (outer === undefined) return element;
    outer.children.push(element);
    return undefined;
  }

  #reference(): string {
    const found = this.#take(reference);
    if (found === undefined) throw new Refused("it has an entity that XML does not have by itself");
    return letterOf(found);
  }

  /** Comments are passed over. Their end is looked for once. */
  #comment(): boolean {
    if (!this.#source.startsWith("<!--", this.#at)) return false;
    const end = this.#source.indexOf("-->", this.#at + 4);
    if (end < 0) throw new Refused("a comment does not end");
    this.#at = end + 3;
    return true;
  }

  #skip(): void {
    do this.#take(space);
    while (this.#comment());
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }
}

function unescaped(value: string): string {
  const parts: string[] = [];
  for (let at = 0; at < value.length; ) {
    const next = value.indexOf("&", at);
    parts.push(value.slice(at, next < 0 ? undefined : next));
    if (next < 0) break;
    reference.lastIndex = next;
    const found = reference.exec(value);
    if (found === null) throw new Refused("it has an entity that XML does not have by itself");
    parts.push(letterOf(found));
    at = next + found[0].length;
  }
  return parts.join("");
}

function letterOf([, name, decimal, hex]: RegExpExecArray): string {
  if (name !== undefined) return named[name] ?? "";
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const fit =
    code === 9 ||
    code === 10 ||
    code === 13 ||
    (code >= 32 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0x10ffff);
  if (!fit || code === 0xfffe || code === 0xffff) throw new Refused("it has a letter that XML has not");
  return String.fromCodePoint(code);
}
