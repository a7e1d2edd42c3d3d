import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { openVault } from "#licence/io/key-vault.ts";
import { keyLabels } from "#model/content-key.ts";
import { Fault } from "#units/fault.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString("hex"));
const name = fc.record({
  titleId: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
  kid: hex(16),
  label: fc.constantFrom(...keyLabels),
});
const [e1, e2] = ["e1", "e2"].map((id) => ({ id, secret: id.repeat(32) }));
assert.ok(e1 !== undefined && e2 !== undefined);
const code = (wanted: string) => (error: unknown) => error instanceof Fault && error.code === wanted;

test("[LI1] what was wrapped opens to the same key, and never looks the same twice", () => {
  const vault = openVault([e1]);
  const nonces = new Set<string>();
  fc.assert(
    fc.property(name, hex(16), (about, key) => {
      const wrapped = vault.wrap(about, key);
      nonces.add(wrapped.nonce);
      assert.equal(vault.unwrap({ ...about, ...wrapped }), key);
      assert.equal(Buffer.from(wrapped.nonce, "base64url").length, 12);
      assert.ok(!Buffer.from(wrapped.sealed, "base64url").includes(Buffer.from(key, "hex")));
      assert.notDeepEqual(vault.wrap(about, key), wrapped);
    }),
    { seed: 1, numRuns: 200 },
  );
  assert.equal(nonces.size, 200);
});

test("[LI2] a row that was changed, or stands in another's place, does not open", () => {
  const vault = openVault([e1, { ...e2, secret: e1.secret }]);
  fc.assert(
    fc.property(name, name, hex(16), fc.nat(), fc.nat({ max: 254 }), (about, other, key, place, change) => {
      const wrapped = vault.wrap(about, key);
      const flip = (text: string): string => {
        const bytes = Buffer.from(text, "base64url");
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (change + 1);
        return bytes.toString("base64url");
      };
      const wrong = [
        { ...wrapped, ...about, sealed: flip(wrapped.sealed) },
        { ...wrapped, ...about, nonce: flip(wrapped.nonce) },
        { ...wrapped, ...about, sealed: wrapped.sealed.slice(2) },
        { ...wrapped, ...about, titleId: `${about.titleId}x` },
        { ...wrapped, ...about, kid: other.kid },
        { ...wrapped, ...about, label: keyLabels.find((one) => one !== about.label) ?? "SD" },
        // The same secret under another id: the id is bound as well.
        { ...wrapped, ...about, kekId: "e2" },
        { ...vault.wrap(other, key), ...about },
        { ...wrapped, ...about, signalling: [] },
        { ...vault.wrap({ ...about, signalling: [{ system: "widevine", pssh: "AA==" }] }, key), ...about },
      ];
      if (other.kid === about.kid) return;
      for (const row of wrong) assert.throws(() => vault.unwrap(row), code("content-key-damaged"));
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("[LI3] the first key encryption key wraps, all of them open, and a missing one is named", () => {
  const about = { titleId: "film", kid: "ab".repeat(16), label: "SD" } as const;
  const key = randomBytes(16).toString("hex");
  const old = openVault([e1]).wrap(about, key);
  const rotated = openVault([e2, e1]);
  assert.equal(rotated.kekId(), "e2");
  assert.equal(rotated.wrap(about, key).kekId, "e2");
  assert.equal(rotated.unwrap({ ...about, ...old }), key);
  assert.throws(
    () => openVault([e2]).unwrap({ ...about, ...old }),
    (error) => code("key-encryption-key-missing")(error) && /film.*e1/.test(String(error)),
  );
  assert.throws(() => openVault([]).wrap(about, key), code("key-encryption-key-none"));
  assert.throws(() => openVault([]).kekId(), code("key-encryption-key-none"));
});
