// What a run comes to, day by day: plain numbers, from which the tables and the page are made.
import { emptyLedger, type Ledger } from "./serve.ts";

export interface DayResult {
  readonly day: number;
  /** "2026-10-12", UTC. */
  readonly date: string;
  /** Per region, in the scenario's order. */
  readonly regions: readonly Ledger[];
  readonly servers: readonly ServerDay[];
  readonly plans: readonly PlanDay[];
  /** Last copies of a site that had to go because nobody had room. */
  readonly gaveWay: number;
}

export interface ServerDay {
  readonly id: string;
  readonly siteId: string;
  readonly role: "storage" | "flash" | "global";
  /** As it was at the end of the day. */
  readonly state: "up" | "failed" | "draining";
  readonly storageBytes: number;
  readonly storedBytes: number;
  /** Whole bytes that it fetched, by where from, and those of them outside its window. */
  readonly fill: { readonly peer: number; readonly tier: number; readonly origin: number };
  readonly outsideWindowBytes: number;
  /** Files that came whole from outside its site; of them those that another box of the site, with power, had already. */
  readonly externalFiles: number;
  readonly externalTwice: number;
  /** What one night may bring. */
  readonly budgetBytes: number;
  readonly deferredBytes: number;
  readonly removedBytes: number;
  readonly sentBytes: number;
  /** Sent to viewers ÷ what it can send, by UTC hour. */
  readonly utilisation: readonly number[];
}

export interface PlanDay {
  readonly siteId: string;
  /** Undefined when there was no plan that day, and why. */
  readonly notPlanned: string | undefined;
  readonly cutoff: number;
  readonly lambda: number;
  readonly holePercent: number;
  readonly effectiveCapacity: number;
  readonly churnBytes: number;
  /** Of yesterday's forecast, weighted absolute error of plays by title: Σ|expected − watched| ÷ Σ watched. */
  readonly wape: number;
}

export function addLedger(sum: Ledger, one: Ledger): void {
  sum.asked += one.asked;
  sum.hit += one.hit;
  sum.content += one.content;
  sum.health += one.health;
  sum.other += one.other;
  sum.home += one.home;
  sum.elsewhere += one.elsewhere;
  sum.origin += one.origin;
  sum.unserved += one.unserved;
}

export function addLedgers(ledgers: readonly Ledger[]): Ledger {
  const sum = emptyLedger();
  for (const one of ledgers) addLedger(sum, one);
  return sum;
}

/** Bytes from appliances ÷ all bytes asked for; 1 when nobody asked. */
export function offloadOf({ asked, home, elsewhere }: Ledger): number {
  return asked > 0 ? (home + elsewhere) / asked : 1;
}

export function fillOf({ fill }: ServerDay): number {
  return fill.peer + fill.tier + fill.origin;
}

export function peakOf(utilisation: readonly number[]): number {
  return Math.max(0, ...utilisation);
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length;
}
