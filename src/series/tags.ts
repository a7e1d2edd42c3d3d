// What tells one series from another: its name and its labels, as one map of tags. Source: Atlas, which calls both tags.

export type Tags = ReadonlyMap<string, string>;

/** The tag that holds a metric's name. */
export const nameTag = "name";
/** Which figure of a distribution a series is: count, totalTime or totalAmount, max, percentile. */
export const statisticTag = "statistic";
/** Upper bound of a bucket, inclusive, in the metric's unit; "+Inf" for the last one. */
export const boundTag = "le";

/** The same text for the same tags, whatever their order. */
export function keyOf(tags: Tags): string {
  return JSON.stringify([...tags].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** These tags alone; undefined when one of them is absent. */
export function picked(tags: Tags, names: readonly string[]): Tags | undefined {
  const found = new Map<string, string>();
  for (const name of names) {
    const value = tags.get(name);
    if (value === undefined) return undefined;
    found.set(name, value);
  }
  return found;
}
