// The time that stores have for a play. Whoever waits longer is told so, and can try again; what is done late is undone by
// whoever looks at the signal.
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";

/** @throws Fault stores-slow */
export function withinBudget<T>(budgetMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const budget = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      const fault = new Fault(controlFaults.storesSlow, { budgetMs });
      budget.abort(fault);
      reject(fault);
    }, budgetMs);
    work(budget.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
