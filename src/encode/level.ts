// The H.264 level of a rendition: fixed for all its pieces, so that they share one init segment.
// Source: ITU-T H.264 table A-1 (MaxMBPS, MaxFS).
import type { FrameRate } from "#units/quantity.ts";
import type { Size } from "./trial-grid.ts";

const levels: readonly (readonly [name: string, macroblocksPerSecond: number, macroblocks: number])[] = [
  ["3.0", 40_500, 1620],
  ["3.1", 108_000, 3600],
  ["3.2", 216_000, 5120],
  ["4.0", 245_760, 8192],
  ["4.2", 522_240, 8704],
  ["5.0", 589_824, 22_080],
  ["5.1", 983_040, 36_864],
  ["5.2", 2_073_600, 36_864],
  ["6.0", 4_177_920, 139_264],
  ["6.2", 16_711_680, 139_264],
];

/** The lowest level that holds the picture; 3.0 at least, which every player of the last fifteen years has. */
export function levelFor(size: Size, rate: FrameRate): string {
  const macroblocks = Math.ceil(size.width / 16) * Math.ceil(size.height / 16);
  const perSecond = (macroblocks * rate.num) / rate.den;
  const fits = levels.find(([, mostPerSecond, most]) => perSecond <= mostPerSecond && macroblocks <= most);
  return fits?.[0] ?? "6.2";
}
