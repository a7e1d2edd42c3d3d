// Files that viewers asked for and appliances do not hold, over all appliances: where the plan was wrong.
import type { OpsAppliances } from "#wire/ops.ts";

type OpsAppliance = Pick<OpsAppliances["appliances"][number], "id" | "report">;

export interface Missed {
  readonly titleId: string;
  readonly path: string;
  /** At most, and at least: appliances keep a bounded ledger. */
  readonly count: number;
  readonly atLeast: number;
  readonly applianceIds: readonly string[];
  readonly sinceMs: number;
  readonly lastMs: number;
}

/** Most missed first, by what is certain; of equals, the one missed last. */
export function missedFiles(appliances: readonly OpsAppliance[]): readonly Missed[] {
  const files = new Map<string, Missed>();
  for (const { id, report } of appliances) {
    for (const file of report?.misses?.files ?? []) {
      const key = `${file.titleId}/${file.path}`;
      files.set(key, together(files.get(key), { ...file, applianceIds: [id] }));
    }
  }
  return [...files.values()].sort((a, b) => b.atLeast - a.atLeast || b.lastMs - a.lastMs);
}

function together(before: Missed | undefined, more: Missed): Missed {
  if (before === undefined) return more;
  return {
    ...more,
    count: before.count + more.count,
    atLeast: before.atLeast + more.atLeast,
    applianceIds: [...before.applianceIds, ...more.applianceIds],
    sinceMs: Math.min(before.sinceMs, more.sinceMs),
    lastMs: Math.max(before.lastMs, more.lastMs),
  };
}

/** All misses since the agents' starts, of files that are not listed too. */
export function missesInAll(appliances: readonly OpsAppliance[]): number {
  return appliances.reduce((sum, { report }) => sum + (report?.misses?.total ?? 0), 0);
}

/** "12", or "8–12" where only that much is certain. */
export function timesOf({ count, atLeast }: Pick<Missed, "count" | "atLeast">): string {
  return count === atLeast ? `${count}` : `${atLeast}–${count}`;
}
