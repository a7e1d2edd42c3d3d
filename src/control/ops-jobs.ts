// Encode jobs as the operator page shows them.
import type { ListedJob } from "#data/ports-job.ts";
import type { OpsJobs } from "#wire/jobs.ts";

export function opsJobsOf(jobs: readonly ListedJob[], nowMs: number): OpsJobs["jobs"] {
  return jobs.map((job) => ({
    ...{ id: job.id, runId: job.runId, titleId: job.titleId, title: job.name, kind: job.kind },
    ...{ state: job.state, paused: job.paused, priority: job.priority, waits: job.waits },
    ...{ attempt: job.attempt, worker: job.lease?.worker ?? null, tools: job.tools ?? null },
    ...{ needs: job.needs, share: job.share, etaSeconds: etaOf(job, nowMs), reason: job.reason ?? null },
  }));
}

/** Below this a share says little of the rest. */
const leastShare = 0.05;

/** The rest as fast as what is done, by the clocks of control and database, which may differ by a little. */
function etaOf({ state, share, begunAtMs }: ListedJob, nowMs: number): number | null {
  if (state !== "leased" || begunAtMs === undefined || share < leastShare) return null;
  const taken = Math.max(0, nowMs - begunAtMs) / 1000;
  return Math.round((taken * (1 - share)) / share);
}
