// A whole control plane for journeys: embedded database, event log, accounts and server in one folder.
import assert from "node:assert/strict";
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
};

type More = "onDenials" | "routeSettings" | "routesFolder";

export interface Plane {
  readonly control: ControlHandle;
  readonly stores: Stores;
  readonly log: EventLog;
  readonly secretsPath: string;
  close(): Promise<void>;
}

export async function openPlane(home: string, more: Partial<Pick<ControlOrder, More>> = {}): Promise<Plane> {
  const { signal } = new AbortController();
  const onNote = (): void => undefined;
  const secretsPath = join(home, "secrets.json");
  const stores = await openStores({ databaseUrl: "", folder: join(home, "db"), signal, onNote });
  const log = await openEventLog({ folder: join(home, "log"), settings: defaultsOf(dataSettings), signal });
  const passwords = openPasswords(settings);
  await ensureAccount({ stores, passwords, secretsPath, ...operator, role: "operator" });
  await ensureAccount({ stores, passwords, secretsPath, ...viewer, role: "viewer" });
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
  order: Pick<Plane, "stores" | "log" | "secretsPath"> &
    Partial<Pick<ControlOrder, "listen" | "pagesFolder" | "signal" | "logger" | More>>,
): Promise<ControlHandle> {
  return startControl({
    stores: order.stores,
    log: order.log,
    settings,
    secrets: await openSecrets(order.secretsPath),
    listen: order.listen ?? { host: "127.0.0.1", port: 0 },
    topology: smallSites,
    routes: smallRoutes,
    originBaseUrl: "http://127.0.1.1:8180",
    pagesFolder: order.pagesFolder,
    ...(order.onDenials === undefined ? {} : { onDenials: order.onDenials }),
    ...(order.routeSettings === undefined ? {} : { routeSettings: order.routeSettings }),
    routesFolder: order.routesFolder,
    logger: order.logger ?? openLog("control", "silent"),
    clock: systemClock,
    signal: order.signal ?? new AbortController().signal,
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
