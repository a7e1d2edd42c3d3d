// A counter for what happens thousands of times a second: its labels are looked at once, and what was counted meanwhile is added when
// somebody reads it.
import type { Counter } from "prom-client";

type Labels = Readonly<Record<string, string>>;
export type Add = (amount: number) => void;

export type TallyCounter = Counter & {
  /** For labels that come again and again. */
  of(labels: Labels): Add;
};

/** `make`: a counter that calls before it is read. */
export function tallyCounter(make: (collect: () => void) => Counter): TallyCounter {
  const sums: { readonly labels: Labels; amount: number }[] = [];
  const counter = make(() => {
    for (const sum of sums) {
      if (sum.amount > 0) counter.inc(sum.labels, sum.amount);
      sum.amount = 0;
    }
  });
  return Object.assign(counter, {
    of(labels: Labels): Add {
      const sum = { labels, amount: 0 };
      sums.push(sum);
      return (amount) => {
        sum.amount += amount;
      };
    },
  });
}
