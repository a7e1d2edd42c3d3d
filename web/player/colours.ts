// Colours of the drawer, from the tokens: one per appliance in the order of first use, the origin always grey.

const colours = 6;

export function sourceColour(sourceId: string, used: readonly string[]): string {
  if (sourceId === "origin") return "var(--appliance-origin)";
  const index = used.filter((id) => id !== "origin").indexOf(sourceId);
  return index < 0 ? "transparent" : `var(--appliance-${(index % colours) + 1})`;
}

/** A token's value, for the canvas, which knows no `var()`. */
export function tokenOf(style: CSSStyleDeclaration, colour: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1] ?? colour;
  return name.startsWith("--") ? style.getPropertyValue(name).trim() || "gray" : name;
}
