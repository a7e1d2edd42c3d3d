// Axes of the rate–quality drawings: bitrate to the right (logarithmic), quality upwards; and the marks put on them.
import { type Markup, markup } from "./report-page-markup.ts";
import { extent } from "./report-page-words.ts";

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Scales {
  readonly frame: Frame;
  readonly x: (bitsPerSecond: number) => number;
  readonly y: (quality: number) => number;
  readonly rateTicks: readonly number[];
  readonly qualityTicks: readonly number[];
}

/** Share of the width and height that stays free around the outermost points. */
const margin = 0.04;
/** Room that a tick's words need. */
const tickPixels = 46;

export function scalesFor(frame: Frame, rates: readonly number[], qualities: readonly number[]): Scales {
  const [low, high] = widened(extent(rates.map((rate) => Math.log10(Math.max(1, rate)))), 0.1);
  const [worst, best] = widened(extent(qualities), 1);
  const top = Math.min(best, Math.max(100, best - 1));
  const inner = {
    width: frame.width - frame.left - frame.right,
    height: frame.height - frame.top - frame.bottom,
  };
  const bottom = Math.max(0, worst);
  return {
    frame,
    x: (rate) => frame.left + ((Math.log10(Math.max(1, rate)) - low) / (high - low)) * inner.width,
    y: (quality) => frame.top + ((top - quality) / (top - bottom)) * inner.height,
    rateTicks: rateTicks(low, high, inner.width),
    qualityTicks: qualityTicks(bottom, top, inner.height),
  };
}

function widened([low, high]: readonly [number, number], least: number): readonly [number, number] {
  const more = Math.max((high - low) * margin, least);
  return [low - more, high + more];
}

/** 1–2–5 steps where there is room, else coarser. */
function rateTicks(low: number, high: number, width: number): readonly number[] {
  const decades = Array.from({ length: 10 }, (_, power) => 10 ** power);
  const steps = [[1, 2, 5], [1, 3], [1]].map((digits) =>
    decades
      .flatMap((decade) => digits.map((digit) => digit * decade))
      .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high),
  );
  const fits = steps.find((ticks) => ticks.length * tickPixels <= width && ticks.length > 0);
  return fits ?? steps[0] ?? [];
}

function qualityTicks(low: number, high: number, height: number): readonly number[] {
  const most = Math.max(2, Math.floor(height / 36));
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((size) => (high - low) / size <= most) ?? 50;
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** Grid, axis words, and what the axes are. */
export function axes({ frame, x, y, rateTicks: rates, qualityTicks: qualities }: Scales): Markup {
  const base = frame.height - frame.bottom;
  const end = frame.width - frame.right;
  const up = qualities.map((quality) => {
    const at = fixed(y(quality));
    return markup`<path class="grid" d="M${frame.left} ${at}H${end}"/><text x="${frame.left - 5}" y="${at}" dy="0.35em" text-anchor="end">${quality}</text>`;
  });
  const across = rates.map((rate) => {
    const at = fixed(x(rate));
    return markup`<path class="grid" d="M${at} ${frame.top}V${base}"/><text x="${at}" y="${base + 14}" text-anchor="middle">${tickWords(rate)}</text>`;
  });
  return markup`${up}${across}`;
}

function tickWords(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${bitsPerSecond / 1e6}M`;
  return bitsPerSecond >= 1e3 ? `${bitsPerSecond / 1e3}k` : `${bitsPerSecond}`;
}

export type Shape = "circle" | "square" | "diamond" | "triangle" | "plus" | "cross";

/** Path of a mark of half width `r` around (x, y). */
export function markPath(shape: Shape, x: number, y: number, r: number): string {
  const [left, right, top, bottom] = [x - r, x + r, y - r, y + r].map(fixed);
  const [cx, cy] = [fixed(x), fixed(y)];
  switch (shape) {
    case "circle":
      return `M${left} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case "square":
      return `M${left} ${top}H${right}V${bottom}H${left}z`;
    case "diamond":
      return `M${left} ${cy}L${cx} ${top}L${right} ${cy}L${cx} ${bottom}z`;
    case "triangle":
      return `M${left} ${bottom}L${cx} ${top}L${right} ${bottom}z`;
    case "plus":
      return `M${left} ${cy}H${right}M${cx} ${top}V${bottom}`;
    case "cross":
      return `M${left} ${top}L${right} ${bottom}M${right} ${top}L${left} ${bottom}`;
  }
}

export function linePath(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${fixed(x)} ${fixed(y)}`).join("");
}

/** A tenth of a pixel is enough, and short. */
export function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
