// How long one request may take: from the buffer that is left, the segment's length, and what already arrived.

export interface Patience {
  /** Longest wait for an answer's head, or for the next byte of its body. */
  readonly silentMs: number;
}

export interface PatienceAsk {
  readonly segmentMs: number;
  /** Time until the picture stands still. */
  readonly bufferMs: number;
  /** From request to first byte, as measured; 0: unknown. */
  readonly latencyMs: number;
  /** Sources that could still be asked after this one. */
  readonly untried: number;
  /** Rounds through all sources that brought nothing. */
  readonly rounds: number;
}

/** An answer from the other side of the world takes a second with its handshakes: three round trips of 300 ms. */
const leastSilentMs = 1000;
/** Without a segment's length, or with a very long one: what a viewer bears. Chosen by us. */
const longestSilentMs = 6000;

/** An appliance that thinks for longer about one file will not have it. Chosen by us. */
const longestLaterMs = 16_000;

/**
 * silent = clamp(buffer / (untried + 1), least, segment), least = max(1 s, 4·latency, min(2 s, segment)).
 *
 * Never longer than one segment, so that the next source is asked within its time; shorter when little buffer must do
 * for several more sources. Each round in vain doubles it, up to 16 s: nobody is quicker, so slowness is to be borne.
 */
export function patienceFor({ segmentMs, bufferMs, latencyMs, untried, rounds }: PatienceAsk): Patience {
  const most = Math.min(longestSilentMs, Math.max(leastSilentMs, segmentMs));
  const least = Math.min(most, Math.max(leastSilentMs, 4 * latencyMs, Math.min(2000, segmentMs)));
  const silentMs = Math.min(most, Math.max(least, bufferMs / (untried + 1)));
  return { silentMs: rounds === 0 ? silentMs : Math.min(longestLaterMs, most * 2 ** Math.min(rounds, 10)) };
}

/** Bits that arrived up to a moment of one request. */
export interface Mark {
  readonly atMs: number;
  readonly bits: number;
}

/** The rate of now, not of the whole request: a network that broke down a second ago must show. Chosen by us. */
export const windowMs = 1500;
/** Less than this says nothing about a rate: packets come in bursts. */
export const leastWindowMs = 500;
const betweenMarksMs = 100;

/** Bounded: those of the window, and the one before it. */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const last = marks.at(-1);
  const base = marks.length > 1 && last && mark.atMs - (marks.at(-2)?.atMs ?? 0) < betweenMarksMs;
  const all = [...(base ? marks.slice(0, -1) : marks), mark];
  const first = all.findLastIndex((one) => mark.atMs - one.atMs >= windowMs);
  return first > 0 ? all.slice(first) : all;
}

/** kbit/s over the window up to `nowMs`; undefined while the window is too short to say. */
export function rateNow(marks: readonly Mark[], nowMs: number): number | undefined {
  const last = marks.at(-1);
  const first = marks.findLast((one) => nowMs - one.atMs >= windowMs) ?? marks[0];
  if (first === undefined || last === undefined || nowMs - first.atMs < leastWindowMs) return undefined;
  return (last.bits - first.bits) / (nowMs - first.atMs);
}

/** Of the lowest rung's rate: an appliance that sends less than that serves nobody. Chosen by us. */
const crawlShare = 0.25;

/** Slower than any use. `window` of a whole patience: a burst may follow a lull. */
export function isCrawling(kbps: number, lowestKbps: number): boolean {
  return kbps < crawlShare * lowestKbps;
}

export interface Rung {
  readonly rendition: string;
  /** Of this very segment. */
  readonly bits: number;
}

export interface AbandonAsk {
  readonly leftBits: number;
  readonly kbps: number;
  readonly bufferMs: number;
  readonly latencyMs: number;
  /** Rungs below, lowest first. */
  readonly lower: readonly Rung[];
}

/** Kept in hand: decoding, appending, and a rate that still falls. */
const reserveMs = 500;
/** A stall shorter by less than this is not worth the bits that arrived. */
const worthMs = 500;
const caution = 0.8;

/**
 * The rung to ask for instead of waiting for this one; undefined: let it run.
 *
 * stall(bits) = max(0, latency + bits / rate + reserve − buffer). The highest rung below without a stall, else the one with
 * the shortest; only when it saves half a second of stall at least.
 */
export function abandonTo(ask: AbandonAsk): Rung | undefined {
  const { leftBits, kbps, bufferMs, latencyMs, lower } = ask;
  const stall = (bits: number, waitMs: number): number =>
    Math.max(0, waitMs + bits / Math.max(1e-3, kbps) + reserveMs - bufferMs);
  const staying = stall(leftBits, 0);
  if (staying < worthMs) return undefined;
  const smooth = lower.findLast((rung) => stall(rung.bits / caution, latencyMs) === 0);
  const best = smooth ?? lower[0];
  if (best === undefined) return undefined;
  return staying - stall(best.bits / caution, latencyMs) >= worthMs ? best : undefined;
}
