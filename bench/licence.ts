// Claim: a licence costs a few renewals of a lease, and next to nothing beside the database.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { grantLicence, openedKeys } from "#control/licences.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import type { Stores } from "#data/ports.ts";
import { clearKeyLicence } from "#licence/clear-key.ts";
import { openVault } from "#licence/io/key-vault.ts";
import { protectedTitle } from "#test/fixtures/protected-title.ts";
import type { BenchResult } from "./bench.ts";

/** Asked at the same time. */
const lanes = 16;

export async function bench(quick: boolean): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-licence-"));
  const signal = new AbortController().signal;
  const databaseUrl = process.env.DATABASE_URL;
  const stores = await openStores({ databaseUrl, folder, signal, onNote: () => undefined });
  try {
    return {
      claim: "licences beside renewals of a lease, by the same stores",
      rows: await rows(stores, quick ? 500 : 3000),
    };
  } finally {
    await stores.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function rows(stores: Stores, forMs: number): Promise<BenchResult["rows"]> {
  const settings = defaultsOf(controlSettings);
  const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = settings;
  const vault = openVault([{ id: "e1", secret: "e1".repeat(32) }]);
  const { title, keys } = protectedTitle(`film-${process.pid}`);
  const email = `${process.pid}@example.org`;
  const account = await stores.accounts.create({ email, passwordHash: "", role: "viewer", profileName: "A" });
  if (account === "email-taken") throw new Error("the account is there");
  for (const { label, kid, key } of keys) {
    const name = { titleId: title.id, label, kid };
    await stores.contentKeys.add([{ ...name, ...vault.wrap(name, key), createdAtMs: 1 }]);
  }
  const sessionId = `session-${process.pid}`;
  const session = { id: sessionId, accountId: account.id, profileId: account.profileId, titleId: title.id };
  const order = { session: { ...session, viewpoint: "", startedAtMs: 1 }, deviceId: "d", ttlMs, graceMs };
  const acquired = await stores.leases.acquire(order);
  if (acquired.kind !== "granted") throw new Error("no lease");
  const { generation } = acquired.lease;
  const bearer = { sessionId, titleId: title.id, accountId: account.id };
  const asked = keys.map(({ kid }) => kid);
  const ports = { stores, settings };
  const kept = await stores.contentKeys.ofTitle(title.id);
  const licence = async (): Promise<void> => {
    const grant = await grantLicence({ ports, bearer, title, asked, denials: [], nowMs: Date.now() });
    if (grant.kind !== "granted") throw new Error(grant.because);
    clearKeyLicence(openedKeys({ vault }, grant.keys));
  };
  const renew = (): Promise<unknown> =>
    stores.leases.renew({ accountId: account.id, sessionId, generation, ttlMs, graceMs });
  const open = async (): Promise<void> => void clearKeyLicence(openedKeys({ vault }, kept));
  const work = { "lease renewal (reference)": renew, licence, "keys opened, no database": open };
  const found: BenchResult["rows"][number][] = [];
  for (const [what, one] of Object.entries(work)) {
    await perSecond(one, forMs / 5);
    found.push({ engine: stores.about.engine, what, perSecond: Math.round(await perSecond(one, forMs)) });
  }
  return found;
}

async function perSecond(one: () => Promise<unknown>, forMs: number): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - begun < forMs) {
      await one();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (done * 1000) / (performance.now() - begun);
}
