// What all figures share: the classes and colours that web/tokens.css gives meaning, and quantities as short words.
import type { ServerKind } from "#model/placement-picture.ts";
import { short } from "#units/in-words.ts";

/** What a figure is drawn on. `document` is needed where there is no browser. */
export interface Sheet {
  readonly width: number;
  readonly document?: Document | undefined;
}

export const svgSpace = "http://www.w3.org/2000/svg";

const kindColours: Readonly<Record<ServerKind, string>> = {
  fast: "var(--appliance-2)",
  even: "var(--appliance-3)",
  large: "var(--appliance-1)",
};

export function kindColour(kind: ServerKind): string {
  return kindColours[kind];
}

/** "12.3 %", of a share in [0, 1]. */
export function percentWords(share: number): string {
  return `${short(100 * share)} %`;
}
