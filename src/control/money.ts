// What delivery moved, holds and cost, from what is remembered anyway: appliances' rates over time, their last reports, encode
// reports, and plays. Prices are none of it.
import { valueAt } from "#series/blocks.ts";
import type { SeriesSource } from "#series/store.ts";
import type { OpsMoney } from "#wire/money.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import type { Catalogue } from "./catalogue.ts";

export const sentRate = "millrace_appliance_sent_bits_per_second";
const mostTitles = 500;

export interface MoneyOrder {
  readonly series: SeriesSource;
  readonly appliances: OpsAppliances["appliances"];
  readonly catalogue: Catalogue;
  readonly masters: readonly { readonly bytes: number }[];
  readonly plays: ReadonlyMap<string, number>;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Sent {
  /** By appliance. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly knownMs: number;
}

/** Rate × time, step by step: a point is the rate of the step that ends there. */
export function sentIn({ series, fromMs, untilMs }: Pick<MoneyOrder, "series" | "fromMs" | "untilMs">): Sent {
  const { stepMs } = series;
  const bytes = new Map<string, number>();
  const known = new Set<number>();
  for (const { tags, blocks } of series.select({ kind: "eq", tag: "name", value: sentRate })) {
    let sum = 0;
    for (let step = Math.floor(fromMs / stepMs) + 1; step * stepMs <= untilMs; step += 1) {
      const rate = valueAt(blocks, step);
      if (Number.isNaN(rate)) continue;
      known.add(step);
      sum += (rate / 8) * (stepMs / 1000);
    }
    bytes.set(tags.get("appliance") ?? "", sum);
  }
  return { bytes, knownMs: known.size * stepMs };
}

export function moneyOf(order: MoneyOrder): Omit<OpsMoney, "subscriptions"> {
  const { catalogue, masters, fromMs, untilMs } = order;
  const { bytes, knownMs } = sentIn(order);
  const titles = titlesOf(order);
  return {
    ...{ fromMs, untilMs, knownMs },
    sites: [...sitesOf(order.appliances, bytes), ...goneOf(order.appliances, bytes)].toSorted(
      (a, b) => b.sentBytes - a.sentBytes || (a.id < b.id ? -1 : 1),
    ),
    origin: {
      titles: catalogue.titles.size,
      titleBytes: sum([...catalogue.titles.values()].flatMap(({ package: { renditions } }) => renditions)),
      masters: masters.length,
      masterBytes: sum(masters),
    },
    titles: titles.slice(0, mostTitles),
    leftOut: Math.max(0, titles.length - mostTitles),
  };
}

function sitesOf(
  appliances: OpsAppliances["appliances"],
  sent: ReadonlyMap<string, number>,
): OpsMoney["sites"] {
  const sites = Map.groupBy(appliances, ({ siteId }) => siteId);
  return [...sites].map(([id, boxes]) => ({
    id,
    name: boxes[0]?.siteName ?? id,
    appliances: boxes.length,
    sentBytes: boxes.reduce((total, box) => total + (sent.get(box.id) ?? 0), 0),
    heldBytes: boxes.reduce((total, { report }) => total + (report?.disk.usedBytes ?? 0), 0),
    budgetBytes: boxes.reduce((total, { storageBytes }) => total + storageBytes, 0),
    filledFromOriginBytes: boxes.reduce(
      (total, { report }) => total + (report?.fill.bytesFromOrigin ?? 0),
      0,
    ),
  }));
}

/** Those that sent something within the span and have left the sites file since, as one row: what they sent was paid for. */
function goneOf(
  appliances: OpsAppliances["appliances"],
  sent: ReadonlyMap<string, number>,
): OpsMoney["sites"] {
  const present = new Set(appliances.map(({ id }) => id));
  const gone = [...sent].filter(([id, bytes]) => bytes > 0 && !present.has(id));
  if (gone.length === 0) return [];
  return [
    {
      ...{ id: "", name: "No longer in the sites file", appliances: gone.length },
      sentBytes: gone.reduce((total, [, bytes]) => total + bytes, 0),
      ...{ heldBytes: 0, budgetBytes: 0, filledFromOriginBytes: 0 },
    },
  ];
}

function titlesOf({ catalogue, plays }: MoneyOrder): OpsMoney["titles"] {
  return [...catalogue.cards.values()]
    .map(({ id, name, durationMs }) => {
      const cost = catalogue.costs.get(id);
      return {
        ...{ id, name, durationMs, plays: plays.get(id) ?? 0 },
        cpuSeconds: cost?.cpuSeconds ?? null,
        isWhole: cost?.isWhole ?? false,
        against: (cost?.against ?? []).map((one) => ({ ...one })),
      };
    })
    .toSorted((a, b) => b.plays - a.plays || (a.id < b.id ? -1 : 1));
}

function sum(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((total, { bytes }) => total + bytes, 0);
}
