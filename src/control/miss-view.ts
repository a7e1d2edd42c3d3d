// What operators are told of misses: minutes of sites added up, and the shares taken of the sums.
import type { MissSum } from "#data/ports-qoe.ts";
import { sharesOf } from "#qoe/detours.ts";
import { addMisses, type MissFigures, noMissFigures } from "#qoe/miss-record.ts";
import { longMs } from "#qoe/stream-settings.ts";
import type { MissFiguresOnWire, OpsMisses } from "#wire/misses.ts";

const mostSites = 100;

export function missesOf(
  span: { readonly fromMs: number; readonly untilMs: number },
  rows: readonly MissSum[],
  completeUntilMs: number | undefined,
): OpsMisses {
  const all = [...Map.groupBy(rows, ({ site }) => site)]
    .map(([site, windows]) => ({ site, windows, sum: sumOf(windows) }))
    .toSorted((a, b) => b.sum.all - a.sum.all || (a.site < b.site ? -1 : 1));
  return {
    ...{ fromMs: span.fromMs, untilMs: span.untilMs, stepMs: longMs },
    whole: onWire(sumOf(rows)),
    sites: all.slice(0, mostSites).map(({ site, windows, sum }) => ({
      site,
      whole: onWire(sum),
      windows: windows
        .toSorted((a, b) => a.startMs - b.startMs)
        .map((window) => ({ startMs: window.startMs, ...onWire(window) })),
    })),
    leftOut: Math.max(0, all.length - mostSites),
    completeUntilMs: completeUntilMs ?? null,
  };
}

function sumOf(rows: readonly MissFigures[]): MissFigures {
  const sum = noMissFigures();
  for (const row of rows) addMisses(sum, row);
  return sum;
}

function onWire(of: MissFigures): MissFiguresOnWire {
  const { all, offloaded, best, content, capacity, other, unjoined } = of;
  const health = of.health + capacity;
  const [ofContent = 0, ofHealth = 0, ofOther = 0] = sharesOf([content, health, other]);
  const joined = all - unjoined;
  return {
    ...{ all, offloaded, offload: all === 0 ? null : offloaded / all },
    ...{ best, missRatio: joined === 0 ? null : (joined - best) / joined },
    misses: {
      content: { bytes: content, share: ofContent },
      health: { bytes: health, share: ofHealth, forWantOfRoom: capacity },
      other: { bytes: other, share: ofOther },
    },
    unjoined,
  };
}
