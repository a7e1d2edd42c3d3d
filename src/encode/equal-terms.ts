// Two curves on equal terms: what one costs at the other's quality, and looks like at the other's bitrate. Read off only
// where a curve has points on both sides; nothing is extrapolated.
import { type RatePoint, rising } from "./bd-rate.ts";
import { evaluate, pchip } from "./pchip.ts";
import type { Origin, PageBaseline, PageReport, PageRung } from "./report-page-data.ts";

/**
 * The quality a good stream has, at which bits are compared. Source for VMAF: Netflix, Optimized shot-based encodes (2018).
 * SSIM × 100 crowds near 100; ours, chosen to lie inside a usual ladder.
 */
const usualQualities: Readonly<Record<string, number>> = { vmaf: 80, ssim: 95 };

/** On the scale of another metric, the middle of what our own curve spans. */
export function usualQuality(metric: string, ours: readonly RatePoint[]): number {
  const [low, high] = [rising(ours)[0]?.x ?? 0, rising(ours).at(-1)?.x ?? 0];
  return usualQualities[metric] ?? (low + high) / 2;
}

/** log₁₀ of the bitrate is interpolated over quality by a monotone cubic, as in the BD-rate. */
export function rateAt(points: readonly RatePoint[], quality: number): number | undefined {
  const knots = rising(points);
  const [low, high] = [knots[0], knots.at(-1)];
  if (low === undefined || high === undefined || quality < low.x || quality > high.x) return undefined;
  return 10 ** evaluate(pchip(knots), quality);
}

export function qualityAt(points: readonly RatePoint[], bitrate: number): number | undefined {
  const knots = rising(points).map(({ x, y }) => ({ x: y, y: x }));
  const [low, high] = [knots[0], knots.at(-1)];
  const rate = Math.log10(bitrate);
  // The ends are read off too: a curve's own first and last bitrate come back from a logarithm.
  if (low === undefined || high === undefined || rate < low.x - 1e-12 || rate > high.x + 1e-12)
    return undefined;
  return evaluate(pchip(knots), rate);
}

/** `wanted`, or the nearest quality that both curves reach; undefined where they share none. */
export function commonQuality(
  ours: readonly RatePoint[],
  theirs: readonly RatePoint[],
  wanted: number,
): number | undefined {
  const [a, b] = [rising(ours), rising(theirs)];
  const low = Math.max(a[0]?.x ?? Number.POSITIVE_INFINITY, b[0]?.x ?? Number.POSITIVE_INFINITY);
  const high = Math.min(a.at(-1)?.x ?? Number.NEGATIVE_INFINITY, b.at(-1)?.x ?? Number.NEGATIVE_INFINITY);
  return low > high ? undefined : Math.min(high, Math.max(low, wanted));
}

/** One baseline: its curve, and the rate that was computed against it. */
export interface Comparison extends PageBaseline {
  /** A few words, for headings; the label says it in full. */
  readonly title: string;
  /** Null: the curves were not comparable. Undefined: nobody compared them. */
  readonly bdRatePercent: number | null | undefined;
  readonly from: Origin;
}

type ComparedReport = Pick<
  PageReport,
  "baselines" | "fixedLadder" | "bdRatePercent" | "bdRatesFrom" | "bdRateFrom"
>;

/** Baselines in the order they are shown, the plainest first. Those an older report only has a rate for have no points. */
export function comparisons(report: ComparedReport): readonly Comparison[] {
  const { bdRatePercent, fixedLadder, baselines = [] } = report;
  const crf = fixedLadder[0]?.crf;
  const fixed = {
    name: "fixed-ladder",
    label: "one recipe for every film",
    measured: false,
    points: fixedLadder,
  };
  const rows: readonly [name: string, title: string, label: string, key: keyof typeof bdRatePercent][] = [
    ["peertube", "PeerTube's ladder", "bits per pixel by height", "peertube"],
    ["netflix-2015", "Netflix's 2015 ladder", "fixed bitrates by height", "netflix2015"],
    ["fixed-ladder", plainTitle(crf), fixed.label, "fixedLadder"],
    ["fixed-crf-native", "Fixed CRF", "full height at one CRF", "fixedCrfNative"],
    ["per-title-hull", "Per-title hull", "best height and CRF for the film as a whole", "perTitleHull"],
  ];
  const all = [...baselines, ...(fixedLadder.length > 0 ? [fixed] : [])];
  return rows.flatMap(([name, title, label, key]) => {
    const rate = { bdRatePercent: bdRatePercent[key], from: originOf(report, key) };
    const known = all.find((baseline) => baseline.name === name);
    if (known !== undefined) return [{ ...known, title, ...rate }];
    return rate.bdRatePercent === undefined
      ? []
      : [{ name, title, label, measured: false, points: [], ...rate }];
  });
}

/** No ladder that anyone publishes: it must not be called one. */
export function plainTitle(crf: number | undefined): string {
  return crf === undefined ? "Every height at one CRF" : `Every height at CRF ${crf}`;
}

function originOf(
  { bdRatesFrom, bdRateFrom }: ComparedReport,
  key: keyof PageReport["bdRatePercent"],
): Origin {
  const older = key === "fixedLadder" ? undefined : bdRateFrom;
  return bdRatesFrom?.[key] ?? older ?? "trials";
}

export function curveOf(
  points: readonly { readonly bitrateBps: number; readonly quality: number }[],
): readonly RatePoint[] {
  return points.map(({ bitrateBps, quality }) => ({ bitrate: bitrateBps, quality }));
}

/** The finished pieces' figures where there are some. */
export function shownFigures(rung: PageRung): { readonly bitrateBps: number; readonly quality: number } {
  return rung.measured ?? rung;
}

/** The codec every device plays, when the ladder has it: what plays and baselines are counted in. */
export function plainCodec(ladder: readonly PageRung[]): string | undefined {
  return ladder.find((rung) => rung.codec === "h264")?.codec ?? ladder[0]?.codec;
}
