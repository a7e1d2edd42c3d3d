/** What a benchmark answers: rows of one run, among them the reference that the others are compared with. */
export interface BenchResult {
  readonly claim: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
  /** Printed in place of the rows, unless JSON is wanted. */
  readonly text?: string;
  /** What was left out, and why. */
  readonly notes?: readonly string[];
}

/** Measures the parts asked for, or all of them. */
export type Bench = (quick: boolean, parts: readonly string[]) => Promise<BenchResult>;

/** Middle of the sorted values; of two middles, the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** A sentence for each row whose `ratio` to the reference does not reach its `bar`; bars in words are the benchmark's own to judge. */
export function missedBars(rows: BenchResult["rows"]): readonly string[] {
  return rows.flatMap(({ what, ratio, bar }) =>
    ratio === undefined || typeof bar !== "number" || Number(ratio) >= bar
      ? []
      : [`${what}: ${ratio} of the reference, less than ${bar}`],
  );
}
