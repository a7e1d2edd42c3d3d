// What a wrapped key is bound to. A row that is put in another's place, or under another label, does not open.
// Source: NIST SP 800-38D (GCM): the additional data is authenticated, not encrypted; a nonce of 96 random bits is good for
// 2^32 wrappings under one key (§8.3), and the store refuses one that it has seen.
import type { KeyName } from "#model/content-key.ts";
import type { Signalling } from "#model/key-system.ts";

/** JSON, so that no two names are one text. */
export function boundTo({ titleId, kid, label, signalling }: KeyName, kekId: string): string {
  const name = ["millrace content key 1", titleId, kid, label, kekId];
  return JSON.stringify(signalling === undefined ? name : [...name, signalling.map(inOrder)]);
}

/** However a database keeps the fields. */
function inOrder({ system, pssh, playReadyObject, hlsMedia, hlsMaster }: Signalling): readonly unknown[] {
  const tags = [hlsMedia, hlsMaster].map((tag) => tag && [tag.uri, tag.keyFormat, tag.keyFormatVersions]);
  return [system, pssh, playReadyObject, ...tags];
}
