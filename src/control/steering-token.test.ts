import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Seal } from "./ports.ts";
import { checkToken, mintToken } from "./session-token.ts";
import { checkSteeringToken, mintSteeringToken, type SteeringGrant } from "./steering-token.ts";

const seed = 80;
const sealOf = (key: string): Seal => ({
  sign: (text) => createHmac("sha256", key).update(text).digest("base64url"),
  equal: (a, b) => a === b,
});
const seal = sealOf("key");
const grant: SteeringGrant = {
  ...{ sessionId: "s-1", titleId: "film", viewpoint: "in-a", endsAtMs: 5000 },
  pathways: ["a1", "x1", "origin"],
};

test("[CO80] a steering token holds until its end, and stands in an address as it is", () => {
  for (const one of [grant, { ...grant, viewpoint: "", pathways: [] }]) {
    const token = mintSteeringToken(seal, one);
    assert.deepEqual(checkSteeringToken(seal, token, 4999), { kind: "valid", grant: one });
    assert.deepEqual(checkSteeringToken(seal, token, 5000), { kind: "over" });
    assert.equal(new URL(`http://h/?token=${token}`).searchParams.get("token"), token);
    assert.match(token, /^[\w~,.-]+$/);
  }
});

test("[CO80] no other key's token and no session's token steers, and none of these speaks for a session", () => {
  const token = mintSteeringToken(seal, grant);
  assert.equal(checkSteeringToken(sealOf("other"), token, 0).kind, "foreign");
  const session = mintToken(seal, { sessionId: "s-1", accountId: "acc", titleId: "film-1", endsAtMs: 5000 });
  assert.equal(checkSteeringToken(seal, session, 0).kind, "foreign");
  assert.equal(checkToken(seal, token, 0).kind, "foreign");
  for (const text of ["", "~", "p1~~~~~~", "p1~s-1~film~in-a~NaN~~x", `${token}~`, `${token}~x`]) {
    assert.equal(checkSteeringToken(seal, text, 0).kind, "foreign", text);
  }
});

test("[CO80] any change of any letter makes a token foreign", () => {
  const token = mintSteeringToken(seal, grant);
  fc.assert(
    fc.property(fc.nat({ max: token.length - 1 }), fc.constantFrom(..."~,.-09azAZ_ %"), (at, letter) => {
      const changed = `${token.slice(0, at)}${letter}${token.slice(at + 1)}`;
      const { kind } = checkSteeringToken(seal, changed, 0);
      assert.equal(kind, changed === token ? "valid" : "foreign", changed);
    }),
    { seed, numRuns: 1000 },
  );
});
