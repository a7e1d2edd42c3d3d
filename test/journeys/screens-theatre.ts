// A real control plane and an origin that checks when paths end, for the player's journeys about screens.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { defaultsOf } from "#config/setting.ts";
import { type ControlHandle, startControl } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import type { StoredTitle } from "#data/ports.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import type { ContentKey } from "#model/content-key.ts";
import { unsold } from "#model/entitlement.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { cookieHeader, cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { smallRoutes, smallTitle } from "#test/fixtures/small-network.ts";
import { seconds } from "#units/quantity.ts";
import type { Film } from "./player-film.ts";

export interface ScreensTheatre {
  /** Where the control plane is. */
  readonly url: string;
  /** Signed folders that were asked for. */
  readonly folders: ReadonlySet<string>;
  /** Requests that came after their path's end. */
  readonly refused: readonly string[];
  /** How often a lease was renewed. */
  renewals(): number;
  /** A browser of the one account that there is, on the player's page. */
  open(context: BrowserContext): Promise<Page>;
  /** Of another browser of that account. */
  cookie(): Promise<string>;
  /** Stops the control plane, and starts it again at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A title that is encrypted, with its keys and what the account may see of it. */
interface Shown {
  readonly title: StoredTitle;
  readonly keys: readonly ContentKey[];
  readonly maxHeight?: number;
}

/** The viewpoint that the player's page sits at. */
const topology = { sites: [], viewpoints: [{ id: "north", name: "North", address: "203.0.113.7" }] };

export async function openScreensTheatre(
  film: Film,
  page: string,
  more: { readonly leaseTtlMs: number; readonly leaseGraceMs: number; readonly leaseRenewMs: number },
  shown: Shown = { title: titleOf(film), keys: [] },
): Promise<ScreensTheatre> {
  const origin = await openOrigin(film);
  const [stores, log] = [memoryStores(), memoryLog()];
  stores.leaseNowMs = () => systemClock.wallMs();
  let renewals = 0;
  const leases: typeof stores.leases = {
    ...stores.leases,
    renew(order) {
      renewals += 1;
      return stores.leases.renew(order);
    },
  };
  const settings = { ...defaultsOf(controlSettings), playBudgetMs: 30_000, closeGraceMs: 0, ...more };
  const begin = (port: number): Promise<ControlHandle> =>
    startControl({
      ...{ stores: { ...stores, leases }, log, settings, routes: smallRoutes, topology },
      secrets: {
        sessionSecret: "s".repeat(32),
        applianceToken: "a".repeat(32),
        signingKeys: [{ kid: "k1", secret: "k".repeat(32) }],
        keyEncryptionKeys: [{ id: "e1", secret: "e1".repeat(32) }],
      },
      listen: { host: "127.0.0.1", port },
      originBaseUrl: origin.url,
      pagesFolder: page,
      logger: openLog("control", "silent"),
      clock: systemClock,
      signal: new AbortController().signal,
    });
  let control = await begin(0);
  const { url } = control;
  await control.keepKeys(shown.title.id, shown.keys);
  await control.publishTitle(shown.title);
  const email = "ada@example.org";
  const entitlement = { ...unsold, screens: 1, maxHeight: shown.maxHeight ?? unsold.maxHeight };
  await stores.accounts.create({
    email,
    passwordHash: await knownPasswordHash(),
    role: "viewer",
    profileName: "Ada",
    entitlement,
  });
  return {
    url,
    folders: origin.folders,
    refused: origin.refused,
    renewals: () => renewals,
    async open(context) {
      const cookies = await cookiesOf(url, email);
      await context.addCookies(cookies.map((cookie) => ({ ...cookie, url })));
      const opened = await context.newPage();
      await opened.goto(url);
      return opened;
    },
    cookie: async () => cookieHeader(await cookiesOf(url, email)),
    stop: () => control.close(),
    async start() {
      control = await begin(Number(new URL(url).port));
    },
    async close() {
      await control.close();
      await origin.close();
    },
  };
}

function titleOf({ sidecar }: Film): StoredTitle {
  const title = smallTitle("sample");
  const [video, audio, index] = title.package.renditions;
  if (video === undefined || audio === undefined || index === undefined) throw new Error("three renditions");
  const rungs = sidecar.renditions.map(({ id, height }) => {
    const files = video.files.map((file) => ({ ...file, path: file.path.replace(video.id, id) }));
    return { ...video, id, height, files };
  });
  const duration = seconds(sidecar.durationsMs.reduce((sum, ms) => sum + ms, 0) / 1000);
  return { ...title, package: { ...title.package, duration, renditions: [...rungs, audio, index] } };
}

interface Origin {
  readonly url: string;
  readonly folders: Set<string>;
  readonly refused: string[];
  close(): Promise<void>;
}

/** Serves the film under signed folders until they end; as nginx does, but the signature is not checked. */
async function openOrigin(film: Film): Promise<Origin> {
  const [folders, refused] = [new Set<string>(), [] as string[]];
  const types: Readonly<Record<string, string>> = {
    ".mpd": "application/dash+xml",
    ".json": "application/json",
  };
  const server = createServer(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    const path = (request.url ?? "").split("?")[0] ?? "";
    const [, folder = "", end = "", file = ""] =
      /^(\/t\/(\d+)\/[^/]+\/[^/]+\/v\/sample\/)(.+)$/.exec(path) ?? [];
    folders.add(folder);
    if (Date.now() >= Number(end) * 1000) {
      refused.push(file);
      response.writeHead(403).end();
      return;
    }
    const body = await readFile(join(film.folder, file)).catch(() => undefined);
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": types[extname(file)] ?? "video/mp4" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    ...{ url, folders, refused },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
