// The decoder level of a rendition: fixed for all its pieces, so that they share one init segment.
import type { FrameRate } from "#units/quantity.ts";
import type { Size } from "./size.ts";

type Level = readonly [name: string, samplesPerSecond: number, samples: number, kilobits: number];

/** Macroblocks; kbit/s in High profile, 1.25 × MaxBR. Source: ITU-T H.264 table A-1 (MaxMBPS, MaxFS, MaxBR) and §A.3.3. */
const h264: readonly Level[] = [
  ["3.0", 40_500, 1620, 12_500],
  ["3.1", 108_000, 3600, 17_500],
  ["3.2", 216_000, 5120, 25_000],
  ["4.0", 245_760, 8192, 25_000],
  ["4.1", 245_760, 8192, 62_500],
  ["4.2", 522_240, 8704, 62_500],
  ["5.0", 589_824, 22_080, 168_750],
  ["5.1", 983_040, 36_864, 300_000],
  ["5.2", 2_073_600, 36_864, 300_000],
  ["6.0", 4_177_920, 139_264, 300_000],
  ["6.2", 16_711_680, 139_264, 1_000_000],
];

/** Luma samples; kbit/s in Main tier. Source: ITU-T H.265 tables A.8 and A.9 (MaxLumaPs, MaxLumaSr, MaxBR). */
const h265: readonly Level[] = [
  ["3.0", 16_588_800, 552_960, 6000],
  ["3.1", 33_177_600, 983_040, 10_000],
  ["4.0", 66_846_720, 2_228_224, 12_000],
  ["4.1", 133_693_440, 2_228_224, 20_000],
  ["5.0", 267_386_880, 8_912_896, 25_000],
  ["5.1", 534_773_760, 8_912_896, 40_000],
  ["5.2", 1_069_547_520, 8_912_896, 60_000],
  ["6.2", 4_278_190_080, 35_651_584, 240_000],
];

/**
 * The lowest H.264 level that holds the picture and `peak` bits/s; 3.0 at least, which every player of the last fifteen
 * years has.
 */
export function levelFor(size: Size, rate: FrameRate, peak: number): string {
  return lowest(h264, Math.ceil(size.width / 16) * Math.ceil(size.height / 16), rate, peak);
}

/** The lowest HEVC level of Main tier, without its point. */
export function hevcLevelFor(size: Size, rate: FrameRate, peak: number): string {
  return lowest(h265, size.width * size.height, rate, peak).replace(".", "");
}

function lowest(levels: readonly Level[], samples: number, rate: FrameRate, peak: number): string {
  const perSecond = (samples * rate.num) / rate.den;
  const fits = levels.find(
    ([, mostPerSecond, most, kilobits]) =>
      perSecond <= mostPerSecond && samples <= most && peak <= kilobits * 1000,
  );
  return fits?.[0] ?? levels.at(-1)?.[0] ?? "6.2";
}
