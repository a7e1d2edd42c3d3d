// Devices: who is signed in where. Every change is made under the row lock of its account or its device.
import type { Kysely, Selectable } from "kysely";
import type { Viewer } from "#data/ports.ts";
import type { Device, DeviceStore, RefreshOutcome, SignedOut } from "#data/ports-account.ts";
import { accountOf, accounts } from "./account-store.ts";
import type { Database } from "./database-access.ts";
import { endScreens } from "./lease-sql.ts";
import type { Schema } from "./schema.ts";

export function deviceStore(database: Database): DeviceStore {
  return {
    open: (order) => database.transaction((db) => open(db, order)),
    viewer: (deviceId, nowMs) => database.use((db) => viewer(db, deviceId, nowMs)),
    refresh: (order) => database.transaction((db) => refresh(db, order)),
    async list(accountId, nowMs, signal) {
      const rows = await database.use(
        (db) =>
          db
            .selectFrom("device")
            .selectAll()
            .where("account_id", "=", accountId)
            .where("ends_at_ms", ">", nowMs)
            .orderBy("rotated_at_ms", "desc")
            .orderBy("id")
            .execute(),
        signal,
      );
      return rows.map(deviceOf);
    },
    end: (accountId, deviceId) => database.transaction((db) => signOutOne(db, accountId, deviceId)),
    endAll: (accountId, keep) =>
      database.transaction(async (db) => {
        await lockAccount(db, accountId);
        return signOut(db, accountId, keep);
      }),
    choose: (order) => database.transaction((db) => choose(db, order)),
  };
}

/** No screen is granted meanwhile. */
export async function lockAccount(
  db: Kysely<Schema>,
  accountId: string,
): Promise<{ readonly email: string; readonly password_hash: string } | undefined> {
  return db
    .selectFrom("account")
    .select(["email", "password_hash"])
    .where("id", "=", accountId)
    .forUpdate()
    .executeTakeFirst();
}

/** Every device but `keep`, with its screens. The caller has locked the account. */
export async function signOut(db: Kysely<Schema>, accountId: string, keep?: string): Promise<SignedOut> {
  const ended = await endDevices(db, accountId, keep);
  return { ended, screens: await endScreens(db, accountId, { keep }) };
}

async function signOutOne(db: Kysely<Schema>, accountId: string, deviceId: string): Promise<SignedOut> {
  await lockAccount(db, accountId);
  const mine = db.deleteFrom("device").where("id", "=", deviceId).where("account_id", "=", accountId);
  const ended = (await mine.returning("id").execute()).map(({ id }) => id);
  return { ended, screens: ended.length === 0 ? [] : await endScreens(db, accountId, { only: deviceId }) };
}

export async function endDevices(
  db: Kysely<Schema>,
  accountId: string,
  keep?: string,
): Promise<readonly string[]> {
  const all = db.deleteFrom("device").where("account_id", "=", accountId);
  const query = keep === undefined ? all : all.where("id", "<>", keep);
  return (await query.returning("id").execute()).map((row) => row.id);
}

async function open(
  db: Kysely<Schema>,
  { device, nonceHash, passwordHash, most }: Parameters<DeviceStore["open"]>[0],
): ReturnType<DeviceStore["open"]> {
  const { id, accountId, name, openedAtMs, endsAtMs } = device;
  const owner = await db
    .selectFrom("account")
    .select(["locked", "password_hash"])
    .where("id", "=", accountId)
    .forUpdate()
    .executeTakeFirst();
  if (owner === undefined) return { kind: "changed" };
  if (owner.locked) return { kind: "locked" };
  if (passwordHash !== undefined && owner.password_hash !== passwordHash) return { kind: "changed" };
  const ended = await makeRoom(db, accountId, openedAtMs, most);
  const main = db.selectFrom("profile").select("id").where("account_id", "=", accountId);
  await db
    .insertInto("device")
    .values({
      ...{ id, name, account_id: accountId, nonce_hash: nonceHash, generation: 1 },
      ...{ rotated_at_ms: openedAtMs, opened_at_ms: openedAtMs, ends_at_ms: endsAtMs },
      profile_id: main.where("main", "=", true),
    })
    .execute();
  const opened = await viewer(db, id, openedAtMs);
  return opened === undefined ? { kind: "changed" } : { kind: "opened", viewer: opened, ended };
}

/** Their number stays that of the living sign-ins, and below `most` before one is added. */
async function makeRoom(
  db: Kysely<Schema>,
  accountId: string,
  nowMs: number,
  most: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("device")
    .select(["id", "ends_at_ms"])
    .where("account_id", "=", accountId)
    .orderBy("rotated_at_ms", "desc")
    .execute();
  const living = rows.filter((row) => row.ends_at_ms > nowMs);
  const staying = new Set(living.slice(0, most - 1).map((row) => row.id));
  const ended = rows.map((row) => row.id).filter((id) => !staying.has(id));
  if (ended.length > 0) await db.deleteFrom("device").where("id", "in", ended).execute();
  return ended;
}

async function viewer(db: Kysely<Schema>, deviceId: string, nowMs: number): Promise<Viewer | undefined> {
  const row = await accounts(db)
    .innerJoin("device", "device.profile_id", "profile.id")
    .whereRef("device.account_id", "=", "account.id")
    .where("device.id", "=", deviceId)
    .where("device.ends_at_ms", ">", nowMs)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...accountOf(row), deviceId };
}

async function refresh(
  db: Kysely<Schema>,
  { deviceId, nonceHash, decide }: Parameters<DeviceStore["refresh"]>[0],
): Promise<RefreshOutcome> {
  const row = await db
    .selectFrom("device")
    .selectAll()
    .where("id", "=", deviceId)
    .where("nonce_hash", "=", nonceHash)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return { kind: "over" };
  const before = { generation: row.generation, rotatedAtMs: row.rotated_at_ms, endsAtMs: row.ends_at_ms };
  const decision = decide(before);
  if (decision.kind === "over") return decision;
  if (decision.kind === "reused") return endReused(db, row);
  const family = decision.kind === "rotated" ? decision.family : before;
  if (decision.kind === "rotated") {
    await db
      .updateTable("device")
      .set({ generation: family.generation, rotated_at_ms: family.rotatedAtMs })
      .where("id", "=", deviceId)
      .execute();
  }
  const who = await viewer(db, deviceId, 0);
  return who === undefined ? { kind: "over" } : { kind: decision.kind, viewer: who, family };
}

async function endReused(db: Kysely<Schema>, row: Selectable<Schema["device"]>): Promise<RefreshOutcome> {
  await db.deleteFrom("device").where("id", "=", row.id).execute();
  const owner = await db
    .selectFrom("account")
    .select("email")
    .where("id", "=", row.account_id)
    .executeTakeFirstOrThrow();
  return { kind: "reused", device: deviceOf(row), email: owner.email };
}

async function choose(
  db: Kysely<Schema>,
  { accountId, deviceId, profileId }: Parameters<DeviceStore["choose"]>[0],
): Promise<boolean> {
  // Locked, so that it cannot be removed between this look and the change.
  const profile = await db
    .selectFrom("profile")
    .select("id")
    .where("id", "=", profileId)
    .where("account_id", "=", accountId)
    .forUpdate()
    .executeTakeFirst();
  if (profile === undefined) return false;
  const rows = await db
    .updateTable("device")
    .set({ profile_id: profileId })
    .where("id", "=", deviceId)
    .where("account_id", "=", accountId)
    .returning("id")
    .execute();
  return rows.length > 0;
}

function deviceOf(row: Selectable<Schema["device"]>): Device {
  return {
    ...{ id: row.id, accountId: row.account_id, name: row.name, profileId: row.profile_id },
    ...{ openedAtMs: row.opened_at_ms, seenAtMs: row.rotated_at_ms, endsAtMs: row.ends_at_ms },
  };
}
