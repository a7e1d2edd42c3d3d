// Backups: everything, at one moment, from either engine into either, also from an earlier version, or refused.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { checkBackup } from "#data/io/backup.ts";
import { bornFull, ordered, unkept } from "#data/io/backup-tables.ts";
import { openDatabase } from "#data/io/open-database.ts";
import { restoreBackup } from "#data/io/restore.ts";
import type { Stores } from "#data/ports.ts";
import { fillAll, picture } from "./backup-full.ts";
import {
  account,
  bookmark,
  embeddedFolder,
  fresh,
  freshSchema,
  isFault,
  open,
  plan,
  postgresServer,
  settings,
  summary,
  temporaryFolder,
  title,
} from "./stores-builders.ts";

const earlier = "test/fixtures/database-0006.backup";
const signal = new AbortController().signal;
const onNote = (): void => undefined;

interface Place {
  readonly databaseUrl: string | undefined;
  readonly folder: string;
}

/** Tables that the database of these tests has rows in: one of each subject at least. */
const subjects = [
  ...[
    "account",
    "profile",
    "device",
    "slip",
    "invitation",
    "identity",
    "api_token",
    "audit_row",
    "audit_head",
  ],
  ...[
    "lease",
    "lease_clock",
    "denial",
    "drain",
    "billing_customer",
    "invoice",
    "price_plan",
    "payment_event",
  ],
  ...["idempotency_key", "work_version", "work_page", "work_pointer", "picture", "search_work", "search_key"],
  ...["search_word", "taste_model", "taste_weight", "content_key", "arrival", "encode_run", "job"],
  ...["title", "placement_plan", "popularity", "play_session", "session_summary", "bookmark", "consumer"],
  ...["history_live", "history_roll", "history_chunk", "history_erasure"],
];

const embedded = async (): Promise<Place> => ({
  databaseUrl: undefined,
  folder: await embeddedFolder(),
});

async function served(): Promise<Place | { readonly missing: string }> {
  const server = await postgresServer();
  return "missing" in server ? server : { databaseUrl: await freshSchema(server.url), folder: "unused" };
}

const restore = (place: Place, file: string) => restoreBackup({ ...place, file, signal, settings, onNote });

function stoppedRestore(place: Place, file: string): ReturnType<typeof restore> {
  const stopping = new AbortController();
  const onNote = (text: string): void => {
    if (text.includes("play_session")) stopping.abort(new Error("stopped half-way"));
  };
  return restoreBackup({ ...place, file, settings, signal: stopping.signal, onNote });
}

/** One test on every engine there is, with an empty place on it. */
function onEachPlace(name: string, body: (place: Place) => Promise<void>): void {
  test(`${name} (PGlite)`, async () => body(await embedded()));
  test(`${name} (PostgreSQL)`, async (t: TestContext) => {
    const place = await served();
    if ("missing" in place) return t.skip(place.missing);
    await body(place);
  });
}

/** Lines of a backup but the first and the last, each table's rows in one order. */
async function linesOf(file: string): Promise<readonly string[]> {
  const lines = gunzipSync(await readFile(file))
    .toString()
    .trimEnd()
    .split("\n")
    .slice(1, -1);
  const rows = lines.flatMap((line) => {
    const { table, rows: list }: { table: string; rows: unknown[] } = JSON.parse(line);
    return list.map((row) => `${table} ${JSON.stringify(row)}`);
  });
  return rows.toSorted();
}

async function written(stores: Stores): Promise<string> {
  const file = join(await temporaryFolder(), "b.backup");
  await stores.backUp({ file, nowMs: 5 });
  return file;
}

async function fill(stores: Stores): Promise<void> {
  const ann = await fillAll(stores);
  const film = `film-${fresh()}`;
  await stores.catalog.publish(title(film));
  await stores.plans.save(plan(1 / 3), 7);
  await stores.plans.setPopularity([{ fileId: `${film}/v1`, playsPerDay: 0.1 + 0.2 }]);
  for (let nth = 1; nth <= 3; nth++) {
    const session = { id: fresh(), accountId: ann.id, profileId: ann.profileId, titleId: film };
    await stores.playback.open({ ...session, viewpoint: "", startedAtMs: nth });
    const order = { group: "bookmarks", offset: nth, summaries: [summary(session.id, nth)] };
    await stores.playback.apply({ ...order, bookmarks: [bookmark(ann.profileId, film, 2 ** 50 + nth)] });
  }
}

test("[DA90] tables that others refer to come first, whatever their names", () => {
  const references = [
    { from: "a", to: "c" },
    { from: "c", to: "d" },
    { from: "b", to: "a" },
  ];
  assert.deepEqual(ordered(["a", "b", "c", "d"], references), ["d", "c", "a", "b"]);
});

onEachPlace("[DA90] a backup is of one moment while others write", async (place) => {
  const stores = await open(place.databaseUrl, place.folder);
  const ann = await account(stores);
  const start = (nth: number) =>
    stores.playback.open({
      ...{ id: `s-${nth}`, accountId: ann.id, profileId: ann.profileId, titleId: "f" },
      ...{ viewpoint: "", startedAtMs: nth },
    });
  for (let nth = 0; nth < 600; nth += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => start(nth + at)));
  }
  const more = Array.from({ length: 40 }, (_, nth) => start(1000 + nth));
  const file = await written(stores);
  await Promise.all(more);
  await stores.close();
  const rows = (await linesOf(file)).map((line) => line.split(" ", 1)[0]);
  const generation = /"generation":(\d+)/.exec(
    (await linesOf(file)).find((line) => /^account /.test(line)) ?? "",
  );
  const sessions = rows.filter((table) => table === "play_session").length;
  assert.equal(Number(generation?.[1]), sessions, "a generation for each session, no more and no fewer");
  assert.ok(sessions >= 600);
});

test("[DA91] [DA93] from PGlite to PostgreSQL and back it is the same backup, also when first stopped", async (t) => {
  const [first, third] = [await embedded(), await embedded()];
  const second = await served();
  if ("missing" in second) return t.skip(second.missing);
  const stores = await open(first.databaseUrl, first.folder);
  await fill(stores);
  const file = await written(stores);
  await stores.close();
  const before = await linesOf(file);
  const kept = new Set(before.map((line) => line.split(" ", 1)[0]));
  for (const table of subjects) assert.ok(kept.has(table), `${table} has rows`);
  let last = file;
  for (const place of [second, third]) {
    await assert.rejects(stoppedRestore(place, last), /stopped half-way/);
    const { rows, migrationsRun } = await restore(place, last);
    assert.deepEqual([rows, migrationsRun], [before.length, 0]);
    const restored = await open(place.databaseUrl, place.folder);
    last = await written(restored);
    const found = await restored.search.candidates({ key: "ż", words: [], maturity: 18, limit: 9 });
    assert.deepEqual(found, ["w-1"], "the index came over with its works");
    assert.deepEqual(
      Buffer.from((await restored.pictures.get(picture.sha256))?.bytes ?? []),
      Buffer.from(picture.bytes),
    );
    await restored.close();
    assert.deepEqual(await linesOf(last), before);
  }
});

test("[DA92] a cut, altered, foreign, continued or newer backup is refused, and nothing is made", async () => {
  const folder = await temporaryFolder();
  const whole = await readFile(earlier);
  const text = gunzipSync(whole).toString();
  const swapped = text.replace('"offset": 4242', '"offset": 4243').replace("4242", "4243");
  assert.notEqual(swapped, text);
  const bad = new Map<string, readonly [Buffer, string]>([
    ["cut", [whole.subarray(0, 5000), "unexpected end"]],
    ["empty", [Buffer.alloc(0), "unexpected end"]],
    ["foreign", [Buffer.from("-- PostgreSQL database dump"), "incorrect header"]],
    ["no backup", [gzipSync("{}\n"), "does not begin"]],
    ["nothing inside", [gzipSync(""), "it is empty"]],
    ["without its end", [gzipSync(text.split("\n").slice(0, -2).join("\n")), "its end is missing"]],
    ["altered", [gzipSync(swapped), "its bytes are not"]],
    ["continued", [gzipSync(`${text}{"table":"account","rows":[]}\n`), "something follows"]],
    ["newer form", [gzipSync(text.replace('"version":1', '"version":2')), "later version"]],
  ]);
  for (const [name, [bytes, word]] of bad) {
    const file = join(folder, "bad.backup");
    await writeFile(file, bytes);
    await assert.rejects(checkBackup(file), isFault("backup-damaged", word), name);
    const place = { databaseUrl: undefined, folder: join(folder, "db") };
    await assert.rejects(restore(place, file), isFault("backup-damaged"), name);
  }
  const newer = join(folder, "newer.backup");
  const rest = text.split("\n");
  rest[0] = (rest[0] ?? "").replace('"0006-denials"', '"0006-denials","9999-later"');
  const body = `${rest.slice(0, -2).join("\n")}\n`;
  const sha256 = createHash("sha256").update(body).digest("hex");
  await writeFile(newer, gzipSync(`${body}${JSON.stringify({ end: { rows: 724, sha256 } })}\n`));
  const place = { databaseUrl: undefined, folder: join(folder, "db") };
  await assert.rejects(restore(place, newer), isFault("database-newer", "9999-later"));
  assert.ok(!(await readdir(folder)).includes("db"), "no database was made");
});

onEachPlace("[DA93] only an empty database is filled, and a stopped restore begins anew", async (place) => {
  await assert.rejects(stoppedRestore(place, earlier), /stopped half-way/);
  assert.equal((await restore(place, earlier)).rows, 724);
  await assert.rejects(restore(place, earlier), isFault("restore-not-empty"));
  const stores = await open(place.databaseUrl, place.folder);
  assert.equal((await stores.playback.recent(1000)).length, 700);
  await stores.close();
});

onEachPlace("[DA94] a database of an earlier version comes over whole", async (place) => {
  const { migrationsRun } = await restore(place, earlier);
  assert.ok(migrationsRun > 0);
  const stores = await open(place.databaseUrl, place.folder);
  const { accounts, catalog, plans, history, playback, drains, denials, experiments } = stores;
  const ada = (await accounts.byEmail("ada@example.org")) ?? assert.fail("Ada is gone");
  assert.equal(ada.profileName, "Ada ’n’ 亀");
  assert.deepEqual(ada.entitlement, { standing: "good", screens: 4, maxHeight: 4320 });
  assert.equal(
    (await accounts.byEmail("op@example.org"))?.role,
    "admin",
    "who could do everything still can",
  );
  const titles = await catalog.titles();
  assert.deepEqual(
    titles.map(({ id, name }) => [id, name]),
    [
      ["film-2", "Two"],
      ["film-1", "Żółw"],
    ],
  );
  const rendition = titles[1]?.package.renditions[0];
  assert.deepEqual([rendition?.bytes, rendition?.peak], [2 ** 50 + 1, 2 ** 40 + 0.25]);
  assert.deepEqual(titles[1]?.report, {
    shots: [1, 2, { deep: [null, true, '\\ " \n'] }],
    share: 0.1 + 0.2,
    bdRatePercent: {},
  });
  assert.equal((await plans.latest())?.epoch, 5);
  const popularity = await plans.popularity();
  assert.deepEqual(
    popularity.map((row) => row.playsPerDay).toSorted((a, b) => a - b),
    [1e-9, 1 / 3],
  );
  assert.equal((await playback.session("s-700"))?.generation, 700);
  assert.equal(await playback.offset("bookmarks"), 4242);
  assert.deepEqual(
    (await history.continueWatching(ada.profileId, 9)).map((mark) => [mark.titleId, mark.ord]),
    [["film-1", 700 * 2 ** 24 + 9]],
  );
  const next = { id: "s-701", accountId: ada.id, profileId: ada.profileId, titleId: "film-1" };
  assert.equal((await playback.open({ ...next, viewpoint: "", startedAtMs: 1 })).generation, 701);
  assert.deepEqual(await drains.all(), ["a2"]);
  assert.deepEqual(await denials.all(), [{ kind: "title", id: "film-2", untilMs: 9e12 }]);
  assert.deepEqual(await experiments.newest(1), [
    { id: "e-1", createdAtMs: 5, value: { state: "over", note: "é" } },
  ]);
  await stores.close();
});

test("[DA90] [DA95] a backup has every table, replaces nothing, is its owner's alone, and leaves nothing when it failed", async () => {
  const { databaseUrl, folder } = await embedded();
  const stores = await open(databaseUrl, folder);
  const out = await temporaryFolder();
  const file = join(out, "b.backup");
  const facts = await stores.backUp({ file, nowMs: 5 });
  assert.equal((await stat(file)).mode & 0o077, 0);
  const filled = new Set((await linesOf(file)).map((line) => line.split(" ", 1)[0]));
  assert.deepEqual(
    [...filled].toSorted(),
    [...bornFull].toSorted(),
    "what migrations put there, and no more",
  );
  const before = await readFile(file);
  await assert.rejects(stores.backUp({ file, nowMs: 6 }), isFault("backup-exists"));
  assert.deepEqual(await readFile(file), before);
  await stores.close();
  await assert.rejects(stores.backUp({ file: join(out, "c.backup"), nowMs: 7 }));
  assert.deepEqual(await readdir(out), ["b.backup"]);
  const opened = await openDatabase({ databaseUrl, folder, signal, onNote });
  const tables = await opened.database.use((db) => db.introspection.getTables());
  await opened.close();
  assert.equal(facts.tables, tables.filter(({ name }) => !unkept.has(name)).length);
});
