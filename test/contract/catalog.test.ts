// Promises of the catalogue's stores, one suite for every database. Works of a test have ids of their own: the versions are shared.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import pg from "pg";
import type { Stores } from "#data/ports.ts";
import type { IndexedWork } from "#data/ports-catalog.ts";
import type { Work } from "#model/work.ts";
import { film } from "#test/fixtures/small-works.ts";
import { fresh, migratedFolder, onEach, open, postgresServer } from "./stores-builders.ts";

const nowMs = 1_700_000_000_000;

async function publish(
  { works }: Stores,
  put: readonly Work[],
  remove: readonly string[] = [],
): Promise<number> {
  const base = await works.newest();
  const done = await works.publish({ delta: { put, remove }, base, nowMs, note: "test" });
  assert.ok(done.kind === "published", JSON.stringify(done));
  return done.version;
}

/** The works of a version, by id, of those whose id begins with the mark. */
async function read({ works }: Stores, mark: string, version?: number): Promise<Record<string, Work>> {
  const found = await works.read(version);
  assert.ok(found !== undefined);
  const own = found.works.filter(({ id }) => id.startsWith(mark));
  return Object.fromEntries(own.map((work) => [work.id, work]));
}

onEach("[DA70] a version is whole and never changes; the same again makes none", async (stores) => {
  const mark = fresh();
  const [a, b] = [film(`${mark}-a`, { names: { en: "Żółw", ja: "千と千尋" }, year: 1 }), film(`${mark}-b`)];
  const first = await publish(stores, [a, b]);
  assert.deepEqual(await read(stores, mark), { [a.id]: a, [b.id]: b });
  assert.equal(await publish(stores, [b, a]), first);
  const changed = { ...a, year: 2 };
  const second = await publish(stores, [changed], [b.id]);
  assert.equal(second, first + 1);
  assert.deepEqual(await read(stores, mark), { [a.id]: changed });
  assert.deepEqual(await read(stores, mark, first), { [a.id]: a, [b.id]: b });
  assert.equal(await stores.works.read(second + 1), undefined);
  assert.deepEqual(await stores.works.read(0), { version: 0, works: [] });
  const [newest] = await stores.works.versions();
  assert.deepEqual(
    { version: newest?.version, createdAtMs: newest?.createdAtMs, note: newest?.note },
    { version: second, createdAtMs: nowMs, note: "test" },
  );
  assert.equal(newest?.works, (await stores.works.read())?.works.length);
});

onEach(
  "[DA71] changes made at once all survive, and whoever changed the same work is told",
  async (stores) => {
    const mark = fresh();
    const ids = Array.from({ length: 12 }, (_, index) => `${mark}-${index}`);
    const base = await stores.works.newest();
    const one = (id: string) => ({ delta: { put: [film(id)], remove: [] }, base, nowMs, note: "" });
    const done = await Promise.all(ids.map((id) => stores.works.publish(one(id))));
    assert.deepEqual(
      done.filter(({ kind }) => kind !== "published"),
      [],
    );
    assert.equal(new Set(done.map(({ version }) => version)).size, ids.length);
    assert.deepEqual(Object.keys(await read(stores, mark)).sort(), [...ids].sort());
    const id = ids[0] ?? "";
    const late = { delta: { put: [film(id, { year: 5 })], remove: [] }, base, nowMs, note: "" };
    const refused = await stores.works.publish(late);
    assert.ok(refused.kind === "rebase");
    assert.deepEqual(refused.workIds, [id]);
    assert.equal((await read(stores, mark))[id]?.year, null);
    const again = await stores.works.publish({ ...late, base: refused.version });
    assert.equal(again.kind, "published");
  },
);

onEach("[DA72] a reader among publishers sees one version or another, and never a mix", async (stores) => {
  const mark = fresh();
  const ids = Array.from({ length: 40 }, (_, index) => `${mark}-${index}`);
  const all = (year: number) => ids.map((id) => film(id, { year }));
  await publish(stores, all(0));
  let over = false;
  const reader = async (): Promise<number> => {
    let seen = 0;
    let last = 0;
    while (!over) {
      const found = await stores.works.read();
      // A version that was pruned between two statements of one read is no answer; it is asked for again.
      if (found === undefined) continue;
      const years = new Set(found.works.filter((work) => work.id.startsWith(mark)).map(({ year }) => year));
      assert.equal(years.size, 1, `version ${found.version} holds ${[...years].join(", ")}`);
      const year = [...years][0] ?? 0;
      assert.ok(year >= last, "monotonic");
      last = year;
      seen++;
    }
    return seen;
  };
  const readers = [reader(), reader()];
  for (let year = 1; year <= 12; year++) await publish(stores, all(year));
  over = true;
  for (const seen of await Promise.all(readers)) assert.ok(seen > 0);
});

onEach("[DA73] an earlier version comes back as a new one; what is not kept does not", async (stores) => {
  const mark = fresh();
  const a = film(`${mark}-a`);
  const first = await publish(stores, [a]);
  const second = await publish(stores, [{ ...a, year: 9 }]);
  const back = await stores.works.rollBack(first, nowMs, "back");
  assert.deepEqual(back, { version: second + 1 });
  assert.deepEqual(await read(stores, mark), { [a.id]: a });
  assert.equal(await stores.works.rollBack(second + 500, nowMs, ""), undefined);
});

onEach("[DA74] whatever is published comes back, page by page", async (stores) => {
  const mark = fresh();
  const known = new Map<string, Work>();
  const work = fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.string({ unit: "grapheme", maxLength: 8 }), fc.integer())
    .map(([n, name, year]) => film(`${mark}-${n}`, { names: { en: name.replaceAll("\0", "") }, year }));
  const change = fc.record({
    put: fc.array(work, { maxLength: 6 }),
    remove: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ put, remove }) => {
      const gone = remove.map((n) => `${mark}-${n}`);
      await publish(stores, put, gone);
      for (const id of gone) known.delete(id);
      for (const one of put) known.set(one.id, one);
      assert.deepEqual(await read(stores, mark), Object.fromEntries(known));
    }),
    { seed: 70, numRuns: 15 },
  );
});

test("[DA75] a publication that died before its flip shows nothing, and what it wrote is cleared away", async () => {
  const folder = await migratedFolder();
  const stores = await open(undefined, folder);
  await publish(stores, [film("kept")]);
  const dying = { delta: { put: [film("lost")], remove: [] }, base: 1, nowMs, note: "no NUL is taken: \0" };
  await assert.rejects(stores.works.publish(dying));
  assert.equal(await stores.works.newest(), 1);
  assert.deepEqual(Object.keys(await read(stores, "")), ["kept"]);
  await stores.close();
  assert.equal(await pagesIn(folder), 2);
  const again = await open(undefined, folder);
  const next = { delta: { put: [film("new")], remove: [] }, base: 1, nowMs: nowMs + 7_200_000, note: "" };
  await again.works.publish(next);
  assert.deepEqual(Object.keys(await read(again, "")).sort(), ["kept", "new"]);
  await again.close();
  assert.equal(await pagesIn(folder), 2);
});

async function pagesIn(folder: string): Promise<number> {
  const database = await PGlite.create(join(folder, "pgdata"));
  const { rows } = await database.query<{ pages: number }>("select count(*)::int as pages from work_page");
  await database.close();
  return rows[0]?.pages ?? 0;
}

onEach("[DA76] a picture comes back byte by byte", async (stores) => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7) & 255);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await stores.pictures.put({ sha256, type: "image/png", bytes }, nowMs);
  await stores.pictures.put({ sha256, type: "image/png", bytes }, nowMs);
  const found = await stores.pictures.get(sha256);
  assert.deepEqual(found && { ...found, bytes: Uint8Array.from(found.bytes) }, {
    sha256,
    type: "image/png",
    bytes,
  });
  assert.equal(await stores.pictures.get("0".repeat(64)), undefined);
});

const row = (workId: string, keys: string[], words: string[], age = 0): IndexedWork => ({
  workId,
  age,
  keys,
  words,
});
const asked = (words: readonly string[], key = words.join("")) => ({
  key,
  words: words.map((word, index) => ({ meanings: [word], isBegun: index === words.length - 1 })),
  maturity: 18,
  limit: 50,
});

onEach(
  "[DA77] the index proposes by names begun and words held, and follows what changed",
  async (stores) => {
    const { search } = stores;
    const rows = [
      row("matrix", ["thematrix", "matrix"], ["the", "matrix", "keanu", "reeves"], 16),
      row("wars", ["starwars"], ["star", "wars", "lucas"]),
      row("sen", ["千と千尋"], ["千と", "と千", "千尋"]),
      row("odd", ["it's"], ["a'b", "c\\d"]),
    ];
    await search.index({ version: 7, how: "anew", put: rows, remove: [] });
    assert.equal(await search.indexed(), 7);
    const found = async (words: readonly string[], more = {}) =>
      [...(await search.candidates({ ...asked(words), ...more }))].sort();
    assert.deepEqual(await found(["mat"]), ["matrix"]);
    assert.deepEqual(await found(["reeves", "kea"]), ["matrix"]);
    assert.deepEqual(await found(["reeves", "wars"]), []);
    assert.deepEqual(await found(["matrix"], { maturity: 12 }), []);
    assert.deepEqual(await found(["千尋"]), ["sen"]);
    assert.deepEqual(await found(["star", "w"]), ["wars"]);
    assert.deepEqual(await found(["x' | 'star", "w"], { key: "none" }), []);
    const mended = { meanings: ["satr", "star"], isBegun: false };
    assert.deepEqual(await found([], { key: "none", words: [mended] }), ["wars"]);
    const changed = [row("wars", ["trek"], ["trek"]), row("new", ["starman"], ["starman"])];
    await search.index({ version: 8, how: "changes", put: changed, remove: ["matrix"] });
    assert.equal(await search.indexed(), 8);
    assert.deepEqual(await found(["star"]), ["new"]);
    assert.deepEqual(await found(["trek"]), ["wars"]);
    assert.deepEqual(await found(["matrix"]), []);
  },
);

onEach("[DA77] words that look alike are found, the likest first", async (stores) => {
  const words = ["inception", "interception", "matrix", "matron", "star"];
  await stores.search.index({ version: 3, how: "anew", put: [row("w", ["w"], words)], remove: [] });
  const found = await stores.search.similar(["incpetion", "matirx", "qqqqqq"], 3);
  assert.equal(found.get("incpetion")?.[0], "inception");
  assert.ok(found.get("matirx")?.includes("matrix"));
  assert.deepEqual(found.get("qqqqqq"), []);
});

test("[DA77] where the database has no pg_trgm and lets nobody create it, search mends nothing and says why", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const name = `plain_${fresh()}`;
  await statements(server.url, [`create role ${name} login`, `create database ${name}`]);
  const own = new URL(server.url);
  own.pathname = `/${name}`;
  await statements(own.href, [`create schema authorization ${name}`]);
  own.username = name;
  const notes: string[] = [];
  const stores = await open(own.href, "unused", notes);
  try {
    assert.ok(
      notes.some((note) => /no pg_trgm .*permission denied/.test(note)),
      notes.join("\n"),
    );
    await stores.search.index({ version: 1, how: "anew", put: [row("w", ["star"], ["star"])], remove: [] });
    assert.deepEqual(await stores.search.similar(["satr"], 5), new Map());
    assert.deepEqual(await stores.search.candidates(asked(["st"])), ["w"]);
  } finally {
    await stores.close();
  }
});

async function statements(url: string, all: readonly string[]): Promise<void> {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  for (const statement of all) await connection.query(statement);
  await connection.end();
}
