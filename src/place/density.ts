// Files in density order: most plays first. Sorting a million objects by comparison costs a second; digits of the
// numbers' own bits cost a twentieth.
import type { FileColumns } from "./columns.ts";

const digitBits = 11;
const digits = 1 << digitBits;
/** Runs of equal leading bits up to this long are sorted by insertion. */
const shortRun = 24;

/**
 * File numbers, most plays first; equals by the title's hash and then the file's, which scatters them evenly and does
 * not depend on how they came.
 *
 * The bits of a number that is not negative rise with it: radix sort by the high word, then each run of equal high
 * words by the rest.
 */
export function densityOrder(plays: Float64Array, files: FileColumns): Uint32Array {
  const { count } = files;
  const bits = new Uint32Array(plays.buffer, plays.byteOffset, 2 * count);
  const key = new Uint32Array(count);
  for (let i = 0; i < count; i++) key[i] = ~(bits[2 * i + 1] ?? 0);
  const order = radixSorted(key);
  const before = comparison(plays, files);
  for (let from = 0; from < count; ) {
    const high = key[order[from] ?? 0];
    let to = from + 1;
    while (to < count && key[order[to] ?? 0] === high) to += 1;
    if (to - from > 1) sortRun(order.subarray(from, to), before);
    from = to;
  }
  return order;
}

/** Positions by rising key, equals in the order they came. */
function radixSorted(key: Uint32Array): Uint32Array {
  const count = key.length;
  let from = new Uint32Array(count);
  let to = new Uint32Array(count);
  for (let i = 0; i < count; i++) from[i] = i;
  for (let shift = 0; shift < 32; shift += digitBits) {
    const starts = new Uint32Array(digits + 1);
    for (let i = 0; i < count; i++) {
      const digit = ((key[i] ?? 0) >>> shift) & (digits - 1);
      starts[digit + 1] = (starts[digit + 1] ?? 0) + 1;
    }
    for (let digit = 0; digit < digits; digit++) {
      starts[digit + 1] = (starts[digit + 1] ?? 0) + (starts[digit] ?? 0);
    }
    for (let i = 0; i < count; i++) {
      const item = from[i] ?? 0;
      const digit = ((key[item] ?? 0) >>> shift) & (digits - 1);
      const place = starts[digit] ?? 0;
      to[place] = item;
      starts[digit] = place + 1;
    }
    [from, to] = [to, from];
  }
  return from;
}

function comparison(plays: Float64Array, files: FileColumns): (a: number, b: number) => number {
  const { titleHash, fileHash } = files;
  const word = (words: Uint32Array, at: number): number => words[at] ?? 0;
  return (a, b) =>
    (plays[b] ?? 0) - (plays[a] ?? 0) ||
    word(titleHash, 2 * a) - word(titleHash, 2 * b) ||
    word(titleHash, 2 * a + 1) - word(titleHash, 2 * b + 1) ||
    word(fileHash, 2 * a) - word(fileHash, 2 * b) ||
    word(fileHash, 2 * a + 1) - word(fileHash, 2 * b + 1);
}

function sortRun(run: Uint32Array, before: (a: number, b: number) => number): void {
  if (run.length > shortRun) {
    run.sort(before);
    return;
  }
  for (let i = 1; i < run.length; i++) {
    const item = run[i] ?? 0;
    let at = i;
    while (at > 0 && before(item, run[at - 1] ?? 0) < 0) {
      run[at] = run[at - 1] ?? 0;
      at -= 1;
    }
    run[at] = item;
  }
}
