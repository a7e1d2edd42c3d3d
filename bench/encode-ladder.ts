// Claims: one constant slope over all shots needs far fewer bits than one CRF at full height, fewer than the best single
// height and CRF for the film, half of a fixed ladder; twelve trials per shot do nearly what twenty-eight do; AV1 needs
// far fewer bits than H.264. Curves of final encodes, scored with VMAF; every baseline is a real encode.

import { defaultsOf } from "#config/setting.ts";
import { bdRatePercent, type RatePoint } from "#encode/bd-rate.ts";
import { encodeBaselines } from "#encode/io/baseline-encodes.ts";
import { runTrials } from "#encode/io/trials.ts";
import { evaluate, pchip } from "#encode/pchip.ts";
import { encodeSettings } from "#encode/settings.ts";
import type { BenchResult } from "./bench.ts";
import { analysed, clipsHere, type OpenClip, openClip, toolsHere } from "./encode-clips.ts";
import {
  cappedPart,
  curveOf,
  type Finished,
  finalFilms,
  joined,
  judgedBy,
  nativeFilms,
  optimalFilms,
  rungsFor,
  type TriedClip,
  titleHull,
  type WholeFilm,
  wholeOf,
} from "./encode-curves.ts";

interface Row extends Readonly<Record<string, string | number>> {
  readonly what: string;
  readonly clip: string;
  /** In `unit`; "not comparable" where two curves share no quality. */
  readonly value: number | string;
  readonly unit: "%" | "VMAF";
  /** What it must not exceed; "" where nothing was promised. */
  readonly atMost: number | "";
  readonly holds: "yes" | "no" | "";
}

const targets = [35, 45, 55, 65, 75, 84, 92];

function row(
  what: string,
  clip: string,
  value: number | null,
  atMost?: number,
  unit: Row["unit"] = "%",
): Row {
  const rounded = value === null ? "not comparable" : Number(value.toFixed(2));
  const holds = atMost === undefined ? "" : value !== null && value <= atMost ? "yes" : "no";
  return { what, clip, value: rounded, unit, atMost: atMost ?? "", holds };
}

export async function benchLadder(quick: boolean): Promise<BenchResult> {
  const tools = await toolsHere();
  const all = await clipsHere(tools);
  const opened: OpenClip[] = [];
  for (const clip of quick ? all.slice(-1) : all) opened.push(await openClip(clip, tools));
  const rows: Row[] = [];
  const full: TriedClip[] = [];
  const twelve: TriedClip[] = [];
  for (const clip of opened) {
    full.push({ clip, tried: await analysed(clip, "h264", "28") });
    twelve.push({ clip, tried: await analysed(clip, "h264", "12") });
  }
  for (const [index, clip] of opened.entries()) {
    const [exhaustive, coarse] = [full[index], twelve[index]];
    if (exhaustive === undefined || coarse === undefined) continue;
    const loss = bdRatePercent(
      curveOf(judgedBy(coarse, exhaustive), [coarse]),
      curveOf(optimalFilms([exhaustive]), [exhaustive]),
    );
    rows.push(row("12 trials per shot against 28", clip.name, loss, 1.5));
  }
  const misses: Finished[] = [];
  const eighty: AtEighty[] = [];
  const groups = opened.length > 1 ? [...twelve.keys()].map((n) => [n]).concat([[...twelve.keys()]]) : [[0]];
  for (const group of groups) {
    const [ours, theirs] = [partsOf(twelve, group), partsOf(full, group)];
    const finished = await finalFilms(rungsFor(ours, targets), ours);
    misses.push(finished);
    rows.push(...againstBaselines(ours, theirs, finished));
    const [only] = ours;
    if (only === undefined || ours.length > 1) continue;
    const fixed = await againstFixedLadders(only, finished);
    rows.push(...fixed.rows);
    eighty.push(fixed.atEighty);
  }
  if (eighty.length > 1) rows.push(...ladders.flatMap((name) => savedAtEighty(eighty, name, "all joined")));
  rows.push(...accuracy(misses));
  for (const group of groups) rows.push(await segmentation(partsOf(twelve, group)));
  const av1: TriedClip[] = [];
  for (const { clip } of twelve) av1.push({ clip, tried: await analysed(clip, "av1", "12") });
  for (const group of groups) rows.push(await otherCodec(partsOf(twelve, group), partsOf(av1, group)));
  return { claim: "bits at equal VMAF, final encodes against real baselines", rows };
}

function nameOf(clips: readonly TriedClip[]): string {
  return clips.length > 1 ? "all joined" : (clips[0]?.clip.name ?? "");
}

function againstBaselines(
  ours: readonly TriedClip[],
  theirs: readonly TriedClip[],
  finished: Finished,
): readonly Row[] {
  const name = nameOf(ours);
  const curve = curveOf(finished.films, ours);
  const native = bdRatePercent(curve, curveOf(nativeFilms(theirs), theirs));
  const hull = bdRatePercent(curve, curveOf(titleHull(theirs), theirs));
  const joined = ours.length > 1;
  const { peakRatio } = defaultsOf(encodeSettings);
  const capped = rungsFor(ours, targets).map((rung) => {
    const parts = ours.map((_, index) => cappedPart(rung, ours, index));
    const frames = ours.map(({ clip }) => clip.film.source.frames);
    const total = frames.reduce((sum, count) => sum + count, 0);
    return {
      bits: parts.reduce((sum, part) => sum + part.bits, 0),
      quality: parts.reduce((sum, part, n) => sum + part.quality * (frames[n] ?? 0), 0) / total,
    };
  });
  const price = bdRatePercent(curveOf(capped, ours), curveOf(rungsFor(ours, targets), ours));
  return [
    row("final encodes against one CRF at full height", name, native, joined ? -30 : undefined),
    row("final encodes against the per-title hull (28 real encodes)", name, hull, joined ? -5 : 0.5),
    row(`what capping segments at ${peakRatio} × the mean costs (predicted)`, name, price),
  ];
}

/** Bits for the same quality, read off both curves; undefined where one does not reach it. */
function bitsAt(curve: readonly RatePoint[], quality: number): number | undefined {
  const knots = [...curve]
    .sort((a, b) => a.quality - b.quality)
    .filter((point, n, all) => n === 0 || point.quality > (all[n - 1]?.quality ?? 0))
    .map((point) => ({ x: point.quality, y: Math.log(point.bitrate) }));
  const [low, high] = [knots[0], knots.at(-1)];
  if (low === undefined || high === undefined || quality < low.x || quality > high.x) return undefined;
  return Math.exp(evaluate(pchip(knots), quality));
}

const ladders = ["peertube", "netflix-2015"] as const;

type LadderName = (typeof ladders)[number];

/** Bits per second at VMAF 80 of one clip, ours and theirs by ladder. */
interface AtEighty {
  readonly seconds: number;
  readonly ours: number | undefined;
  /** Read off between two rungs. */
  readonly curve: Readonly<Record<LadderName, number | undefined>>;
  /** Of the cheapest rung that reaches it. */
  readonly rung: Readonly<Record<LadderName, number | undefined>>;
}

async function againstFixedLadders(
  own: TriedClip,
  finished: Finished,
): Promise<{ readonly rows: readonly Row[]; readonly atEighty: AtEighty }> {
  const { clip, tried } = own;
  const curve = curveOf(finished.films, [own]);
  const { films } = await encodeBaselines(
    { ...tried.trialOrder, titleHull: [] },
    clip.film.bench,
    () => undefined,
  );
  const curves = ladders.map((name) =>
    curveOf(
      films.filter((film) => film.name === name),
      [own],
    ),
  );
  const [peertube, netflix] = curves.map((theirs) => bitsAt(theirs, 80));
  const [peertubeRung, netflixRung] = curves.map((theirs) => {
    const reaching = theirs.filter(({ quality }) => quality >= 80).map(({ bitrate }) => bitrate);
    return reaching.length > 0 ? Math.min(...reaching) : undefined;
  });
  const atEighty = {
    seconds: clip.film.source.duration,
    ours: bitsAt(curve, 80),
    curve: { peertube, "netflix-2015": netflix },
    rung: { peertube: peertubeRung, "netflix-2015": netflixRung },
  };
  const rows = ladders.map((name, n) =>
    row(`final encodes against ${name}, BD-rate`, clip.name, bdRatePercent(curve, curves[n] ?? [])),
  );
  return {
    rows: [...rows, ...ladders.flatMap((name) => savedAtEighty([atEighty], name, clip.name))],
    atEighty,
  };
}

/**
 * Every clip at VMAF 80, one after the other: on their curve as if it had a rung there, and at the rung that a viewer of theirs
 * who wants 80 is served. Ours has the rung that is asked for (`--qualities 80`).
 */
function savedAtEighty(clips: readonly AtEighty[], name: LadderName, label: string): readonly Row[] {
  const total = (of: (clip: AtEighty) => number | undefined): number =>
    clips.reduce((sum, clip) => sum + (of(clip) ?? Number.NaN) * clip.seconds, 0);
  const against = (theirs: (clip: AtEighty) => number | undefined): number | null => {
    const change = (total((clip) => clip.ours) / total(theirs) - 1) * 100;
    return Number.isNaN(change) ? null : change;
  };
  const aim = name === "peertube" && clips.length > 1 ? -50 : undefined;
  return [
    row(
      `bits at VMAF 80 against ${name}, between its rungs`,
      label,
      against((clip) => clip.curve[name]),
      aim,
    ),
    row(
      `bits at VMAF 80 against ${name}, at its first rung there`,
      label,
      against((clip) => clip.rung[name]),
    ),
  ];
}

function accuracy(all: readonly Finished[]): readonly Row[] {
  const rungs = all.flatMap((finished) => finished.rungs);
  const rate = rungs.map(({ bits, planned }) => Math.abs(bits / planned.bits - 1) * 100);
  const quality = rungs.map((rung) => Math.abs(rung.quality - rung.planned.quality));
  const worst = (values: readonly number[]): number => Math.max(...values);
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  return [
    row(`bits of ${rungs.length} rungs against their targets, mean`, "all", mean(rate)),
    row("the same, worst", "all", worst(rate), 3),
    row("quality of the rungs against what was predicted, mean", "all", mean(quality), undefined, "VMAF"),
    row("the same, worst", "all", worst(quality), 1.5, "VMAF"),
  ];
}

/** Keyframes at segment boundaries beside those at cuts, against keyframes at cuts alone, at full height and equal CRF. */
async function segmentation(clips: readonly TriedClip[]): Promise<Row> {
  const [segments, cuts]: [WholeFilm[][], WholeFilm[][]] = [[], []];
  for (const { clip, tried } of clips) {
    segments.push(await atCrfs(clip, tried, tried.trialOrder.plan.keyframes));
    const starts = clip.film.shots.map((shot) => shot.startFrame);
    cuts.push(await atCrfs(clip, tried, starts));
  }
  const curve = (films: readonly (readonly WholeFilm[])[]): readonly RatePoint[] =>
    curveOf(
      plainCrfs.map((_, n) =>
        joined(
          films.flatMap((own) => own[n] ?? []),
          clips,
        ),
      ),
      clips,
    );
  const price = bdRatePercent(curve(segments), curve(cuts));
  return row(
    "segments against keyframes at cuts alone",
    nameOf(clips),
    price,
    clips.length > 1 ? 1.5 : undefined,
  );
}

const plainCrfs = [20, 24, 28, 32, 36];

async function atCrfs(
  clip: OpenClip,
  { grid, trialOrder }: TriedClip["tried"],
  keyframes: readonly number[],
): Promise<WholeFilm[]> {
  const [size] = grid.sizes;
  const points = plainCrfs.map((crf) => ({ ...(size ?? clip.film.source), crf }));
  const order = { ...trialOrder, plan: { ...trialOrder.plan, keyframes } };
  const { trials } = await runTrials(points, order, clip.film.bench, () => undefined);
  return trials.map(({ shots }) => wholeOf(clip, shots));
}

async function otherCodec(h264: readonly TriedClip[], av1: readonly TriedClip[]): Promise<Row> {
  const theirs = await finalFilms(rungsFor(h264, targets), h264);
  const ours = await finalFilms(rungsFor(av1, targets), av1);
  const rate = bdRatePercent(curveOf(ours.films, av1), curveOf(theirs.films, h264));
  return row(
    "AV1 against H.264, both optimised, final encodes",
    nameOf(h264),
    rate,
    h264.length > 1 ? -40 : undefined,
  );
}

function partsOf<T>(all: readonly T[], group: readonly number[]): readonly T[] {
  return group.flatMap((n) => all[n] ?? []);
}
