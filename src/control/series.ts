// An operator's questions about figures over time, read, computed and told.
import { budget, evaluate } from "#series/evaluate.ts";
import { seriesFaults } from "#series/faults.ts";
import { parse, parseQuery, type Refused } from "#series/parse.ts";
import { spanOf } from "#series/span.ts";
import type { SeriesSource } from "#series/store.ts";
import { Fault } from "#units/fault.ts";
import type { SeriesAnswer, SeriesTags } from "#wire/series.ts";

export interface SeriesAsked {
  readonly q: string;
  readonly s: string;
  readonly e: string;
  readonly step?: string | undefined;
}

/** @throws Fault series-query-unread, series-span-unread, series-query-too-much */
export function seriesOf(source: SeriesSource, asked: SeriesAsked, nowMs: number): SeriesAnswer {
  const parsed = parse(asked.q);
  if (parsed.kind === "refused") throw unread(parsed);
  const { s, e, step } = asked;
  const span = spanOf({ s, e, step, nowMs, storedMs: source.stepMs, most: budget.pointsPerLine });
  if (span.kind === "refused") {
    throw new Fault(seriesFaults.span, { field: span.field, because: span.because });
  }
  const { grid } = span;
  const answer = evaluate(parsed.expressions, grid, source);
  if (answer.kind === "refused") throw new Fault(seriesFaults.tooMuch, { because: answer.because });
  return {
    firstMs: grid.firstMs,
    lastMs: grid.firstMs + (grid.count - 1) * grid.stepMs,
    stepMs: grid.stepMs,
    lines: answer.lines.map(({ expression, label, tags, values }) => ({
      ...{ expression, label },
      tags: Object.fromEntries(tags),
      values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)),
    })),
    read: answer.read,
  };
}

const listedValues = 100;

/** @throws Fault series-query-unread */
export function seriesTagsOf(source: SeriesSource, q: string): SeriesTags {
  const parsed = parseQuery(q);
  if (parsed.kind === "refused") throw unread(parsed);
  const found = source.select(parsed.query);
  const byTag = new Map<string, Set<string>>();
  for (const [tag, value] of found.flatMap(({ tags }) => [...tags])) {
    const values = byTag.get(tag) ?? new Set();
    byTag.set(tag, values.add(value));
  }
  const tags = [...byTag].map(([tag, values]) => ({
    tag,
    count: values.size,
    values: [...values].toSorted().slice(0, listedValues),
  }));
  return { series: found.length, tags: tags.toSorted((a, b) => (a.tag < b.tag ? -1 : 1)) };
}

function unread({ at, word, because }: Refused): Fault {
  return new Fault(seriesFaults.unread, { at, word, because });
}
