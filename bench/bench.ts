/** What a benchmark answers: rows of one run, among them the reference that the others are compared with. */
export interface BenchResult {
  readonly claim: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

export type Bench = (quick: boolean) => Promise<BenchResult>;

/** Middle of the sorted values; of two middles, the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
