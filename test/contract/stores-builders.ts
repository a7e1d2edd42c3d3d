// The databases that the contract suite runs on, opened once each, and builders for what is stored.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import pg from "pg";
import { defaultsOf } from "#config/setting.ts";
import { openStores } from "#data/io/database.ts";
import type { Account, StoredTitle, Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { Bookmark, SessionSummary } from "#model/playback.ts";
import { makeEmbedded, makeMigrated } from "#test/fixtures/made-embedded.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { startPostgres } from "#tools/postgres.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { seconds } from "#units/quantity.ts";

export const settings = { ...defaultsOf(dataSettings), databaseRetries: 30, plansKept: 3 };
const signal = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];

/** Ends what was opened, the last first. Node keeps hooks of a file, so this one is registered once. */
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** What is closed at the end of the file's tests. */
export function closing<T extends { close(): Promise<void> }>(opened: T): T {
  closers.push(() => opened.close());
  return opened;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-db-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder of its own with an embedded database that has nothing in it. */
export async function embeddedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await makeEmbedded(folder);
  return folder;
}

/** The same with every table. */
export async function migratedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await makeMigrated(folder);
  return folder;
}

export async function open(
  databaseUrl: string | undefined,
  folder: string,
  notes: string[] = [],
): Promise<Stores> {
  return openStores({ databaseUrl, folder, settings, signal, onNote: (text) => notes.push(text) });
}

/**
 * The address of a fresh, empty schema of a server; dropped at the end. MILLRACE_TEST_ISOLATION, "serializable", is what
 * CockroachDB has: test/engines/serializable.test.ts.
 */
export async function freshSchema(url: string): Promise<string> {
  const schema = `millrace_test_${randomBytes(6).toString("hex")}`;
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`create schema ${schema}`);
  closers.push(() => run(`drop schema ${schema} cascade`));
  const parsed = new URL(url);
  const isolation = process.env.MILLRACE_TEST_ISOLATION;
  const more = isolation === undefined ? "" : ` -c default_transaction_isolation=${isolation}`;
  parsed.searchParams.set("options", `-c search_path=${schema}${more}`);
  return parsed.href;
}

/** Debian's PostgreSQL in a folder of its own, or why there is none. */
async function debianServer(): Promise<{ readonly url: string } | { readonly missing: string }> {
  const { postgres } = await findTools("var", defaultsOf(programSettings), signal);
  if (postgres === undefined) return { missing: "PostgreSQL is missing: apt-get install -y postgresql" };
  const folder = join(tmpdir(), `millrace-pg-${randomBytes(4).toString("hex")}`);
  const server = await startPostgres(folder, postgres);
  closers.push(server.stop);
  return { url: server.url };
}

let debian: ReturnType<typeof debianServer> | undefined;

export function postgresServer(): ReturnType<typeof debianServer> {
  debian ??= debianServer();
  return debian;
}

interface Engine {
  readonly name: string;
  stores(): Promise<Stores | { readonly missing: string }>;
}

function engine(name: string, opened: () => Promise<Stores | { readonly missing: string }>): Engine {
  let once: ReturnType<typeof opened> | undefined;
  const stores = async (): ReturnType<typeof opened> => {
    const found = await opened();
    if (!("missing" in found)) closers.push(() => closed(name, found));
    return found;
  };
  return {
    name,
    stores: () => {
      once ??= stores();
      return once;
    },
  };
}

/** What test/engines/serializable.test.ts reads. */
async function closed(name: string, stores: Stores): Promise<void> {
  if (process.env.MILLRACE_TEST_ISOLATION !== undefined) console.log(`${name}: ${stores.retries()} undone`);
  await stores.close();
}

const given = process.env.MILLRACE_TEST_DATABASE_URL;

const engines: readonly Engine[] = [
  engine("PGlite", async () => open(undefined, await migratedFolder())),
  engine("PostgreSQL", async () => {
    const server = await postgresServer();
    return "missing" in server ? server : open(await freshSchema(server.url), "unused");
  }),
  ...(given === undefined
    ? []
    : [engine("MILLRACE_TEST_DATABASE_URL", async () => open(await freshSchema(given), "unused"))]),
];

/** One test on every database there is. */
export function onEach(title: string, body: (stores: Stores) => Promise<void>): void {
  for (const { name, stores } of engines) {
    test(`${title} (${name})`, async (t: TestContext) => {
      const found = await stores();
      if ("missing" in found) return t.skip(found.missing);
      await body(found);
    });
  }
}

/** The twin in memory keeps the same promises, or tests of use-cases prove nothing. */
export function onEachAndInMemory(title: string, body: (stores: Stores) => Promise<void>): void {
  onEach(title, body);
  test(`${title} (memory)`, () => body(memoryStores()));
}

export const fresh = (): string => randomBytes(6).toString("hex");

export async function account(stores: Stores, email = `${fresh()}@example.org`): Promise<Account> {
  const made = await stores.accounts.create({
    email,
    passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    role: "viewer",
    profileName: "Ann",
  });
  if (made === "email-taken") throw new Error(`${email} is taken`);
  return made;
}

export function title(id: string, more: Partial<StoredTitle> = {}): StoredTitle {
  return {
    id,
    name: "Żółw ’n’ 亀 🐢",
    package: {
      titleId: titleId(id),
      duration: seconds(12.345678901),
      renditions: [],
      hls: "hls/master.m3u8",
      dash: "dash/manifest.mpd",
      storyboard: "s.vtt",
      poster: "p.jpg",
      sidecar: "sidecar.json",
    },
    report: { shots: [1, 2, { deep: [null, true, '\\ " \n'] }], share: 0.1 + 0.2 },
    publishedAtMs: 1_700_000_000_000,
    ...more,
  };
}

export function plan(cutoff: number): PlacementPlan {
  return {
    cutoff,
    weights: [{ serverId: "a1", alpha: 0.25, beta: 1 / 3 }],
    lambda: 0,
    head: ["film/index"],
    assignment: [],
    predicted: {
      maxUtilisation: 1.01,
      effectiveCapacity: 0.98,
      holePercent: 0,
      churnBytes: 2 ** 50,
      servers: [],
    },
  };
}

export function summary(sessionId: string, lastSeq: number, positionMs = lastSeq * 10): SessionSummary {
  return {
    sessionId,
    lastSeenMs: 1_700_000_000_000 + lastSeq,
    lastSeq,
    state: "playing",
    positionMs,
    startupMs: 400,
    stallCount: 1,
    stallMs: 250,
    switchCount: 3,
    bitrateBps: 1_250_000.5,
    height: 720,
    applianceId: "a1",
  };
}

export function bookmark(profileId: string, title: string, ord: number, finished = false): Bookmark {
  return { profileId, titleId: title, ord, positionMs: ord % 100_000, durationMs: 100_000, finished };
}

export const isFault =
  (code: string, ...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && words.every((word) => error.message.includes(word));
