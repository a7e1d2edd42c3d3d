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
  noSuchServer: {
    code: "placement-no-such-server",
    status: 404,
    sentence: "There is no server {id} in this cluster.",
  },
  noHistory: {
    code: "placement-no-history",
    status: 404,
    sentence: "{path} holds no earlier plans: {because}.",
  },
  reportUnwritable: {
    code: "placement-report-unwritable",
    status: 500,
    sentence: "The report cannot be written: {because}.",
  },
  historyRefused: {
    code: "placement-history-refused",
    status: 422,
    sentence: "Nothing was forecast from this history: {because}.",
  },
} as const satisfies FaultTable;
