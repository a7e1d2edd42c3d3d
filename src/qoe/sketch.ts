// How long things took, as a histogram that can be added up: percentiles of many windows together, and never averages of percentiles.
//
// A bucket is named by its smallest value: the number with all but its first seven binary digits set to zero. So a bucket's name is
// found in whole numbers, without a logarithm that another machine may round otherwise, and adding sketches in any order gives the
// same sketch. A bucket that begins at l is at most l/64 wide; its middle is off by less than 1/128 of any value in it.
// Source: G. Tene, HdrHistogram; as to adding up, C. Masson, J. E. Rim, H. K. Lee, "DDSketch", VLDB 2019.

/** Values of each bucket, by the bucket's smallest value. */
export type Sketch = ReadonlyMap<number, number>;

/** A percentile is off by less than this share of the value that really stands there. */
export const sketchError = 1 / 128;
/** Source: the longest time that a beacon can tell (wire/viewer.ts). Longer ones count as this. */
const longest = 1_000_000_000;
const digits = 7;

/** The smallest value of the bucket that `value` falls into. */
export function bucketOf(value: number): number {
  const whole = Math.min(longest, Math.max(0, Math.round(value)));
  const shift = Math.max(0, 32 - Math.clz32(whole) - digits);
  return (whole >>> shift) << shift;
}

/** Puts a value in, as often as it stands for others. */
export function sketchIn(sketch: Map<number, number>, value: number, times: number): void {
  const bucket = bucketOf(value);
  sketch.set(bucket, (sketch.get(bucket) ?? 0) + times);
}

/** Puts all of another in. */
export function addSketch(sketch: Map<number, number>, other: Sketch): void {
  for (const [bucket, count] of other) sketch.set(bucket, (sketch.get(bucket) ?? 0) + count);
}

/** The value of rank ⌈share · n⌉, counted from the smallest as 1; undefined without values. */
export function percentile(sketch: Sketch, share: number): number | undefined {
  let left = Math.max(1, Math.ceil(share * [...sketch.values()].reduce((sum, count) => sum + count, 0)));
  for (const [bucket, count] of inOrder(sketch)) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return undefined;
}

/** As an object that JSON can hold. */
export function sketchRow(sketch: Sketch): Readonly<Record<string, number>> {
  return Object.fromEntries(inOrder(sketch));
}

export function fromSketchRow(row: Readonly<Record<string, number>>): Map<number, number> {
  return new Map(Object.entries(row).map(([bucket, count]) => [Number(bucket), count]));
}

function inOrder(sketch: Sketch): readonly (readonly [number, number])[] {
  return [...sketch].toSorted(([a], [b]) => a - b);
}

function middleOf(bucket: number): number {
  const width = 2 ** Math.max(0, 32 - Math.clz32(bucket) - digits);
  return bucket + (width - 1) / 2;
}
