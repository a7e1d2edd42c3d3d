// Many rows in few statements.

/** A statement takes 65 535 parameters at most; the widest row here has 25. */
const rowsPerStatement = 1000;

/** The rows in slices that one statement can take; none for no rows. */
export function slices<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(rows.length / rowsPerStatement);
  return Array.from({ length: count }, (_, index) =>
    rows.slice(index * rowsPerStatement, (index + 1) * rowsPerStatement),
  );
}

/**
 * The highest row of each key, in the order of the keys.
 *
 * An upsert refuses to meet a key twice in one statement; and programs that lock rows in one order cannot deadlock.
 */
export function highestByKey<T>(
  rows: readonly T[],
  key: (row: T) => string,
  rank: (row: T) => number,
): readonly T[] {
  const best = new Map<string, T>();
  for (const row of rows) {
    const before = best.get(key(row));
    if (before === undefined || rank(row) > rank(before)) best.set(key(row), row);
  }
  return [...best].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
