// What a wrapped key is bound to. A row that is put in another's place, or under another label, does not open.
// Source: NIST SP 800-38D (GCM): the additional data is authenticated, not encrypted; a nonce of 96 random bits is good for
// 2^32 wrappings under one key (§8.3), and the store refuses one that it has seen.
import type { KeyName } from "#model/content-key.ts";

/** JSON, so that no two names are one text. */
export function boundTo({ titleId, kid, label }: KeyName, kekId: string): string {
  return JSON.stringify(["millrace content key 1", titleId, kid, label, kekId]);
}
