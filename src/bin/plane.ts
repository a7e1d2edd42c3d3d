// Database, event log, origin and control plane of `millrace start`, opened in this process.
import { join, resolve } from "node:path";
import { withDefault } from "#config/setting.ts";
import { ensureAccount } from "#control/io/accounts.ts";
import { mailOf } from "#control/io/mail.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets, type Secrets } from "#control/io/secrets.ts";
import { type ControlHandle, type ControlOrder, startControl } from "#control/io/server.ts";
import { routeSettings } from "#control/route-settings.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { machineId, nameOfLog } from "#data/io/log-name.ts";
import { readThroughCache } from "#data/io/read-through-cache.ts";
import type { Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { openDenialQueue } from "#edge/io/denial-queue.ts";
import { denyAtOrigin, startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { ioFaults } from "#io/faults.ts";
import { ownerOnly, writeWhole } from "#io/files.ts";
import { type Log, openLog } from "#io/log.ts";
import { programSettings } from "#io/settings.ts";
import { strengthOf } from "#io/signed-path.ts";
import type { Denial } from "#model/denial.ts";
import { placeSettings } from "#place/settings.ts";
import { steerSettings } from "#steer/settings.ts";
import { Fault } from "#units/fault.ts";
import type { RoutesFile, SitesFile } from "#wire/topology.ts";
import { archiveOf } from "./archive.ts";
import { eventsBehind } from "./events.ts";
import { filmsIn } from "./films.ts";
import { geography } from "./geography.ts";
import { jobsOf } from "./jobs-of.ts";
import { originStoreOf } from "./origin-store.ts";
import { holdDatabase } from "./plane-hold.ts";
import { settingsNow, settingsOf } from "./program.ts";
import type { River } from "./river.ts";

export interface Plane {
  readonly stores: Stores;
  readonly control: ControlHandle;
  readonly account: { readonly email: string; readonly password: string };
  /** File that holds the token agents sign in with. */
  readonly tokenFile: string;
}

/** The account that the terminal shows: it watches, and it sees /ops. */
const operatorEmail = "me@millrace.local";

/** Encoders and the browser share this machine with the database. */
const playBudgetMs = 5000;

/** Opens everything that has an address early, so that a taken port is told before minutes of encoding. */
export async function openPlane(river: River, sites: SitesFile, routes: RoutesFile): Promise<Plane> {
  const { home, ending } = river;
  const secretsPath = join(home, "secrets.json");
  const secrets = await openSecrets(secretsPath);
  const logger = openLog("control", settingsOf(programSettings).logLevel, join(home, "control.log"));
  const data = await openData(river, secrets, logger);
  const { stores } = data;
  const later: { tell?: ControlHandle["takeServed"] } = {};
  const onDenials = await openOrigin(river, secrets, async (told) => later.tell?.(told));
  const settings = settingsOf(withDefault(controlSettings, "playBudgetMs", playBudgetMs));
  const starting = startControl({
    ...{ ...data, secrets, settings, logger, routes },
    mail: mailOf(settings, join(home, "mail")),
    placeSettings: settingsOf(placeSettings),
    steerSettings: settingsOf(steerSettings),
    geography: await geography(settingsOf(steerSettings).geoFile),
    routeSettings: settingsOf(routeSettings),
    routesFolder: join(home, "routes"),
    backupsFolder: join(home, "backups"),
    films: filmsIn(home, river.tools),
    pathStrength: strengthOf(river.tools.nginxSetMisc),
    topology: sites,
    listen: { host: river.order.host, port: river.order.port },
    originBaseUrl: `http://${river.order.origin}`,
    onDenials,
    pagesFolder: resolve("dist/web"),
    shownSettings: { groups: settingsNow({ [controlSettings.playBudgetMs.name]: playBudgetMs }) },
    jobs: jobsOf(home),
    archive: await archiveOf(home, logger),
    origin: originStoreOf(home),
    clock: systemClock,
    signal: river.signal,
  });
  const control = await starting.catch(portIsChosenWith("--port"));
  later.tell = (told) => control.takeServed(told);
  ending.add("control", () => control.close());
  const passwords = openPasswords(settings);
  const account = await ensureAccount({
    stores,
    passwords,
    secretsPath,
    email: operatorEmail,
    role: "admin",
  });
  const tokenFile = join(home, "appliance-token");
  await writeWhole(tokenFile, secrets.applianceToken, ownerOnly);
  return { stores, control, account, tokenFile };
}

async function openData(
  river: River,
  secrets: Secrets,
  logger: Log,
): Promise<Pick<ControlOrder, "hold" | "stores" | "cacheCounts" | "log" | "logName" | "events">> {
  const { home, terminal, signal, ending } = river;
  const line = terminal.stage("database");
  const settings = settingsOf(dataSettings);
  const onNote = (text: string): void => line.progress(text);
  const hold = await holdDatabase({ standBy: false, secrets, signal, onNote });
  if (hold !== undefined) {
    ending.add("hold", () => hold.release());
    hold.lost.addEventListener("abort", () => river.giveUp(hold.lost.reason), { once: true });
  }
  const opened = await openStores({
    databaseUrl: settings.databaseUrl,
    folder: join(home, "db"),
    ...{ signal, onNote, settings },
  });
  ending.add("database", () => opened.close());
  const { stores, cacheCounts, cache } = readThroughCache(opened, settings, systemClock);
  ending.add("cache", () => cache.close());
  const logFolder = join(home, "log");
  const log = await openEventLog({ folder: logFolder, settings, signal, onNote });
  ending.add("event log", () => log.close());
  const events = await eventsBehind({ log, home, logger, onNote, signal });
  ending.add("events", () => events.close());
  const { engine, version, migrations } = stores.about;
  const titles = await stores.catalog.titles();
  line.done(
    `${engine} ${version} · ${migrations} migrations · ${titles.length} titles · ${log.end()} beacons`,
  );
  const logName = hold && (await nameOfLog(logFolder, await machineId()));
  return { hold, stores, cacheCounts, log, logName, events };
}

/** Resolves with how the origin is told what it must not serve. */
async function openOrigin(
  river: River,
  secrets: Secrets,
  onServed: ControlHandle["takeServed"],
): Promise<(denied: readonly Denial[]) => void> {
  const { home, tools, signal, ending } = river;
  const logger = openLog("origin", settingsOf(programSettings).logLevel, join(home, "origin.log"));
  const order = {
    folder: join(home, "origin"),
    listen: river.order.origin,
    keys: secrets.signingKeys,
    settings: settingsOf(edgeSettings),
  };
  const origin = await startOrigin({
    tools,
    ...order,
    prefixDir: join(home, "origin-nginx"),
    onServed,
    // Ended through `ending`, after control: players may still be fetching.
    signal: new AbortController().signal,
    onEvent: (event) => logger.info(event, "nginx of the origin"),
  }).catch(portIsChosenWith("--origin"));
  const over = new AbortController();
  ending.add("origin", () => {
    over.abort();
    return origin.stop();
  });
  signal.throwIfAborted();
  return openDenialQueue({
    apply: (denied) => denyAtOrigin(origin, order, denied),
    retryMs: 1000,
    signal: over.signal,
    onTrouble: (error) =>
      logger.error({ err: error }, "the origin did not take over what is denied; it is tried again"),
  });
}

/** A taken port is told with the option of this program that chooses another. */
function portIsChosenWith(setting: string): (error: unknown) => never {
  return (error) => {
    const isTaken = error instanceof Fault && error.code === ioFaults.portTaken.code;
    throw isTaken ? new Fault(ioFaults.portTaken, { ...error.facts, setting }, error) : error;
  };
}
