// Claim: a search among 20,000 works answers in 20 ms (median), on the embedded database and on PostgreSQL, typing errors mended.
// Reference of the same run: a plain `ilike '%…%'` over names and people.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { indexedIn } from "#catalog/search-fields.ts";
import { type CatalogView, viewOf } from "#catalog/view.ts";
import { folded } from "#catalog/words.ts";
import { defaultsOf } from "#config/setting.ts";
import { fieldMemo, searchWorks } from "#control/search-works.ts";
import { controlSettings } from "#control/settings.ts";
import { isShown, type WorkOrder } from "#control/work-page.ts";
import { openStores } from "#data/io/database.ts";
import type { Stores } from "#data/ports.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import type { Work } from "#model/work.ts";
import { startPostgres } from "#tools/postgres.ts";
import { seededRandom } from "#units/random.ts";
import { type BenchResult, median } from "./bench.ts";
import { type Asked, questionsOf } from "./search-questions.ts";
import { worksOf } from "./search-works.ts";

type Row = Record<string, string | number>;

/** Runs a statement and returns how many rows it had. */
type Ask = (statement: string, values: readonly unknown[]) => Promise<number>;

const signal = new AbortController().signal;
const settings = defaultsOf(controlSettings);

export async function bench(quick: boolean): Promise<BenchResult> {
  const size = quick ? 4000 : 20_000;
  const each = quick ? 30 : 150;
  const { works, vocabulary } = worksOf(size, 42);
  const questions = questionsOf({ works, vocabulary, each, random: seededRandom(7) });
  const folder = await mkdtemp(join(tmpdir(), "millrace-search-"));
  const notes: string[] = [];
  const rows: Row[] = [];
  try {
    rows.push(...(await embedded(join(folder, "db"), works, questions)));
    const { postgres } = await findTools("var", defaultsOf(programSettings), signal);
    if (postgres === undefined) notes.push("PostgreSQL is missing: apt-get install -y postgresql");
    else {
      const server = await startPostgres(join(tmpdir(), `millrace-search-pg-${process.pid}`), postgres);
      rows.push(...(await served(server.url, works, questions).finally(server.stop)));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const claim = `search among ${size} works: ms of a whole search, and share of typing errors whose name comes first or among five`;
  return { claim, rows, notes };
}

async function embedded(folder: string, works: readonly Work[], asked: readonly Asked[]): Promise<Row[]> {
  const rows = await measured("PGlite", undefined, folder, works, asked);
  const plain = await PGlite.create();
  const ask: Ask = async (statement, values) => (await plain.query(statement, [...values])).rows.length;
  return [...rows, await reference("PGlite", ask, works, asked).finally(() => plain.close())];
}

async function served(url: string, works: readonly Work[], asked: readonly Asked[]): Promise<Row[]> {
  const rows = await measured("PostgreSQL", url, "unused", works, asked);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ask: Ask = async (statement, values) => (await client.query(statement, [...values])).rows.length;
  return [...rows, await reference("PostgreSQL", ask, works, asked).finally(() => client.end())];
}

async function measured(
  engine: string,
  databaseUrl: string | undefined,
  folder: string,
  works: readonly Work[],
  asked: readonly Asked[],
): Promise<Row[]> {
  const stores = await openStores({ databaseUrl, folder, signal, onNote: () => undefined });
  try {
    const { loaded, row } = await published(engine, stores, works);
    const view = viewOf(1, loaded);
    const search = searcher(stores, view);
    for (const { text } of asked.slice(0, 20)) await search(text);
    const kinds = [...new Set(asked.map(({ kind }) => kind))];
    const results = new Map<string, Row>();
    const all: number[] = [];
    for (const kind of kinds) {
      const own = asked.filter((one) => one.kind === kind);
      const times: number[] = [];
      let [first, five, hits] = [0, 0, 0];
      for (const { text, wanted } of own) {
        const began = performance.now();
        const found = await search(text);
        times.push(performance.now() - began);
        const at = wanted === undefined ? -1 : found.findIndex((work) => isNamed(work, wanted));
        if (at === 0) first++;
        if (at >= 0 && at < 5) five++;
        if (found.length > 0) hits++;
      }
      all.push(...times);
      const isWanted = own.some(({ wanted }) => wanted !== undefined);
      const recall: Row = isWanted
        ? { "first %": percent(first, own.length), "of five %": percent(five, own.length) }
        : { "first %": "", "of five %": "" };
      results.set(kind, {
        engine,
        what: kind,
        ...timed(times),
        "answered %": percent(hits, own.length),
        ...recall,
      });
    }
    return [row, ...results.values(), { engine, what: "all searches", ...timed(all) }];
  } finally {
    await stores.close();
  }
}

function searcher(stores: Stores, view: CatalogView): (text: string) => Promise<readonly Work[]> {
  const memo = fieldMemo();
  const card = { durationMs: 1, height: 1, rungs: 1, shots: 1, bitsSavedPercent: null, publishedAtMs: 1 };
  const cards = new Map([...view.byTitle.keys()].map((id) => [id, { id, name: id, ...card }] as const));
  const order: WorkOrder = {
    account: { maturity: 16, language: "de" },
    view,
    settings: { ...settings, territory: "DE" },
    nowMs: 1.8e12,
    catalogue: { titles: new Map(), cards, costs: new Map(), files: new Set() },
  };
  return async (text) => {
    const found = await searchWorks({
      ...{ text, limit: 20, view, undescribed: [], fields: (work) => memo(view, work), index: stores.search },
      ...{ maturity: 16, mayShow: (work) => isShown(order, work), popularityOf: () => 0 },
    });
    return found.kind === "found" ? found.hits.map(({ work }) => work) : [];
  };
}

async function published(
  engine: string,
  stores: Stores,
  works: readonly Work[],
): Promise<{ readonly loaded: readonly Work[]; readonly row: Row }> {
  const lap = stopwatch();
  await stores.works.publish({ delta: { put: works, remove: [] }, base: 0, nowMs: 1, note: "" });
  const publishMs = lap();
  const loaded = (await stores.works.read())?.works ?? [];
  const loadMs = lap();
  const memo = fieldMemo();
  const view = viewOf(1, loaded);
  const put = loaded.map((work) => ({
    ...{ workId: work.id, age: work.age ?? 18 },
    ...indexedIn(memo(view, work)),
  }));
  await stores.search.index({ version: 1, how: "anew", put, remove: [] });
  const indexMs = lap();
  const [one] = loaded;
  if (one !== undefined) {
    await stores.works.publish({
      delta: { put: [{ ...one, year: 1 }], remove: [] },
      base: 1,
      nowMs: 2,
      note: "",
    });
  }
  const changeMs = lap();
  const ms = { "publish ms": publishMs, "load ms": loadMs, "index ms": indexMs, "change one ms": changeMs };
  return { loaded, row: { engine, what: "the catalogue", ...ms } };
}

/** Whatever its accents: another work of that name is as good an answer. */
function isNamed(work: Work, wanted: string): boolean {
  const name = folded(wanted);
  return Object.values(work.names).some((text) => folded(text) === name);
}

/** What a plain scan answers, in any order. */
async function reference(
  engine: string,
  ask: Ask,
  works: readonly Work[],
  asked: readonly Asked[],
): Promise<Row> {
  await ask("create temp table plain (id text primary key, words text not null)", []);
  const words = works.map((work) =>
    [...Object.values(work.names), ...work.credits.map(({ name }) => name)].join(" "),
  );
  await ask("insert into plain select * from unnest($1::text[], $2::text[])", [
    works.map(({ id }) => id),
    words,
  ]);
  const times: number[] = [];
  for (const { text } of asked) {
    const began = performance.now();
    await ask("select id from plain where words ilike $1 limit 20", [`%${text}%`]);
    times.push(performance.now() - began);
  }
  return { engine, what: "reference: ilike '%…%'", ...timed(times) };
}

function timed(times: readonly number[]): Row {
  const sorted = [...times].sort((a, b) => a - b);
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN;
  return { n: times.length, "median ms": tenths(median(times)), "p99 ms": tenths(p99) };
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const lasted = Math.round(now - last);
    last = now;
    return lasted;
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(part: number, whole: number): number {
  return Math.round((100 * part) / whole);
}
