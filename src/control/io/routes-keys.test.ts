// Keys over the API: imported, checked at publication, ended, wrapped anew; and looked for wherever they may not be.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openLog } from "#io/log.ts";
import { openVault } from "#licence/io/key-vault.ts";
import { freshKeys, protectedTitle } from "#test/fixtures/protected-title.ts";
import { openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPasswordHash } from "#test/fixtures/signed-in.ts";
import type { Client } from "#test/journeys/control-client.ts";
import { eventually } from "#test/journeys/control-plane.ts";
import { formsOf, holdsKey } from "#test/journeys/protect-rig.ts";
import { Fault } from "#units/fault.ts";
import { clearKeyLicence, keyState, rewrapped, titleKeys } from "#wire/licence.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { addEncryptionKey, openSecrets } from "./secrets.ts";

const code = (wanted: string) => (error: unknown) => error instanceof Fault && error.code === wanted;

async function person(rig: ScreenRig, role: "viewer" | "operator" | "admin"): Promise<Client> {
  const order = {
    email: `${role}@example.org`,
    passwordHash: await knownPasswordHash(),
    role,
    profileName: "P",
  };
  const made = await rig.stores.accounts.create(order);
  return rig.device(typeof made === "string" ? "" : made.id);
}

const kidsOf = (keys: readonly { readonly kid: string }[]): readonly string[] =>
  keys.map(({ kid }) => Buffer.from(kid, "hex").toString("base64url"));

async function licence(rig: ScreenRig, play: PlayAnswer, kids: readonly string[]): Promise<string> {
  const response = await fetch(`${rig.control.url}/v1/licence/clearkey`, {
    method: "POST",
    headers: { ...play.licence?.headers },
    body: JSON.stringify({ kids }),
  });
  return response.text();
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-keys-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("[CO258] a title is published when its keys are kept and open; replaced keys are issued until plays of then are over", async (t) => {
  const rig = await openScreenRig(t);
  const first = protectedTitle("film");
  await assert.rejects(rig.control.publishTitle(first.title), code("keys-missing"));
  assert.equal((await rig.stores.catalog.title("film"))?.id, undefined);
  await rig.control.keepKeys("film", first.keys.slice(1));
  await assert.rejects(rig.control.publishTitle(first.title), code("keys-missing"));
  await rig.control.keepKeys("film", first.keys);
  await rig.control.publishTitle(first.title);
  assert.deepEqual(await rig.control.keysToPack("film"), await rig.control.keysToPack("film"));
  assert.equal((await rig.control.keysToPack("film")).length, 4);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const next = protectedTitle("film");
  rig.pass(1);
  await rig.control.keepKeys("film", next.keys);
  const count = async (kids: readonly string[]): Promise<number> => {
    const said = clearKeyLicence.safeParse(JSON.parse(await licence(rig, await ada.play("film"), kids)));
    return said.data?.keys.length ?? 0;
  };
  await rig.control.publishTitle(next.title);
  assert.deepEqual(kidsOf(await rig.control.keysToPack("film")), kidsOf(next.keys));
  assert.deepEqual([await count(kidsOf(first.keys)), await count(kidsOf(next.keys))], [3, 3]);
  rig.pass(4 * 3_600_000 - 1);
  assert.equal(await count(kidsOf(first.keys)), 3);
  rig.pass(1);
  assert.deepEqual([await count(kidsOf(first.keys)), await count(kidsOf(next.keys))], [0, 3]);
  assert.equal((await rig.stores.contentKeys.ofTitle("film")).length, 8, "they are kept");
  await rig.control.publishTitle(first.title);
  assert.equal(await count(kidsOf(first.keys)), 3, "published again");
});

test("[CO259] admins import keys; another key under a known kid is refused, and nothing is changed", async (t) => {
  const rig = await openScreenRig(t);
  const admin = await person(rig, "admin");
  const path = "/v1/ops/titles/film/keys";
  const keys = freshKeys();
  for (const role of ["viewer", "operator"] as const) {
    const said = await (await person(rig, role)).post(path, { keys });
    assert.equal(said.status, 403);
  }
  const said = await admin.post(path, { keys });
  const shown = titleKeys.parse(said.body);
  assert.deepEqual(shown.keys.map(({ kid }) => kid).toSorted(), keys.map(({ kid }) => kid).toSorted());
  assert.deepEqual((await admin.post(path, { keys })).body, said.body);
  assert.deepEqual((await admin.get(path)).body, said.body);
  const rows = await rig.stores.contentKeys.ofTitle("film");
  const [one, two, ...rest] = keys;
  assert.ok(one !== undefined && two !== undefined);
  const newer = freshKeys();
  const other = { ...one, key: newer[0]?.key ?? "" };
  const taken = await admin.post(path, { keys: [...newer.slice(1), other] });
  assert.deepEqual([taken.status, taken.code], [409, "kid-taken"]);
  const swapped = [{ ...one, kid: two.kid }, { ...two, kid: one.kid }, ...rest];
  assert.equal((await admin.post(path, { keys: swapped })).code, "kid-taken");
  assert.equal((await admin.post(path, { keys: rest })).code, "keys-unfit");
  assert.equal((await admin.post(path, { keys: [{ ...one, key: "short" }] })).status, 400);
  assert.deepEqual(await rig.stores.contentKeys.ofTitle("film"), rows);
});

test("[CO260] keys are wrapped anew by the first key encryption key; what does not open is named and left as it is", async (t) => {
  const rig = await openScreenRig(t);
  await person(rig, "admin");
  const keys = freshKeys();
  const old = openVault([{ id: "e0", secret: "e0".repeat(32) }]);
  await rig.control.keepKeys("film", keys);
  for (const { label, kid, key } of keys.slice(0, 2)) {
    const name = { titleId: "lost", label, kid };
    await rig.stores.contentKeys.add([{ ...name, ...old.wrap(name, key), createdAtMs: 1 }]);
  }
  const known = [
    { id: "e2", secret: "e2".repeat(32) },
    { id: "e1", secret: "e1".repeat(32) },
  ];
  const rotated = await openScreenRig(t, {}, undefined, { stores: rig.stores, keyEncryptionKeys: known });
  const again = await rotated.device((await rig.stores.accounts.byEmail("admin@example.org"))?.id ?? "");
  const done = rewrapped.parse((await again.post("/v1/ops/keys/rewrap", {})).body);
  const after = keyState.parse((await again.get("/v1/ops/keys")).body);
  assert.equal(after.kekId, "e2");
  assert.deepEqual([done.kekId, done.rewrapped, done.unopenedCount], ["e2", 4, 2]);
  assert.deepEqual(
    done.unopened.map(({ titleId, kekId }) => `${titleId} ${kekId}`),
    ["lost e0", "lost e0"],
  );
  assert.deepEqual(after.wrappers, [
    { kekId: "e0", keys: 2 },
    { kekId: "e2", keys: 4 },
  ]);
  const sorted = (all: typeof keys) => all.toSorted((a, b) => (a.kid < b.kid ? -1 : 1));
  assert.deepEqual(sorted(await rotated.control.keysToPack("film")), sorted(keys));
});

test("[CO261] [LI4] no key is in a log, a metric, the documentation, or an answer that is no licence", async (t) => {
  const file = join(await temporaryFolder(t), "log");
  const secret = "e1".repeat(32);
  const rig = await openScreenRig(t, {}, undefined, { logger: openLog("control", "trace", file) });
  const { title, keys } = protectedTitle("film");
  const admin = await person(rig, "admin");
  const said: unknown[] = [];
  const note = async (one: Promise<{ readonly body: unknown }>): Promise<void> =>
    void said.push((await one).body);
  const path = "/v1/ops/titles/film/keys";
  await note(admin.post(path, { keys }));
  await note(admin.post(path, `{"keys": [{"label":"SD","kid":"${keys[0]?.kid}","key":"${keys[0]?.key}"}`));
  await note(admin.post(path, { keys: keys.map((key) => ({ ...key, label: key.key })) }));
  await note(admin.post(path, { keys: keys.map((key) => ({ ...key, kid: `${key.key}0` })) }));
  await note(admin.post(path, { keys: keys.map((key, n) => ({ ...key, key: keys[(n + 1) % 4]?.key })) }));
  await rig.control.publishTitle(title);
  const play = await admin.play("film");
  said.push(play);
  const issued = await licence(rig, play, kidsOf(keys));
  assert.ok(holdsKey(Buffer.from(issued), keys), "the search finds a key that is there");
  const row = rig.stores.contentKeys.rows.values().next().value;
  assert.ok(row);
  rig.stores.contentKeys.rows.set(`${row.titleId} ${row.kid}`, { ...row, sealed: row.nonce });
  said.push(await licence(rig, play, kidsOf(keys)));
  for (const one of [
    path,
    "/v1/ops/keys",
    "/v1/openapi.json",
    "/metrics",
    "/v1/ops/titles",
    "/v1/ops/sessions",
    "/v1/home",
  ]) {
    await note(admin.get(one));
  }
  await note(admin.post("/v1/ops/keys/rewrap", {}));
  await rig.control.close();
  await eventually("the log has what failed", async () =>
    (await readFile(file)).includes("content-key-damaged"),
  );
  const logged = await readFile(file);
  const kept = JSON.stringify([...rig.stores.contentKeys.rows.values()]);
  for (const text of [logged, Buffer.from(JSON.stringify(said)), Buffer.from(kept)]) {
    assert.ok(!holdsKey(text, keys));
    assert.ok(!formsOf({ label: "SD", kid: "", key: secret }).some((form) => text.includes(form)));
  }
});

test("[CO264] a key encryption key that is missing is told at the start", async (t) => {
  const rig = await openScreenRig(t);
  await rig.control.keepKeys("film", freshKeys());
  const file = join(await temporaryFolder(t), "log");
  const keyEncryptionKeys = [{ id: "e9", secret: "e9".repeat(32) }];
  const next = await openScreenRig(t, {}, undefined, {
    stores: rig.stores,
    keyEncryptionKeys,
    logger: openLog("control", "info", file),
  });
  await assert.rejects(next.control.keysToPack("film"), code("key-encryption-key-missing"));
  await next.control.close();
  await eventually("it is told", async () =>
    /"kekId":"e1","keys":4.*lacks the key encryption key/.test(await readFile(file, "utf8")),
  );
});

test("[CO266] a key encryption key is made once, also for a secrets file from before; another is put in front", async (t) => {
  const path = join(await temporaryFolder(t), "secrets.json");
  const read = async () => ({ ...(await openSecrets(path)), version: 1 });
  const made = { ...(await openSecrets(path)), version: 1 };
  assert.equal(made.keyEncryptionKeys.length, 1);
  assert.deepEqual(await read(), made);
  const { keyEncryptionKeys, ...before } = made;
  await writeFile(path, JSON.stringify(before));
  const added = await read();
  assert.equal(added.keyEncryptionKeys.length, 1);
  assert.notDeepEqual(added.keyEncryptionKeys, keyEncryptionKeys);
  assert.deepEqual({ ...added, keyEncryptionKeys }, made);
  const rotated = await addEncryptionKey(path);
  assert.deepEqual(rotated.keyEncryptionKeys.slice(1), added.keyEncryptionKeys);
  assert.deepEqual((await read()).keyEncryptionKeys, rotated.keyEncryptionKeys);
});
