// Screens granted in groups, without a request around them: what of a play start is the database's own.
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import type { Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { removeTree } from "#io/files.ts";
import type { Row } from "./playstart-words.ts";

const accounts = 512;
const sizes = [45, 200];

/** Grants per second, and what one takes of this process's processor: of the embedded database that is all of it. */
export async function grants(engine: string, databaseUrl: string, quick: boolean): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-grants-"));
  const settings = { ...defaultsOf(dataSettings), leaseGroupSize: Math.max(...sizes) };
  const signal = new AbortController().signal;
  const stores = await openStores({
    ...{ databaseUrl, folder: join(folder, "db"), settings, signal },
    onNote: () => undefined,
  });
  try {
    const ids: string[] = [];
    for (let nth = 0; nth < accounts; nth++) ids.push(await newAccount(stores, nth));
    const rows: Row[] = [];
    for (const size of sizes) {
      await granted(stores, ids, size, 1000);
      const { count, seconds, cpuMicros } = await granted(stores, ids, size, quick ? 3000 : 8000);
      rows.push({
        what: `${engine}: a grant alone, groups of ${size}`,
        perSecond: Math.round(count / seconds),
        coreMicros: Math.round(cpuMicros / count),
      });
    }
    return rows;
  } finally {
    await stores.close();
    await removeTree(folder);
  }
}

async function newAccount(stores: Stores, nth: number): Promise<string> {
  const email = `viewer-${nth}-${randomUUID()}@example.org`;
  const account = await stores.accounts.create({ email, passwordHash: "", role: "viewer", profileName: "A" });
  if (account === "email-taken") throw new Error(`${email} is there already`);
  return account.id;
}

async function granted(
  { leases }: Stores,
  ids: readonly string[],
  size: number,
  forMs: number,
): Promise<{ readonly count: number; readonly seconds: number; readonly cpuMicros: number }> {
  const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = defaultsOf(controlSettings);
  const one = async (accountId: string): Promise<void> => {
    const session = {
      ...{ id: randomUUID(), accountId, profileId: accountId, titleId: "film", viewpoint: "" },
      startedAtMs: Date.now(),
    };
    const order = { session, deviceId: accountId, ttlMs, graceMs, ownGivesWay: true };
    const { kind } = await leases.acquire(order);
    if (kind !== "granted") throw new Error(`a grant was answered "${kind}"`);
  };
  const [begun, before] = [performance.now(), process.cpuUsage()];
  let count = 0;
  while (performance.now() - begun < forMs) {
    const asked = Array.from({ length: size }, (_, at) => ids[(count + at) % ids.length] ?? "");
    await Promise.all(asked.map(one));
    count += size;
  }
  const { user, system } = process.cpuUsage(before);
  return { count, seconds: (performance.now() - begun) / 1000, cpuMicros: user + system };
}
