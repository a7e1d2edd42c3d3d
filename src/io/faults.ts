import type { FaultTable } from "#units/fault.ts";

/** What can go wrong where the world is touched. */
export const ioFaults = {
  processFailed: {
    code: "process-failed",
    status: 500,
    sentence: "{program} ended with {status}: {stderr}",
  },
  processMissing: {
    code: "process-missing",
    status: 500,
    sentence:
      "{program} could not be started ({reason}). Install it, or say where it is; `millrace doctor` lists what is missing.",
  },
  processArguments: {
    code: "process-arguments",
    status: 500,
    sentence:
      "{program} could not be started: its arguments are longer than the system takes ({bytes} bytes, the longest {longest}).",
  },
  processTimeout: {
    code: "process-timeout",
    status: 500,
    sentence: "{program} did not finish within {seconds} s and was stopped.",
  },
  portTaken: {
    code: "port-taken",
    status: 500,
    sentence:
      "{address} is already in use by {holder}. Stop that program, or choose another address with {setting}.",
  },
} as const satisfies FaultTable;
