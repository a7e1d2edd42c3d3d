// The one place where what was thrown becomes an answer: code and sentence, never a stack, never a secret.
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { billingFaults } from "#control/billing-faults.ts";
import { controlFaults } from "#control/faults.ts";
import { accountFaults } from "#control/faults-account.ts";
import { publishFaults } from "#publish/faults.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { Fault } from "#units/fault.ts";
import type { ErrorBody } from "#wire/viewer.ts";

export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = refusalOf(error, request);
  const seconds = fault.facts.seconds;
  if (fault.status === 429 || fault.status === 503) reply.header("retry-after", `${seconds ?? 2}`);
  const body: ErrorBody = { error: { code: fault.code, message: sentenceOf(fault, request) } };
  return reply.code(fault.status).type("application/json; charset=utf-8").send(body);
}

/** Written to be answered. Other folders' sentences are for whoever runs this: they name hosts and folders, and the log has them. */
const ours = new Set(
  [controlFaults, accountFaults, billingFaults, publishFaults, jobFaults]
    .flatMap((table) => Object.values(table))
    .map(({ code }) => code),
);

function sentenceOf({ code, status, message }: Fault, { id }: FastifyRequest): string {
  if (status < 500 || ours.has(code)) return message;
  return `Something that this needs does not answer as it should (${code}). The log says more under request ${id}.`;
}

/** What was thrown as a fault, logged when it is ours to mend, and told to the audit. */
export function refusalOf(error: unknown, request: FastifyRequest): Fault {
  const fault = faultOf(error, request);
  if (fault.status >= 500) request.log.error({ err: error, requestId: request.id }, fault.message);
  request.refusal = fault.code;
  return fault;
}

function faultOf(error: unknown, request: FastifyRequest): Fault {
  if (error instanceof Fault) return error;
  if (hasZodFastifySchemaValidationErrors(error))
    return invalid(error.validation[0], error.validationContext);
  const status = statusOf(error);
  if (status === 413) return new Fault(controlFaults.bodyTooLarge, {}, error);
  if (status === 415) return new Fault(controlFaults.notJson, {}, error);
  if (status !== undefined && status >= 400 && status < 500) {
    const what = error instanceof Error ? error.message : "cannot be read";
    return new Fault(controlFaults.badRequest, { where: "request", what: what.replace(/\.$/, "") }, error);
  }
  return new Fault(controlFaults.internal, { requestId: request.id }, error);
}

interface Issue {
  readonly instancePath: string;
  readonly message?: string;
}

/** "body.events.0.seq: Too small: expected number to be >=1." */
function invalid(issue: Issue | undefined, context: string | undefined): Fault {
  const path = (issue?.instancePath ?? "").split("/").filter((part) => part !== "");
  const where = [context ?? "request", ...path].join(".");
  return new Fault(controlFaults.badRequest, { where, what: issue?.message ?? "does not fit" });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}
