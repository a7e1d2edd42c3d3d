// Draws that a simulated region is made of, each purpose with a stream of its own, so that one more box changes no demand.
import { hash64 } from "#units/hash.ts";
import { type Random, seededRandom } from "#units/random.ts";

/** The stream of a purpose, the same for the same seed. */
export function streamOf(seed: number, purpose: string): Random {
  return seededRandom(hash64(`${seed} ${purpose}`)[0]);
}

/** Standard normal. Source: Box–Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Poisson: by products of uniforms while the mean is small (Knuth), by the normal limit beyond. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const floor = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > floor; product *= random.next()) count++;
  return count;
}
