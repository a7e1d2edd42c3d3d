// Wraps content keys with AES-256-GCM, by a key that lies outside the database. Several may be there: the first wraps, all of them
// open, so that one can be replaced while films play.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { licenceFaults } from "#licence/faults.ts";
import { boundTo } from "#licence/wrapping.ts";
import type { KeyName, WrappedKey } from "#model/content-key.ts";
import { Fault } from "#units/fault.ts";

export interface KeyEncryptionKey {
  readonly id: string;
  /** 32 bytes as hex. */
  readonly secret: string;
}

export interface KeyVault {
  /** Of the key that wraps. @throws Fault key-encryption-key-none */
  kekId(): string;
  /** @throws Fault key-encryption-key-none */
  wrap(name: KeyName, key: string): WrappedKey;
  /** The key as hex. @throws Fault key-encryption-key-missing, content-key-damaged */
  unwrap(wrapped: KeyName & WrappedKey): string;
}

const cipher = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 16;

export function openVault(keys: readonly KeyEncryptionKey[]): KeyVault {
  const byId = new Map(keys.map(({ id, secret }) => [id, Buffer.from(secret, "hex")]));
  const first = (): { readonly id: string; readonly secret: Buffer } => {
    const id = keys[0]?.id;
    const secret = byId.get(id ?? "");
    if (id === undefined || secret === undefined) throw new Fault(licenceFaults.noEncryptionKey);
    return { id, secret };
  };
  return {
    kekId: () => first().id,
    wrap(name, key) {
      const { id, secret } = first();
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, secret, nonce, { authTagLength: tagBytes });
      sealing.setAAD(Buffer.from(boundTo(name, id)));
      const body = Buffer.concat([sealing.update(Buffer.from(key, "hex")), sealing.final()]);
      const sealed = Buffer.concat([body, sealing.getAuthTag()]).toString("base64url");
      return { kekId: id, nonce: nonce.toString("base64url"), sealed };
    },
    unwrap(wrapped) {
      const secret = byId.get(wrapped.kekId);
      if (secret !== undefined) return opened(wrapped, secret);
      const { kid, titleId, kekId } = wrapped;
      throw new Fault(licenceFaults.encryptionKeyMissing, { kid, titleId, kekId });
    },
  };
}

function opened(wrapped: KeyName & WrappedKey, secret: Buffer): string {
  const { kid, titleId, kekId } = wrapped;
  const [nonce, sealed] = [wrapped.nonce, wrapped.sealed].map((text) => Buffer.from(text, "base64url"));
  // Without a cause: whatever the library says about it helps only who tries.
  const damaged = new Fault(licenceFaults.keyDamaged, { kid, titleId });
  if (nonce?.length !== nonceBytes || sealed?.length !== keyBytes + tagBytes) throw damaged;
  try {
    const opening = createDecipheriv(cipher, secret, nonce, { authTagLength: tagBytes });
    opening.setAAD(Buffer.from(boundTo(wrapped, kekId)));
    opening.setAuthTag(sealed.subarray(keyBytes));
    return Buffer.concat([opening.update(sealed.subarray(0, keyBytes)), opening.final()]).toString("hex");
  } catch {
    throw damaged;
  }
}
