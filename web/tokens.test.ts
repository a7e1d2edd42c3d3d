import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

type Theme = ReadonlyMap<string, string>;

/** The dark tokens, and the light ones laid over them. */
function themes(): Readonly<Record<"dark" | "light", Theme>> {
  const css = readFileSync(new URL("tokens.css", import.meta.url), "utf8");
  const [before = "", after = ""] = css.split("@media (prefers-color-scheme: light)");
  const dark = coloursOf(before);
  return { dark, light: new Map([...dark, ...coloursOf(after)]) };
}

function coloursOf(css: string): Map<string, string> {
  return new Map(
    [...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", colour = ""]) => [name, colour]),
  );
}

/** Source: WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const text = [
  ...["ink", "ink-soft", "ink-faint"].flatMap((ink) =>
    ["ground", "surface", "raised"].map((on) => [ink, on]),
  ),
  ["accent-ink", "accent"],
  ["accent", "accent-wash"],
  ...["good", "warn", "bad"].map((state) => [state, `${state}-wash`]),
];
const drawn = [
  ...["buffer", "rung", "throughput", "stall", "switch", "line-strong", "focus"],
  ...[1, 2, 3, 4, 5, 6].flatMap((n) => [`appliance-${n}`, `height-${n}`]),
].flatMap((colour) => ["ground", "surface"].map((on) => [colour, on]));

for (const [name, theme] of Object.entries(themes())) {
  test(`[WE17] text can be read and figures can be seen in the ${name} theme`, () => {
    const short = [...text.map((pair) => [...pair, 4.5]), ...drawn.map((pair) => [...pair, 3])].flatMap(
      ([front, back, least]) => {
        const [a, b] = [theme.get(String(front)), theme.get(String(back))];
        assert.ok(a !== undefined && b !== undefined, `no colour ${front} or ${back}`);
        const ratio = contrast(a, b);
        return ratio >= Number(least) ? [] : [`${front} on ${back}: ${ratio.toFixed(2)}, wanted ${least}`];
      },
    );
    assert.deepEqual(short, []);
  });
}
