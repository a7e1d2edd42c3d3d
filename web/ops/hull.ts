// What the encode panel reads out of a report: the points the optimiser chose, and sentences about its figures.
import { digits } from "#web/format.ts";
import type { EncodeReport } from "#wire/encode-report.ts";

export type TrialPoint = EncodeReport["trials"][number];

/** What each rung chose for a shot. Reports of before chosen points were written show those that were tried. */
export function chosenPoints(report: EncodeReport, shot: number): readonly TrialPoint[] {
  return report.ladder.flatMap((rung) => {
    const among = rung.points ?? report.trials.filter((trial) => trial.height === rung.height);
    const point = among.find((found) => found.shot === shot && found.crf === rung.crf[shot]);
    return point === undefined ? [] : [point];
  });
}

/** Distinct heights of the trials, low to high: the figure's colours. */
export function heightsOf(report: EncodeReport): readonly number[] {
  return [...new Set(report.trials.map((trial) => trial.height))].sort((a, b) => a - b);
}

export function shotSeconds(report: EncodeReport, shot: number): number {
  const found = report.shots[shot];
  return found === undefined ? 0 : (found.endFrame - found.startFrame) / report.source.fps;
}

/** A fallback metric is never called VMAF. */
export function metricName(metric: EncodeReport["metric"]): string {
  const known: Readonly<Record<string, string>> = { vmaf: "VMAF", ssim: "SSIM × 100" };
  return known[metric.name] ?? metric.name;
}

export function metricSentence(metric: EncodeReport["metric"]): string {
  const model = metric.model === "" ? "" : `, model ${metric.model}`;
  const frames = metric.subsample === 1 ? "every frame" : `one frame in ${metric.subsample}`;
  const size = `${metric.displayWidth}×${metric.displayHeight}`;
  return `${metric.name.toUpperCase()}${model}, ${metric.pooling} of ${frames}, seen at ${size}`;
}

/** "24" where all shots agree, else "21–30". */
export function rangeWords(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? digits(low) : `${digits(low)}–${digits(high)}`;
}

/** Room that a tick's words need, with the gap to the next. */
const tickPixels = 42;

/** Half-decades, by which a logarithmic axis is read; in a figure without room for them, whole ones. */
export function rateTicks([low, high]: readonly [number, number], width: number): readonly number[] {
  const decades = Array.from({ length: 9 }, (_, power) => 10 ** (power + 1));
  const halves = decades.flatMap((decade) => [decade, 3 * decade]);
  const pixelsPerHalf = (width / Math.log10(high / low)) * Math.log10(3);
  return (pixelsPerHalf < tickPixels ? decades : halves).filter((tick) => tick >= low && tick <= high);
}
