// Files on their way in, and masters, in SQL.
import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
import type { UploadStore, UsageJudge } from "#data/ports-upload.ts";
import type { Arrival, ArrivalUsage, Master, Publication } from "#model/arrival.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

const open = ["receiving", "checking"] as const;

export function uploadStore(database: Database): UploadStore {
  return {
    ...arrivalsFrom(database),
    ...arrivalsIn(database),
    ...mastersIn(database),
    accept: (id, master, nowMs) => accept(database, id, master, nowMs),
  };
}

type MasterCalls =
  | "master"
  | "masters"
  | "removeMaster"
  | "order"
  | "publication"
  | "publications"
  | "settle";

type Reading = "arrival" | "arrivals" | "unfinished" | "stale";

function arrivalsFrom(database: Database): Pick<UploadStore, Reading> {
  return {
    async arrival(id) {
      const row = await database.use((db) =>
        db.selectFrom("arrival").selectAll().where("id", "=", id).executeTakeFirst(),
      );
      return row && arrivalOf(row);
    },
    async arrivals(kind, accountId, limit) {
      const rows = await database.use((db) =>
        db
          .selectFrom("arrival")
          .selectAll()
          .where("kind", "=", kind)
          .$if(accountId !== undefined, (all) => all.where("account_id", "=", accountId ?? ""))
          .orderBy("created_at_ms", "desc")
          .orderBy("id")
          .limit(limit)
          .execute(),
      );
      return rows.map(arrivalOf);
    },
    async unfinished() {
      const rows = await database.use((db) =>
        db
          .selectFrom("arrival")
          .selectAll()
          .where("state", "in", open)
          .orderBy("created_at_ms")
          .orderBy("id")
          .execute(),
      );
      return rows.map(arrivalOf);
    },
    async stale(state, beforeMs, limit) {
      const rows = await database.use((db) =>
        db
          .selectFrom("arrival")
          .selectAll()
          .where("state", "=", state)
          .where("touched_at_ms", "<", beforeMs)
          .orderBy("touched_at_ms")
          .orderBy("id")
          .limit(limit)
          .execute(),
      );
      return rows.map(arrivalOf);
    },
  };
}

function arrivalsIn(database: Database): Omit<UploadStore, MasterCalls | Reading | "accept"> {
  return {
    begin: (arrival, judge) =>
      database.transaction(async (db) => {
        const refused = judge(await usageOf(db, arrival.accountId, arrival.id));
        if (refused === undefined) await db.insertInto("arrival").values(rowOf(arrival)).execute();
        return refused;
      }),
    declare: (id, found, judge) => declare(database, id, found, judge),
    async touch(id, nowMs) {
      await database.use((db) =>
        db.updateTable("arrival").set({ touched_at_ms: nowMs }).where("id", "=", id).execute(),
      );
    },
    async move(id, from, to, nowMs) {
      const why = to.state === "refused" ? to.refusal : undefined;
      const row = { refusal_code: why?.code ?? null, refusal: why?.sentence ?? null };
      const done = await database.use((db) =>
        db
          .updateTable("arrival")
          .set({ state: to.state, touched_at_ms: nowMs, ...row })
          .where("id", "=", id)
          .where("state", "=", from)
          .executeTakeFirst(),
      );
      return done.numUpdatedRows > 0n;
    },
    async forget(id, states) {
      const done = await database.use((db) =>
        db.deleteFrom("arrival").where("id", "=", id).where("state", "in", states).executeTakeFirst(),
      );
      return done.numDeletedRows > 0n;
    },
  };
}

function mastersIn(database: Database): Pick<UploadStore, MasterCalls> {
  return {
    async master(id) {
      const row = await database.use((db) =>
        db.selectFrom("master").selectAll().where("id", "=", id).executeTakeFirst(),
      );
      return row && masterOf(row);
    },
    async masters(limit) {
      const rows = await database.use((db) =>
        db
          .selectFrom("master")
          .selectAll()
          .orderBy("created_at_ms", "desc")
          .orderBy("id")
          .limit(limit)
          .execute(),
      );
      return rows.map(masterOf);
    },
    removeMaster: (id) =>
      database.transaction(async (db) => {
        await db.selectFrom("master").select("id").where("id", "=", id).forUpdate().execute();
        const ordered = db.selectFrom("publication").select("master_id").where("master_id", "=", id);
        if ((await ordered.executeTakeFirst()) !== undefined) return false;
        await db.deleteFrom("master").where("id", "=", id).execute();
        return true;
      }),
    async order({ masterId, titleName, accountId, encrypt, askedAtMs }) {
      const said = { title_name: titleName, account_id: accountId, encrypt, asked_at_ms: askedAtMs };
      await database.use((db) =>
        db
          .insertInto("publication")
          .values({ master_id: masterId, ...said })
          .onConflict((conflict) => conflict.column("master_id").doUpdateSet(said))
          .execute(),
      );
    },
    async publication(masterId) {
      const row = await database.use((db) =>
        db.selectFrom("publication").selectAll().where("master_id", "=", masterId).executeTakeFirst(),
      );
      return row && publicationOf(row);
    },
    async publications(limit) {
      const rows = await database.use((db) =>
        db
          .selectFrom("publication")
          .selectAll()
          .orderBy("asked_at_ms", "desc")
          .orderBy("master_id")
          .limit(limit)
          .execute(),
      );
      return rows.map(publicationOf);
    },
    async settle(masterId) {
      await database.use((db) => db.deleteFrom("publication").where("master_id", "=", masterId).execute());
    },
  };
}

function publicationOf(row: Selectable<Schema["publication"]>): Publication {
  const { master_id: masterId, title_name: titleName, account_id: accountId, asked_at_ms: askedAtMs } = row;
  return { masterId, titleName, accountId, encrypt: row.encrypt, askedAtMs };
}

async function declare<R>(
  database: Database,
  id: string,
  { bytes, validator }: { readonly bytes: number; readonly validator: string | undefined },
  judge: UsageJudge<R>,
): Promise<R | undefined> {
  return database.transaction(async (db) => {
    const row = await db.selectFrom("arrival").select("account_id").where("id", "=", id).executeTakeFirst();
    if (row === undefined) return undefined;
    const refused = judge(await usageOf(db, row.account_id, id));
    if (refused !== undefined) return refused;
    const found = { bytes, validator: validator ?? null };
    await db.updateTable("arrival").set(found).where("id", "=", id).execute();
    return undefined;
  });
}

/** Takes the account's row lock first; what `except` uses is left out. */
async function usageOf(db: Kysely<Schema>, accountId: string, except: string): Promise<ArrivalUsage> {
  await db.selectFrom("account").select("id").where("id", "=", accountId).forUpdate().execute();
  const own = await db
    .selectFrom("arrival")
    .select((with_) => [with_.fn.countAll().as("open"), sql<number>`coalesce(sum(bytes), 0)`.as("bytes")])
    .where("account_id", "=", accountId)
    .where("state", "in", open)
    .where("id", "<>", except)
    .executeTakeFirstOrThrow();
  const stored = await db
    .selectFrom("master")
    .select(sql<number>`coalesce(sum(bytes), 0)`.as("bytes"))
    .where("account_id", "=", accountId)
    .executeTakeFirstOrThrow();
  const promised = await db
    .selectFrom("arrival")
    .select(sql<number>`coalesce(sum(bytes), 0)`.as("bytes"))
    .where("state", "in", open)
    .where("id", "<>", except)
    .executeTakeFirstOrThrow();
  return {
    open: Number(own.open),
    openBytes: Number(own.bytes),
    storedBytes: Number(stored.bytes),
    promisedBytes: Number(promised.bytes),
  };
}

async function accept(
  database: Database,
  id: string,
  master: Master,
  nowMs: number,
): Promise<Master | false> {
  return database.transaction(async (db) => {
    const done = await db
      .updateTable("arrival")
      .set({ state: "accepted", master_id: master.id, touched_at_ms: nowMs })
      .where("id", "=", id)
      .where("state", "=", "checking")
      .executeTakeFirst();
    if (done.numUpdatedRows === 0n) return false;
    await db
      .insertInto("master")
      .values(masterRow(master))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
    const kept = db.selectFrom("master").selectAll().where("id", "=", master.id);
    return masterOf(await kept.executeTakeFirstOrThrow());
  });
}

function rowOf(arrival: Arrival): Schema["arrival"] {
  return {
    id: arrival.id,
    kind: arrival.kind,
    account_id: arrival.accountId,
    file_name: arrival.fileName,
    title_name: arrival.titleName,
    bytes: arrival.bytes,
    sha256: arrival.sha256 ?? null,
    url: arrival.url ?? null,
    validator: arrival.validator ?? null,
    state: arrival.state,
    refusal_code: arrival.refusal?.code ?? null,
    refusal: arrival.refusal?.sentence ?? null,
    master_id: arrival.masterId ?? null,
    created_at_ms: arrival.createdAtMs,
    touched_at_ms: arrival.touchedAtMs,
  };
}

function arrivalOf(row: Selectable<Schema["arrival"]>): Arrival {
  const { refusal_code: code, refusal: sentence } = row;
  return {
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    fileName: row.file_name,
    titleName: row.title_name,
    bytes: row.bytes,
    sha256: row.sha256 ?? undefined,
    url: row.url ?? undefined,
    validator: row.validator ?? undefined,
    state: row.state,
    refusal: code === null ? undefined : { code, sentence: sentence ?? "" },
    masterId: row.master_id ?? undefined,
    createdAtMs: row.created_at_ms,
    touchedAtMs: row.touched_at_ms,
  };
}

function masterRow(master: Master): Insertable<Schema["master"]> {
  return {
    id: master.id,
    sha256: master.sha256,
    bytes: master.bytes,
    account_id: master.accountId,
    file_name: master.fileName,
    title_name: master.titleName,
    facts: JSON.stringify(master.facts),
    created_at_ms: master.createdAtMs,
  };
}

function masterOf(row: Selectable<Schema["master"]>): Master {
  return {
    id: row.id,
    sha256: row.sha256,
    bytes: row.bytes,
    accountId: row.account_id,
    fileName: row.file_name,
    titleName: row.title_name,
    facts: row.facts,
    createdAtMs: row.created_at_ms,
  };
}
