// A panel of the Grafana dashboards, and what several panels ask.

export interface Panel {
  readonly title: string;
  /** What it is good for, in a sentence. */
  readonly sentence: string;
  readonly unit: "s" | "percentunit" | "bps" | "bytes" | "reqps" | "ops" | "short";
  /** PromQL by the words that name its lines. */
  readonly lines: Readonly<Record<string, string>>;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly title: string;
  readonly sentence: string;
  readonly rows: readonly Row[];
}

export const rate = (what: string): string => `rate(${what}[$__rate_interval])`;

/** Percentiles of a histogram, from its buckets added up. */
export function percentiles(name: string, by = ""): Readonly<Record<string, string>> {
  const tags = by === "" ? "le" : `le, ${by}`;
  const legend = by === "" ? "" : `{{${by}}} `;
  const of = (share: number): string =>
    `histogram_quantile(${share}, sum by (${tags}) (${rate(`${name}_bucket`)}))`;
  return { [`${legend}half`]: of(0.5), [`${legend}95 %`]: of(0.95), [`${legend}99 %`]: of(0.99) };
}
