// Whether optimising pays: what the encode cost against what each play sends less. A play is the whole film once, at
// the same quality on both sides; sound is the same on both sides and left out.
import {
  commonQuality,
  comparisons,
  curveOf,
  plainCodec,
  rateAt,
  shownFigures,
  usualQuality,
} from "./equal-terms.ts";
import type { Economics, PageReport, Prices, Saving, Stage } from "./report-page-data.ts";

type Encoded = Pick<
  PageReport,
  | "source"
  | "metric"
  | "ladder"
  | "fixedLadder"
  | "baselines"
  | "bdRatePercent"
  | "cpuSeconds"
  | "stages"
  | "encodesReused"
>;

const bytesPerGb = 1e9;
const secondsPerHour = 3600;

export function economicsOf(report: Encoded, prices: Prices): Economics {
  const cpuSeconds = ladderSeconds(report);
  return {
    prices,
    encodeCpuSeconds: cpuSeconds,
    encodeCost: encodeCost(cpuSeconds, prices),
    isWhole: report.encodesReused === 0 && ladderStages(report).every(({ reused }) => reused === 0),
    against: savings(report, prices),
  };
}

/** CPU hours × price. */
export function encodeCost(cpuSeconds: number, { cpuHour }: Prices): number {
  return (cpuSeconds / secondsPerHour) * cpuHour;
}

/** GB × price. */
export function egressCost(bytes: number, { egressPerGb }: Prices): number {
  return (bytes / bytesPerGb) * egressPerGb;
}

/**
 * Plays after which what was sent less has repaid what was computed more. Null when nothing is sent less.
 *
 * ⌈extra encode cost / egress saved per play⌉
 */
export function breakEvenPlays(extraEncodeCost: number, egressSavedPerPlay: number): number | null {
  if (egressSavedPerPlay <= 0) return null;
  return Math.ceil(Math.max(0, extraEncodeCost) / egressSavedPerPlay);
}

function ladderSeconds(report: Encoded): number {
  const own = ladderStages(report);
  const beside = (report.stages ?? []).filter((stage) => !own.includes(stage));
  return report.cpuSeconds - beside.reduce((sum, stage) => sum + stage.cpuSeconds, 0);
}

/** Without the baselines, and of the codecs only the one that is compared: stages of a codec begin with its name. */
function ladderStages({ ladder, stages = [] }: Encoded): readonly Stage[] {
  const compared = plainCodec(ladder);
  const others = new Set(ladder.map(({ codec }) => codec).filter((codec) => codec !== compared));
  return stages.filter(({ name }) => name !== "baselines" && !others.has(name.split(" ")[0] ?? ""));
}

function savings(report: Encoded, prices: Prices): readonly Saving[] {
  const codec = plainCodec(report.ladder);
  const ours = curveOf(report.ladder.filter((rung) => rung.codec === codec).map(shownFigures));
  const bytesOf = (bitrate: number): number => (bitrate * report.source.durationSeconds) / 8;
  return comparisons(report).flatMap(({ name, title, points, cpuSeconds }) => {
    const theirs = curveOf(points);
    const quality = commonQuality(ours, theirs, usualQuality(report.metric.name, ours));
    if (quality === undefined) return [];
    const [rate, baselineRate] = [rateAt(ours, quality), rateAt(theirs, quality)];
    if (rate === undefined || baselineRate === undefined) return [];
    const bytesSavedPerPlay = bytesOf(baselineRate) - bytesOf(rate);
    const egressSavedPerPlay = egressCost(bytesSavedPerPlay, prices);
    const extraEncodeCost = encodeCost(ladderSeconds(report) - (cpuSeconds ?? 0), prices);
    return [
      {
        ...{
          name,
          label: title,
          quality,
          bytesPerPlay: bytesOf(rate),
          baselineBytesPerPlay: bytesOf(baselineRate),
        },
        ...{ bytesSavedPerPlay, egressSavedPerPlay, baselineCpuSeconds: cpuSeconds, extraEncodeCost },
        breakEvenPlays: breakEvenPlays(extraEncodeCost, egressSavedPerPlay),
      },
    ];
  });
}
