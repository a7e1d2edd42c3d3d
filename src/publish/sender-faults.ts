// What can keep `millrace publish` from its end.
import type { FaultTable } from "#units/fault.ts";

export const senderFaults = {
  fileUnfit: { code: "publish-file", status: 400, sentence: "{file} cannot be sent: {because}." },
  noAccount: {
    code: "publish-no-account",
    status: 400,
    sentence: "Nobody to sign in as: set MILLRACE_EMAIL and MILLRACE_PASSWORD, or call it on a terminal.",
  },
  answered: { code: "publish-answered", status: 502, sentence: "{server} refused: {sentence} [{code}]" },
  unreachable: {
    code: "publish-unreachable",
    status: 502,
    sentence:
      "{server} did not answer {tries} times in a row ({because}). Call the command again: it goes on where it was.",
  },
  strange: { code: "publish-strange", status: 502, sentence: "{server} is no control plane: {what}." },
  notEncrypted: {
    code: "publish-not-encrypted",
    status: 502,
    sentence:
      "{server} does not know --encrypt: the title was ordered clear. Cancel its encode, and bring the control plane up to date.",
  },
  refused: { code: "publish-refused", status: 422, sentence: "{sentence}" },
} as const satisfies FaultTable;
