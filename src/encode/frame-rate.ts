// The one constant frame rate every later stage works at, and whether the film already has it.
import type { FrameRate } from "#units/quantity.ts";

export interface Pace {
  readonly rate: FrameRate;
  /** Every frame is where the rate puts it. */
  readonly isConstant: boolean;
}

const standardRates: readonly FrameRate[] = [
  { num: 10, den: 1 },
  { num: 12, den: 1 },
  { num: 25, den: 2 },
  { num: 15, den: 1 },
  { num: 24000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30000, den: 1001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60000, den: 1001 },
  { num: 60, den: 1 },
  { num: 100, den: 1 },
  { num: 120000, den: 1001 },
  { num: 120, den: 1 },
];

/** A frame may be this part of a frame off: containers round times to milliseconds. */
const jitter = 0.25;
const sameRate = 0.0005;

/** The pace of frames shown at `times` (rising seconds); `claimed` are the rates the file's header gives. */
export function paceOf(times: readonly number[], claimed: readonly FrameRate[]): Pace {
  const first = times[0] ?? 0;
  const span = (times.at(-1) ?? 0) - first;
  const mean = span > 0 ? [{ num: times.length - 1, den: span }] : [];
  for (const rate of [...claimed, ...mean].map(snapped)) {
    if (isUsable(rate) && times.every((time, n) => isNear(time - first, n, rate)))
      return { rate, isConstant: true };
  }
  const usual = median(times.slice(1).map((time, n) => time - (times[n] ?? 0)));
  const claim = claimed
    .map(snapped)
    .find((rate) => isUsable(rate) && Math.abs((usual * rate.num) / rate.den - 1) < 0.05);
  return { rate: claim ?? nearestStandard(usual > 0 ? 1 / usual : 25), isConstant: times.length < 2 };
}

/** Whole ticks per frame on a time scale of at least 10 000, so that no time in a piece is rounded. */
export function timescaleOf(rate: FrameRate): { readonly timescale: number; readonly ticksPerFrame: number } {
  let factor = 1;
  while (rate.num * factor < 10_000) factor *= 10;
  return { timescale: rate.num * factor, ticksPerFrame: rate.den * factor };
}

function isNear(time: number, n: number, rate: FrameRate): boolean {
  return Math.abs((time * rate.num) / rate.den - n) <= jitter;
}

/** Whole numbers small enough for every container's time scale. */
function isUsable(rate: FrameRate): boolean {
  const whole = Number.isInteger(rate.num) && Number.isInteger(rate.den);
  return whole && rate.num > 0 && rate.den > 0 && rate.num <= 240_000 && rate.den <= 10_000;
}

function snapped(rate: FrameRate): FrameRate {
  const near = standardRates.find(
    (standard) => Math.abs((rate.num * standard.den) / (rate.den * standard.num) - 1) < sameRate,
  );
  return near ?? rate;
}

/** NTSC fractions are only believed when the header claims them. */
function nearestStandard(framesPerSecond: number): FrameRate {
  const distance = (rate: FrameRate): number => Math.abs(Math.log((framesPerSecond * rate.den) / rate.num));
  const whole = standardRates.filter((rate) => rate.den === 1);
  return whole.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
}

function median(values: readonly number[]): number {
  const order = [...values].sort((a, b) => a - b);
  return order[Math.floor(order.length / 2)] ?? 0;
}
