// The points of one series: blocks of 60, made when one of their points is, and forgotten whole.

export const blockPoints = 60;

/** By number of the block since 1970. A point that never was is NaN. */
export type Blocks = Map<number, Float64Array>;

export function put(blocks: Blocks, step: number, value: number): void {
  const number = Math.floor(step / blockPoints);
  const known = blocks.get(number);
  const block = known ?? new Float64Array(blockPoints).fill(Number.NaN);
  if (known === undefined) blocks.set(number, block);
  block[step - number * blockPoints] = value;
}

export function valueAt(blocks: Blocks, step: number): number {
  const number = Math.floor(step / blockPoints);
  return blocks.get(number)?.[step - number * blockPoints] ?? Number.NaN;
}

/** Keeps so many blocks up to the one of this step; later ones were stamped by a clock that was set back since. */
export function forget(blocks: Blocks, step: number, kept: number): void {
  const newest = Math.floor(step / blockPoints) + 1;
  for (const number of blocks.keys()) {
    if (number > newest || number <= newest - 1 - kept) blocks.delete(number);
  }
}
