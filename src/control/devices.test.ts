import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Viewer } from "#data/ports.ts";
import { accountDesk, at, person, type TestDesk } from "#test/fixtures/account-desk.ts";
import { checkAccess, mintAccess, mintRefresh, readRefresh } from "./device-tokens.ts";
import { endDevice, endDevices, openDevice, refreshDevice, signOut, type Tokens, whoIs } from "./devices.ts";
import { KnownViewers } from "./known-viewers.ts";
import type { Seal } from "./ports.ts";
import { signIn } from "./sign-in.ts";

async function signedIn(desk: TestDesk, nowMs = 0): Promise<Tokens> {
  const outcome = await signIn(desk, { email: "ada@x.org", password: "secret" }, at(nowMs), "Roku/12");
  if (outcome.kind !== "signed-in") throw new Error(outcome.kind);
  return outcome.tokens;
}

async function deskWithAda(more: Parameters<typeof accountDesk>[0] = {}): Promise<TestDesk> {
  const desk = accountDesk(more);
  await person(desk);
  return desk;
}

const minute = 60_000;

test("[CO100] whoever is known is told from the token and memory: the database is not asked", async () => {
  const desk = await deskWithAda();
  const { access } = await signedIn(desk);
  let asked = 0;
  desk.stores.devices.viewer = async () => {
    asked += 1;
    throw new Error("the database is away");
  };
  for (let n = 0; n < 100; n++) assert.equal((await whoIs(desk, access, n))?.email, "ada@x.org");
  assert.equal(asked, 0);
  assert.equal(await whoIs(desk, access, 15 * minute), undefined, "over is over, known or not");
});

test("[CO100] a token that was proved is not reckoned again; its end, its seal and its every character still count", async () => {
  const desk = await deskWithAda();
  const { access } = await signedIn(desk);
  let signed = 0;
  const { seal } = desk.ports;
  const counting: Seal = {
    ...seal,
    sign(text) {
      signed += 1;
      return seal.sign(text);
    },
  };
  for (const nowMs of [0, 1, 2]) assert.equal(checkAccess(counting, access, nowMs).kind, "valid");
  assert.equal(signed, 1);
  assert.equal(checkAccess(counting, access, 15 * minute).kind, "over");
  const altered = `${access.slice(0, -1)}${access.endsWith("x") ? "y" : "x"}`;
  assert.equal(checkAccess(counting, altered, 0).kind, "foreign");
  assert.equal(checkAccess({ ...seal, sign: (text) => `${seal.sign(text)}x` }, access, 0).kind, "foreign");
});

test("[CO100] a token is its own device's until its end; with any change of any part it is nobody's", async () => {
  const desk = await deskWithAda();
  const { access, refresh } = await signedIn(desk);
  const { seal } = desk.ports;
  const { viewer } = desk.stores.devices;
  desk.stores.devices.viewer = async () => assert.fail("a forged token costs no question");
  const anywhere = fc.property(
    fc.nat(access.length - 1),
    fc.constantFrom("A", "~", "0", ""),
    (place, letter) => {
      const forged = access.slice(0, place) + letter + access.slice(place + 1);
      assert.equal(checkAccess(seal, forged, 0).kind, forged === access ? "valid" : "foreign");
    },
  );
  fc.assert(anywhere, { seed: 5, numRuns: 300 });
  const foreign = [
    refresh,
    refresh.replace("r1~", "a1~"),
    "",
    "a1~~~~",
    "a1~x~y~NaN~z",
    `a1~${"x".repeat(500)}`,
  ];
  for (const token of foreign) assert.equal(await whoIs(desk, token, 0), undefined, token);
  for (const token of [access, access.replace("a1~", "r1~"), "", "r1~~~1~~", refresh.replace("~1~", "~2~")]) {
    assert.equal(readRefresh(seal, token), undefined, token);
  }
  const grant = { deviceId: "gone", accountId: "nobody", endsAtMs: 9 };
  desk.stores.devices.viewer = viewer;
  assert.equal(await whoIs(desk, mintAccess(seal, grant), 0), undefined);
  const unknown = mintRefresh(seal, { deviceId: "gone", accountId: "nobody", generation: 1, nonce: "n" });
  assert.equal((await refreshDevice(desk, unknown, 0)).kind, "over");
});

test("[CO101] a device that is signed out is out for the next request, though its token lasts for minutes yet", async () => {
  const desk = await deskWithAda();
  const [here, there, third] = [await signedIn(desk), await signedIn(desk, 1), await signedIn(desk, 2)];
  const ada = (await whoIs(desk, here.access, 5)) ?? assert.fail();
  const whoElse = (await whoIs(desk, there.access, 5)) ?? assert.fail();
  assert.deepEqual((await endDevice(desk, ada.id, whoElse.deviceId, 5)).ended, [whoElse.deviceId]);
  assert.equal(await whoIs(desk, there.access, 6), undefined);
  assert.equal((await refreshDevice(desk, there.refresh, 6)).kind, "over");
  assert.deepEqual((await endDevice(desk, "another account", ada.deviceId, 6)).ended, []);
  await endDevices(desk, ada.id, ada.deviceId, 7);
  assert.equal(await whoIs(desk, third.access, 8), undefined);
  assert.equal((await whoIs(desk, here.access, 8))?.deviceId, ada.deviceId);
  await signOut(desk, { access: undefined, refresh: here.refresh }, 9);
  assert.equal(await whoIs(desk, here.access, 10), undefined);
});

test("[CO101] sign-out holds here even while the database is away", async () => {
  const desk = await deskWithAda();
  const { access } = await signedIn(desk);
  desk.stores.devices.end = () => Promise.reject(new Error("away"));
  await assert.rejects(signOut(desk, { access, refresh: undefined }, 1), /away/);
  assert.equal(await whoIs(desk, access, 2), undefined);
});

test("[CO101] what was being read while something changed is not kept", async () => {
  const ada = { id: "ada", deviceId: "d1", role: "viewer" } as const;
  const answers: ((viewer: Viewer | undefined) => void)[] = [];
  const desk = await deskWithAda();
  const { passwordHash, ...rest } = (await desk.stores.accounts.byEmail("ada@x.org")) ?? assert.fail();
  const viewer = (more: Partial<Viewer>): Viewer => ({ ...rest, passwordHash, ...ada, ...more });
  const viewers = new KnownViewers({
    load: () => new Promise((resolve) => answers.push(resolve)),
    ...{ most: 10, lifeMs: 1000 },
  });
  const grant = { deviceId: "d1", accountId: "ada", endsAtMs: 1000 };
  const early = viewers.of(grant, 0);
  viewers.changed("ada");
  answers[0]?.(viewer({}));
  assert.equal((await early)?.role, "viewer");
  const later = viewers.of(grant, 1);
  answers[1]?.(viewer({ role: "operator" }));
  assert.equal((await later)?.role, "operator");
  assert.equal((await viewers.of(grant, 2))?.role, "operator");
  assert.equal(answers.length, 2);

  viewers.changed("ada");
  const late = viewers.of(grant, 3);
  viewers.ended(["d1"], 3);
  answers[2]?.(viewer({}));
  await late;
  assert.equal(await viewers.of(grant, 4), undefined, "it was ended while it was being read");
  assert.equal(answers.length, 3);
});

test("[CO101] memory is bounded: who is pushed out of it is asked for once more, and stays out if it was out", async () => {
  const desk = await deskWithAda({ keptViewers: 2 });
  const all = [await signedIn(desk, 0), await signedIn(desk, 1), await signedIn(desk, 2)];
  for (const { access } of all) assert.equal((await whoIs(desk, access, 5))?.email, "ada@x.org");
  const ada = (await whoIs(desk, all[0]?.access, 5)) ?? assert.fail();
  await endDevices(desk, ada.id, undefined, 6);
  for (const { access } of all) assert.equal(await whoIs(desk, access, 7), undefined);
});

test("[CO102] tabs that refresh at once get one and the same successor; a used token signs the device out", async () => {
  const desk = await deskWithAda();
  const first = await signedIn(desk);
  const outcomes = await Promise.all([1, 2, 3].map(() => refreshDevice(desk, first.refresh, 1000)));
  const next = new Set(outcomes.map((one) => ("tokens" in one ? one.tokens.refresh : one.kind)));
  assert.equal(next.size, 1);
  assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), ["repeated", "repeated", "rotated"]);
  const [{ tokens } = assert.fail()] = outcomes.flatMap((one) => ("tokens" in one ? [one] : []));
  assert.equal(tokens.endsAtMs, first.endsAtMs);
  assert.equal((await whoIs(desk, tokens.access, 1000))?.email, "ada@x.org");

  const theft = await refreshDevice(desk, first.refresh, 1000 + 30_001);
  assert.ok(theft.kind === "reused" && theft.email === "ada@x.org" && theft.device.name === "Roku");
  assert.equal(await whoIs(desk, tokens.access, 31_002), undefined);
  assert.equal((await refreshDevice(desk, tokens.refresh, 31_002)).kind, "over");
});

test("[CO102] real tokens: of an owner's and a thief's lines one ends at the latest when the other went on", async () => {
  const moves = fc.array(fc.constantFrom("owner", "thief"), { minLength: 2, maxLength: 20 });
  const property = fc.asyncProperty(moves, async (order) => {
    const desk = await deskWithAda();
    const stolen = (await signedIn(desk)).refresh;
    const holds = { owner: stolen, thief: stolen };
    let over = false;
    for (const [n, who] of order.entries()) {
      const outcome = await refreshDevice(
        desk,
        who === "owner" ? holds.owner : holds.thief,
        (n + 1) * minute,
      );
      if ("tokens" in outcome) {
        assert.ok(!over, "a device went on after it had ended");
        if (who === "owner") holds.owner = outcome.tokens.refresh;
        else holds.thief = outcome.tokens.refresh;
      } else over = true;
    }
    assert.equal(over, new Set(order).size === 2, "both went on, or one was refused for nothing");
  });
  await fc.assert(property, { seed: 8, numRuns: 60 });
});

test("[CO109] of an account's devices the one seen longest ago makes room, and is out at once", async () => {
  const desk = await deskWithAda({ devicesPerAccount: 2 });
  const [a, b, c] = [await signedIn(desk, 1), await signedIn(desk, 2), await signedIn(desk, 3)];
  assert.equal(await whoIs(desk, a.access, 4), undefined);
  for (const { access } of [b, c]) assert.ok((await whoIs(desk, access, 4)) !== undefined);
});

test("[CO1] a password that was changed while it was checked lets nobody in", async () => {
  const desk = await deskWithAda();
  const ada = (await desk.stores.accounts.byEmail("ada@x.org")) ?? assert.fail();
  const order = { accountId: ada.id, userAgent: undefined, nowMs: 0 };
  assert.deepEqual(await openDevice(desk, { ...order, passwordHash: "the one before" }), { kind: "changed" });
  assert.equal((await openDevice(desk, order)).kind, "signed-in");
});
