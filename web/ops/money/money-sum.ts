// What delivery is worth in the operator's own prices. Bytes and seconds come from the control plane; prices from whoever reads.
import type { OpsMoney } from "#wire/money.ts";

export interface Prices {
  /** ISO 4217. */
  readonly currency: string;
  /** What a gigabyte (10⁹ bytes) sent to viewers costs here. */
  readonly egressPerGb: number;
  readonly cpuHour: number;
  /** Of one gigabyte kept for a month, on an appliance or in the origin. */
  readonly storagePerGbMonth: number;
  /** What a hosted delivery network lists for a gigabyte. */
  readonly listPerGb: number;
}

/** Of the size that such things cost; nobody's offer. */
export const examplePrices: Prices = {
  currency: "EUR",
  egressPerGb: 0.01,
  cpuHour: 0.04,
  storagePerGbMonth: 0.02,
  listPerGb: 0.08,
};

const bytesPerGb = 1e9;
const secondsPerHour = 3600;
const msPerHour = 3_600_000;

export function perGb(bytes: number, price: number): number {
  return (bytes / bytesPerGb) * price;
}

export function cpuCost(seconds: number, { cpuHour }: Pick<Prices, "cpuHour">): number {
  return (seconds / secondsPerHour) * cpuHour;
}

type MoneyTitle = OpsMoney["titles"][number];

export interface TitleSum {
  readonly bytesSavedPerPlay: number;
  readonly bitsSavedPerPlayHour: number;
  readonly savedPerPlay: number;
  /** Encoding beyond what the plainer way costs itself, where that was measured. */
  readonly extraCost: number;
  /** null: nothing is saved, and no number of plays repays it. */
  readonly breakEvenPlays: number | null;
  /** By the plays of the span. */
  readonly savedInSpan: number;
}

/**
 * A title against a plainer way of encoding it; undefined where the two were not compared, or the cost is not known.
 *
 * break-even plays = ⌈extra encode cost / egress saved per play⌉
 */
export function titleSum(title: MoneyTitle, against: string, prices: Prices): TitleSum | undefined {
  const other = title.against.find(({ name }) => name === against);
  if (other === undefined || title.cpuSeconds === null) return undefined;
  const bytesSavedPerPlay = other.baselineBytesPerPlay - other.bytesPerPlay;
  const savedPerPlay = perGb(bytesSavedPerPlay, prices.egressPerGb);
  const extraCost = cpuCost(Math.max(0, title.cpuSeconds - (other.baselineCpuSeconds ?? 0)), prices);
  return {
    bytesSavedPerPlay,
    bitsSavedPerPlayHour: title.durationMs > 0 ? (bytesSavedPerPlay * 8 * msPerHour) / title.durationMs : 0,
    savedPerPlay,
    extraCost,
    breakEvenPlays: savedPerPlay > 0 ? Math.ceil(extraCost / savedPerPlay) : null,
    savedInSpan: savedPerPlay * title.plays,
  };
}

/** Ways that any title was compared with, by how many titles were. */
export function comparisons(
  titles: readonly MoneyTitle[],
): readonly { readonly name: string; readonly label: string }[] {
  const all = titles.flatMap(({ against }) => against);
  return [...Map.groupBy(all, ({ name }) => name)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([name, [first]]) => ({ name, label: first?.label ?? name }));
}
