// The operator's prices, remembered in this browser. Until somebody enters some they are examples, and say so.
import { useState } from "react";
import { z } from "zod";
import { examplePrices, type Prices } from "./money-sum.ts";

const key = "millrace.prices";
const price = z.number().min(0).max(1e6);
const kept = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/),
  egressPerGb: price,
  cpuHour: price,
  storagePerGbMonth: price,
  listPerGb: price,
});

export interface Priced {
  readonly prices: Prices;
  readonly isExample: boolean;
  /** What does not fit is left as it was. */
  readonly put: (change: Partial<Prices>) => void;
}

export function usePrices(): Priced {
  const [own, setOwn] = useState(stored);
  const prices = own ?? examplePrices;
  const put = (change: Partial<Prices>): void => {
    const made = kept.safeParse({ ...prices, ...change });
    if (!made.success) return;
    setOwn(made.data);
    try {
      localStorage.setItem(key, JSON.stringify(made.data));
    } catch {
      // They hold for this visit.
    }
  };
  return { prices, isExample: own === undefined, put };
}

function stored(): Prices | undefined {
  try {
    return kept.safeParse(JSON.parse(localStorage.getItem(key) ?? "null")).data;
  } catch {
    return undefined;
  }
}

/** "€1.20": three significant digits, in the language spoken. */
export function moneyText(amount: number, currency: string, locale: string): string {
  const options = { style: "currency", currency, maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(locale, options).format(amount);
}
