// A control plane, an origin and appliances that hold one film: real processes on loopback, for long journeys and benchmarks.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openSecrets } from "#control/io/secrets.ts";
import type { ControlHandle } from "#control/io/server.ts";
import type { StoredTitle } from "#data/ports.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { type SigningKey, signedPrefix } from "#io/signed-path.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { bytes } from "#units/quantity.ts";
import { openPlane, settings } from "./control-plane.ts";
import {
  type AgentProcess,
  atEnd,
  freeListen,
  publish,
  type Scope,
  startAgent,
  strength,
  tempFolder,
  tools,
  until,
} from "./edge-rig.ts";

export const film = "film-1";
/** A file of the film that every appliance holds. */
export const filmFile = "v360-1/0.m4s";
export const filmFileBytes = 200_000;

export interface Box {
  readonly id: string;
  readonly dir: string;
  readonly listen: string;
  readonly agent: AgentProcess;
}

export interface Network {
  readonly folder: string;
  readonly control: ControlHandle;
  /** Where this process reaches control. */
  readonly url: string;
  readonly boxes: readonly Box[];
  readonly key: SigningKey;
  /** What is listed by control of one appliance. */
  told(id: string): ReturnType<ControlHandle["appliances"]>[number];
}

export interface NetworkOrder {
  /** Of the small network: a1, a2 and x1. */
  readonly ids: readonly string[];
  /** Where appliances reach control, which then listens everywhere; absent: at loopback. */
  readonly controlHost?: string;
  readonly environment?: Record<string, string>;
  /** Written into this store and published there; absent: a film of files with other names. */
  readonly title?: (store: string) => Promise<StoredTitle>;
}

/** Resolves when every appliance holds the film. */
export async function openNetwork(t: Scope, order: NetworkOrder): Promise<Network> {
  const folder = tempFolder(t);
  const secretsPath = join(folder, "secrets.json");
  const secrets = await openSecrets(secretsPath);
  const originBaseUrl = await openStore(t, folder, secrets.signingKeys);
  const plane = await openPlane(folder, {
    originBaseUrl,
    pathStrength: strength,
    settings: { ...settings, reportIntervalMs: 2000 },
    listen: { host: order.controlHost === undefined ? "127.0.0.1" : "0.0.0.0", port: 0 },
    origin: { folder: join(folder, "store"), maxSubtitleBytes: 2 ** 20 },
  });
  atEnd(t, () => plane.close());
  const makeTitle = order.title ?? filmIn;
  await plane.control.publishTitle(await makeTitle(join(folder, "store")));
  const url = new URL(plane.control.url);
  const control = `http://${order.controlHost ?? "127.0.0.1"}:${url.port}`;
  const boxes: Box[] = [];
  for (const id of order.ids) {
    const [dir, listen] = [join(folder, id), await freeListen()];
    atEnd(t, () => endAll(join(dir, "nginx"), 0));
    const { applianceToken: token } = secrets;
    const agent = startAgent(t, { id, dir, listen, control, token }, order.environment);
    boxes.push({ id, dir, listen, agent });
  }
  const told: Network["told"] = (id) => {
    const found = plane.control.appliances().find((box) => box.id === id);
    if (found === undefined) throw new Error(`no appliance ${id}`);
    return found;
  };
  for (const { id } of boxes) {
    await until(`${id} holds the film`, () => {
      const { verifiedFiles, wantedFiles } = told(id);
      return wantedFiles > 0 && verifiedFiles === wantedFiles;
    });
  }
  const [key] = secrets.signingKeys;
  if (key === undefined) throw new Error("no signing key");
  return { folder, control: plane.control, url: `http://127.0.0.1:${url.port}`, boxes, key, told };
}

/** A signed path of one viewer's session to the file that every appliance holds, or another one. */
export function pathOf(
  { key }: Pick<Network, "key">,
  sessionId: string,
  file = filmFile,
  seconds = 7200,
): string {
  const expiresAtSeconds = Date.now() / 1000 + seconds;
  return signedPrefix(key, { titleId: film, sessionId, expiresAtSeconds }, strength) + file;
}

async function openStore(t: Scope, folder: string, keys: readonly SigningKey[]): Promise<string> {
  const listen = await freeListen();
  mkdirSync(join(folder, "store"), { recursive: true });
  const origin = await startOrigin({
    tools,
    folder: join(folder, "store"),
    prefixDir: join(folder, "origin-nginx"),
    listen,
    keys,
    settings: { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 500 },
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  atEnd(t, () => origin.stop());
  return `http://${listen}`;
}

/** Three renditions of real files, published under the small title's names. */
function filmIn(store: string): ReturnType<typeof smallTitle> {
  const title = smallTitle(film);
  const renditions = title.package.renditions.map((rendition) => {
    const { files } = publish(store, film, rendition.id, 4, filmFileBytes);
    return {
      ...rendition,
      bytes: bytes(files.length * filmFileBytes),
      files: files.map((file) => ({ ...file, bytes: bytes(file.bytes) })),
    };
  });
  return { ...title, package: { ...title.package, renditions } };
}
