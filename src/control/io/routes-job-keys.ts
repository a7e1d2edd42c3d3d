// The keys of a title that is ordered encrypted, for the worker that packages it: whoever holds the job's lease now, and nobody else.
import { z } from "zod";
import { jobFaults } from "#publish/job-faults.ts";
import { Fault } from "#units/fault.ts";
import { packingKeys } from "#wire/content-keys.ts";
import { jobSpec } from "#wire/job-spec.ts";
import { packingKeysBody } from "#wire/jobs.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, tokenOf } from "./app.ts";
import type { Desk } from "./desk.ts";
import { hallOf } from "./routes-jobs.ts";
import { leased } from "./routes-results.ts";

export function jobKeyRoutes(app: App, desk: Desk): void {
  app.post(
    "/v1/jobs/:id/keys",
    {
      config: { audience: "worker" },
      schema: {
        summary:
          "The keys that this job encrypts its package with, in the clear, for the holder of its lease. 404 job-keys-none when the title is clear",
        ...{ tags: ["worker"], params: z.object({ id: idText }), body: packingKeysBody },
        response: answers(packingKeys),
      },
    },
    async (request) => {
      const { id: jobId } = request.params;
      const job = await leased(desk, request, { job: jobId, generation: request.body.generation });
      const spec = jobSpec.parse(job.spec);
      const names = spec.kind === "encode" ? spec.encryptWith : undefined;
      if (spec.kind !== "encode" || names === undefined) throw new Fault(jobFaults.keysNone, { jobId });
      const keys = await hallOf(desk).desk.keys.open(spec.titleId, names);
      if (keys === undefined) throw new Fault(jobFaults.keysGone, { jobId, titleId: spec.titleId });
      const facts = { job: jobId, title: spec.titleId, token: tokenOf(request).id };
      desk.logger.info(facts, "keys were given to a worker that packages");
      return {
        keys: keys.map(({ signalling, ...key }) => ({
          ...key,
          ...(signalling && { signalling: [...signalling] }),
        })),
      };
    },
  );
}
