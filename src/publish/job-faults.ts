// What a worker or an operator is refused.
import type { FaultTable } from "#units/fault.ts";

export const jobFaults = {
  off: {
    code: "jobs-off",
    status: 503,
    sentence:
      "This control plane gives out no encode jobs: it was started without a folder for their results.",
  },
  unknownJob: { code: "unknown-job", status: 404, sentence: "There is no job {jobId} that you hold." },
  unknownRun: { code: "unknown-run", status: 404, sentence: "There is no encode run {runId} here." },
  unknownMaster: { code: "unknown-master", status: 404, sentence: "There is no master {masterId} here." },
  underWay: {
    code: "title-under-way",
    status: 409,
    sentence:
      "Run {runId} makes the title {titleId} {how}: it cannot become the other kind. Wait for it or cancel it, or leave the title's id out.",
  },
  keysNone: {
    code: "job-keys-none",
    status: 404,
    sentence: "Job {jobId} encrypts nothing: there are no keys for it.",
  },
  keysGone: {
    code: "job-keys-gone",
    status: 409,
    sentence: "A key that job {jobId} encrypts {titleId} with is not kept any more. Order the title again.",
  },
  leaseLost: {
    code: "lease-lost",
    status: 409,
    sentence:
      "The lease of job {jobId} is over, and somebody else may have it: its work is not taken. Ask for another job.",
  },
  unknownResult: {
    code: "unknown-result",
    status: 404,
    sentence: "There is no result {key} that job {jobId} needs.",
  },
  resultOffset: {
    code: "result-offset",
    status: 409,
    sentence: "Of {key} {bytes} bytes are here; send on from there.",
  },
  resultMismatch: {
    code: "result-mismatch",
    status: 422,
    sentence: "What was sent as {key} has another sha256 ({found}): it was dropped. Send it again.",
  },
  resultTooLarge: {
    code: "result-too-large",
    status: 413,
    sentence: "A result may have {most} bytes (MILLRACE_JOB_RESULT_MIB), this one has {bytes}.",
  },
  manifestUnfit: {
    code: "manifest-unfit-result",
    status: 422,
    sentence: "The result of job {jobId} cannot be taken: {because}.",
  },
  notDead: {
    code: "job-not-dead",
    status: 409,
    sentence: "Job {jobId} is not dead: there is nothing to retry.",
  },
  over: { code: "run-over", status: 409, sentence: "Nothing of run {runId} is left to do." },
  publishFailed: {
    code: "publish-failed",
    status: 500,
    sentence: "The package of {titleId} could not be put into the origin store: {because}.",
  },
} as const satisfies FaultTable;
