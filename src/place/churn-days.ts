// Churn by day: what the plans of each day moved.
import type { ChurnDay } from "#model/placement-picture.ts";

const dayMs = 86_400_000;

export interface PlanMoved {
  readonly epoch: number;
  readonly createdAtMs: number;
  readonly churnBytes: number;
}

/**
 * Days (UTC) from the first plan to the last, oldest first, also those without a plan, the last `most` of them. The
 * very first plan of an installation (epoch 1) is left out: it fills empty disks.
 */
export function churnDays(plans: readonly PlanMoved[], most = 30): ChurnDay[] {
  const days = new Map<number, { plans: number; bytes: number }>();
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { epoch, createdAtMs, churnBytes } of plans) {
    if (epoch <= 1) continue;
    const day = Math.floor(createdAtMs / dayMs);
    const before = days.get(day) ?? { plans: 0, bytes: 0 };
    days.set(day, { plans: before.plans + 1, bytes: before.bytes + churnBytes });
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  if (days.size === 0) return [];
  first = Math.max(first, last - most + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    return { startMs: (first + i) * dayMs, ...(days.get(first + i) ?? { plans: 0, bytes: 0 }) };
  });
}
