// Stands in for a test where a benchmark uses the journeys' real processes: what was begun in it is ended, last begun first.
import type { Scope } from "#test/journeys/edge-rig.ts";

export async function scoped<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const endings: (() => unknown)[] = [];
  try {
    return await work({ after: (end) => endings.unshift(end) });
  } finally {
    for (const end of endings) await end();
  }
}
