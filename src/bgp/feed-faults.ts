import type { FaultTable } from "#units/fault.ts";

/** What can go wrong while an appliance tells what it hears. */
export const feedFaults = {
  routesNotTaken: {
    code: "routes-not-taken",
    status: 502,
    sentence: "The control plane did not take routes at {url}: {because}. They are sent again.",
  },
  heardFileUnreadable: {
    code: "heard-file-unreadable",
    status: 500,
    sentence:
      "{path} cannot be used as the routes that this appliance hears: {because}. What it said before still counts.",
  },
  dumpUnreadable: {
    code: "mrt-unreadable",
    status: 500,
    sentence: "{path} cannot be read as MRT: {because}.",
  },
} as const satisfies FaultTable;
