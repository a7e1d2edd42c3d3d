// The time that stores have for a play. Whoever waits longer is told so, and can try again; what is done late is undone by
// whoever looks at the signal.
import { setTimeout as rest } from "node:timers/promises";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";

/** @throws Fault stores-slow */
export async function withinBudget<T>(
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [budget, done] = [new AbortController(), new AbortController()];
  const late = rest(budgetMs, undefined, { signal: done.signal }).then(() => {
    const fault = new Fault(controlFaults.storesSlow, { budgetMs });
    budget.abort(fault);
    throw fault;
  });
  late.catch(() => undefined);
  const working = work(budget.signal);
  working.catch(() => undefined);
  try {
    return await Promise.race([working, late]);
  } finally {
    done.abort();
  }
}
