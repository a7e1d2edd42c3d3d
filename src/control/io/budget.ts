// The time that a request has: the least of what the server gives the stores and what its caller says it waits for, and no
// longer than the caller's connection. One signal says when it is over; every wait of the request hears of it, and what is
// done late is undone by whoever looks at the signal.
import type { FastifyReply } from "fastify";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { type DeadlineHeaders, deadlineHeader } from "#wire/deadline.ts";

/** Who waits for an answer. */
export interface Caller {
  readonly request: { readonly headers: DeadlineHeaders };
  readonly reply: Pick<FastifyReply, "elapsedTime" | "raw">;
}

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * Work that is left alone when the time is over. It is begun in any case, if need be with a signal that is aborted already.
 *
 * @throws Fault stores-slow, caller-gone
 */
export function withinBudget<T>(caller: Caller, budgetMs: number, work: Work<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    withSignal(caller, budgetMs, (signal) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
      return work(signal);
    }).then(resolve, reject);
  });
}

/** Work that is waited for in any case, and looks at the signal itself. */
export async function withSignal<T>(caller: Caller, budgetMs: number, work: Work<T>): Promise<T> {
  const { request, reply } = caller;
  const over = new AbortController();
  const saidMs = Number(request.headers[deadlineHeader] ?? Number.POSITIVE_INFINITY) * 1000;
  const leftMs = Math.min(budgetMs, saidMs - reply.elapsedTime);
  const late = (): void =>
    over.abort(new Fault(controlFaults.storesSlow, { budgetMs: Math.min(budgetMs, saidMs) }));
  const timer = setTimeout(late, Math.max(0, leftMs));
  if (leftMs <= 0) late();
  const closed = (): void => {
    if (reply.raw.writableFinished) return;
    clearTimeout(timer);
    over.abort(new Fault(controlFaults.callerGone));
  };
  // Also after the work: an answer that does not go out is as good as none.
  if (reply.raw.destroyed) closed();
  else reply.raw.once("close", closed);
  try {
    return await work(over.signal);
  } catch (error) {
    over.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
