// A whole control plane for journeys: embedded database, event log, accounts and server in one folder.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { type ControlHandle, type ControlOrder, startControl } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { openEventLog } from "#data/io/event-log.ts";
import type { EventLog, Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { unsold } from "#model/entitlement.ts";
import { makeMigrated } from "#test/fixtures/made-embedded.ts";
import { smallRoutes, smallSites } from "#test/fixtures/small-network.ts";

export const operator = { email: "op@example.org", password: "correct horse battery" };
export const viewer = { email: "ada@example.org", password: "staple of the analytical engine" };
export const settings = {
  ...defaultsOf(controlSettings),
  signInFailures: 4,
  signInsPerMinute: 500,
  consumerIdleMs: 20,
  closeGraceMs: 300,
  argonMemoryKib: 8192,
  // A machine under load takes long, and each sign-in is a device.
  playBudgetMs: 30_000,
  leaseTtlMs: 600_000,
};
export const manyScreens = { ...unsold, screens: 100 };

export interface Plane {
  readonly control: ControlHandle;
  readonly stores: Stores;
  readonly log: EventLog;
  readonly secretsPath: string;
  close(): Promise<void>;
}

/** What a journey may want otherwise than the small network has it. */
export type Wishes = Partial<Omit<ControlOrder, "stores" | "log" | "secrets">>;

export async function openPlane(home: string, more: Wishes = {}): Promise<Plane> {
  const { signal } = new AbortController();
  const onNote = (): void => undefined;
  const secretsPath = join(home, "secrets.json");
  const folder = join(home, "db");
  if (!existsSync(folder)) await makeMigrated(folder);
  const stores = await openStores({ databaseUrl: "", folder, signal, onNote });
  const log = await openEventLog({ folder: join(home, "log"), settings: defaultsOf(dataSettings), signal });
  const passwords = openPasswords(settings);
  for (const [who, role] of [
    [operator, "operator"],
    [viewer, "viewer"],
  ] as const) {
    const order = { email: who.email, passwordHash: "", role, profileName: "Home", entitlement: manyScreens };
    await stores.accounts.create(order);
    await ensureAccount({ stores, passwords, secretsPath, ...who, role });
  }
  const control = await startSmall({ stores, log, secretsPath, ...more });
  const close = async (): Promise<void> => {
    await control.close();
    await log.close();
    await stores.close();
  };
  return { control, stores, log, secretsPath, close };
}

/** A server for the small network, on a free port unless said otherwise. */
export async function startSmall(
  order: Pick<Plane, "stores" | "log" | "secretsPath"> & Wishes,
): Promise<ControlHandle> {
  const { secretsPath, ...wishes } = order;
  return startControl({
    settings,
    secrets: await openSecrets(secretsPath),
    listen: { host: "127.0.0.1", port: 0 },
    topology: smallSites,
    routes: smallRoutes,
    originBaseUrl: "http://127.0.1.1:8180",
    pagesFolder: undefined,
    logger: openLog("control", "silent"),
    clock: systemClock,
    signal: new AbortController().signal,
    ...wishes,
  });
}

const patienceMs = 90_000;

/** Waits for something that happens in the background. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    if (await holds()) return;
    await rest(50);
  }
  assert.fail(`not within ${patienceMs / 1000} s: ${what}`);
}
