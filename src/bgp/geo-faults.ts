import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when the world's networks are read from a file. */
export const geoFaults = {
  unreadable: { code: "geo-unreadable", status: 500, sentence: "{path} cannot be read: {reason}" },
  rowRefused: {
    code: "geo-row-refused",
    status: 422,
    sentence:
      "{path} is not a table of places: {complaints}. Wanted lines like 203.0.113.0/24,53.48,-2.24,25",
  },
  databaseRefused: {
    code: "geo-database-refused",
    status: 422,
    sentence: "{path} is not a whole MaxMind database: {reason}. Nothing was written; fetch it again",
  },
} as const satisfies FaultTable;
