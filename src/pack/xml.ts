// XML as data, and the data as text: what a film's names hold can never become markup. Source: XML 1.0 §2.4.

export interface Element {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly Element[];
  /** Only in an element without children. */
  readonly text: string;
}

export function element(
  name: string,
  attributes: Element["attributes"],
  children: readonly Element[] = [],
): Element {
  return { name, attributes, children, text: "" };
}

export function textElement(name: string, text: string): Element {
  return { name, attributes: [], children: [], text };
}

/** Two spaces per level, one element a line. */
export function xmlText({ name, attributes, children, text }: Element, indent = ""): string {
  const words = attributes.map(([key, value]) => ` ${key}="${escaped(value)}"`).join("");
  if (children.length > 0) {
    const inside = children.map((child) => xmlText(child, `${indent}  `)).join("");
    return `${indent}<${name}${words}>\n${inside}${indent}</${name}>\n`;
  }
  if (text === "") return `${indent}<${name}${words}/>\n`;
  return `${indent}<${name}${words}>${escaped(text)}</${name}>\n`;
}

/** Control characters, halves of a pair and two that are none have no place in XML 1.0, escaped or not. Source: XML 1.0 §2.2. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
