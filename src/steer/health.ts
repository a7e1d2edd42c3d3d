// The health gate: what an appliance's reports, and their absence, mean for new viewers. It closes quickly and opens
// slowly, so that a box near its limit is not taken in and out with every report.
import { defaultsOf } from "#config/setting.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";
import { type SteerSettings, steerSettings } from "./settings.ts";

/**
 * Never this gate's words: control says `unadmitted` of a well appliance whose site did not pass its check, and `degraded` of one
 * whose players fare worse than their peers.
 */
export type Health = "healthy" | "unhealthy" | "draining" | "silent" | "unadmitted" | "degraded";

export interface HealthReport {
  readonly nginx: "up" | "starting" | "down";
  /** Why nginx is down; may be empty. */
  readonly trouble: string;
  readonly draining: boolean;
  /** Sent bit/s ÷ throughput; may exceed 1. */
  readonly load: number;
  /** Its next report comes within this time; absent where the agent does not say. */
  readonly due?: Milliseconds | undefined;
}

export type HealthEvent =
  | { readonly kind: "report"; readonly report: HealthReport }
  /** Time passed; nothing was heard. */
  | { readonly kind: "tick" };

export interface HealthState {
  readonly health: Health;
  /** One sentence with the number that decided. */
  readonly because: string;
  readonly lastReport: Milliseconds | undefined;
  /** As its last report said. */
  readonly due?: Milliseconds | undefined;
  /** Overloaded reports in a row. */
  readonly hot: number;
  /** Calm reports in a row. */
  readonly calm: number;
  /** What closed the gate, while it is closed. A box that only starts need not prove itself. */
  readonly gate: "open" | "starting" | "down" | "overload";
}

/** Reports that may be missing, and then some, before silence is more than a slow interval. Chosen by us. */
const dueReports = 2.5;

/** An appliance that nobody has heard of yet. */
export const unheard: HealthState = {
  health: "silent",
  because: "It has not reported yet.",
  lastReport: undefined,
  hot: 0,
  calm: 0,
  gate: "open",
};

/** Folds one event in. `now` is monotonic time. */
export function step(
  state: HealthState,
  event: HealthEvent,
  now: Milliseconds,
  settings: SteerSettings = defaultsOf(steerSettings),
): HealthState {
  return event.kind === "tick" ? listen(state, now, settings) : heard(state, event.report, now, settings);
}

function listen(state: HealthState, now: Milliseconds, settings: SteerSettings): HealthState {
  if (state.lastReport === undefined) return state;
  const age = milliseconds(now - state.lastReport);
  const lease = Math.max(settings.silentSeconds, ((state.due ?? 0) * dueReports) / 1000);
  if (age <= lease * 1000) return state;
  const because = `No report for ${(age / 1000).toFixed(1)} s, the limit is ${lease} s.`;
  // What it was before says nothing about what it will be after: it starts anew.
  return { ...unheard, because, lastReport: state.lastReport };
}

function heard(
  state: HealthState,
  report: HealthReport,
  now: Milliseconds,
  settings: SteerSettings,
): HealthState {
  const before = listen(state, now, settings);
  // A load that is no number is a box that does not know itself: it counts as full.
  const load = Number.isFinite(report.load) ? report.load : 1;
  const percent = 100 * load;
  const hot = percent > settings.overloadPercent ? before.hot + 1 : 0;
  const calm = report.nginx === "up" && percent < settings.recoverPercent ? before.calm + 1 : 0;
  const gate = nextGate(before, report, hot, calm, settings);
  const facts = { lastReport: now, due: report.due, hot, calm, gate };
  if (gate !== "open") {
    return { ...facts, health: "unhealthy", because: closedBecause(gate, report, percent, calm, settings) };
  }
  if (report.draining) {
    return { ...facts, health: "draining", because: "Its operator is draining it: no new viewers." };
  }
  return {
    ...facts,
    health: "healthy",
    because: `nginx is up and sends ${percent.toFixed(0)} % of what it can.`,
  };
}

function nextGate(
  before: HealthState,
  report: HealthReport,
  hot: number,
  calm: number,
  settings: SteerSettings,
): HealthState["gate"] {
  if (report.nginx === "down") return "down";
  if (report.nginx === "starting") return before.gate === "open" ? "starting" : before.gate;
  if (hot >= settings.overloadReports) return "overload";
  if (before.gate === "open" || before.gate === "starting") return "open";
  return calm >= settings.recoverReports ? "open" : before.gate;
}

function closedBecause(
  gate: "starting" | "down" | "overload",
  report: HealthReport,
  percent: number,
  calm: number,
  settings: SteerSettings,
): string {
  if (report.nginx === "down") return `nginx is down${report.trouble === "" ? "" : `: ${report.trouble}`}.`;
  if (report.nginx === "starting") return "nginx is starting.";
  const waits = `${calm} of ${settings.recoverReports} calm reports (below ${settings.recoverPercent} %) so far`;
  return gate === "overload"
    ? `It was overloaded (above ${settings.overloadPercent} %) and sends ${percent.toFixed(0)} % now; ${waits}.`
    : `nginx was down; ${waits}.`;
}
