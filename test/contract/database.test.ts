// What the database tier does when the world is unkind: two at once, kills, foreign folders, servers that are gone,
// silent, or newer than this program.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { openStores } from "#data/io/database.ts";
import { accessTo } from "#data/io/database-access.ts";
import { migrations } from "#data/io/migration-list.ts";
import { accountMigration } from "#data/io/migrations-account.ts";
import type { Schema } from "#data/io/schema.ts";
import { sha256Of } from "#io/files.ts";
import {
  account,
  freshSchema,
  isFault,
  migratedFolder,
  open,
  plan,
  postgresServer,
  settings,
  temporaryFolder,
} from "./stores-builders.ts";

const secret = "s3cret-Passw0rd";
const signal = new AbortController().signal;

/** A process that writes to the embedded database; `seen` resolves when it has printed something that matches. */
function writer(
  folder: string,
  prefix: string,
): { child: ChildProcess; seen: (pattern: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, ["test/fixtures/store-writer.ts", folder, prefix], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  const seen = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(printed)) resolve(printed);
      };
      child.stdout.on("data", look);
      child.once("close", () => (pattern.test(printed) ? resolve(printed) : reject(new Error(printed))));
      look();
    });
  return { child, seen };
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await closed;
}

/** Every file of a folder with its content, to see that nothing was changed. */
async function picture(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).toSorted();
  return Promise.all(paths.map(async (path) => `${path} ${await sha256Of(path, signal)}`));
}

/** A client of the server, beside the stores. */
async function query(url: string, statement: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query(statement).finally(() => client.end())).rows;
}

test("[DA22] the embedded folder: one process at a time, and what was committed outlives kill -9", async () => {
  const folder = await migratedFolder();
  const accounts: string[] = [];
  for (const prefix of ["first", "second"]) {
    const { child, seen } = writer(folder, prefix);
    await seen(/made .*-25@/);
    await assert.rejects(
      open(undefined, folder),
      isFault("data-folder-taken", `process ${child.pid}`, folder),
    );
    await kill(child);
    const printed = await seen(/./);
    accounts.push(...[...printed.matchAll(/made (\S+)\n/g)].map((match) => match[1] ?? ""));
  }
  const stores = await open(undefined, folder);
  for (const email of accounts) assert.equal((await stores.accounts.byEmail(email))?.email, email);
  assert.ok(accounts.length >= 50);
  await assert.rejects(open(undefined, folder), isFault("data-folder-taken", `${process.pid}`));
  await stores.close();
  await stores.close();
  assert.deepEqual((await readdir(folder)).toSorted(), ["pgdata"]);
});

test("[DA22] a first start that was killed half-way is begun anew", async () => {
  const folder = await temporaryFolder();
  const { child, seen } = writer(folder, "early");
  await seen(/note making the embedded database/);
  while (!(await readdir(folder)).some((file) => file.startsWith("pgdata"))) await setImmediate();
  await kill(child);
  assert.ok(!(await readdir(folder)).includes("pgdata"));
  const notes: string[] = [];
  const stores = await open(undefined, folder, notes);
  assert.match(notes.join("\n"), /making .*\nPGlite 18\.\d+: (\d+) migrations, \1 run now/);
  await account(stores);
  await stores.close();
  const again: string[] = [];
  await (await open(undefined, folder, again)).close();
  assert.deepEqual(again.length, 1);
  assert.match(again.join(), /\d+ migrations, none to run/);
});

test("[DA22] a foreign or damaged folder is refused and left as it is", async () => {
  const films = await temporaryFolder();
  await writeFile(join(films, "holiday.mp4"), "film");
  await assert.rejects(open(undefined, films), isFault("data-folder-foreign", films, "holiday.mp4"));
  assert.deepEqual(await readdir(films), ["holiday.mp4"]);

  const hollow = await temporaryFolder();
  await mkdir(join(hollow, "pgdata/base"), { recursive: true });
  await assert.rejects(open(undefined, hollow), isFault("database-damaged", hollow, "PG_VERSION"));
  assert.deepEqual(await readdir(join(hollow, "pgdata")), ["base"]);

  const hurt = await migratedFolder();
  await writeFile(join(hurt, "pgdata/global/pg_control"), new Uint8Array(8192));
  const before = await picture(hurt);
  await assert.rejects(open(undefined, hurt), isFault("database-damaged", hurt));
  assert.deepEqual(await picture(hurt), before);
});

test("[DA21] an address that is none, or where nobody is, is a fault without the password", async () => {
  const closed = createServer();
  const port = await new Promise<number>((resolve) => {
    closed.listen(0, "127.0.0.1", () => {
      const address = closed.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => closed.close(resolve));
  const cases = [
    {
      url: `postgresql://ann:${secret}@127.0.0.1:${port}/db`,
      code: "database-unreachable",
      word: `127.0.0.1:${port}/db`,
    },
    {
      url: `postgresql://ann:${secret}@localhost/db?host=/no/such/folder`,
      code: "database-unreachable",
      word: "/no/such",
    },
    { url: `mysql://ann:${secret}@127.0.0.1/db`, code: "database-url", word: "postgresql://" },
    { url: `ann:${secret}@`, code: "database-url", word: "DATABASE_URL" },
  ];
  for (const { url, code, word } of cases) {
    await assert.rejects(open(url, "unused"), (error) => {
      assert.ok(isFault(code, word)(error), String(error));
      assert.ok(!everything(error).includes(secret), "the password is shown");
      return true;
    });
  }
});

/** All that a log could print of an error. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = Object.getOwnPropertyNames(error).map(
    (key) => `${key}=${JSON.stringify(Reflect.get(error, key))}`,
  );
  return `${error.stack} ${own.join(" ")} ${everything(error.cause ?? "")}`;
}

test("[DA21] a server that never answers is given up at the deadline", async (t) => {
  const sockets = new Set<import("node:net").Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const begun = performance.now();
  const order = {
    databaseUrl: `postgresql://ann:${secret}@127.0.0.1:${port}/db`,
    folder: "unused",
    settings: { ...settings, databaseDeadlineSeconds: 0.2 },
    signal,
    onNote: () => undefined,
  };
  await assert.rejects(openStores(order), (error) => {
    const known = isFault("database-slow")(error) || isFault("database-unreachable")(error);
    assert.ok(known, String(error));
    return !everything(error).includes(secret);
  });
  const byDefault = settings.databaseDeadlineSeconds * 1000;
  assert.ok(
    performance.now() - begun < byDefault,
    "it was given up at its own deadline, not at the usual one",
  );
});

test("[DA21] a database that does not let us in is named, and one that went away too", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const absent = new URL(server.url);
  absent.pathname = "/no_such_db";
  await assert.rejects(open(absent.href, "unused"), isFault("database-refused", "no_such_db"));
  const notes: string[] = [];
  const url = await freshSchema(server.url);
  const stores = await open(url, "unused", notes);
  const ann = await account(stores);
  const ours = "from pg_stat_activity where application_name = 'millrace'";
  await query(server.url, `select pg_terminate_backend(pid) ${ours}`);
  while ((await query(server.url, `select pid ${ours}`)).length > 0) await setImmediate();
  // Each connection that the pool had is found to be broken once, either when it is used or before.
  let again: unknown;
  for (let tries = 0; tries <= settings.databaseConnections && !isDeepStrictEqual(again, ann); tries++) {
    again = await stores.accounts.byId(ann.id).catch((error: unknown) => error);
    assert.ok(isFault("database-unreachable")(again) || isDeepStrictEqual(again, ann), String(again));
  }
  assert.deepEqual(again, ann, "the pool connects again");
  await stores.close();
});

test("[DA19] programs that open one database at the same moment migrate it once, and a newer one is refused", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const notes: string[] = [];
  const all = await Promise.all(Array.from({ length: 6 }, () => open(url, "unused", notes)));
  assert.equal(notes.filter((note) => /[1-9]\d* run now/.test(note)).length, 1);
  assert.equal(notes.filter((note) => note.includes("none to run")).length, 5);
  for (const stores of all) await stores.close();
  await query(url, "insert into migration values ('9999-from-the-future', 0)");
  await assert.rejects(open(url, "unused"), isFault("database-newer", "9999-from-the-future"));
});

test("[DA19] a database of before there were devices keeps its accounts; they sign in once more", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const before = migrations.slice(0, migrations.indexOf(accountMigration));
  await client.query("create table migration (name text primary key, applied_at_ms bigint not null)");
  for (const { name, statements } of before) {
    for (const statement of statements) await client.query(statement);
    await client.query("insert into migration values ($1, 1)", [name]);
  }
  await client.query(
    "insert into account (id, email, email_key, password_hash, role) values ('a1', 'Ann@x.org', 'ann@x.org', 'hash', 'admin')",
  );
  await client.query("insert into profile (id, account_id, name) values ('p1', 'a1', 'Ann')");
  await client.query("insert into cookie values ('token', 'a1', 1, 2)");
  await client.end();
  const stores = await open(url, "unused");
  const ann = await stores.accounts.byEmail("ann@x.org");
  assert.deepEqual([ann?.id, ann?.role, ann?.profileId, ann?.maturity], ["a1", "admin", "p1", 18]);
  const device = { id: "d1", accountId: "a1", name: "App", openedAtMs: 1, endsAtMs: 9 };
  const opened = await stores.devices.open({ device, nonceHash: "n", passwordHash: "hash", most: 3 });
  assert.equal(opened.kind, "opened");
  assert.deepEqual(await stores.register.setRole("a1", "viewer"), "last-admin");
  await stores.close();
});

test("[DA20] an undone transaction is tried again, a bounded number of times, and nothing else is", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server.url }) }),
  });
  t.after(() => db.destroy());
  const database = accessTo({ db, address: "here", deadlineSeconds: 10, retries: 3 });
  let tries = 0;
  const undone = (state: string, times: number): Promise<number> => {
    tries = 0;
    return database.transaction(async (transaction) => {
      tries += 1;
      const raise = `do $$ begin raise exception 'on purpose' using errcode = '${state}'; end $$`;
      if (tries <= times) await sql.raw(raise).execute(transaction);
      return tries;
    });
  };
  assert.equal(await undone("40001", 3), 4);
  assert.equal(await undone("40P01", 1), 2);
  await assert.rejects(undone("40001", 100), isFault("database-busy", "4 times"));
  assert.equal(tries, 4);
  await assert.rejects(undone("23503", 1), isFault("database-failed", "on purpose", "23503"));
  assert.equal(tries, 1);
});

test("[DA15] of many plans only the newest stay, as many as the setting says", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const stores = await open(url, "unused");
  for (let cutoff = 0; cutoff < 5; cutoff++) await stores.plans.save(plan(cutoff), 0);
  const kept = await query(url, "select epoch::int from placement_plan order by epoch");
  assert.equal(settings.plansKept, 3);
  assert.deepEqual(kept, [{ epoch: 3 }, { epoch: 4 }, { epoch: 5 }]);
  await stores.close();
});
