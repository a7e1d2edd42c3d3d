// Programs race for the last screens of one account, each over many connections of one PostgreSQL.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import type { Mistake } from "#test/fixtures/timed-leases.ts";
import { account, freshSchema, open, postgresServer } from "./stores-builders.ts";

const long = process.env.MILLRACE_TEST_LONG === "1";
const [programs, connections, rounds] = long ? [4, 20, 12] : [2, 6, 3];
const screens = 4;

/** Screens granted in each round; undefined: there is no PostgreSQL. */
async function race(t: TestContext, mistake: Mistake): Promise<readonly number[] | undefined> {
  const server = await postgresServer();
  if ("missing" in server) {
    t.skip(server.missing);
    return undefined;
  }
  const url = await freshSchema(server.url);
  const stores = await open(url, "unused");
  t.after(stores.close);
  const racers = Array.from({ length: programs }, () => racer(url, mistake));
  await Promise.all(racers.map(({ line }) => line()));
  const granted: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { id } = await account(stores);
    for (const { child } of racers) child.stdin?.write(`${id}\n`);
    const got = await Promise.all(racers.map(({ line }) => line()));
    granted.push(got.reduce((sum, text) => sum + Number(text), 0));
  }
  for (const { child } of racers) child.stdin?.end();
  t.diagnostic(
    `${programs} programs × ${connections} connections, granted of ${screens}: ${granted.join(" ")}`,
  );
  return granted;
}

function racer(url: string, mistake: Mistake): { readonly child: ChildProcess; line(): Promise<string> } {
  const argv = ["test/fixtures/lease-racer.ts", url, `${connections}`, mistake];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
}

test("[DA51] programs that race over many connections get as many screens as there are", async (t) => {
  const granted = await race(t, "none");
  if (granted !== undefined) assert.deepEqual(granted, Array(rounds).fill(screens));
});

test("[DA51] and without the lock they get more, which this race finds", async (t) => {
  const granted = await race(t, "no-lock");
  if (granted !== undefined) assert.ok(granted.some((count) => count > screens));
});
