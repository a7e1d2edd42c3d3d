// Masters and results, to and from workers. These bytes pass through here and not through an nginx: a worker may be anywhere, has
// nothing but this address and its token, and sees only what the lease it names needs, which is asked of the database each time.
// They are the intake's; nothing of them is ever delivered to a viewer.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { inputsOf } from "#control/jobs.ts";
import type { Job } from "#model/job.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { Fault } from "#units/fault.ts";
import { sha256Text } from "#wire/job-spec.ts";
import { keptAnswer } from "#wire/jobs.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, tokenOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { hallOf } from "./routes-jobs.ts";

/** Of one request: with the next one it goes on. */
const chunkBytes = 16 * 1024 * 1024;

/** A worker that hears nothing asks again, and the film is brought on. */
const bringMs = 21_600_000;

const lease = { job: idText, generation: z.coerce.number().int().min(1) };
const ofKey = z.object({ key: sha256Text });
const place = z.coerce.number().int().min(0);
const content = { 200: z.unknown().describe("The file"), 206: z.unknown().describe("The rest of it") };
const tags = ["worker"];
const config = { audience: "worker" } as const;

export function resultRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/masters/:id/content",
    {
      config,
      schema: {
        summary: "The master of a job's film, whole or from a byte on (Range: bytes=N-)",
        ...{ tags, params: z.object({ id: idText }), querystring: z.object(lease) },
        response: { ...answers(z.unknown()), ...content },
      },
    },
    async (request, reply) => {
      const { id: masterId } = request.params;
      const job = await leased(desk, request, request.query);
      const run = await hallOf(desk).desk.jobs.run(job.runId);
      const master = run?.masterId === masterId ? await hallOf(desk).desk.masters.find(masterId) : undefined;
      if (master === undefined) throw new Fault(jobFaults.unknownMaster, { masterId });
      await desk.archive?.bringMaster(master, AbortSignal.timeout(bringMs));
      const { size } = await stat(master.path);
      return send(request, reply, size, (start) =>
        createReadStream(master.path, { start, highWaterMark: 1 << 20 }),
      );
    },
  );
  app.get(
    "/v1/results/:key",
    {
      config,
      schema: {
        summary: "A file that this job is made from, whole or from a byte on (Range: bytes=N-)",
        ...{ tags, params: ofKey, querystring: z.object(lease) },
        response: { ...answers(z.unknown()), ...content },
      },
    },
    async (request, reply) => {
      const { key } = request.params;
      const hall = hallOf(desk);
      const job = await leased(desk, request, request.query);
      const mayRead = await hall.mayRead(job, key, (of) => inputsOf(hall.desk, of));
      const size = mayRead ? await hall.shelf.size(key) : undefined;
      if (size === undefined) throw new Fault(jobFaults.unknownResult, { key, jobId: job.id });
      return send(request, reply, size, (start) => hall.shelf.read(key, start));
    },
  );
  putRoute(app, desk);
}

function putRoute(app: App, desk: Desk): void {
  app.register(async (scope) => {
    const binary = "application/octet-stream";
    scope.addContentTypeParser(binary, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    const inner: App = scope;
    inner.put(
      "/v1/results/:key",
      {
        bodyLimit: chunkBytes,
        config: { ...config, proofInBody: true },
        schema: {
          summary: "A chunk of a file that this job made; whole, it must have the sha256 it is called by",
          ...{ tags, params: ofKey, consumes: [binary] },
          querystring: z.object({ ...lease, offset: place, total: place }),
          response: answers(keptAnswer),
        },
      },
      async (request) => {
        const { key } = request.params;
        const { offset, total } = request.query;
        const job = await leased(desk, request, request.query);
        const data = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const sender = `${job.id}-${job.generation}`;
        const chunk = { key, sender, offset, total, data };
        return { bytes: await hallOf(desk).shelf.take(chunk, AbortSignal.timeout(600_000)) };
      },
    );
  });
}

/** The job, if this token holds its lease of this generation; else there is no such job. */
export async function leased(
  desk: Desk,
  request: FastifyRequest,
  { job: jobId, generation }: { readonly job: string; readonly generation: number },
): Promise<Job> {
  const { jobs } = hallOf(desk).desk;
  const held = await jobs.holds({ jobId, generation, tokenId: tokenOf(request).id });
  const job = held ? await jobs.job(jobId) : undefined;
  if (job === undefined) throw new Fault(jobFaults.unknownJob, { jobId });
  return job;
}

/** Source of ranges: RFC 9110 §14. Only "from here to the end" is heard; anything else gets the whole. */
function send(
  request: FastifyRequest,
  reply: FastifyReply,
  size: number,
  read: (start: number) => Readable,
): FastifyReply {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const start = from < size ? from : 0;
  reply.type("application/octet-stream").header("content-length", size - start);
  if (start > 0) reply.code(206).header("content-range", `bytes ${start}-${size - 1}/${size}`);
  return reply.send(read(start));
}
