import { performance } from "node:perf_hooks";
import type { Clock } from "#units/clock.ts";
import { milliseconds } from "#units/quantity.ts";

/** The machine's own time. */
export const systemClock: Clock = {
  wallMs: () => milliseconds(Date.now()),
  monoMs: () => milliseconds(performance.now()),
};
