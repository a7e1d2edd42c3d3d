// What workers ask: for a job, to keep it, and what came of it.
import { z } from "zod";
import { beatJob, endJob, finishJob } from "#control/jobs.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { Fault } from "#units/fault.ts";
import {
  beatAnswer,
  beatBody,
  doneAnswer,
  doneBody,
  failedAnswer,
  failedBody,
  takeAnswer,
  takeBody,
} from "#wire/jobs.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, tokenOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import type { JobHall } from "./job-hall.ts";

const params = z.object({ id: idText });
const tags = ["worker"];
const config = { audience: "worker" } as const;

/** @throws Fault jobs-off */
export function hallOf({ hall }: Desk): JobHall {
  if (hall === undefined) throw new Fault(jobFaults.off);
  return hall;
}

export function jobRoutes(app: App, desk: Desk): void {
  takeRoute(app, desk);
  app.post(
    "/v1/jobs/:id/beat",
    {
      config,
      schema: {
        summary: "The worker lives, and is so far; without this its lease ends",
        ...{ tags, params, body: beatBody, response: answers(beatAnswer) },
      },
    },
    async (request) => {
      const { id: jobId } = request.params;
      const { generation, share } = request.body;
      const who = { generation, tokenId: tokenOf(request).id };
      const kept = await beatJob(hallOf(desk).desk, jobId, who, share);
      if (kept === undefined) throw new Fault(jobFaults.leaseLost, { jobId });
      return kept;
    },
  );
  app.post(
    "/v1/jobs/:id/done",
    {
      config,
      schema: {
        summary: "The job is done; everything its manifest lists was handed in before",
        ...{ tags, params, body: doneBody, response: answers(doneAnswer) },
      },
    },
    async (request) => {
      const { id: jobId } = request.params;
      const { generation, manifest } = request.body;
      const who = { generation, tokenId: tokenOf(request).id };
      const outcome = await finishJob(hallOf(desk).desk, jobId, who, manifest);
      if (outcome === "lost") throw new Fault(jobFaults.leaseLost, { jobId });
      return { outcome };
    },
  );
  app.post(
    "/v1/jobs/:id/failed",
    {
      config,
      schema: {
        summary: "The job failed here, or the worker has to end and hands it back",
        ...{ tags, params, body: failedBody, response: answers(failedAnswer) },
      },
    },
    async (request) => {
      const { id: jobId } = request.params;
      const { generation, ...ending } = request.body;
      const who = { generation, tokenId: tokenOf(request).id };
      const outcome = await endJob(hallOf(desk).desk, jobId, who, ending);
      if (outcome === "lost") throw new Fault(jobFaults.leaseLost, { jobId });
      request.log.info({ job: jobId, ...ending, outcome }, "a job was not done");
      return { outcome };
    },
  );
}

function takeRoute(app: App, desk: Desk): void {
  app.post(
    "/v1/jobs/take",
    {
      config: { ...config, waits: true, rateLimit: { max: 6000, timeWindow: "1 minute" } },
      schema: {
        summary: "The next job that this worker can do, leased to it; waits a while for one",
        ...{ tags, body: takeBody, response: answers(takeAnswer) },
      },
    },
    async (request) => {
      const { waitSeconds, ...worker } = request.body;
      const gone = new AbortController();
      const leave = (): void => gone.abort();
      request.raw.socket.once("close", leave);
      try {
        const asking = { ...worker, tokenId: tokenOf(request).id };
        const job = await hallOf(desk).take(asking, waitSeconds * 1000, gone.signal);
        return { job: job ?? null };
      } finally {
        request.raw.socket.off("close", leave);
      }
    },
  );
}
