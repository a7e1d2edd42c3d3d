// Thirty days of made-up plays: Zipf popularity that drifts day by day, new files every day, and chance in every count.
import { type Random, seededRandom } from "#units/random.ts";

export interface ReplayOrder {
  /** Files there on the first day. */
  readonly files: number;
  readonly newPerDay: number;
  readonly days: number;
  /** Mean over all files of the first day. */
  readonly playsPerFile: number;
  readonly seed: number;
}

export interface Replay {
  /** Per file, mean 1; those of the first day first, then in the order they came. */
  readonly sizes: Float64Array;
  /** Per file, the day it could first be played; negative for those that were there. */
  readonly since: Int32Array;
  /** plays[day][file], NaN before a file is there. */
  readonly plays: readonly Float32Array[];
}

/**
 * log rate = −0.9·log(rank) + drift + launch. Drift is AR(1): φ = 0.95 a day around 0, standard deviation 0.3. A new file
 * gets the rank of a file drawn at random, and (1 + 4·e^(−age ÷ 6 d)) times its rate. Sizes are lognormal, σ = 0.9.
 *
 * Source: the generator of placement research §2.1; φ, the deviation and the launch are not given there and are ours.
 */
export function replay(order: ReplayOrder): Replay {
  const random = seededRandom(order.seed);
  const count = order.files + order.newPerDay * (order.days - 1);
  const sizes = lognormalSizes(count, random);
  const since = Int32Array.from({ length: count }, (_, file) =>
    file < order.files ? -1 : 1 + Math.floor((file - order.files) / order.newPerDay),
  );
  const rank = Float64Array.from({ length: count }, (_, file) =>
    file < order.files ? file + 1 : random.integer(1, order.files),
  );
  const drift = Float64Array.from({ length: count }, () => deviation * normal(random));
  const scale = (order.playsPerFile * order.files) / firstDayRate(order.files, rank, drift);
  const plays: Float32Array[] = [];
  for (let day = 0; day < order.days; day++) {
    const counts = new Float32Array(count).fill(Number.NaN);
    for (let file = 0; file < count; file++) {
      if (day > 0) drift[file] = persistence * (drift[file] ?? 0) + innovation * normal(random);
      const age = day - (since[file] ?? 0);
      if ((since[file] ?? 0) > day) continue;
      const launch = (since[file] ?? 0) < 0 ? 1 : 1 + 4 * Math.exp(-age / 6);
      counts[file] = poisson(scale * launch * plainRate(rank[file] ?? 1, drift[file] ?? 0), random);
    }
    plays.push(counts);
  }
  return { sizes, since, plays };
}

const persistence = 0.95;
const deviation = 0.3;
const innovation = deviation * Math.sqrt(1 - persistence ** 2);
const exponent = 0.9;

function plainRate(rank: number, drift: number): number {
  return rank ** -exponent * Math.exp(drift);
}

function firstDayRate(files: number, rank: Float64Array, drift: Float64Array): number {
  let sum = 0;
  for (let file = 0; file < files; file++) sum += plainRate(rank[file] ?? 1, drift[file] ?? 0);
  return sum;
}

function lognormalSizes(count: number, random: Random): Float64Array {
  const sizes = Float64Array.from({ length: count }, () => Math.exp(0.9 * normal(random)));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / count;
  return sizes.map((size) => size / mean);
}

/** Box–Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Knuth's product of uniforms; above 60 a rounded normal. */
export function poisson(mean: number, random: Random): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random.next();
  let count = 0;
  while (product > limit) {
    product *= random.next();
    count += 1;
  }
  return count;
}
