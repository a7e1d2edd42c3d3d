// Screens while programs and the database are killed, stopped, and told the wrong time. The crowds are programs of their
// own; their histories together are checked. The long ones run with MILLRACE_TEST_LONG=1 only.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { check, type Findings } from "#test/fixtures/lease-history.ts";
import { crowd, crowdTerm, grantsKept, query, type RunningCrowd } from "#test/fixtures/running-crowd.ts";
import { type RunningPostgres, startPostgres } from "#tools/postgres.ts";
import { freshSchema, postgresServer, temporaryFolder } from "./stores-builders.ts";

const long = process.env.MILLRACE_TEST_LONG === "1";
const onlyLong = long ? false : "takes long: MILLRACE_TEST_LONG=1 runs it";
const bounds = { screens: 4, graceMs: crowdTerm.graceMs };
const fakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
const noFakeTime = existsSync(fakeTime) ? onlyLong : "libfaketime is missing: apt-get install -y faketime";

function tell(t: TestContext, { grants, renewals, lost, unknown, overlap, violations }: Findings): void {
  const counted = `${grants} grants, ${renewals} renewals, ${lost} LOST, ${unknown} unknown`;
  t.diagnostic(
    `${counted}, at most ${overlap} of ${bounds.screens} at once, ${violations.length} violations`,
  );
}

function holds(t: TestContext, crowds: readonly RunningCrowd[]): Findings {
  const findings = check(
    crowds.flatMap(({ history }) => history),
    bounds,
  );
  tell(t, findings);
  assert.deepEqual(findings.violations, []);
  assert.ok(findings.grants > 5, `${findings.grants} grants`);
  return findings;
}

/** Every grant that a program was told of is in the database. */
async function assertKept(url: string, crowds: readonly RunningCrowd[]): Promise<void> {
  assert.deepEqual((await grantsKept(url, crowds)).lost, []);
}

async function kill(one: RunningCrowd): Promise<void> {
  one.child.kill("SIGKILL");
  await one.ended;
}

test("[DA62] programs killed in the middle leave no screen taken twice (PostgreSQL)", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const steady = crowd({ url, seconds: long ? 12 : 1.5 });
  const account = await steady.account;
  const killed: RunningCrowd[] = [];
  for (let round = 1; round <= (long ? 10 : 1); round++) {
    const one = crowd({ url, account, seed: round, seconds: 60, firstProcess: round * 100 });
    killed.push(one);
    await one.granted(3);
    await kill(one);
  }
  await steady.ended;
  holds(t, [steady, ...killed]);
  await assertKept(url, [steady, ...killed]);
});

test("[DA62] the embedded database killed with its program grants none too many afterwards", {
  skip: onlyLong,
}, async (t) => {
  const folder = await temporaryFolder();
  const crowds = [crowd({ folder, seconds: 60 })];
  const account = (await crowds[0]?.account) ?? "";
  for (let round = 1; round <= 6; round++) {
    const before = crowds.at(-1);
    await before?.granted(25);
    before?.child.kill("SIGKILL");
    await before?.ended;
    const last = round === 6;
    crowds.push(crowd({ folder, account, seed: round, seconds: last ? 2 : 60, firstProcess: round * 100 }));
  }
  await crowds.at(-1)?.ended;
  holds(t, crowds);
});

async function ownServer(
  extra: Readonly<Record<string, string>>,
): Promise<RunningPostgres | { readonly missing: string }> {
  const { postgres } = await findTools("var", defaultsOf(programSettings), new AbortController().signal);
  if (postgres === undefined) return { missing: "PostgreSQL is missing: apt-get install -y postgresql" };
  return startPostgres(
    join(tmpdir(), `millrace-pg-${randomBytes(5).toString("hex")}`),
    postgres,
    undefined,
    extra,
  );
}

test("[DA62] a server killed in the middle and started again lost no grant", {
  skip: onlyLong,
}, async (t) => {
  const server = await ownServer({});
  if ("missing" in server) return t.skip(server.missing);
  t.after(server.stop);
  const one = crowd({ url: server.url, seconds: 14, clients: 16 });
  for (let round = 1; round <= 4; round++) {
    await one.granted(round * 40);
    await server.crash();
  }
  await one.ended;
  const { unknown } = holds(t, [one]);
  assert.ok(unknown > 0, "some calls found no server");
  await assertKept(server.url, [one]);
});

test("[DA62] a program stopped for longer than its leases has lost them (PostgreSQL)", async (t) => {
  const server = await postgresServer();
  if ("missing" in server) return t.skip(server.missing);
  const url = await freshSchema(server.url);
  const slow = { ttlMs: 400, graceMs: 0 };
  const stopped = crowd({ url, seconds: long ? 8 : 3, term: slow, clients: 6 });
  const account = await stopped.account;
  await stopped.granted(4);
  stopped.child.kill("SIGSTOP");
  // The other crowd gets the screens that the stopped one held, which proves that their time was over.
  const other = crowd({ url, account, seconds: 2, term: slow, firstProcess: 500 });
  await other.granted(5);
  stopped.child.kill("SIGCONT");
  const before = stopped.history.length;
  await Promise.all([stopped.ended, other.ended]);
  const findings = holds(t, [stopped, other]);
  assert.ok(findings.lost > 0);
  assert.ok(stopped.history.slice(before).some(({ step }) => step === "lost"));
});

const faked = (file: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: fakeTime,
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: "1",
  DONT_FAKE_MONOTONIC: "1",
});

async function clockFile(): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const file = join(folder, "offset");
  await writeFile(file, "+0", { mode: 0o644 });
  return file;
}

const jumps = ["+600", "+0", "-600", "+600", "-600", "+0"];

test("[DA58] the server's clock jumps ten minutes to and fro below a crowd", {
  skip: noFakeTime,
}, async (t) => {
  const file = await clockFile();
  const server = await ownServer(faked(file));
  if ("missing" in server) return t.skip(server.missing);
  t.after(server.stop);
  const one = crowd({ url: server.url, seconds: 14 });
  await one.granted(20);
  let seen = 0;
  for (const [index, jump] of jumps.entries()) {
    await writeFile(file, jump);
    const [row] = await query(server.url, "select extract(epoch from clock_timestamp())::float8 as now");
    if (Math.abs(Number(row?.now) - Date.now() / 1000 - Number(jump)) < 5) seen += 1;
    await one.granted(20 * (index + 2));
  }
  await one.ended;
  assert.equal(seen, jumps.length, "the server saw every jump");
  holds(t, [one]);
});

test("[DA58] the embedded database's clock jumps ten minutes to and fro", { skip: noFakeTime }, async (t) => {
  const file = await clockFile();
  const one = crowd({ folder: await temporaryFolder(), seconds: 14 }, faked(file));
  await one.granted(20);
  for (const [index, jump] of jumps.entries()) {
    await writeFile(file, jump);
    await one.granted(20 * (index + 2));
  }
  await one.ended;
  holds(t, [one]);
});

test("[DA58] a jump forward across a restart of the embedded database ends no lease", {
  skip: noFakeTime,
}, async (t) => {
  const file = await clockFile();
  const folder = await temporaryFolder();
  const slow = { ttlMs: 20_000, graceMs: 0 };
  const first = crowd({ folder, seconds: 60, term: slow }, faked(file));
  const account = await first.account;
  await first.granted(4);
  await wait(2500);
  await kill(first);
  await writeFile(file, "+600");
  const second = crowd({ folder, account, seconds: 1, term: slow, firstProcess: 100 }, faked(file));
  await second.ended;
  const taken = new Set(first.history.flatMap((entry) => (entry.step === "ended" ? [entry.session] : [])));
  const open = first.history.filter(({ step, session }) => step === "granted" && !taken.has(session)).length;
  const more = second.history.filter(({ step }) => step === "granted").length;
  const ended = second.history.filter(({ step }) => step === "ended").length;
  t.diagnostic(`${open} were held, ${more} granted and ${ended} given back after the jump`);
  assert.ok(open + more - ended <= bounds.screens);
});
