import type { FaultTable } from "#units/fault.ts";

/** What goes wrong with keys. No fact is ever a key, nor what a provider sent. */
export const licenceFaults = {
  noEncryptionKey: {
    code: "key-encryption-key-none",
    status: 500,
    sentence:
      "Content keys cannot be kept: secrets.json has no keyEncryptionKeys. Start `millrace control` with its own secrets.json once.",
  },
  encryptionKeyMissing: {
    code: "key-encryption-key-missing",
    status: 500,
    sentence:
      "The key {kid} of {titleId} was wrapped with the key encryption key {kekId}, which secrets.json does not have. Put it back from its backup; without it these films stay closed.",
  },
  keyDamaged: {
    code: "content-key-damaged",
    status: 500,
    sentence:
      "The key {kid} of {titleId} does not open: its row was changed, or belongs to another key. Restore content_key from a backup.",
  },
  providerOff: {
    code: "licence-provider-off",
    status: 404,
    sentence: "No licence provider is set up for {system}. Set {setting} to its address.",
  },
  providerFailed: {
    code: "licence-provider-failed",
    status: 502,
    sentence:
      "The licence provider did not answer as it should: {because}. Look at its own log, then try again.",
  },
  providerSlow: {
    code: "licence-provider-slow",
    status: 503,
    sentence: "The licence provider did not answer within {deadlineMs} ms. Try again.",
  },
  keysUnfit: {
    code: "provider-keys-unfit",
    status: 502,
    sentence: "The key provider's answer for {titleId} is not taken: {because}. No key of it was kept.",
  },
} as const satisfies FaultTable;
