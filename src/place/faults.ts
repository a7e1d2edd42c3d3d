import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when a plan is asked for. */
export const placeFaults = {
  planRefused: {
    code: "placement-refused",
    status: 422,
    sentence: "No placement was planned: {because}.",
  },
  noSuchFile: {
    code: "placement-no-such-file",
    status: 404,
    sentence: "There is no file {id} among those to be placed.",
  },
  historyRefused: {
    code: "placement-history-refused",
    status: 422,
    sentence: "Nothing was forecast from this history: {because}.",
  },
} as const satisfies FaultTable;
