// The best plan for the coming segments, exactly: as if every plan had been tried, highest rungs first, the first of equals
// winning.
//
// The search goes depth first and leaves a branch that cannot beat the best plan so far. What a branch can reach at most: the
// buffer B and the film that arrives before the last segment, together C, pay for Σ took; what they do not pay for is stall. So
// that for any price λ between 0 and µ per second of stall
//
//   Σ R − Σ|ΔR| − µ·stall  ≤  max over plans of Σ (R − λ·took) − Σ|ΔR|  + λ·C
//
// and the maximum, which does not know B, comes from a table over (step, rung before). A row of prices is tried: 0 is tight
// where the network is fast, µ where it is slow. Plans of at most one change give a good plan to beat before the search begins.
import { at } from "./ladder.ts";

/** A plan that is to be made. */
export interface PlanQuestion {
  /** The ladder; the highest rate is what a second of stall costs. */
  readonly kbps: readonly number[];
  /** The coming segments: `bits[step][rung]`, and how long each plays. */
  readonly bits: readonly (readonly number[])[];
  readonly durationMs: readonly number[];
  readonly forecastKbps: number;
  readonly bufferMs: number;
  readonly maxBufferMs: number;
  readonly lastRung: number;
  readonly minRung: number;
  readonly maxRung: number;
}

/** The first step of the best plan, and what the whole plan is worth: Σ R − µ·stall − Σ|ΔR|, in kbit/s. */
export interface Plan {
  readonly rung: number;
  readonly value: number;
}

/**
 * Shares of µ: none, and from 1/1024 on in steps of √2. With five prices, 0 and 1/8 to 1, a search over 10 rungs and 5 segments
 * visits up to 4700 beginnings of plans, with these some 700: more than making the tables costs.
 */
const prices = [0, ...Array.from({ length: 21 }, (_, k) => 2 ** (-k / 2))];

interface Search {
  readonly question: PlanQuestion;
  readonly steps: number;
  readonly kbps: Float64Array;
  /** `[step · rungs + rung]`: how long a segment takes. */
  readonly tookMs: Float64Array;
  /** Price of a millisecond of stall. */
  readonly perMs: number;
  /** Per price, `[step · rungs + rung before]`. */
  readonly reach: readonly { readonly price: number; readonly table: Float64Array }[];
  /** Film that arrives from this step on before the last segment. */
  readonly aheadMs: Float64Array;
  /** Values nearer than this are not told apart by a bound. */
  readonly slack: number;
  rung: number;
  value: number;
}

export function bestPlan(question: PlanQuestion): Plan {
  const search = newSearch(question);
  search.value = simpleValue(search) - search.slack;
  descend(search, 0, question.lastRung, question.bufferMs, 0, question.minRung);
  return { rung: search.rung, value: search.value };
}

function newSearch(question: PlanQuestion): Search {
  const { bits, durationMs, forecastKbps, minRung } = question;
  const steps = bits.length;
  const rungs = question.kbps.length;
  const kbps = Float64Array.from(question.kbps);
  const tookMs = new Float64Array(steps * rungs);
  for (const [step, sizes] of bits.entries()) {
    for (const [rung, size] of sizes.entries()) tookMs[step * rungs + rung] = size / forecastKbps;
  }
  const aheadMs = new Float64Array(steps + 1);
  for (let step = steps - 2; step >= 0; step--) {
    aheadMs[step] = (aheadMs[step + 1] ?? 0) + (durationMs[step] ?? 0);
  }
  const top = at(question.kbps, rungs - 1);
  const perMs = top / 1000;
  const base = { question, steps, kbps, tookMs, perMs, aheadMs, slack: 1e-9 * top * (steps + 1) };
  const reach = prices.map((share) => ({ price: share * perMs, table: reachTable(base, share * perMs) }));
  return { ...base, reach, rung: minRung, value: Number.NEGATIVE_INFINITY };
}

type Base = Omit<Search, "reach" | "rung" | "value">;

/** max over plans of Σ (R − price·took) − Σ|ΔR|, from each step on and each rung before. */
function reachTable({ question, steps, kbps, tookMs }: Base, price: number): Float64Array {
  const rungs = kbps.length;
  const table = new Float64Array((steps + 1) * rungs);
  for (let step = steps - 1; step >= 0; step--) {
    for (let before = 0; before < rungs; before++) {
      let best = Number.NEGATIVE_INFINITY;
      for (let rung = question.minRung; rung <= question.maxRung; rung++) {
        const rate = kbps[rung] ?? 0;
        const gain = rate - price * (tookMs[step * rungs + rung] ?? 0) - Math.abs(rate - (kbps[before] ?? 0));
        best = Math.max(best, gain + (table[(step + 1) * rungs + rung] ?? 0));
      }
      table[step * rungs + before] = best;
    }
  }
  return table;
}

function descend(
  search: Search,
  step: number,
  before: number,
  bufferMs: number,
  value: number,
  first: number,
): void {
  if (step === search.steps) {
    if (value <= search.value) return;
    search.value = value;
    search.rung = first;
    return;
  }
  if (value + bound(search, step, before, bufferMs) <= search.value - search.slack) return;
  const { minRung, maxRung } = search.question;
  for (let rung = maxRung; rung >= minRung; rung--) {
    const tookMs = search.tookMs[step * search.kbps.length + rung] ?? 0;
    const gain = gainOf(search, before, rung, tookMs - bufferMs);
    const after = bufferAfter(search.question, step, bufferMs, tookMs);
    descend(search, step + 1, rung, after, value + gain, step === 0 ? rung : first);
  }
}

/** The most that the steps from here on can add. */
function bound({ reach, kbps, aheadMs }: Search, step: number, before: number, bufferMs: number): number {
  const paid = bufferMs + (aheadMs[step] ?? 0);
  let least = Number.POSITIVE_INFINITY;
  for (const { price, table } of reach) {
    least = Math.min(least, (table[step * kbps.length + before] ?? 0) + price * paid);
  }
  return least;
}

function gainOf({ kbps, perMs }: Search, before: number, rung: number, shortMs: number): number {
  const rate = kbps[rung] ?? 0;
  return rate - perMs * Math.max(0, shortMs) - Math.abs(rate - (kbps[before] ?? 0));
}

function bufferAfter(question: PlanQuestion, step: number, bufferMs: number, tookMs: number): number {
  const filled = Math.max(0, bufferMs - tookMs) + (question.durationMs[step] ?? 0);
  return Math.min(question.maxBufferMs, filled);
}

/** The value of the best plan that goes to one rung and from the next step on to another. */
function simpleValue(search: Search): number {
  const { minRung, maxRung } = search.question;
  let best = Number.NEGATIVE_INFINITY;
  for (let first = minRung; first <= maxRung; first++) {
    for (let rest = minRung; rest <= maxRung; rest++) best = Math.max(best, worthOf(search, first, rest));
  }
  return best;
}

function worthOf(search: Search, first: number, rest: number): number {
  const { question } = search;
  let before = question.lastRung;
  let { bufferMs } = question;
  let value = 0;
  for (let step = 0; step < search.steps; step++) {
    const rung = step === 0 ? first : rest;
    const tookMs = search.tookMs[step * search.kbps.length + rung] ?? 0;
    value += gainOf(search, before, rung, tookMs - bufferMs);
    bufferMs = bufferAfter(question, step, bufferMs, tookMs);
    before = rung;
  }
  return value;
}
