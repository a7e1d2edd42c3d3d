import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when a region is to be simulated. */
export const simFaults = {
  badScenario: {
    code: "sim-bad-scenario",
    status: 422,
    sentence: "The scenario cannot be run: {complaints}.",
  },
} as const satisfies FaultTable;
