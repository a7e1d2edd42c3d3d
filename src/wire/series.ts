// What an operator asks of the figures over time: GET /v1/ops/series and /v1/ops/series/tags.
import { z } from "zod";

const moment = z
  .string()
  .min(1)
  .max(32)
  .meta({ description: "now, now-5m, e-3h, s+1h, milliseconds since 1970, or 2026-01-31T12:00Z" });
const stackWords = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .max(4096)
    .meta({ description, examples: [example] });

export const seriesQuery = z.object({
  q: stackWords(
    "What to show, in Atlas's stack language; see docs/metrics.md",
    "name,millrace_play_starts_total,:eq,(,source,),:by",
  ),
  s: moment.default("e-3h"),
  e: moment.default("now"),
  step: z
    .string()
    .min(1)
    .max(16)
    .optional()
    .meta({ description: "How far points are apart; the finest that fits, when absent", examples: ["5m"] }),
});

export const seriesAnswer = z.object({
  /** Of the first and the last point; each is of the step that ends then. */
  firstMs: z.number().int(),
  lastMs: z.number().int(),
  stepMs: z.number().int(),
  lines: z.array(
    z.object({
      /** Which of the expressions that the query leaves, from 0 on. */
      expression: z.number().int(),
      /** The values of the tags that it is grouped by, else its name. */
      label: z.string(),
      tags: z.record(z.string(), z.string()),
      /** null: no data. */
      values: z.array(z.number().nullable()),
    }),
  ),
  /** What the answer was made from. */
  read: z.object({ series: z.number().int(), datapoints: z.number().int() }),
});
export type SeriesAnswer = z.infer<typeof seriesAnswer>;

export const seriesTagsQuery = z.object({
  q: stackWords("Of which series, in Atlas's stack language", "name,millrace_play_starts_total,:eq").default(
    ":true",
  ),
});

export const seriesTags = z.object({
  /** That fit the query. */
  series: z.number().int(),
  tags: z.array(
    z.object({
      tag: z.string(),
      /** How many there are; the first hundred are listed. */
      count: z.number().int(),
      values: z.array(z.string()),
    }),
  ),
});
export type SeriesTags = z.infer<typeof seriesTags>;
