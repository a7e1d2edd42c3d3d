import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when a plan is asked for. */
export const placeFaults = {
  planRefused: {
    code: "placement-refused",
    status: 422,
    sentence: "No placement was planned: {because}.",
  },
} as const satisfies FaultTable;
