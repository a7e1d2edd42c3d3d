// `Idempotency-Key` for any changing route: the same key and body again get the same answer, whoever lost the first one.
// Source: Stripe, "Idempotent requests"; IETF draft-ietf-httpapi-idempotency-key-header.
import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { billingFaults } from "#control/billing-faults.ts";
import type { KeptAnswer, KeyHold } from "#data/ports-billing.ts";
import { Fault } from "#units/fault.ts";
import { accountOf } from "./app.ts";
import type { Desk } from "./desk.ts";

/**
 * Runs `work` once per account and key, and answers with what it said then.
 *
 * `work` gets the hold on the key. Where it changes the database it keeps its answer in the same transaction, which fails
 * when the hold was lost; an answer that it did not keep is kept afterwards. What it throws is not kept, since nothing
 * happened then: the key is free again. A request that dies holds its key until `MILLRACE_IDEMPOTENCY_HOLD_MS` have passed.
 *
 * @throws Fault key-missing, key-reused, key-in-flight; and whatever `work` throws
 */
export async function answeredOnce(
  desk: Pick<Desk, "ports">,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  work: (hold: KeyHold) => Promise<KeptAnswer>,
): Promise<FastifyReply> {
  const { ports } = desk;
  const { keys, billing } = ports.stores;
  const order = {
    accountId: accountOf(request).id,
    key: keyOf(request),
    holder: randomUUID(),
    bodyHash: ports.digest(JSON.stringify([request.method, request.url, request.body ?? null])),
    nowMs: await billing.nowMs(),
    holdMs: ports.settings.idempotencyHoldMs,
  };
  const taken = await keys.take(order);
  switch (taken.kind) {
    case "reused":
      throw new Fault(billingFaults.keyReused);
    case "in-flight": {
      const seconds = Math.max(1, Math.ceil(taken.leftMs / 1000));
      reply.header("retry-after", String(seconds));
      throw new Fault(billingFaults.keyInFlight, { seconds });
    }
    case "answered":
      return say(reply, taken.answer);
    case "fresh":
      return say(reply, await worked(desk, taken.hold, work));
  }
}

async function worked(
  { ports }: Pick<Desk, "ports">,
  hold: KeyHold,
  work: (hold: KeyHold) => Promise<KeptAnswer>,
): Promise<KeptAnswer> {
  const { keys } = ports.stores;
  let answer: KeptAnswer;
  try {
    answer = await work(hold);
  } catch (error) {
    // Should this fail too, the key is free after its hold.
    await keys.release(hold).catch(() => undefined);
    throw error;
  }
  await keys.keep({ ...hold, ...answer });
  return answer;
}

function say(reply: FastifyReply, { status, body }: KeptAnswer): FastifyReply {
  return reply.code(status).type("application/json; charset=utf-8").serializer(String).send(body);
}

function keyOf(request: FastifyRequest): string {
  const given = request.headers["idempotency-key"];
  if (typeof given !== "string" || !/^[\x21-\x7e]{1,255}$/.test(given))
    throw new Fault(billingFaults.keyMissing);
  return given;
}
