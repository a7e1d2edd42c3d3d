// When an import that was cut is tried again.

/** Milliseconds before the next try, after `failures` in a row without a byte; undefined: given up. */
export function nextTryMs(failures: number, mostTries: number): number | undefined {
  return failures >= mostTries ? undefined : Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1));
}
