// Versions of the catalogue. A version is a list of pages, a page some works by the hash of their text: what did not change is
// kept once, and a version of twenty thousand works is some dozen statements to write and two to read.
import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { WorkStore, WorksPublished } from "#data/ports-catalog.ts";
import type { CatalogDelta, Work } from "#model/work.ts";
import { hash64 } from "#units/hash.ts";
import type { Database } from "./database-access.ts";
import type { Schema } from "./schema.ts";

/** With twenty thousand works, some eighty in each: a change of one writes about 100 kB. Kept in every version: never changed. */
const pageCount = 256;
/** Pages in one statement: some megabytes. */
const pagesPerStatement = 32;
/** A page that no version names may be of a publication under way; after an hour it is of one that died. */
const strayMs = 3_600_000;
/** How often a publication begins anew because another one came first. */
const mostTries = 50;

interface Page {
  readonly hash: string;
  readonly text: string;
}

export function workStore(database: Database, versionsKept: number): WorkStore {
  return {
    newest: () => database.use(newest),
    read: (version) => read(database, version),
    publish: (order) => publish(database, order, versionsKept),
    rollBack: (version, nowMs, note) => rollBack(database, { version, nowMs, note }, versionsKept),
    versions: () =>
      database.use((db) =>
        db
          .selectFrom("work_version")
          .select(["version", "created_at_ms as createdAtMs", "works", "note"])
          .orderBy("version", "desc")
          .execute(),
      ),
  };
}

async function newest(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom("work_pointer")
    .select("version")
    .where("name", "=", "newest")
    .executeTakeFirst();
  return row?.version ?? 0;
}

async function read(database: Database, wanted: number | undefined): ReturnType<WorkStore["read"]> {
  const version = wanted ?? (await database.use(newest));
  if (version === 0) return { version: 0, works: [] };
  const hashes = await pagesOf(database, version);
  if (hashes === undefined) return undefined;
  const pages = await contents(database, [...new Set(hashes)]);
  // Pruned while it was read.
  if (hashes.some((hash) => hash !== emptyPage.hash && !pages.has(hash))) return undefined;
  return { version, works: hashes.flatMap((hash) => pages.get(hash) ?? []) };
}

/** Undefined: no such version. */
async function pagesOf(database: Database, version: number): Promise<readonly string[] | undefined> {
  if (version === 0) return emptyPages;
  const find = (db: Kysely<Schema>) =>
    db.selectFrom("work_version").select("pages").where("version", "=", version).executeTakeFirst();
  return (await database.use(find))?.pages;
}

async function contents(
  database: Database,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, readonly Work[]>> {
  const wanted = hashes.filter((hash) => hash !== emptyPage.hash);
  const found = new Map<string, readonly Work[]>();
  for (let at = 0; at < wanted.length; at += pagesPerStatement) {
    const some = wanted.slice(at, at + pagesPerStatement);
    const rows = await database.use((db) =>
      db.selectFrom("work_page").select(["hash", "works"]).where("hash", "in", some).execute(),
    );
    for (const { hash, works } of rows) found.set(hash, works);
  }
  return found;
}

async function publish(
  database: Database,
  order: Parameters<WorkStore["publish"]>[0],
  versionsKept: number,
): Promise<WorksPublished> {
  const { delta, base, nowMs, note } = order;
  const touched = [...new Set([...delta.put.map(({ id }) => id), ...delta.remove])];
  for (let tries = 1; tries <= mostTries; tries++) {
    const version = await database.use(newest);
    const changed = version === base ? [] : await changedBetween(database, base, version, touched);
    if (changed.length > 0) return { kind: "rebase", version, workIds: changed };
    const pages = await pagesWith(database, version, delta, nowMs);
    if (pages === undefined) return { kind: "published", version };
    const next = await flip(database, { from: version, pages, nowMs, note }, versionsKept);
    if (next !== undefined) return { kind: "published", version: next };
  }
  return { kind: "rebase", version: await database.use(newest), workIds: touched };
}

/** Which of the works differ between two versions; all, where the first is not kept any more. */
async function changedBetween(
  database: Database,
  from: number,
  to: number,
  workIds: readonly string[],
): Promise<readonly string[]> {
  const before = await pagesOf(database, from);
  const after = (await pagesOf(database, to)) ?? emptyPages;
  if (before === undefined) return workIds;
  const differing = pageNumbers(workIds).filter((page) => before[page] !== after[page]);
  const hashes = new Set(differing.flatMap((page) => [before[page] ?? "", after[page] ?? ""]));
  const works = await contents(database, [...hashes]);
  const textOf = (hash: string | undefined, id: string): string =>
    JSON.stringify(works.get(hash ?? "")?.find((work) => work.id === id)) ?? "";
  return workIds.filter((id) => {
    const page = pageOf(id);
    return differing.includes(page) && textOf(before[page], id) !== textOf(after[page], id);
  });
}

interface Paged {
  readonly hashes: readonly string[];
  readonly works: number;
}

/**
 * Writes the pages that a change makes new, and returns all of the version to come. Nothing of it is visible yet.
 *
 * Undefined: the change changes nothing.
 */
async function pagesWith(
  database: Database,
  version: number,
  delta: CatalogDelta,
  nowMs: number,
): Promise<Paged | undefined> {
  const old = (await pagesOf(database, version)) ?? emptyPages;
  const hashes = [...old];
  const touched = pageNumbers([...delta.put.map(({ id }) => id), ...delta.remove]);
  const before = await contents(database, [...new Set(touched.map((page) => hashes[page] ?? ""))]);
  const changes = new Map<number, Map<string, Work | undefined>>(touched.map((page) => [page, new Map()]));
  for (const id of delta.remove) changes.get(pageOf(id))?.set(id, undefined);
  for (const work of delta.put) changes.get(pageOf(work.id))?.set(work.id, work);
  let grown = 0;
  const fresh: Page[] = [];
  for (const [page, changed] of changes) {
    const held = before.get(hashes[page] ?? "") ?? [];
    const works = new Map<string, Work | undefined>(held.map((work) => [work.id, work]));
    for (const [id, work] of changed) works.set(id, work);
    const left = [...works.values()].flatMap((work) => work ?? []).toSorted(byId);
    const written = pageWith(left);
    grown += left.length - held.length;
    hashes[page] = written.hash;
    fresh.push(written);
  }
  if (hashes.every((hash, page) => hash === old[page])) return undefined;
  await writePages(database, fresh, nowMs);
  return { hashes, works: (await countOf(database, version)) + grown };
}

async function countOf(database: Database, version: number): Promise<number> {
  const find = (db: Kysely<Schema>) =>
    db.selectFrom("work_version").select("works").where("version", "=", version).executeTakeFirst();
  return (await database.use(find))?.works ?? 0;
}

async function writePages(database: Database, pages: readonly Page[], nowMs: number): Promise<void> {
  const rows = [...new Map(pages.map((page) => [page.hash, page])).values()]
    .filter(({ hash }) => hash !== emptyPage.hash)
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ hash, text }) => ({ hash, works: text, written_at_ms: nowMs }));
  for (let at = 0; at < rows.length; at += pagesPerStatement) {
    const some = rows.slice(at, at + pagesPerStatement);
    await database.use((db) =>
      db
        .insertInto("work_page")
        .values(some)
        .onConflict((conflict) =>
          conflict
            .column("hash")
            .doUpdateSet((with_) => ({ written_at_ms: with_.ref("excluded.written_at_ms") })),
        )
        .execute(),
    );
  }
}

/** Makes the next version the newest, if `from` still is; undefined: another one came first. Old versions go. */
async function flip(
  database: Database,
  order: { readonly from: number; readonly pages: Paged; readonly nowMs: number; readonly note: string },
  versionsKept: number,
): Promise<number | undefined> {
  const { from, pages, nowMs, note } = order;
  const version = from + 1;
  const flipped = await database.transaction(async (db) => {
    const moved = await db
      .updateTable("work_pointer")
      .set({ version })
      .where("name", "=", "newest")
      .where("version", "=", from)
      .executeTakeFirst();
    if (moved.numUpdatedRows === 0n) return false;
    const row = { version, created_at_ms: nowMs, works: pages.works, note };
    await db
      .insertInto("work_version")
      .values({ ...row, pages: JSON.stringify(pages.hashes) })
      .execute();
    await db
      .deleteFrom("work_version")
      .where("version", "<=", version - versionsKept)
      .execute();
    return true;
  });
  if (!flipped) return undefined;
  await sweep(database, nowMs);
  return version;
}

/** Pages that no version names, left by a publication that died or by versions that went. */
async function sweep(database: Database, nowMs: number): Promise<void> {
  const old = await database.use((db) =>
    db
      .selectFrom("work_page")
      .select("hash")
      .where("written_at_ms", "<", nowMs - strayMs)
      .execute(),
  );
  if (old.length === 0) return;
  await database.transaction(async (db) => {
    // Under the pointer's lock: no version can come to name a page meanwhile.
    await db
      .selectFrom("work_pointer")
      .select("version")
      .where("name", "=", "newest")
      .forUpdate()
      .executeTakeFirst();
    const versions = await db.selectFrom("work_version").select("pages").execute();
    const named = new Set(versions.flatMap(({ pages }) => pages));
    const stray = old.map(({ hash }) => hash).filter((hash) => !named.has(hash));
    if (stray.length === 0) return;
    await db
      .deleteFrom("work_page")
      .where("hash", "in", stray)
      .where("written_at_ms", "<", nowMs - strayMs)
      .execute();
  });
}

async function rollBack(
  database: Database,
  order: { readonly version: number; readonly nowMs: number; readonly note: string },
  versionsKept: number,
): Promise<{ readonly version: number } | undefined> {
  const { version, nowMs, note } = order;
  for (let tries = 1; tries <= mostTries; tries++) {
    const hashes = version === 0 ? emptyPages : await pagesOf(database, version);
    if (hashes === undefined) return undefined;
    const pages = { hashes, works: await countOf(database, version) };
    const from = await database.use(newest);
    const next = await flip(database, { from, pages, nowMs, note }, versionsKept);
    if (next !== undefined) return { version: next };
  }
  return undefined;
}

function pageOf(workId: string): number {
  return hash64(workId)[1] % pageCount;
}

function pageNumbers(workIds: readonly string[]): readonly number[] {
  return [...new Set(workIds.map(pageOf))];
}

/** Keys in order: what was read from the database has the same text as what was given. */
function pageWith(works: readonly Work[]): Page {
  const text = JSON.stringify(works, (_key, value: unknown) => sorted(value));
  return { hash: createHash("sha256").update(text).digest("hex"), text };
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function byId(a: Work, b: Work): number {
  return a.id < b.id ? -1 : 1;
}

const emptyPage = pageWith([]);
const emptyPages: readonly string[] = Array.from({ length: pageCount }, () => emptyPage.hash);
