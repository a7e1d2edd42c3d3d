// What is promised about devices, profiles, slips and what they change, on every database and in memory.
import assert from "node:assert/strict";
import { present } from "#account/refresh.ts";
import type { Stores } from "#data/ports.ts";
import type { RefreshFamily, Slip } from "#data/ports-account.ts";
import { granted, keyOf, renewed, wish } from "./lease-builders.ts";
import { account, bookmark, fresh, onEach, onEachAndInMemory, summary } from "./stores-builders.ts";

const passwordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

async function device(stores: Stores, accountId: string, openedAtMs = 1000): Promise<string> {
  const id = fresh();
  const opened = await stores.devices.open({
    device: { id, accountId, name: "Firefox on Linux", openedAtMs, endsAtMs: openedAtMs + 1000 },
    nonceHash: `nonce of ${id}`,
    most: 3,
  });
  assert.equal(opened.kind, "opened");
  return id;
}

const rotate = (family: RefreshFamily) => ({
  kind: "rotated" as const,
  family: { ...family, generation: family.generation + 1, rotatedAtMs: family.rotatedAtMs + 1 },
});

onEachAndInMemory("[DA13] a device opens its account until it ends or is signed out", async (stores) => {
  const { devices } = stores;
  const ann = await account(stores);
  const [first, second] = [await device(stores, ann.id), await device(stores, ann.id, 1500)];
  assert.deepEqual(await devices.viewer(first, 1999), { ...ann, deviceId: first });
  assert.equal(await devices.viewer(first, 2000), undefined);
  assert.equal(await devices.viewer(fresh(), 1000), undefined);
  assert.deepEqual(
    (await devices.list(ann.id, 1600)).map(({ id, seenAtMs }) => [id, seenAtMs]),
    [
      [second, 1500],
      [first, 1000],
    ],
  );
  await device(stores, ann.id, 2100);
  assert.equal(await devices.viewer(first, 1500), undefined, "swept out once it had ended");
  assert.deepEqual((await devices.end(ann.id, second)).ended, [second]);
  assert.equal(await devices.viewer(second, 1600), undefined);
  assert.deepEqual(await devices.end(ann.id, second), { ended: [], screens: [] });
});

onEachAndInMemory(
  "[DA33] beyond its number of devices an account loses the one seen longest ago; other accounts' are not touched",
  async (stores) => {
    const { devices } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const his = await device(stores, bob.id);
    const [a, b, c] = [
      await device(stores, ann.id, 1000),
      await device(stores, ann.id, 1001),
      await device(stores, ann.id, 1002),
    ];
    await devices.refresh({
      deviceId: a,
      nonceHash: `nonce of ${a}`,
      decide: (f) => rotate({ ...f, rotatedAtMs: 1500 }),
    });
    const d = await device(stores, ann.id, 1600);
    const left = (await devices.list(ann.id, 1600)).map(({ id }) => id);
    assert.deepEqual(left, [d, a, c]);
    assert.equal(await devices.viewer(b, 1600), undefined);
    assert.deepEqual(await devices.end(ann.id, his), { ended: [], screens: [] });
    assert.deepEqual((await devices.endAll(ann.id, a)).ended.toSorted(), [c, d].toSorted());
    assert.deepEqual((await devices.endAll(ann.id, undefined)).ended, [a]);
    assert.equal((await devices.viewer(his, 1600))?.id, bob.id);
  },
);

onEachAndInMemory(
  "[DA33] nobody comes in by a password that was changed meanwhile, or to a locked account",
  async (stores) => {
    const ann = await account(stores);
    const order = {
      device: { id: fresh(), accountId: ann.id, name: "App", openedAtMs: 1, endsAtMs: 2 },
      ...{ nonceHash: "n", passwordHash, most: 3 },
    };
    await stores.accounts.setPassword(ann.id, "another", "not the present one");
    assert.equal((await stores.accounts.byId(ann.id))?.passwordHash, passwordHash);
    await stores.accounts.setPassword(ann.id, "another", passwordHash);
    assert.deepEqual(await stores.devices.open(order), { kind: "changed" });
    assert.deepEqual(await stores.register.setLocked(ann.id, true), { ended: [], screens: [] });
    assert.deepEqual(await stores.devices.open({ ...order, passwordHash: "another" }), { kind: "locked" });
    await stores.register.setLocked(ann.id, false);
    assert.equal((await stores.devices.open({ ...order, passwordHash: "another" })).kind, "opened");
    const nobody = { ...order.device, id: fresh(), accountId: "nobody" };
    assert.deepEqual(await stores.devices.open({ ...order, device: nobody }), { kind: "changed" });
  },
);

onEachAndInMemory(
  "[DA33] a refresh is one step under the device's lock: of many at once each sees the one before",
  async (stores) => {
    const ann = await account(stores);
    const id = await device(stores, ann.id);
    const nonceHash = `nonce of ${id}`;
    const seen = await Promise.all(
      Array.from({ length: 8 }, () => stores.devices.refresh({ deviceId: id, nonceHash, decide: rotate })),
    );
    const generations = seen.map((one) => ("family" in one ? one.family.generation : 0));
    assert.deepEqual(generations.toSorted(), [2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await stores.devices.refresh({ deviceId: id, nonceHash: "foreign", decide: rotate }), {
      kind: "over",
    });
    const repeated = await stores.devices.refresh({
      ...{ deviceId: id, nonceHash },
      decide: () => ({ kind: "repeated" }),
    });
    assert.ok("family" in repeated && repeated.family.generation === 9 && repeated.viewer.deviceId === id);
    const reused = await stores.devices.refresh({
      ...{ deviceId: id, nonceHash },
      decide: () => ({ kind: "reused" }),
    });
    assert.ok(reused.kind === "reused" && reused.email === ann.email && reused.device.id === id);
    assert.deepEqual(await stores.devices.refresh({ deviceId: id, nonceHash, decide: rotate }), {
      kind: "over",
    });
  },
);

onEachAndInMemory(
  "[DA33] of one token presented many times at once one use counts, and all get its successor",
  async (stores) => {
    const ann = await account(stores);
    const id = await device(stores, ann.id);
    const use = (generation: number, nowMs: number) =>
      stores.devices.refresh({
        ...{ deviceId: id, nonceHash: `nonce of ${id}` },
        decide: (family) => present(family, generation, { nowMs, graceMs: 10 }),
      });
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => use(1, 1100 + n)));
    const kinds = all.map(({ kind }) => kind).toSorted();
    assert.deepEqual(kinds, [...Array(7).fill("repeated"), "rotated"]);
    assert.ok(all.every((one) => "family" in one && one.family.generation === 2));
    assert.equal((await use(1, 1200)).kind, "reused");
    assert.equal((await use(2, 1200)).kind, "over");
  },
);

const child = { name: "Ben", maturity: 7, language: "pt-BR", pinHash: "hash of 1234" };

onEachAndInMemory(
  "[DA34] profiles come and go, the main one stays, and nobody reaches another account's",
  async (stores) => {
    const { profiles, devices } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const made = await profiles.create(ann.id, child, 2);
    assert.ok(made !== "full");
    assert.deepEqual(made, { ...child, id: made.id, main: false });
    assert.equal(await profiles.create(ann.id, child, 2), "full");
    assert.deepEqual(
      (await profiles.list(ann.id)).map(({ id, main }) => [id, main]),
      [
        [ann.profileId, true],
        [made.id, false],
      ],
    );
    const deviceId = await device(stores, ann.id);
    assert.equal(await devices.choose({ accountId: bob.id, deviceId, profileId: bob.profileId }), false);
    assert.equal(await devices.choose({ accountId: ann.id, deviceId, profileId: bob.profileId }), false);
    assert.ok(await devices.choose({ accountId: ann.id, deviceId, profileId: made.id }));
    const viewer = await devices.viewer(deviceId, 1000);
    assert.deepEqual([viewer?.profileName, viewer?.maturity, viewer?.language], ["Ben", 7, "pt-BR"]);
    assert.equal((await stores.accounts.byId(ann.id))?.profileName, "Ann");

    assert.equal(await profiles.change(bob.id, made.id, { name: "X" }), undefined);
    assert.equal((await profiles.change(ann.id, made.id, { name: "Bea" }))?.pinHash, child.pinHash);
    assert.deepEqual(await profiles.change(ann.id, made.id, {}), { ...made, name: "Bea" });
    assert.equal((await profiles.change(ann.id, made.id, { pinHash: undefined }))?.pinHash, undefined);

    assert.equal(await profiles.remove(bob.id, made.id), false);
    assert.equal(await profiles.remove(ann.id, ann.profileId), false);
    assert.ok(await profiles.remove(ann.id, made.id));
    assert.equal((await devices.viewer(deviceId, 1000))?.profileId, ann.profileId);
  },
);

onEach("[DA34] of profiles made at once no more than allowed are made", async (stores) => {
  const ann = await account(stores);
  const made = await Promise.all(Array.from({ length: 8 }, () => stores.profiles.create(ann.id, child, 5)));
  assert.equal(made.filter((one) => one !== "full").length, 4);
});

async function watched(stores: Stores, accountId: string, profileId: string): Promise<string> {
  const id = fresh();
  const session = { id, accountId, profileId, titleId: "film", viewpoint: "isp-a", startedAtMs: 5 };
  await stores.playback.open(session);
  await stores.playback.apply({
    ...{ group: fresh(), offset: 1 },
    summaries: [summary(id, 1)],
    bookmarks: [bookmark(profileId, "film", 1)],
  });
  return id;
}

onEachAndInMemory("[DA34] with a profile its bookmarks and history go, and no other's", async (stores) => {
  const { history, playback } = stores;
  const ann = await account(stores);
  const made = await stores.profiles.create(ann.id, child, 5);
  assert.ok(made !== "full");
  const [hers, bens] = [await watched(stores, ann.id, ann.profileId), await watched(stores, ann.id, made.id)];
  await stores.profiles.remove(ann.id, made.id);
  assert.equal(await playback.session(bens), undefined);
  assert.equal((await history.get({ profileId: made.id, titleId: "film" })).bookmark, undefined);
  assert.equal((await playback.session(hers))?.id, hers);
  assert.equal((await history.get({ profileId: ann.profileId, titleId: "film" })).bookmark?.ord, 1);
});

const slipFor = (email: string, more: Partial<Slip> = {}): Slip => ({
  ...{ kind: "sign-up", accountId: undefined, email, facts: { profileName: "Zoë" }, endsAtMs: 2000 },
  ...more,
});

onEachAndInMemory(
  "[DA35] a slip works once, for its kind, until its end; the latest of an email counts",
  async (stores) => {
    const { slips, register } = stores;
    const email = `${fresh()}@example.org`;
    const [early, late] = [fresh(), fresh()];
    await slips.add(slipFor(email), early, 1000);
    await slips.add(slipFor(email.toUpperCase()), late, 1000);
    assert.equal(await slips.read(early, "sign-up", 1500), undefined);
    assert.deepEqual(await slips.read(late, "sign-up", 1999), slipFor(email.toUpperCase()));
    assert.equal(await slips.read(late, "sign-up", 2000), undefined);
    assert.equal(await slips.read(late, "reset", 1500), undefined);
    const made = { email, passwordHash, role: "viewer", profileName: "Zoë", language: "fr" } as const;
    const order = { slipHash: late, invitationHash: undefined, account: made, nowMs: 1500 };
    const all = await Promise.all(Array.from({ length: 5 }, () => register.signUp(order)));
    const accounts = all.flatMap((one) => (typeof one === "string" ? [] : [one]));
    assert.equal(accounts.length, 1);
    assert.equal(all.filter((one) => one === "slip-over").length, 4);
    assert.deepEqual(await stores.accounts.byEmail(email), accounts[0]);
    assert.equal(accounts[0]?.language, "fr");
  },
);

onEachAndInMemory(
  "[DA35] an invitation's code lets one in, and who comes too late keeps the link",
  async (stores) => {
    const { slips, invitations, register } = stores;
    const [code, id] = [fresh(), fresh()];
    await invitations.add({ id, note: "for Zoë", endsAtMs: 3000 }, code, 1000);
    assert.deepEqual(await invitations.byCode(code, 2999), { id, note: "for Zoë", endsAtMs: 3000 });
    assert.equal(await invitations.byCode(code, 3000), undefined);
    assert.ok((await invitations.all(1000)).some((one) => one.id === id));
    const signUp = async (nowMs: number): ReturnType<Stores["register"]["signUp"]> => {
      const [email, slipHash] = [`${fresh()}@example.org`, fresh()];
      await slips.add(slipFor(email, { endsAtMs: 9000 }), slipHash, 1000);
      const made = { email, passwordHash, role: "viewer", profileName: "Z", language: "en" } as const;
      const outcome = await register.signUp({ slipHash, invitationHash: code, account: made, nowMs });
      if (outcome === "invitation-over") {
        assert.ok((await slips.read(slipHash, "sign-up", nowMs)) !== undefined);
        assert.equal(await stores.accounts.byEmail(email), undefined);
      }
      return outcome;
    };
    assert.ok(typeof (await signUp(1500)) !== "string");
    assert.equal(await signUp(1500), "invitation-over");
    assert.equal(await invitations.remove(id), false);
  },
);

onEachAndInMemory(
  "[DA35] a reset and a change of password end devices and void every link before",
  async (stores) => {
    const { slips, register, devices } = stores;
    const ann = await account(stores);
    const [a, b] = [await device(stores, ann.id), await device(stores, ann.id)];
    const [hash, other] = [fresh(), fresh()];
    const mine = { accountId: ann.id, endsAtMs: 9000 };
    await slips.add(slipFor(ann.email, { ...mine, kind: "reset" }), hash, 1000);
    await slips.add(slipFor("new@x.org", { ...mine, kind: "new-email" }), other, 1000);
    const change = { accountId: ann.id, from: "not it", to: "second", keepDevice: a };
    assert.equal(await register.changePassword(change), "changed");
    assert.deepEqual(await register.changePassword({ ...change, from: passwordHash }), {
      ...{ ended: [b], screens: [] },
    });
    assert.equal((await devices.viewer(a, 1000))?.passwordHash, "second");
    assert.equal(await slips.read(hash, "reset", 1000), undefined);
    assert.equal(await slips.read(other, "new-email", 1000), undefined);

    await slips.add(slipFor(ann.email, { ...mine, kind: "reset" }), hash, 1000);
    const reset = { slipHash: hash, passwordHash: "third", nowMs: 1000 };
    assert.deepEqual(await register.resetPassword(reset), {
      ...{ accountId: ann.id, ended: [a], screens: [] },
    });
    assert.equal(await register.resetPassword(reset), "slip-over");
    assert.equal((await stores.accounts.byId(ann.id))?.passwordHash, "third");
  },
);

onEachAndInMemory(
  "[DA35] an email moves by its slip, unless another account has it by then",
  async (stores) => {
    const { slips, register } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const email = `New.${fresh()}@Example.org`;
    const hash = fresh();
    await slips.add(slipFor(email, { kind: "new-email", accountId: ann.id }), hash, 1000);
    const order = { slipHash: hash, nowMs: 1500 };
    const moved = { accountId: ann.id, before: ann.email, now: email };
    assert.deepEqual(await register.changeEmail(order), moved);
    assert.equal(await register.changeEmail(order), "slip-over");
    assert.equal((await stores.accounts.byEmail(email.toLowerCase()))?.email, email);
    assert.equal(await stores.accounts.byEmail(ann.email), undefined);
    await slips.add(slipFor(email, { kind: "new-email", accountId: bob.id }), hash, 1000);
    assert.equal(await register.changeEmail(order), "email-taken");
    assert.equal((await stores.accounts.byId(bob.id))?.email, bob.email);
  },
);

onEachAndInMemory("[DA36] with an account everything personal goes, and nobody else's", async (stores) => {
  const [ann, bob] = [await account(stores), await account(stores)];
  const made = await stores.profiles.create(ann.id, child, 5);
  assert.ok(made !== "full");
  const sessions = [await watched(stores, ann.id, ann.profileId), await watched(stores, ann.id, made.id)];
  const his = await watched(stores, bob.id, bob.profileId);
  const [deviceId, hash] = [await device(stores, ann.id), fresh()];
  await stores.slips.add(slipFor(ann.email, { kind: "reset", accountId: ann.id }), hash, 1000);
  assert.deepEqual(await stores.register.erase(ann.id), { ended: [deviceId] });
  assert.equal(await stores.accounts.byId(ann.id), undefined);
  assert.equal(await stores.accounts.byEmail(ann.email), undefined);
  assert.deepEqual(await stores.profiles.list(ann.id), []);
  assert.equal(await stores.devices.viewer(deviceId, 1000), undefined);
  assert.equal(await stores.slips.read(hash, "reset", 1000), undefined);
  for (const id of sessions) assert.equal(await stores.playback.session(id), undefined);
  for (const id of [ann.profileId, made.id]) {
    assert.equal((await stores.history.get({ profileId: id, titleId: "film" })).bookmark, undefined);
  }
  assert.equal((await stores.playback.session(his))?.id, his);
  assert.equal(await stores.register.erase(ann.id), "unknown");
  assert.ok((await account(stores, ann.email)).id !== ann.id, "the email is free again");
});

onEachAndInMemory(
  "[DA33] a locked account gets no screen, though its device asked before it was out",
  async (stores) => {
    const { id: accountId, profileId } = await account(stores);
    const session = { id: fresh(), accountId, profileId, titleId: "f", viewpoint: "", startedAtMs: 1 };
    const order = { session, deviceId: "d", ttlMs: 1000, graceMs: 0 };
    await stores.register.setLocked(accountId, true);
    assert.deepEqual(await stores.leases.acquire(order), { kind: "standing", standing: "suspended" });
    await stores.register.setLocked(accountId, false);
    assert.equal((await stores.leases.acquire(order)).kind, "granted");
  },
);

onEachAndInMemory(
  "[DA203] a device that is signed out loses its screens with it, and a locked account all of them",
  async (stores) => {
    const { devices, leases, register } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const [one, two, three] = [
      await device(stores, ann.id),
      await device(stores, ann.id),
      await device(stores, ann.id),
    ];
    const on = async (owner: typeof ann, deviceId: string) =>
      keyOf(await granted(leases, { ...wish(owner), deviceId }));
    const [first, second, his] = [await on(ann, one), await on(ann, two), await on(bob, fresh())];
    assert.deepEqual(await devices.end(bob.id, one), { ended: [], screens: [] });
    assert.notEqual(await renewed(leases, first), undefined);
    assert.deepEqual(await devices.end(ann.id, one), { ended: [one], screens: [first.sessionId] });
    assert.equal(await renewed(leases, first), undefined);
    assert.deepEqual(await devices.endAll(ann.id, two), { ended: [three], screens: [] });
    assert.notEqual(await renewed(leases, second), undefined);
    assert.deepEqual(await register.setLocked(ann.id, true), { ended: [two], screens: [second.sessionId] });
    assert.deepEqual(await leases.list(ann.id, 0), []);
    assert.notEqual(await renewed(leases, his), undefined);
  },
);
