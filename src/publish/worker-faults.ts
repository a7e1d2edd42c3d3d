// What can go wrong between a worker and its control plane.
import type { FaultTable } from "#units/fault.ts";

export const workerFaults = {
  refused: {
    code: "worker-refused",
    status: 401,
    sentence:
      "{url} does not let this worker in: {because} Ask an admin for a worker token, and name its file by --token-file.",
  },
  tokenUnreadable: {
    code: "worker-token-unreadable",
    status: 400,
    sentence:
      "The worker token in {file} cannot be read: {because}. An admin makes one; name its file by --token-file.",
  },
  away: {
    code: "control-away",
    status: 503,
    sentence: "{url} does not answer: {because}.",
  },
  answered: { code: "control-answered", status: 502, sentence: "{url} answered {status}: {because}" },
  lost: {
    code: "job-lost",
    status: 409,
    sentence: "Job {jobId} is not this worker's any more: its lease was over, or it was cancelled.",
  },
  mismatch: {
    code: "download-mismatch",
    status: 502,
    sentence: "{what} came in with another sha256 ({found}): it was dropped.",
  },
  strangeOrder: {
    code: "strange-job",
    status: 422,
    sentence: "Job {jobId} cannot be done here: {because}.",
  },
} as const satisfies FaultTable;
