// Which appliances changed their health, and when: the last few changes, kept in memory alone.
import type { Health } from "#steer/health.ts";

export interface HealthChange {
  readonly atMs: number;
  readonly applianceId: string;
  readonly from: Health;
  readonly to: Health;
  readonly because: string;
}

export interface HealthDiary {
  readonly sinceMs: number;
  readonly last: ReadonlyMap<string, Health>;
  /** Oldest first. */
  readonly changes: readonly HealthChange[];
}

const kept = 500;

export function emptyDiary(sinceMs: number): HealthDiary {
  return { sinceMs, last: new Map(), changes: [] };
}

export interface SeenHealth {
  readonly id: string;
  readonly health: Health;
  readonly because: string;
}

/** What is seen for the first time is no change. The same diary again when nothing changed. */
export function noted(diary: HealthDiary, seen: readonly SeenHealth[], atMs: number): HealthDiary {
  const news = seen.filter(({ id, health }) => diary.last.get(id) !== health);
  if (news.length === 0) return diary;
  const changes = news.flatMap(({ id, health, because }): HealthChange[] => {
    const from = diary.last.get(id);
    return from === undefined ? [] : [{ atMs, applianceId: id, from, to: health, because }];
  });
  const last = new Map(diary.last);
  for (const { id, health } of news) last.set(id, health);
  return { ...diary, last, changes: [...diary.changes, ...changes].slice(-kept) };
}
