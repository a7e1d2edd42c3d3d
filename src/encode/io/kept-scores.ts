// Scores that were paid for, each with how they were made beside them: model, pooling, display and subsampling. What was
// made in another way than is asked for now is no answer, whatever its name says, and is measured anew.
import type { Metric } from "#model/encoded.ts";
import { keepValue, keptValue } from "./vault.ts";

export async function keepScores(path: string, metric: Metric, scores: unknown): Promise<void> {
  await keepValue(path, { metric, scores });
}

/** Undefined when there are none, or of another metric. Their shape is for the caller to check. */
export async function keptScores(path: string, metric: Metric): Promise<unknown> {
  const kept = await keptValue(path);
  if (typeof kept !== "object" || kept === null || !("metric" in kept) || !("scores" in kept))
    return undefined;
  return isMetric(kept.metric, metric) ? kept.scores : undefined;
}

/** The same in every field, and without one that is not known here. */
function isMetric(found: unknown, wanted: Metric): boolean {
  if (typeof found !== "object" || found === null) return false;
  const rows = (of: object): string =>
    JSON.stringify(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
  return rows(found) === rows(wanted);
}
