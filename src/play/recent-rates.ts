// What the network carried lately, per segment instead of per second of transfer.
//
// A mean over transfer time, as estimators keep it, is right for falls: the worse the network, the longer transfers last and
// the more they count. It is slow for rises: at a full buffer a small segment takes a moment, and after a minute on the lowest
// rung dozens of them must pass before the mean believes in the better network. Whether a rung can be climbed to is a question
// of film, so here each segment counts for as long as it plays. The mean is geometric: a network that is as often twice as fast
// as half as fast counts as the middle, while an arithmetic mean would trust the peaks.
import type { Downloaded } from "./rule.ts";

/** Sums of weights and of weighted logarithms; the mean is e^(logs / weights). Plain data. */
interface Mean {
  readonly weights: number;
  readonly logs: number;
}

export interface RecentRates {
  readonly short: Mean;
  readonly long: Mean;
  /** Of the last segments, the newest last. */
  readonly last: readonly number[];
  /** Of the worst segment so far; undefined until a segment was measured. */
  readonly worstKbps: number | undefined;
}

export interface Memory {
  /** Film after which a sample counts for half. */
  readonly shortMs: number;
  readonly longMs: number;
  /** Film after which the worst segment counts for twice what it was: a bad moment is forgiven, slowly. */
  readonly forgivenMs: number;
  /** How many segments `last` holds. */
  readonly segments: number;
}

/** A transfer shorter than this came from a cache. Source: dash.js and research abr §9.2. */
const cachedMs = 5;

const nothing: Mean = { weights: 0, logs: 0 };
export const noRates: RecentRates = { short: nothing, long: nothing, last: [], worstKbps: undefined };

/** One whole segment folded in; `filmMs` is how long it plays. An abandoned or cached transfer says nothing. */
export function withSegment(
  rates: RecentRates,
  download: Downloaded,
  filmMs: number,
  memory: Memory,
): RecentRates {
  const bodyMs = download.ms - download.ttfbMs;
  if (download.abandonedTo !== undefined || !(bodyMs >= cachedMs && download.bits > 0)) return rates;
  const kbps = download.bits / bodyMs;
  const log = Math.log(kbps);
  return {
    short: folded(rates.short, log, 2 ** (-filmMs / memory.shortMs)),
    long: folded(rates.long, log, 2 ** (-filmMs / memory.longMs)),
    last: [...rates.last, kbps].slice(-memory.segments),
    worstKbps: Math.min(kbps, (rates.worstKbps ?? kbps) * 2 ** (filmMs / memory.forgivenMs)),
  };
}

function folded(mean: Mean, log: number, kept: number): Mean {
  return { weights: kept * mean.weights + 1 - kept, logs: kept * mean.logs + (1 - kept) * log };
}

/** The lower of the two means; undefined until a segment was measured. */
export function usualKbps({ short, long }: RecentRates): number | undefined {
  if (!(short.weights > 0 && long.weights > 0)) return undefined;
  return Math.exp(Math.min(short.logs / short.weights, long.logs / long.weights));
}
