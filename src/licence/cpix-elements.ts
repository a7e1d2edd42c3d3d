// Elements of a CPIX document by name, whatever prefixes it uses.
import type { XmlElement } from "./xml-read.ts";

export const cpixSpace = "urn:dashif:org:cpix";

export function inside(root: XmlElement, list: string, name: string): readonly XmlElement[] {
  return root.children
    .filter((child) => is(child, cpixSpace, list))
    .flatMap(({ children }) => children.filter((child) => is(child, cpixSpace, name)));
}

export function is(element: XmlElement, namespace: string, name: string): boolean {
  return element.namespace === namespace && element.name === name;
}
