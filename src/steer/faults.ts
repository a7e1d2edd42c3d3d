import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when a ranking is asked for. */
export const steerFaults = {
  routeRefused: {
    code: "steer-route-refused",
    status: 422,
    sentence: "{path} does not fit: {complaints}",
  },
} as const satisfies FaultTable;
