// What all figures share: the classes and colours that web/tokens.css gives meaning, and quantities as short words.
import type { ServerKind } from "#model/placement-picture.ts";

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

/** "1.25 TB": decimal, three digits at most. */
export function bytesWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  const power = bytes > 0 ? Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3))) : 0;
  const value = bytes / 1000 ** power;
  return value >= 999.5 && power < units.length - 1
    ? `1 ${units[power + 1]}`
    : `${short(value)} ${units[power]}`;
}

/** Three significant digits at most, without trailing zeros. What is small is never called nothing. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 0.01)
    return size < 1e-6 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
  return String(Number(value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)));
}
