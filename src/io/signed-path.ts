// Signed paths: a viewer's (or a filling appliance's) proof that control let this session read this title until then.
// nginx checks it alone, from the path and its keys: see src/edge/nginx-config.ts. The signature covers the title's
// folder, so one token serves every segment of one title.
//
//   /t/<expires>/<session>/<kid>.<signature>/v/<title>/      then the file's path inside the title's folder
import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { assert } from "#units/assert.ts";
import { idPattern } from "#units/id.ts";

export interface SigningKey {
  readonly kid: string;
  readonly secret: string;
}

export interface PathGrant {
  readonly titleId: string;
  readonly sessionId: string;
  readonly expiresAtSeconds: number;
}

/**
 * `hmac-sha256` needs nginx's set_misc module. `md5-envelope` (the secret before and after the text, MD5) is what stock
 * nginx can check alone; it is weaker, and only for boxes without the module.
 */
export type PathStrength = "hmac-sha256" | "md5-envelope";

/** What an nginx can check, from where its set_misc module was found. */
export function strengthOf(modulesFolder: string | undefined): PathStrength {
  return modulesFolder === undefined ? "md5-envelope" : "hmac-sha256";
}

/** "fill-" before an appliance's id makes a session longer than an id. */
const sessionPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** The signed folder of one title, ending in "/". */
export function signedPrefix(
  key: SigningKey,
  grant: PathGrant,
  strength: PathStrength = "hmac-sha256",
): string {
  const expires = `${Math.floor(grant.expiresAtSeconds)}`;
  assert(/^[0-9]{10}$/.test(expires), `an expiry in seconds since 1970 has ten digits, not ${expires}`);
  assert(idPattern.test(grant.titleId), "a title's id is path safe");
  assert(sessionPattern.test(grant.sessionId), "a session's id is path safe");
  const text = `v1:${expires}:${grant.sessionId}:/v/${grant.titleId}/`;
  return `/t/${expires}/${grant.sessionId}/${key.kid}.${signature(key, text, strength)}/v/${grant.titleId}/`;
}

/**
 * The key as nginx's configuration holds it: a digest of the secret for this one purpose.
 *
 * Hexadecimal, so that no secret can carry a character that means something to nginx.
 */
export function macKey(key: SigningKey): string {
  return createHmac("sha256", key.secret).update("millrace signed path 1").digest("hex");
}

interface PathMac {
  readonly text: string;
  readonly key: KeyObject;
}

/** Made once for a key: each play start signs with it. */
const macs = new WeakMap<SigningKey, PathMac>();

function macOf(key: SigningKey): PathMac {
  const known = macs.get(key);
  if (known !== undefined) return known;
  const text = macKey(key);
  const made = { text, key: createSecretKey(text, "utf8") };
  macs.set(key, made);
  return made;
}

function signature(key: SigningKey, text: string, strength: PathStrength): string {
  const mac = macOf(key);
  return strength === "hmac-sha256"
    ? createHmac("sha256", mac.key).update(text).digest("base64url")
    : createHash("md5").update(`${mac.text} ${text} ${mac.text}`).digest("base64url");
}
