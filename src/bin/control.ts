// The control plane alone, for an installation whose appliances, origin and workers run elsewhere.
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { ensureAccount } from "#control/io/accounts.ts";
import { mailOf } from "#control/io/mail.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { startControl } from "#control/io/server.ts";
import { routeSettings } from "#control/route-settings.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { machineId, nameOfLog } from "#data/io/log-name.ts";
import { readThroughCache } from "#data/io/read-through-cache.ts";
import type { Stores } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { parseListen } from "#io/port-holder.ts";
import { programSettings } from "#io/settings.ts";
import { placeSettings } from "#place/settings.ts";
import { steerSettings } from "#steer/settings.ts";
import { routesFile, sitesFile } from "#wire/topology.ts";
import { archiveOf } from "./archive.ts";
import { eventsBehind } from "./events.ts";
import { filmsIn } from "./films.ts";
import { geography } from "./geography.ts";
import { jobsOf } from "./jobs-of.ts";
import { readJsonFile } from "./json-file.ts";
import { originStoreOf } from "./origin-store.ts";
import { holdDatabase } from "./plane-hold.ts";
import { homeFolder, runProgram, settingsNow, settingsOf } from "./program.ts";
import { untilAborted } from "./until-aborted.ts";
import { refusedUsage } from "./usage.ts";

interface ControlArgs {
  readonly sites: string;
  readonly routes: string;
  readonly origin: string;
  readonly pages: string;
  readonly operator: string | undefined;
  readonly "stand-by": boolean;
}

export const controlCommand = defineCommand({
  meta: {
    name: "control",
    description: "Accounts, catalogue, playback, steering, placement, telemetry, and the pages",
  },
  args: {
    sites: { type: "string", required: true, description: "Sites and their appliances (JSON)" },
    routes: { type: "string", required: true, description: "Routes each site heard (JSON)" },
    origin: {
      type: "string",
      required: true,
      description: "Where viewers reach the origin, http://HOST:PORT",
    },
    listen: { type: "string", default: "127.0.0.1:8080", description: "HOST:PORT of the pages and the API" },
    pages: { type: "string", default: "dist/web", description: "Folder of the built pages" },
    operator: {
      type: "string",
      description: "Email of an operator account to create, with a made-up password",
    },
    "stand-by": {
      type: "boolean",
      default: false,
      description:
        "Where another control plane works on the database server: wait for its end, then take over",
    },
  },
  async run({ args }) {
    const listen = parseListen(args.listen);
    const wrong = listen === undefined ? [`--listen: wanted HOST:PORT, found "${args.listen}"`] : [];
    const example =
      "millrace control --sites FILE --routes FILE --origin URL [--listen HOST:PORT] [--stand-by]";
    if (refusedUsage(wrong, example) || listen === undefined) return;
    await runProgram((signal) => serve(args, listen, signal));
  },
});

async function serve(
  args: ControlArgs,
  listen: { readonly host: string; readonly port: number },
  stopping: AbortSignal,
): Promise<void> {
  const home = homeFolder();
  const topology = await readJsonFile(resolve(args.sites), sitesFile);
  const routes = await readJsonFile(resolve(args.routes), routesFile);
  const secrets = await openSecrets(join(home, "secrets.json"));
  const logger = openLog("control", settingsOf(programSettings).logLevel);
  const onNote = (text: string): void => logger.info(text);
  const settings = settingsOf(dataSettings);
  const folder = join(home, "db");
  await using ending = new AsyncDisposableStack();
  const hold = await holdDatabase({ standBy: args["stand-by"], secrets, signal: stopping, onNote: say });
  ending.defer(async () => hold?.release());
  const signal = hold === undefined ? stopping : AbortSignal.any([stopping, hold.lost]);
  const opened = await openStores({ databaseUrl: settings.databaseUrl, folder, settings, signal, onNote });
  ending.defer(() => opened.close());
  const { stores, cacheCounts, cache } = readThroughCache(opened, settings, systemClock);
  ending.defer(() => cache.close());
  const logFolder = join(home, "log");
  const log = await openEventLog({ folder: logFolder, settings, signal, onNote });
  ending.defer(() => log.close());
  const logName = hold && (await nameOfLog(logFolder, await machineId()));
  const events = await eventsBehind({ log, home, logger, onNote, signal });
  ending.defer(() => events.close());
  if (args.operator !== undefined) await showOperator(args.operator, stores, join(home, "secrets.json"));
  const limits = settingsOf(controlSettings);
  const control = await startControl({
    ...{ hold, logName, stores, cacheCounts, log, events, listen, topology, routes, logger, signal, secrets },
    settings: limits,
    mail: mailOf(limits, join(home, "mail")),
    placeSettings: settingsOf(placeSettings),
    steerSettings: settingsOf(steerSettings),
    geography: await geography(settingsOf(steerSettings).geoFile),
    routeSettings: settingsOf(routeSettings),
    routesFolder: join(home, "routes"),
    backupsFolder: join(home, "backups"),
    films: filmsIn(home),
    originBaseUrl: args.origin,
    pagesFolder: resolve(args.pages),
    shownSettings: { groups: settingsNow() },
    jobs: jobsOf(home),
    archive: await archiveOf(home, logger),
    origin: originStoreOf(home),
    clock: systemClock,
  });
  ending.defer(() => control.close());
  say(`control  ${control.url}   operator ${control.url}/ops   API ${control.url}/docs`);
  if ((await stores.catalog.titles()).length > 0) {
    const placing = await control.replan();
    if (placing.kind === "refused") say(`placement  ${placing.because}; the plan before stays`);
  }
  await untilAborted(signal);
  hold?.lost.throwIfAborted();
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The only way to the first operator account: whoever may start this program may read its secrets file as well. */
async function showOperator(email: string, stores: Stores, secretsPath: string): Promise<void> {
  const passwords = openPasswords(settingsOf(controlSettings));
  const account = await ensureAccount({ stores, passwords, secretsPath, email, role: "admin" });
  say(`operator ${account.email}   password ${account.password}`);
}
