// The text of a pattern as a tree, or why it is none.

export interface CharacterSet {
  /** Code points, inclusive. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
  readonly isExcluded: boolean;
}

export type Node =
  | { readonly kind: "one-of"; readonly set: CharacterSet }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "row" | "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly of: Node; readonly least: number; readonly most: number | undefined };

export type SyntaxReading =
  | { readonly kind: "read"; readonly node: Node }
  | { readonly kind: "refused"; readonly because: string };

/** Chosen by us: tag values are short, and so is what tells them apart. */
const longest = 256;
const mostRepeats = 100;
const deepest = 20;

/** What is left to read, and the first thing that was wrong. */
interface Reader {
  readonly characters: readonly string[];
  at: number;
  depth: number;
  wrong: string | undefined;
}

export function readPattern(text: string): SyntaxReading {
  if (text.length > longest) {
    return {
      kind: "refused",
      because: `a pattern has at most ${longest} characters, this one has ${text.length}`,
    };
  }
  const reader: Reader = { characters: [...text], at: 0, depth: 0, wrong: undefined };
  const node = choice(reader);
  if (reader.at < reader.characters.length) reader.wrong ??= "a ) closes nothing";
  return reader.wrong === undefined ? { kind: "read", node } : { kind: "refused", because: reader.wrong };
}

function peek({ characters, at }: Reader): string | undefined {
  return characters[at];
}

function take(reader: Reader): string | undefined {
  const character = reader.characters[reader.at];
  reader.at += 1;
  return character;
}

function choice(reader: Reader): Node {
  const parts = [row(reader)];
  while (peek(reader) === "|") {
    reader.at += 1;
    parts.push(row(reader));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: "choice", parts };
}

function row(reader: Reader): Node {
  const parts: Node[] = [];
  for (
    let next = peek(reader);
    next !== undefined && next !== "|" && next !== ")" && reader.wrong === undefined;
    next = peek(reader)
  ) {
    parts.push(repeated(reader, piece(reader)));
  }
  return { kind: "row", parts };
}

function piece(reader: Reader): Node {
  const character = take(reader) ?? "";
  switch (character) {
    case "(":
      return group(reader);
    case "[":
      return { kind: "one-of", set: bracket(reader) };
    case ".":
      return { kind: "one-of", set: { ranges: [], isExcluded: true } };
    case "^":
      return { kind: "start" };
    case "$":
      return { kind: "end" };
    case "\\":
      return { kind: "one-of", set: escaped(reader) };
    case "*":
    case "+":
    case "?":
    case "{":
      reader.wrong ??= `${character} repeats nothing`;
      return { kind: "row", parts: [] };
    default:
      return { kind: "one-of", set: literal(character) };
  }
}

function group(reader: Reader): Node {
  reader.depth += 1;
  if (reader.depth > deepest) reader.wrong ??= `groups stand in each other more than ${deepest} deep`;
  if (peek(reader) === "?") {
    reader.at += 1;
    if (take(reader) !== ":")
      reader.wrong ??= "of groups that begin with (? only (?: is known: no looking ahead or back";
  }
  const inner: Node = reader.wrong === undefined ? choice(reader) : { kind: "row", parts: [] };
  if (take(reader) !== ")") reader.wrong ??= "a ( is not closed";
  reader.depth -= 1;
  return inner;
}

function repeated(reader: Reader, of: Node): Node {
  const sign = peek(reader);
  const bounds = sign === "{" ? counted(reader) : simple(sign);
  if (bounds === undefined) return of;
  if (sign !== "{") reader.at += 1;
  const after = peek(reader);
  if (after === "*" || after === "+" || after === "{")
    reader.wrong ??= `${after} repeats a repetition; put it in ( )`;
  // Whether it takes as much or as little as it can changes nothing when only a match is asked for.
  if (after === "?") reader.at += 1;
  return { kind: "repeat", of, ...bounds };
}

interface Bounds {
  readonly least: number;
  readonly most: number | undefined;
}

function simple(sign: string | undefined): Bounds | undefined {
  if (sign === "*") return { least: 0, most: undefined };
  if (sign === "+") return { least: 1, most: undefined };
  return sign === "?" ? { least: 0, most: 1 } : undefined;
}

function counted(reader: Reader): Bounds {
  const rest = reader.characters.slice(reader.at, reader.at + 16).join("");
  const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(rest);
  const [whole = "", first = "", comma, second = ""] = found ?? [];
  reader.at += Math.max(1, whole.length);
  const least = Number(first);
  const most = comma === undefined ? least : second === "" ? undefined : Number(second);
  if (found === null) reader.wrong ??= "a { begins no {m}, {m,} or {m,n}";
  else if (Math.max(least, most ?? 0) > mostRepeats)
    reader.wrong ??= `at most ${mostRepeats} repetitions are counted`;
  else if (most !== undefined && most < least) reader.wrong ??= `${whole} ends before it begins`;
  return reader.wrong === undefined ? { least, most } : { least: 0, most: 0 };
}

function literal(character: string): CharacterSet {
  const code = character.codePointAt(0) ?? 0;
  return { ranges: [[code, code]], isExcluded: false };
}

const digits: CharacterSet["ranges"] = [[0x30, 0x39]];
const words: CharacterSet["ranges"] = [...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const blanks: CharacterSet["ranges"] = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const classes: Readonly<Record<string, CharacterSet["ranges"]>> = { d: digits, w: words, s: blanks };

function escaped(reader: Reader): CharacterSet {
  const character = take(reader);
  if (character === undefined) reader.wrong ??= "a \\ stands at the end";
  const name = character ?? "";
  const known = Object.hasOwn(classes, name.toLowerCase()) ? classes[name.toLowerCase()] : undefined;
  if (known !== undefined) return { ranges: known, isExcluded: name !== name.toLowerCase() };
  if (/[A-Za-z0-9]/.test(name))
    reader.wrong ??= `\\${name} is not known: no references back, no names of classes`;
  return literal(name);
}

function bracket(reader: Reader): CharacterSet {
  const isExcluded = peek(reader) === "^";
  if (isExcluded) reader.at += 1;
  const ranges: (readonly [number, number])[] = [];
  for (let first = true; first || peek(reader) !== "]"; first = false) {
    const character = take(reader);
    if (character === undefined) {
      reader.wrong ??= "a [ is not closed";
      break;
    }
    const set = character === "\\" ? escaped(reader) : literal(character);
    if (set.isExcluded) reader.wrong ??= "an opposite (\\D, \\W, \\S) cannot stand in [ ]";
    ranges.push(...upTo(reader, set));
    if (reader.wrong !== undefined) break;
  }
  reader.at += 1;
  return { ranges, isExcluded };
}

/** "a-z" when a - follows and is not the last; else the set as it is. */
function upTo(reader: Reader, { ranges }: CharacterSet): CharacterSet["ranges"] {
  const [dash, end] = [reader.characters[reader.at], reader.characters[reader.at + 1]];
  const [low] = ranges[0] ?? [0];
  if (dash !== "-" || end === undefined || end === "]" || ranges.length !== 1) return ranges;
  reader.at += 2;
  const high = (end === "\\" ? literal(take(reader) ?? "") : literal(end)).ranges[0]?.[0] ?? 0;
  if (high < low) reader.wrong ??= `the range ends before it begins`;
  return [[low, high]];
}
