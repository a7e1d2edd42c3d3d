import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { macKey, signedPrefix } from "./signed-path.ts";

const key = { kid: "k1", secret: 'a secret with "quotes" and $signs, long enough' };
const grant = { titleId: "t1", sessionId: "s1", expiresAtSeconds: 1_900_000_000.9 };

test("[ED2] a signed path names expiry, session, key and title, and its signature covers them", () => {
  const signature = createHmac("sha256", macKey(key)).update("v1:1900000000:s1:/v/t1/").digest("base64url");
  assert.equal(signedPrefix(key, grant), `/t/1900000000/s1/k1.${signature}/v/t1/`);
  assert.equal(signature.length, 43);
});

test("[ED2] any other title, session, expiry or secret has another signature", () => {
  const signatures = [
    signedPrefix(key, grant),
    signedPrefix(key, { ...grant, titleId: "t2" }),
    signedPrefix(key, { ...grant, sessionId: "s2" }),
    signedPrefix(key, { ...grant, expiresAtSeconds: 1_900_000_001 }),
    signedPrefix({ ...key, secret: "another" }, grant),
    signedPrefix(key, grant, "md5-envelope"),
  ].map((path) => path.split("/")[4]);
  assert.equal(new Set(signatures).size, 6);
});

test("[ED2] the weaker signature is shorter, so that neither can be taken for the other", () => {
  assert.match(signedPrefix(key, grant, "md5-envelope"), /\/k1\.[A-Za-z0-9_-]{22}\//);
});

test("[ED5] the key that nginx holds is plain hexadecimal and not the secret", () => {
  assert.match(macKey(key), /^[0-9a-f]{64}$/);
});
