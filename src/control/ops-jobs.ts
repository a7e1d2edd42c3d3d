// Encode jobs as the operator page shows them: each by itself, by title, and as what each worker did when.
import type { ListedEvent, ListedJob, ListedRun } from "#data/ports-job.ts";
import type { JobEventKind } from "#model/job.ts";
import type { OpsEncodes, OpsJobs, OpsLanes } from "#wire/jobs.ts";

export function opsJobsOf(jobs: readonly ListedJob[], nowMs: number, leaseMs: number): OpsJobs {
  return {
    atMs: nowMs,
    jobs: jobs.map((job) => ({
      ...{ id: job.id, runId: job.runId, titleId: job.titleId, title: job.name, kind: job.kind },
      ...{ state: job.state, paused: job.paused, priority: job.priority, waits: job.waits },
      ...{ attempt: job.attempt, worker: job.lease?.worker ?? null, tools: job.tools ?? null },
      ...{ needs: job.needs, share: job.share, etaSeconds: etaOf(job, nowMs), reason: job.reason ?? null },
      ...{ queuedAtMs: job.queuedAtMs, readyAtMs: job.readyAtMs, begunAtMs: job.begunAtMs ?? null },
      // Each sign of life makes the lease last anew.
      heardAtMs: job.lease === undefined ? null : job.lease.untilMs - leaseMs,
      ...{ leaseUntilMs: job.lease?.untilMs ?? null, doneAtMs: job.doneAtMs ?? null },
    })),
  };
}

/** Below this a share says little of the rest. */
const leastShare = 0.05;

/** The rest as fast as what is done, by the clocks of control and database, which may differ by a little. */
function etaOf({ state, share, begunAtMs }: ListedJob, nowMs: number): number | null {
  if (state !== "leased" || begunAtMs === undefined || share < leastShare) return null;
  const taken = Math.max(0, nowMs - begunAtMs) / 1000;
  return Math.round((taken * (1 - share)) / share);
}

type OpsEncode = OpsEncodes["encodes"][number];

export function opsEncodesOf(runs: readonly ListedRun[], nowMs: number): OpsEncodes {
  return { atMs: nowMs, encodes: runs.map(encodeOf) };
}

function encodeOf({ id: runId, titleId, name: title, createdAtMs, states }: ListedRun): OpsEncode {
  const jobs = { waiting: 0, queued: 0, leased: 0, done: 0, dead: 0, held: 0, cancelled: 0 };
  for (const { state, count } of states) jobs[state] = count;
  const open = states.filter(({ state }) => state !== "done" && state !== "cancelled");
  const paused = open.some((one) => one.paused > 0);
  const all = states.reduce((sum, one) => sum + one.count, 0);
  return {
    ...{ runId, titleId, title, createdAtMs, paused, jobs, state: stateOf(jobs, paused) },
    priority: states.reduce((most, one) => Math.max(most, one.priority), 0),
    share: all === 0 ? 0 : states.reduce((sum, { share }) => sum + share, 0) / all,
  };
}

function stateOf(jobs: OpsEncode["jobs"], paused: boolean): OpsEncode["state"] {
  if (jobs.dead > 0) return "dead";
  if (paused) return "paused";
  if (jobs.leased > 0) return "running";
  if (jobs.queued + jobs.waiting + jobs.held > 0) return "queued";
  return jobs.cancelled > 0 ? "cancelled" : "done";
}

type Lane = OpsLanes["lanes"][number];
type Span = Lane["spans"][number];

const ends: Readonly<Partial<Record<JobEventKind, NonNullable<Span["end"]>>>> = {
  ...{ done: "done", failed: "failed", dead: "dead", lost: "lost" },
  ...{ "handed-back": "handed-back", cancelled: "cancelled" },
};

export interface LanesOrder {
  readonly events: readonly ListedEvent[];
  /** Jobs under way now. */
  readonly leased: readonly ListedJob[];
  readonly fromMs: number;
  readonly untilMs: number;
  /** As many events as were asked for at most. */
  readonly most: number;
}

/** Each lease from when it was taken to how it ended; one whose beginning is not among the events began before them. */
export function lanesOf({ events, leased, fromMs, untilMs, most }: LanesOrder): OpsLanes {
  const spans = new Map<string, Span & { readonly worker: string }>();
  for (const event of events.toSorted((a, b) => a.atMs - b.atMs)) {
    const { jobId, name: title, kind, worker, atMs } = event;
    const key = `${jobId} ${event.generation}`;
    const known = spans.get(key) ?? {
      ...{ jobId, title, kind, worker, fromMs: null, untilMs: null },
      end: null,
    };
    const end = ends[event.what];
    if (event.what === "taken") spans.set(key, { ...known, fromMs: atMs });
    // A job that nobody worked on may be cancelled, too.
    else if (end !== undefined && worker !== "") spans.set(key, { ...known, untilMs: atMs, end });
  }
  for (const { id: jobId, generation, name: title, kind, lease } of leased) {
    const key = `${jobId} ${generation}`;
    if (lease === undefined || spans.has(key)) continue;
    spans.set(key, {
      ...{ jobId, title, kind, worker: lease.worker },
      fromMs: null,
      untilMs: null,
      end: null,
    });
  }
  const lanes = Map.groupBy(spans.values(), ({ worker }) => worker);
  return {
    ...{ fromMs, untilMs, cut: events.length >= most },
    lanes: [...lanes]
      .map(([worker, of]) => ({ worker, spans: of.map(({ worker: _, ...span }) => span) }))
      .toSorted((a, b) => (a.worker < b.worker ? -1 : 1)),
  };
}
