// A database with rows of every subject, for backups.
import assert from "node:assert/strict";
import type { Account, Stores } from "#data/ports.ts";
import { opened } from "#publish/job-rules.ts";
import { paidLife } from "#test/fixtures/billing-facts.ts";
import { film } from "#test/fixtures/small-works.ts";
import { play, nowMs as rolledMs } from "./history-builders.ts";
import { account, fresh } from "./stores-builders.ts";

const nowMs = 1_700_000_000_000;
/** With every byte there is. */
export const picture = {
  sha256: "c".repeat(64),
  bytes: Uint8Array.from({ length: 70_000 }, (_, nth) => nth % 256),
};

export async function fillAll(stores: Stores): Promise<Account> {
  const ann = await account(stores);
  await people(stores, ann);
  await money(stores, ann);
  await catalogue(stores);
  await films(stores, ann);
  await watched(stores, ann);
  return ann;
}

/** One live play, one that was rolled up, and a profile whose erasure is still to be carried out. */
async function watched({ history, profiles }: Stores, ann: Account): Promise<void> {
  const { profileId } = ann;
  await history.append([play(profileId, 1), play(profileId, 2, 1, { startedAtMs: rolledMs })]);
  assert.equal((await history.rollup(profileId, rolledMs)).moved, 1);
  const gone = await profiles.create(
    ann.id,
    { name: "Gone", maturity: 18, language: "", pinHash: undefined },
    5,
  );
  assert.ok(gone !== "full");
  await profiles.remove(ann.id, gone.id);
}

async function people(stores: Stores, ann: Account): Promise<void> {
  const { devices, identities, audit, leases, denials, drains, slips, invitations, tokens } = stores;
  const times = { openedAtMs: nowMs, endsAtMs: 9e15 };
  const device = { id: "d-1", accountId: ann.id, name: "żółw", ...times };
  await devices.open({ device, nonceHash: "n", most: 3 });
  await identities.link({ issuer: "https://id.example.org", subject: "s'1" }, ann.id, nowMs);
  const { id: accountId, email, profileId } = ann;
  await slips.add({ kind: "reset", accountId, email, facts: { a: "\\ ' \"" }, endsAtMs: 9e15 }, "h", nowMs);
  await invitations.add({ id: "i-1", note: "亀", endsAtMs: 9e15 }, "code", nowMs);
  await tokens.add(
    { id: "t-1", kind: "worker", name: "w", createdAtMs: nowMs, expiresAtMs: undefined },
    "digest",
  );
  const row = {
    action: "a",
    object: "\u0000 '",
    outcome: "done",
    address: "::1",
    requestId: "r",
    atMs: nowMs,
  };
  for (const actor of ["first", "second"]) await audit.append({ actor, ...row });
  const session = { id: `s-${fresh()}`, accountId, profileId, titleId: "f", viewpoint: "" };
  const screen = { session: { ...session, startedAtMs: nowMs }, deviceId: "d-1", ttlMs: 9e7, graceMs: 1000 };
  assert.equal((await leases.acquire(screen)).kind, "granted");
  await denials.add({ kind: "title", id: "f", untilMs: 9e15 });
  await drains.add("a-1");
}

async function money({ billing, keys }: Stores, ann: Account): Promise<void> {
  const { state } = paidLife();
  assert.ok(state !== undefined);
  const done = await billing.change({
    of: { accountId: ann.id },
    nowMs,
    event: { provider: "p", id: "e-1" },
    decide: () => ({ result: undefined, subscription: state, dueMs: 2 ** 50 }),
  });
  assert.equal(done.kind, "changed");
  await billing.withdrawPlan("basic");
  await keys.take({ accountId: ann.id, key: "k", bodyHash: "h", holder: "x", nowMs, holdMs: 1 });
}

async function catalogue({ works, pictures, search, taste, contentKeys }: Stores): Promise<void> {
  const put = [film("w-1", { names: { en: "Żółw", ja: "千と千尋" } })];
  const made = await works.publish({ delta: { put, remove: [] }, base: 0, nowMs, note: "" });
  assert.ok(made.kind === "published");
  const indexed = { workId: "w-1", age: 0, keys: ["żółw"], words: ["żółw", "tortoise"] };
  await search.index({ version: made.version, how: "anew", put: [indexed], remove: [] });
  await pictures.put({ ...picture, type: "image/png" }, nowMs);
  const weights = new Map([["w-1", [{ titleId: "é", weight: 1 / 3 }]]]);
  await taste.save({ madeAtMs: 5, facts: { note: null }, weights });
  const key = { titleId: "f", kid: "1".repeat(32), label: "SD", createdAtMs: nowMs } as const;
  const signalling = [{ system: "widevine", pssh: "AAAA" }] as const;
  await contentKeys.add([{ ...key, kekId: "k", nonce: "n", sealed: "s", signalling }]);
}

async function films({ uploads, jobs }: Stores, { id: accountId }: Account): Promise<void> {
  const id = "up-1";
  const named = { accountId, fileName: "亀.mov", titleName: "亀" };
  const none = { url: undefined, validator: undefined, refusal: undefined, masterId: undefined };
  const file = { sha256: "a".repeat(64), bytes: 2 ** 40, createdAtMs: nowMs };
  const arrival = { id, kind: "upload", state: "receiving", touchedAtMs: nowMs } as const;
  await uploads.begin({ ...arrival, ...named, ...none, ...file }, () => undefined);
  const run = { id: "r-1", titleId: "t-1", name: "亀", masterId: "m" };
  const needs = { needs: "h264", tools: undefined, priority: 4, after: [] };
  const job = {
    id: "r-1.0.0",
    runId: "r-1",
    kind: "survey",
    spec: { deep: [1, null, "ż"] },
    base: "b",
  } as const;
  await jobs.open(run, (at) => opened({ ...job, ...needs }, at, 1000));
}
