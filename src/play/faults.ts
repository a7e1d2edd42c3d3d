import type { FaultTable } from "#units/fault.ts";

/** What can go wrong when sessions are simulated. */
export const playFaults = {
  fileUnreadable: {
    code: "simulation-file-unreadable",
    status: 500,
    sentence: "{path} cannot be read: {reason}",
  },
  fileTooLarge: {
    code: "simulation-file-too-large",
    status: 422,
    sentence: "{path} has {bytes} bytes; traces and films of more than {most} are not read.",
  },
  traceBroken: {
    code: "trace-broken",
    status: 422,
    sentence: "{path} is not a trace: {because}",
  },
  noTraces: {
    code: "trace-none",
    status: 404,
    sentence: "{path} holds no traces: wanted files that end in .json, .ndjson or .txt, found {found}.",
  },
  movieBroken: {
    code: "movie-broken",
    status: 422,
    sentence: "{path} is not a film: {because}",
  },
  bufferTooShort: {
    code: "simulation-buffer-too-short",
    status: 422,
    sentence: "A buffer of {wantedS} s holds no segment of this film: the longest lasts {longestS} s.",
  },
} as const satisfies FaultTable;
