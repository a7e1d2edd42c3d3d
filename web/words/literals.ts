// Finds sentences that stand in a page itself instead of a catalogue, where nobody can translate them.
import { z } from "zod";

const node = z.looseObject({ type: z.string() });
type Node = z.infer<typeof node>;

/** Attributes that people hear or read. */
const spoken: ReadonlySet<string> = new Set([
  "aria-label",
  "title",
  "placeholder",
  "alt",
  "aria-description",
]);
/** Two small letters, or two of a script that has none: an abbreviation ("CRF") is no sentence. */
const word = /\p{Ll}{2,}|\p{Lo}{2,}/u;

/**
 * Texts with a word in them that a page draws as they stand. What is inside an element marked `lang`, or is code, is not meant to be
 * translated.
 */
export function literalsIn(program: unknown): readonly string[] {
  const found: string[] = [];
  walk(node.parse(program), found);
  return found;
}

function walk(one: Node, found: string[]): void {
  if (one.type === "JSXElement" && isMarked(one)) return;
  if (one.type === "JSXText") note(one.value, found);
  if (one.type === "JSXAttribute" && spoken.has(nameOf(one))) drawn(one.value, found);
  if (one.type === "JSXElement" || one.type === "JSXFragment") {
    for (const child of nodesIn(one.children)) {
      if (child.type === "JSXExpressionContainer") drawn(child.expression, found);
    }
  }
  for (const child of Object.values(one).flatMap(nodesIn)) walk(child, found);
}

/** Texts that an expression may become: not what stands in a call, an object or a comparison. */
function drawn(value: unknown, found: string[]): void {
  for (const one of nodesIn(value)) {
    switch (one.type) {
      case "Literal":
        note(one.value, found);
        break;
      case "TemplateLiteral":
        for (const part of nodesIn(one.quasis)) note(Object(part.value).cooked, found);
        break;
      case "ConditionalExpression":
        drawn(one.consequent, found);
        drawn(one.alternate, found);
        break;
      case "LogicalExpression":
        drawn(one.right, found);
        break;
      case "JSXExpressionContainer":
        drawn(one.expression, found);
    }
  }
}

function note(text: unknown, found: string[]): void {
  // An address is the same in every language.
  if (typeof text === "string" && word.test(text.replaceAll(/\bhttps?:\/\/\S*/g, "")))
    found.push(text.trim());
}

function isMarked(element: Node): boolean {
  const opening = Object(element.openingElement);
  const name = Object(opening.name).name;
  return name === "code" || nodesIn(opening.attributes).some((attribute) => nameOf(attribute) === "lang");
}

function nameOf(attribute: Node): string {
  return String(Object(attribute.name).name ?? "");
}

function nodesIn(value: unknown): readonly Node[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.flatMap((one) => {
    const read = node.safeParse(one);
    return read.success ? [read.data] : [];
  });
}
