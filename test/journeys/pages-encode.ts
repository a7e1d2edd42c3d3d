// What the console's pages about encodes are answered: films on their way, workers, errors, and a film of thousands of shots.
import type { EncodeReport } from "#wire/encode-report.ts";
import type { OpsEncodes, OpsJobs, OpsLanes } from "#wire/jobs.ts";
import { report } from "./pages-fixtures.ts";

const nowMs = Date.now();
const none = { waiting: 0, queued: 0, leased: 0, done: 0, dead: 0, held: 0, cancelled: 0 };

type Run = OpsEncodes["encodes"][number];

function run(runId: string, title: string, more: Partial<Run>): Run {
  return {
    ...{ runId, titleId: runId.replace("run-", ""), title, createdAtMs: nowMs - 600_000, state: "running" },
    ...{ priority: 4, paused: false, jobs: none, share: 0, ...more },
  };
}

export const encodes: OpsEncodes = {
  atMs: nowMs,
  encodes: [
    run("run-harbour", "Harbour", { jobs: { ...none, leased: 3, queued: 20, done: 61 }, share: 0.75 }),
    run("run-alps", "Alps", { state: "dead", jobs: { ...none, dead: 1, held: 4, done: 9 }, share: 0.6 }),
    run("run-dunes", "Dunes", { state: "paused", paused: true, jobs: { ...none, queued: 8 } }),
    run("run-lakeside", "Lakeside", { state: "done", jobs: { ...none, done: 88 }, share: 1 }),
  ],
};

type Job = OpsJobs["jobs"][number];

function job(id: string, more: Partial<Job>): Job {
  return {
    ...{ id, runId: "run-harbour", titleId: "harbour", title: "Harbour", kind: "trials", state: "leased" },
    ...{ paused: false, priority: 4, waits: 0, attempt: 1, worker: "north-1", tools: null, needs: "h264" },
    ...{ share: 0.4, etaSeconds: 130, reason: null, queuedAtMs: nowMs - 9e5, readyAtMs: nowMs - 9e5 },
    ...{ begunAtMs: nowMs - 90_000, heardAtMs: nowMs - 4000, leaseUntilMs: nowMs + 56_000, doneAtMs: null },
    ...more,
  };
}

const deadWords =
  "ffmpeg ended with status 1: [libx264 @ 0x55d1] malloc of size 3110400 failed; the machine has 512 MB left";

const jobs: readonly Job[] = [
  job("h.1", {}),
  job("h.2", { worker: "north-2", share: 0.02, etaSeconds: null, attempt: 2 }),
  job("h.3", { worker: "south-1", heardAtMs: nowMs - 48_000, leaseUntilMs: nowMs + 12_000 }),
  job("a.1", {
    title: "Alps",
    state: "dead",
    worker: null,
    attempt: 3,
    reason: deadWords,
    leaseUntilMs: null,
  }),
];

export function jobsIn(state: string | null): OpsJobs {
  return { atMs: nowMs, jobs: jobs.filter((one) => state === null || one.state === state) };
}

const hourMs = 3_600_000;
const fromMs = nowMs - hourMs;
const ends = ["done", "done", "done", "failed", "lost", "handed-back"] as const;

export const lanes: OpsLanes = {
  ...{ fromMs, untilMs: nowMs, cut: false },
  lanes: ["north-1", "north-2", "south-1"].map((worker, lane) => ({
    worker,
    spans: Array.from({ length: 14 + 3 * lane }, (_, n) => {
      const startMs = fromMs + (n * hourMs) / (14 + 3 * lane);
      const isLast = n === 13 + 3 * lane;
      return {
        ...{ jobId: `${worker} ${n}`, title: n % 3 === 0 ? "Alps" : "Harbour", kind: "trials" },
        fromMs: n === 0 ? null : startMs,
        untilMs: isLast ? null : startMs + 120_000 + 20_000 * ((n * 7) % 5),
        end: isLast ? null : (ends[(n * (lane + 2)) % 6] ?? "done"),
      };
    }),
  })),
};

/** As long as a film of two hours with a shot every other second. */
export const longReport: EncodeReport = longOf(3600);

function longOf(count: number): EncodeReport {
  const of = report.shots.length;
  const shots = Array.from({ length: count }, (_, at) => at);
  const again = <P extends { readonly shot: number }>(points: readonly P[]): P[] => {
    const by = Map.groupBy(points, ({ shot }) => shot);
    return shots.flatMap((shot) => (by.get(shot % of) ?? []).map((point) => ({ ...point, shot })));
  };
  const kept = report.trials.filter(({ crf }) => crf === 24 || crf === 32);
  return {
    ...report,
    source: { ...report.source, frames: 96 * count, durationSeconds: 4 * count },
    shots: shots.map((shot) => ({ startFrame: shot * 96, endFrame: (shot + 1) * 96 })),
    trials: again(kept),
    hulls: shots.map((shot) => (report.hulls[shot % of] ?? []).map((point) => ({ ...point, shot }))),
    ladder: report.ladder.map((rung) => ({ ...rung, crf: shots.map((shot) => rung.crf[shot % of] ?? 24) })),
  };
}

/** Every four seconds a picture, of the posters that there are. */
export const board = [
  "WEBVTT\n",
  ...Array.from({ length: 14 }, (_, n) => {
    const clock = (s: number): string =>
      `00:${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}.000`;
    return `${clock(4 * n)} --> ${clock(4 * n + 4)}\n${n % 6}.svg#xywh=0,0,320,180\n`;
  }),
].join("\n");
