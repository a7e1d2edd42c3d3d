// Encode jobs as operators see them, and what they can do about them.
import { z } from "zod";
import { encrypts, enqueue } from "#control/jobs.ts";
import { lanesOf, opsEncodesOf, opsJobsOf } from "#control/ops-jobs.ts";
import type { Decide } from "#data/ports-job.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { cancelled, paused, prioritised, retried } from "#publish/job-rules.ts";
import { Fault } from "#units/fault.ts";
import {
  enqueueBody,
  enqueued,
  jobHistory,
  opsEncodes,
  opsEncodesQuery,
  opsJobs,
  opsJobsQuery,
  opsLanes,
  opsLanesQuery,
  priorityBody,
} from "#wire/jobs.ts";
import { idText } from "#wire/viewer.ts";
import { answers, nothing } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { settleOrder } from "./film-works.ts";
import { hallOf } from "./routes-jobs.ts";

const config = { audience: "operator" } as const;
const tags = ["operator"];
const params = z.object({ id: idText });

export function opsJobRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/jobs",
    {
      config,
      schema: {
        summary: "Encode jobs by title, state and worker: under way first, then waiting, then done",
        ...{ tags, querystring: opsJobsQuery, response: answers(opsJobs) },
      },
    },
    async (request) => {
      const { state, title, worker, limit } = request.query;
      const wish = { ...(state && { state }), ...(title && { titleId: title }), ...(worker && { worker }) };
      const { jobs, rules } = hallOf(desk).desk;
      return opsJobsOf(await jobs.list({ ...wish, limit }), desk.clock.wallMs(), rules.leaseMs);
    },
  );
  app.post(
    "/v1/ops/jobs",
    {
      config,
      schema: {
        summary: "Have a master encoded and published as a title; what is under way already is answered",
        ...{ tags, body: enqueueBody, response: answers(enqueued) },
      },
    },
    async (request) => {
      const made = await enqueue(hallOf(desk).desk, request.body);
      desk.logger.info({ ...made, by: accountOf(request).email }, "an encode was ordered");
      return made;
    },
  );
  app.get(
    "/v1/ops/jobs/:id/events",
    {
      config,
      schema: {
        summary: "What the books say happened to a job",
        ...{ tags, params, response: answers(jobHistory) },
      },
    },
    async (request) => {
      const { id: jobId } = request.params;
      const { jobs } = hallOf(desk).desk;
      if ((await jobs.job(jobId)) === undefined) throw new Fault(jobFaults.unknownJob, { jobId });
      return { events: [...(await jobs.events(jobId))] };
    },
  );
  lanesRoute(app, desk);
  encodesRoute(app, desk);
  retryRoute(app, desk);
  for (const wish of ["cancel", "pause", "resume"] as const) runRoute(app, desk, wish);
  priorityRoute(app, desk);
}

/** More would be no picture. */
const mostEvents = 10_000;
const mostLeased = 1000;
const minuteMs = 60_000;

function lanesRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/jobs/lanes",
    {
      config,
      schema: {
        summary: "Which worker worked on what of late, and how each time ended",
        ...{ tags, querystring: opsLanesQuery, response: answers(opsLanes) },
      },
    },
    async (request) => {
      const untilMs = desk.clock.wallMs();
      const fromMs = Math.max(0, untilMs - request.query.minutes * minuteMs);
      const { jobs } = hallOf(desk).desk;
      const events = await jobs.eventsSince(fromMs, mostEvents);
      const leased = await jobs.list({ state: "leased", limit: mostLeased });
      return lanesOf({ events, leased, fromMs, untilMs, most: mostEvents });
    },
  );
}

function encodesRoute(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/encodes",
    {
      config,
      schema: {
        summary: "Titles on their way: how many jobs of each are waiting, under way, done and dead",
        ...{ tags, querystring: opsEncodesQuery, response: answers(opsEncodes) },
      },
    },
    async (request) =>
      opsEncodesOf(await hallOf(desk).desk.jobs.runs(request.query.limit), desk.clock.wallMs()),
  );
}

function retryRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/ops/jobs/:id/retry",
    {
      config,
      schema: {
        summary: "A dead job is tried again, with all its tries",
        ...{ tags, params, response: nothing("Queued") },
      },
    },
    async (request, reply) => {
      const { id: jobId } = request.params;
      const hall = hallOf(desk).desk;
      const answer = await hall.jobs.change(jobId, (job, now) => retried(job, now));
      if (answer === undefined) throw new Fault(jobFaults.unknownJob, { jobId });
      if (answer === "not-dead") throw new Fault(jobFaults.notDead, { jobId });
      desk.logger.info({ job: jobId, by: accountOf(request).email }, "a dead job is tried again");
      hall.wake();
      return reply.code(204).send();
    },
  );
}

const runWishes = {
  cancel: "Nothing more of this run is done; what its workers do is thrown away",
  pause: "Nothing more of this run is given out; what is under way goes on",
  resume: "Jobs of this run are given out again",
} as const;

function runRoute(app: App, desk: Desk, wish: keyof typeof runWishes): void {
  app.post(
    `/v1/ops/encodes/:id/${wish}`,
    { config, schema: { summary: runWishes[wish], ...{ tags, params, response: nothing("Done") } } },
    async (request, reply) => {
      const { id: runId } = request.params;
      await changeRun(desk, runId, (job) => (wish === "cancel" ? cancelled(job) : paused(job, wish)));
      if (wish === "cancel") await settleCancelled(desk, runId);
      desk.logger.info({ run: runId, wish, by: accountOf(request).email }, "a wish about an encode");
      return reply.code(204).send();
    },
  );
}

async function settleCancelled(desk: Desk, runId: string): Promise<void> {
  const { jobs } = hallOf(desk).desk;
  const run = await jobs.run(runId);
  if (run === undefined) return;
  const encrypt = await encrypts(jobs, run);
  const { masterId, name } = run;
  await settleOrder(desk.ports.stores.uploads, {
    ...{ masterId, name },
    ...(encrypt !== undefined && { encrypt }),
  });
}

function priorityRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/ops/encodes/:id/priority",
    {
      config,
      schema: {
        summary: "Jobs of this run, and those that follow from them, go before those of a lower priority",
        ...{ tags, params, body: priorityBody, response: nothing("Done") },
      },
    },
    async (request, reply) => {
      const { agingMs } = hallOf(desk).desk.rules;
      const { priority } = request.body;
      await changeRun(desk, request.params.id, (job) => prioritised(job, priority, agingMs));
      return reply.code(204).send();
    },
  );
}

async function changeRun(desk: Desk, runId: string, decide: Decide<unknown>): Promise<void> {
  const hall = hallOf(desk).desk;
  if ((await hall.jobs.changeRun(runId, decide)) === 0) throw new Fault(jobFaults.unknownRun, { runId });
  hall.wake();
}
