// The catalogue over HTTP, as viewers and operators have it: a real server over stores in memory, with a clock of our own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { z } from "zod";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import type { ControlHandle } from "#control/io/server.ts";
import { dataFaults } from "#data/faults.ts";
import { type MemoryStores, memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { gif, png } from "#test/fixtures/pictures.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { catalogPage, importAnswer, searchAnswer, titlePage } from "#wire/catalog.ts";
import { home as homePage } from "#wire/viewer.ts";
import { withProfile } from "./catalog-profile.ts";
import { begin, hour, titles, works } from "./catalog-works.ts";
import { type Client, client, type Said } from "./control-client.ts";
import { operator, settings, startSmall, viewer } from "./control-plane.ts";

let home = "";
let wallMs = begin;
let monoMs = 1000;
let maturity = 18;
let language = "en";
const clock = { wallMs: () => milliseconds(wallMs), monoMs: () => milliseconds(monoMs) };
let stores: MemoryStores | undefined;
let control: ControlHandle | undefined;
let ada: Client | undefined;
let op: Client | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-catalog-"));
  stores = memoryStores();
  const [passwords, secretsPath] = [openPasswords(settings), join(home, "secrets.json")];
  await ensureAccount({ stores, passwords, secretsPath, ...operator, role: "operator" });
  await ensureAccount({ stores, passwords, secretsPath, ...viewer, role: "viewer" });
  control = await startSmall({
    ...{
      stores: withProfile(stores, viewer.email, { maturity: () => maturity, language: () => language }),
      log: memoryLog(),
      secretsPath,
    },
    settings: { ...settings, territory: "DE", importMib: 1, pictureKib: 16 },
    clock,
  });
  for (const id of titles) await control.publishTitle(smallTitle(id));
  [ada, op] = [client(control.url), client(control.url)];
  await ada.signIn(viewer.email, viewer.password);
  await op.signIn(operator.email, operator.password);
  const given = works.map(({ artwork: _, ...work }) => work);
  assert.equal((await imported({ works: given })).kind, "imported");
});

after(async () => {
  await control?.close();
  await rm(home, { recursive: true, force: true });
});

function asViewer(): Client {
  assert.ok(ada !== undefined);
  return ada;
}

function asOperator(): Client {
  assert.ok(op !== undefined);
  return op;
}

async function put(path: string, type: string, body: Uint8Array): Promise<{ status: number; text: string }> {
  const headers = { cookie: asOperator().cookie(), "content-type": type };
  const answer = await fetch(`${control?.url}${path}`, { method: "PUT", headers, body: Buffer.from(body) });
  return { status: answer.status, text: await answer.text() };
}

async function imported(body: unknown, query = "", type = "application/json") {
  const said = await asOperator().post(`/v1/ops/catalog/import${query}`, body, { "content-type": type });
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return importAnswer.parse(said.body);
}

async function search(words: string): Promise<{ hits: string[]; degraded: boolean }> {
  const said = await asViewer().get(`/v1/search?q=${encodeURIComponent(words)}`);
  assert.equal(said.status, 200, JSON.stringify(said.body));
  const { hits, degraded } = searchAnswer.parse(said.body);
  return { hits: hits.map(({ id, match }) => `${id} ${match.tier}`), degraded };
}

async function onHome(): Promise<string[]> {
  const { rows } = homePage.parse((await asViewer().get("/v1/home")).body);
  return rows.flatMap((row) => row.items.map(({ id }) => id)).toSorted();
}

async function page(id: string): Promise<Said> {
  return asViewer().get(`/v1/titles/${id}`);
}

test("[CO190] search finds by name begun, people, genres and typing errors, and says what answered", async () => {
  assert.deepEqual(await search("mat"), { hits: ["matrix name-begins", "kids words"], degraded: false });
  assert.deepEqual((await search("die matrix")).hits, ["matrix same-name"]);
  assert.deepEqual((await search("keanu")).hits, ["matrix words"]);
  assert.deepEqual((await search("ice")).hits, ["harbour words"]);
  assert.deepEqual((await search("bar")).hits, ["bare words"]);
  assert.deepEqual((await search("film bare")).hits, ["bare same-name"]);
  assert.deepEqual((await search("qqqqq")).hits, []);
  assert.equal((await asViewer().get("/v1/search?q=a")).code, "search-too-short");
  const { hits } = searchAnswer.parse((await asViewer().get("/v1/search?q=reeves")).body);
  assert.deepEqual(hits[0]?.match, { field: "person", text: "Keanu Reeves", tier: "words", mistakes: 0 });
});

test("[CO191] what few answer is asked again with the words that may have been meant", async () => {
  assert.deepEqual((await search("matirx")).hits, ["matrix mended"]);
  assert.deepEqual((await search("kaenu reevse")).hits, ["matrix mended"]);
  assert.deepEqual((await search("harbuor")).hits, ["harbour mended"]);
});

test("[CO192] what a profile is too young for is not shown, not found, and not there", async () => {
  maturity = 12;
  assert.deepEqual((await search("matrix")).hits, []);
  assert.deepEqual((await search("keanu")).hits, []);
  assert.deepEqual(await onHome(), ["fog-t", "ice-t", "kids-t", "late-t"]);
  const hidden = [
    await page("matrix-t"),
    await page("matrix"),
    await asViewer().post("/v1/play", { titleId: "matrix-t" }),
    await asViewer().get("/v1/steering?titleId=matrix-t"),
  ];
  const gone = await asViewer().post("/v1/play", { titleId: "nothing" });
  assert.deepEqual(
    [...new Set(hidden.map(({ status, code }) => `${status} ${code}`))],
    ["404 unknown-title"],
  );
  assert.equal(`${gone.status} ${gone.code}`, "404 unknown-title");
  const { works: listed } = catalogPage.parse((await asViewer().get("/v1/catalog")).body);
  assert.deepEqual(
    listed.map(({ id }) => id),
    ["harbour", "kids", "late"],
  );
  maturity = 18;
  assert.equal((await page("matrix-t")).status, 200);
  assert.ok((await onHome()).includes("bare"));
});

test("[CO192] a title is there in its window and territory, and a play under way may end it", async () => {
  assert.deepEqual((await search("show")).hits, ["late words"]);
  assert.equal((await page("gone-t")).status, 404);
  const play = await asViewer().play("late-t");
  wallMs = begin + hour;
  assert.deepEqual((await search("show")).hits, []);
  assert.equal((await page("late-t")).status, 404);
  assert.equal((await asViewer().post("/v1/play", { titleId: "late-t" })).status, 404);
  const goOn = { titleId: "late-t", sessionId: play.sessionId };
  assert.equal((await asViewer().post("/v1/play", goOn)).status, 200);
  wallMs = begin + hour + settings.windowGraceMinutes * 60_000;
  assert.equal((await asViewer().post("/v1/play", goOn)).status, 404);
  wallMs = begin;
});

test("[CO193] an import counts as a whole or not at all, and says what is wrong with which line", async () => {
  const before_ = catalogPage.parse((await asViewer().get("/v1/catalog")).body).version;
  const table = "id,kind,name,ratings,windows,series,season,episode\n";
  const rows = [
    "new,film,New,FSK 12,,,,",
    "odd,film,Odd,FSK 17,XQ 2026-01-01..,,,",
    "lost,episode,Lost,,,nowhere,1,1",
    "bad id,film,Bad,,,,,",
    "new,film,Twice,,,,,",
    "none,poem,None,,,,,",
  ];
  const refused = await imported(`${table}${rows.join("\n")}\n`, "", "text/csv");
  assert.equal(refused.kind, "refused");
  assert.deepEqual(
    refused.complaints.map(({ line, id, field }) => `${line} ${id} ${field}`),
    ["3 odd ratings", "3 odd windows", "5 bad id id", "6 new id", "7 none kind"],
  );
  assert.match(refused.complaints[0]?.because ?? "", /FSK has 0, 6, 12, 16, 18/);
  const lost = await imported(`${table}${rows[0]}\n${rows[2]}\n`, "", "text/csv");
  assert.deepEqual(
    lost.complaints.map(({ line, field, because }) => `${line} ${field}: ${because}`),
    ["3 series: there is no series nowhere"],
  );
  const checked = await imported(`${table}${rows[0]}\n`, "?dryRun=true", "text/csv");
  assert.deepEqual({ kind: checked.kind, added: checked.added }, { kind: "checked", added: 1 });
  assert.equal(catalogPage.parse((await asViewer().get("/v1/catalog")).body).version, before_);
  assert.match((await imported("{", "", "application/json")).complaints[0]?.because ?? "", /JSON/);
  const large = await asOperator().post("/v1/ops/catalog/import", " ".repeat(1_100_000), {
    "content-type": "text/csv",
  });
  assert.equal(large.code, "body-too-large");
  const form = await asOperator().post("/v1/ops/catalog/import", "x", { "content-type": "text/plain" });
  assert.equal(form.status, 415);
  assert.equal(
    (await asViewer().post("/v1/ops/catalog/import", table, { "content-type": "text/csv" })).status,
    403,
  );
});

test("[CO194] what was exported changes nothing when it is imported, as CSV and as JSON", async () => {
  for (const [form, type] of [
    ["csv", "text/csv"],
    ["json", "application/json"],
  ] as const) {
    const said = await asOperator().get(`/v1/ops/catalog/export?form=${form}`);
    const body = typeof said.body === "string" ? said.body : JSON.stringify(said.body);
    const answer = await imported(body, "?mode=replace", type);
    assert.deepEqual(
      { kind: answer.kind, unchanged: answer.unchanged, changed: answer.changed, removed: answer.removed },
      { kind: "imported", unchanged: works.length, changed: 0, removed: 0 },
      form,
    );
  }
});

test("[CO195] a list is of one version, page by page, and never older than what was seen", async () => {
  const first = catalogPage.parse((await asViewer().get("/v1/catalog?limit=2")).body);
  assert.equal(first.next, first.works[1]?.id);
  await imported({ works: [{ kind: "film", id: "aaa", names: { en: "Aaa" }, titleId: "bare", age: 0 }] });
  const path = `/v1/catalog?limit=2&version=${first.version}&after=${first.next}`;
  const second = catalogPage.parse((await asViewer().get(path)).body);
  assert.equal(second.version, first.version);
  const fresh = catalogPage.parse((await asViewer().get("/v1/catalog")).body);
  assert.ok(fresh.version > first.version && fresh.works[0]?.id === "aaa");
  const future = await asViewer().get(`/v1/catalog?version=${fresh.version + 1}`);
  assert.equal(future.code, "catalog-version-unknown");
  // Another publisher on the same database: asked for, its version is read.
  await stores?.works.publish({
    ...{ delta: { put: [], remove: ["aaa"] }, base: fresh.version },
    ...{ nowMs: wallMs, note: "elsewhere" },
  });
  const later = catalogPage.parse((await asViewer().get(`/v1/catalog?version=${fresh.version + 1}`)).body);
  assert.equal(
    later.works.find(({ id }) => id === "aaa"),
    undefined,
  );
});

test("[CO195] after a restart the newest version is read, and the index is taken as it is", async () => {
  assert.ok(stores !== undefined);
  const { version } = catalogPage.parse((await asViewer().get("/v1/catalog")).body);
  const order = {
    stores: withProfile(stores, viewer.email, { maturity: () => maturity, language: () => language }),
    log: memoryLog(),
    secretsPath: join(home, "secrets.json"),
  };
  const again = await startSmall({ ...order, clock });
  try {
    const browser = client(again.url, asViewer().cookie());
    assert.equal(catalogPage.parse((await browser.get("/v1/catalog")).body).version, version);
    assert.equal(searchAnswer.parse((await browser.get("/v1/search?q=matrix")).body).degraded, false);
  } finally {
    await again.close();
  }
});

test("[CO192] a territory that there is none of is refused at the start", async () => {
  assert.ok(stores !== undefined);
  const order = { stores, log: memoryLog(), secretsPath: join(home, "secrets.json") };
  const wrong = startSmall({ ...order, settings: { ...settings, territory: "Germany" } });
  await assert.rejects(wrong, (error) => error instanceof Fault && error.code === "territory-unknown");
});

test("[CO196] a title's page speaks the profile's language, and knows the series and what comes next", async () => {
  language = "de-AT";
  const matrix = titlePage.parse((await page("matrix-t")).body);
  assert.equal(matrix.name, "Die Matrix");
  assert.equal(matrix.work?.originalName, "The Matrix");
  assert.equal(matrix.work?.synopsis, "Ein Hacker lernt.");
  assert.equal(matrix.work?.maturity, 16);
  assert.deepEqual(matrix.work?.people, [{ name: "Keanu Reeves", job: "cast", role: "Neo" }]);
  assert.equal(titlePage.parse((await page("matrix")).body).id, "matrix-t");
  language = "en";
  const ice = titlePage.parse((await page("harbour")).body);
  assert.equal(ice.id, "ice-t");
  assert.equal(ice.name, "Harbour · S1 E1 · Ice");
  assert.deepEqual(ice.work?.next, { titleId: "fog-t", name: "Fog", season: 2, episode: 1 });
  assert.deepEqual(
    ice.work?.series?.seasons.map(({ number, name, episodes }) => [
      number,
      name,
      episodes.map(({ id }) => id),
    ]),
    [
      [1, "Winter", ["ice"]],
      [2, "", ["fog"]],
    ],
  );
  const bare = titlePage.parse((await page("bare")).body);
  assert.deepEqual([bare.name, bare.work, bare.audio], ["Film bare", null, []]);
});

test("[CO421] a series's page says where each episode was left, and the next one is asked for by the series", async () => {
  const me = z.object({ profileId: z.string() }).parse((await asViewer().get("/v1/me")).body);
  const left = { ...me, titleId: "fog-t", ord: 1, durationMs: 60_000, finished: false };
  await stores?.history.put([{ ...left, positionMs: 20_000 }]);
  const fog = titlePage.parse((await page("harbour")).body);
  assert.equal(fog.id, "fog-t");
  const episodes = fog.work?.series?.seasons.flatMap((season) => season.episodes);
  assert.deepEqual(
    episodes?.map(({ id, resume }) => [id, resume?.positionMs]),
    [
      ["ice", undefined],
      ["fog", 20_000],
    ],
  );
  await stores?.history.put([{ ...left, ord: 2, positionMs: 60_000, finished: true }]);
  assert.equal(titlePage.parse((await page("harbour")).body).id, "ice-t");
});

test("[CO197] a picture is known by its bytes, kept by its hash, and never changes", async () => {
  const path = "/v1/ops/catalog/works/matrix/pictures/poster";
  const done = await put(path, "image/jpeg", png(600, 900));
  assert.equal(done.status, 200, done.text);
  const [picture] = titlePage.parse((await page("matrix-t")).body).work?.pictures ?? [];
  assert.deepEqual([picture?.type, picture?.width, picture?.height], ["image/png", 600, 900]);
  const answer = await fetch(`${control?.url}${picture?.path}`);
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), png(600, 900));
  assert.equal(answer.headers.get("content-type"), "image/png");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
  assert.match((await put(path, "image/png", gif())).text, /picture-refused/);
  assert.equal((await put(path, "image/png", new Uint8Array(17_000))).status, 413);
  assert.equal((await put(path, "image/svg+xml", gif())).status, 415);
  assert.equal((await put(path.replace("matrix", "nothing"), "image/png", png(1, 1))).status, 404);
  assert.equal((await fetch(`${control?.url}/artwork/${"0".repeat(64)}`)).status, 404);
  // An import leaves pictures as they are.
  const { artwork: _, ...given } = works[0] ?? assert.fail();
  await imported({ works: [{ ...given, year: 1999 }] });
  assert.equal(titlePage.parse((await page("matrix-t")).body).work?.pictures.length, 1);
});

test("[CO198] an earlier version comes back under a new number, and search with it", async () => {
  const { version } = catalogPage.parse((await asViewer().get("/v1/catalog")).body);
  await imported({
    works: [{ kind: "film", id: "kids", titleId: "kids-t", names: { en: "Renamed" }, age: 0 }],
  });
  assert.deepEqual((await search("renamed")).hits, ["kids same-name"]);
  const back = await asOperator().post("/v1/ops/catalog/rollback", { version });
  assert.deepEqual(back.body, { version: version + 2 });
  assert.deepEqual((await search("renamed")).hits, []);
  assert.deepEqual((await search("kids")).hits, ["kids name-begins"]);
  const said = await asOperator().get("/v1/ops/catalog/versions");
  assert.match(JSON.stringify(said.body), new RegExp(`back to version ${version} by ${operator.email}`));
  assert.equal((await asOperator().post("/v1/ops/catalog/rollback", { version: 9999 })).status, 409);
});

test("[CO199] while the database is away search answers from memory, says so, and comes back", async () => {
  const fails = async (): Promise<never> => {
    throw new Fault(dataFaults.databaseSlow, { seconds: 1 });
  };
  assert.ok(stores !== undefined);
  const { candidates } = stores.search;
  Object.assign(stores.search, { candidates: fails });
  assert.deepEqual(await search("mat"), { hits: ["matrix name-begins", "kids words"], degraded: true });
  Object.assign(stores.search, { candidates });
  assert.equal((await search("mat")).degraded, true, "left alone for a while");
  monoMs += 10_000;
  assert.equal((await search("mat")).degraded, false);
});

interface Done {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

async function millrace(words: readonly string[], password = operator.password): Promise<Done> {
  const env = { PATH: process.env.PATH, MILLRACE_HOME: home };
  const child = spawn(process.execPath, ["src/bin/millrace.ts", "catalog", ...words], { env });
  child.stdin.end(`${password}\n`);
  const status = new Promise<number | null>((done) => child.once("close", done));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, out, err };
}

test("[CO201] millrace catalog hands a file over and shows what is wrong with it", async () => {
  const at = ["--control", control?.url ?? "", "--email", operator.email];
  const file = join(home, "films.csv");
  await writeFile(file, "id;kind;name;year\nfilm-x;film;Ünder;19x9\n");
  const [wrong, demo] = await Promise.all([
    millrace(["import", file, ...at]),
    millrace(["import", "demo/catalog.csv", ...at, "--dry-run", "--json"]),
  ]);
  assert.equal(wrong.status, 1, wrong.err);
  assert.match(wrong.out, /nothing was imported[\s\S]*2\s+film-x\s+year\s+"19x9" is no whole number/);
  assert.equal(demo.status, 0, demo.err);
  const said = importAnswer.parse(JSON.parse(demo.out));
  assert.deepEqual([said.kind, said.works, said.complaints], ["checked", 5, []]);
});
