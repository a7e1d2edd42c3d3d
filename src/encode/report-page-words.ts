// Figures as the page writes them, and the sentence that says what a quality is.
import type { Origin, PageReport } from "./report-page-data.ts";

export function rateWords(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`;
  return `${(bitsPerSecond / 1e3).toFixed(bitsPerSecond < 1e4 ? 1 : 0)} kbit/s`;
}

export function bytesWords(bytes: number): string {
  const size = Math.abs(bytes);
  if (size >= 1e9) return `${signed(bytes / 1e9, 2)} GB`;
  if (size >= 1e6) return `${signed(bytes / 1e6, 2)} MB`;
  return `${signed(bytes / 1e3, 1)} kB`;
}

export function timeWords(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(whole % 60)} s`;
}

/** Where in the film, as a player shows it. */
export function clockWords(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Three digits that count, however small. */
export function amountWords(value: number): string {
  return threeDigits.format(value).replace("-", "−");
}

export function countWords(count: number): string {
  return grouped.format(count);
}

/** "1 shot", "6 shots". */
export function plural(count: number, one: string): string {
  return `${countWords(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** With its sign: "−12.3", "+0.5". What rounds to nothing has none. */
export function changeWords(value: number, places = 1): string {
  const rounded = Number(value.toFixed(places));
  if (rounded === 0) return (0).toFixed(places);
  return `${rounded > 0 ? "+" : ""}${signed(value, places)}`;
}

/** "24" where all agree, else "21–30". */
export function rangeWords(values: readonly number[]): string {
  const [low, high] = extent(values);
  return low === high ? `${low}` : `${low}–${high}`;
}

/** Lowest and highest; a loop, since a long film has more trials than a call takes arguments. */
export function extent(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 0] : [low, high];
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The name of a measure of somebody's own stands as it is. */
export function metricName({ name }: Pick<PageReport["metric"], "name">): string {
  const known: Readonly<Record<string, string>> = { vmaf: "VMAF", ssim: "SSIM × 100" };
  return known[name] ?? name;
}

export function metricSentence(metric: PageReport["metric"]): string {
  const model = metric.model === "" ? "" : `, model ${metric.model}`;
  const frames = metric.subsample === 1 ? "every frame" : `every ${ordinal(metric.subsample)} frame`;
  const size = `${metric.displayWidth}×${metric.displayHeight}`;
  return `${metricName(metric)}${model}: ${metric.pooling} over ${frames}, both pictures at ${size} when they are compared.`;
}

export function originWords(from: Origin): string {
  return from === "finished" ? "finished encodes" : "predicted from trials";
}

export function codecName(codec: string): string {
  const known: Readonly<Record<string, string>> = { h264: "H.264", hevc: "HEVC", vp9: "VP9", av1: "AV1" };
  return known[codec] ?? codec;
}

export function ordinal(count: number): string {
  if (count === 2) return "second";
  if (count === 3) return "third";
  return `${count}th`;
}

function signed(value: number, places: number): string {
  return value.toFixed(places).replace("-", "−");
}
