// Three appliances, an origin and a control plane on loopback, with a real film: what players of others are steered between.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { openSecrets } from "#control/io/secrets.ts";
import type { ControlHandle } from "#control/io/server.ts";
import type { StoredTitle } from "#data/ports.ts";
import { runAgent } from "#edge/io/agent.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { steerSettings } from "#steer/settings.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import type { SitesFile } from "#wire/topology.ts";
import { makeFilmForAll } from "./abr-players-film.ts";
import { type Client, client } from "./control-client.ts";
import { openPlane, operator, settings, viewer } from "./control-plane.ts";
import { atEnd, freeListen, get, strength, tempFolder, tools, until } from "./edge-rig.ts";

export const boxes = ["near", "middle", "far"] as const;
export type BoxName = (typeof boxes)[number];

/** Three players take 3 Mbit/s of it. */
const throughputBps = 40_000_000;
/** nginx writes its log once a second: to look more often is to see nothing and then twice as much. */
const reportMs = 1000;
const edge = { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 200, reportIntervalMs: reportMs };
const filmId = "film-1";

export interface SteerRiver {
  readonly control: ControlHandle;
  readonly operator: Client;
  readonly viewer: Client;
  /** Another browser of the viewer: one browser plays one thing at a time. */
  device(): Promise<Client>;
  readonly filmId: string;
  /** "127.0.20.3:41234" of an appliance. */
  readonly listens: Readonly<Record<BoxName, string>>;
  /** As if its power were cut; `start` brings it back with what it has on disk. */
  kill(box: BoxName): Promise<void>;
  start(box: BoxName): Promise<void>;
  /** Loads an appliance with more than it can send, until the function that is returned is called. */
  saturate(box: BoxName, path: string): () => Promise<void>;
}

export async function openSteerRiver(t: TestContext, filmSeconds: number): Promise<SteerRiver> {
  const folder = tempFolder(t);
  const film = join(folder, "store/v", filmId);
  const making = makeFilm(film, filmSeconds);
  // Waited for below, when what was opened meanwhile can be closed.
  making.catch(() => undefined);
  const originListen = await freeListen();
  const listens = await listensAtOnePort();
  const plane = await openPlane(folder, {
    pathStrength: strength,
    originBaseUrl: `http://${originListen}`,
    topology: sitesOf(listens),
    routes: { routes: routes() },
    settings: { ...settings, reportIntervalMs: reportMs, steersPerMinute: 1000 },
    steerSettings: { ...defaultsOf(steerSettings), ...quick },
  });
  atEnd(t, () => plane.close());
  const { control } = plane;
  const { applianceToken, signingKeys } = await openSecrets(plane.secretsPath);
  await openOrigin(t, folder, originListen, signingKeys);
  await making;
  await control.publishTitle(await titleOf(film, filmSeconds));
  const start = async (box: BoxName): Promise<void> => {
    const order = { id: box, listen: listens[box], dir: join(folder, box), controlUrl: control.url };
    agents.set(box, openAgent({ ...order, token: applianceToken }));
    await until(`${box} is well and holds the film`, () => holdsAll(control, box));
  };
  const agents = new Map<BoxName, () => Promise<void>>();
  atEnd(t, () => Promise.all([...agents.values()].map((end) => end())));
  await Promise.all(boxes.map(start));
  const op = client(control.url);
  await op.signIn(operator.email, operator.password);
  const device = async (): Promise<Client> => {
    const browser = client(control.url);
    await browser.signIn(viewer.email, viewer.password);
    return browser;
  };
  const people = { operator: op, viewer: await device(), device };
  return {
    ...{ ...people, control, filmId, listens, start },
    async kill(box) {
      const ended = agents.get(box)?.();
      await endAll(join(folder, box, "nginx"), 0);
      await ended;
    },
    saturate: (box, path) => saturate(listens[box], path),
  };
}

/** An address each and one port for all, as clones want it. */
async function listensAtOnePort(): Promise<Readonly<Record<BoxName, string>>> {
  const [near, middle, far] = [await freeListen(), await freeListen(), await freeListen()];
  const port = near.split(":")[1] ?? "";
  const at = (listen: string): string => `${listen.split(":")[0]}:${port}`;
  const listens = { near, middle: at(middle), far: at(far) };
  const free = await Promise.all([listens.middle, listens.far].map(isFree));
  return free.every(Boolean) ? listens : listensAtOnePort();
}

async function isFree(listen: string): Promise<boolean> {
  const [host, port] = listen.split(":");
  const probe = createServer();
  try {
    probe.listen(Number(port), host);
    await once(probe, "listening");
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

async function makeFilm(folder: string, filmSeconds: number): Promise<void> {
  await makeFilmForAll(folder, filmSeconds, new AbortController().signal);
  await rm(join(folder, "raw"), { recursive: true });
}

async function openOrigin(
  t: TestContext,
  folder: string,
  listen: string,
  keys: Parameters<typeof startOrigin>[0]["keys"],
): Promise<void> {
  const { signal } = new AbortController();
  const places = { folder: join(folder, "store"), prefixDir: join(folder, "origin-nginx"), listen };
  const onEvent = (): void => undefined;
  const origin = await startOrigin({ ...places, tools, keys, settings: edge, signal, onEvent });
  atEnd(t, () => origin.stop());
}

function holdsAll(control: ControlHandle, box: BoxName): boolean {
  return control.appliances().some(({ id, health, verifiedFiles, wantedFiles }) => {
    return id === box && health === "healthy" && wantedFiles > 0 && verifiedFiles === wantedFiles;
  });
}

/** A second is the least that a player may be told. Silence is not: a busy machine reports late. */
const quick = {
  ...{ ttlSeconds: 1, degradedTtlSeconds: 1, incidentTtlSeconds: 1 },
  ...{ silentSeconds: 4, overloadReports: 2, recoverReports: 3 },
};

function sitesOf(listens: Readonly<Record<BoxName, string>>): SitesFile {
  const box = { role: "storage" as const, storageBytes: 1e9, throughputBps };
  const sites = boxes.map((id) => ({
    id: `at-${id}`,
    name: id,
    kind: id === "near" ? ("embedded" as const) : ("exchange" as const),
    appliances: [{ ...box, id, listen: listens[id] }],
  }));
  return { sites, viewpoints: [{ id: "here", name: "Here", address: "203.0.113.7" }] };
}

/** The nearer, the longer the prefix. */
function routes(): { siteId: string; prefix: string; asPath: number[]; med: number }[] {
  const prefixes = { near: "203.0.113.0/24", middle: "203.0.0.0/16", far: "0.0.0.0/0" };
  return boxes.map((id) => ({ siteId: `at-${id}`, prefix: prefixes[id], asPath: [64_500], med: 0 }));
}

/** Every folder is a rendition, what lies at the top is the index. */
async function titleOf(folder: string, filmSeconds: number): Promise<StoredTitle> {
  const small = smallTitle(filmId);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
        const body = await readFile(join(folder, path));
        const sha256 = createHash("sha256").update(body).digest("hex");
        return { path, bytes: bytes(body.length), sha256 };
      }),
  );
  const ids = Map.groupBy(files, ({ path }) => (path.includes("/") ? (path.split("/")[0] ?? "") : "index"));
  const renditions = [...ids].map(([id, own]) => ({
    id,
    kind: id === "index" ? ("index" as const) : id === "audio" ? ("audio" as const) : ("video" as const),
    codecs: "avc1.42c015",
    ...{ width: 480, height: 270, bitrate: bitsPerSecond(600_000), peak: bitsPerSecond(600_000) },
    bytes: bytes(own.reduce((sum, file) => sum + file.bytes, 0)),
    files: own,
  }));
  const pack = { ...small.package, titleId: titleId(filmId), duration: seconds(filmSeconds), renditions };
  return { ...small, package: pack };
}

function openAgent(order: {
  readonly id: BoxName;
  readonly controlUrl: string;
  readonly token: string;
  readonly listen: string;
  readonly dir: string;
}): () => Promise<void> {
  const ending = new AbortController();
  const life = runAgent({
    ...order,
    budget: bytes(1e9),
    tools,
    settings: edge,
    clock: systemClock,
    log: openLog("appliance", "silent"),
    signal: ending.signal,
  });
  return async () => {
    ending.abort();
    await life;
  };
}

/** Twice its throughput, in pieces, so that the machine has time for others. */
function saturate(listen: string, path: string): () => Promise<void> {
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      const due = performance.now() + 50;
      let sent = 0;
      while (sent * 8 * 20 < throughputBps * 2) {
        const { body, status } = await get(listen, path);
        if (status !== 200) throw new Error(`the load was answered ${status}`);
        sent += body.length;
      }
      await pause(Math.max(0, due - performance.now()));
    }
  })();
  return async () => {
    isOver = true;
    await work;
  };
}
