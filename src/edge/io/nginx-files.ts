// An nginx's own folder: where things lie in it, and how a new configuration takes the place of the old one.
import { createHash } from "node:crypto";
import { copyFile, mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import { nginxConfig } from "#edge/nginx-config.ts";
import type { Served } from "#edge/nginx-state.ts";
import { isQuotable, isUserName } from "#edge/nginx-text.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import { parseListen } from "#io/port-holder.ts";
import { run } from "#io/process.ts";
import { macKey, type SigningKey } from "#io/signed-path.ts";
import type { Killed } from "#model/drill.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";

/** What an nginx serves and how: the part that may change while it runs. */
export interface ServeState extends Served {
  readonly keys: readonly SigningKey[];
  /** User of the workers when the agent is root; undefined lets worker-user.ts find one. */
  readonly user: string | undefined;
  /** While a drill keeps it down. */
  readonly killed?: Killed | undefined;
}

export interface NginxPlace {
  readonly nginx: string;
  readonly modulesFolder: string | undefined;
  /** Absolute and without symbolic links: processes are recognised by it. */
  readonly prefixDir: string;
  readonly socket: string;
  readonly config: string;
  readonly candidate: string;
  readonly lastGood: string;
  readonly errorLog: string;
  readonly accessLog: string;
  /** User of the workers; undefined when the agent is not root. */
  readonly user: string | undefined;
}

export interface RenderedConfig {
  readonly text: string;
  readonly generation: string;
}

/** sun_path holds 108 bytes with its closing zero. Source: unix(7). */
export const longestSocketPath = 107;

/** Makes the prefix folder ready. Its `conf` holds keys: nobody else may look into it. */
export async function makePlace(order: {
  readonly nginx: string | undefined;
  readonly modulesFolder: string | undefined;
  readonly prefixDir: string;
  readonly user: string | undefined;
}): Promise<NginxPlace> {
  const { nginx, modulesFolder, user } = order;
  if (nginx === undefined) throw new Fault(edgeFaults.nginxMissing);
  await mkdir(order.prefixDir, { recursive: true });
  const prefixDir = await realpath(order.prefixDir);
  await mkdir(join(prefixDir, "conf"), { recursive: true, mode: 0o700 });
  for (const name of ["logs", "temp"]) await mkdir(join(prefixDir, name), { recursive: true });
  return {
    nginx,
    modulesFolder,
    prefixDir,
    socket: socketPath(prefixDir, "status"),
    config: join(prefixDir, "conf/nginx.conf"),
    candidate: join(prefixDir, "conf/nginx.conf.candidate"),
    lastGood: join(prefixDir, "conf/nginx.conf.last-good"),
    errorLog: join(prefixDir, "logs/error.log"),
    accessLog: join(prefixDir, "logs/access.log"),
    user,
  };
}

/** Beside the prefix's other files, or, where that name is too long for a socket, among the temporary files. */
export function socketPath(prefixDir: string, name: "status" | "breaker"): string {
  const near = join(prefixDir, `${name}.sock`);
  if (Buffer.byteLength(near) <= longestSocketPath) return near;
  const digest = createHash("sha256").update(prefixDir).digest("hex").slice(0, 24);
  return join(tmpdir(), name === "status" ? `millrace-${digest}.sock` : `millrace-${digest}-${name}.sock`);
}

/** Where the front for HTTP/3 asks: in a folder that only the front's user may enter. */
export function frontSocket(prefixDir: string): string {
  return join(prefixDir, "front/nginx.sock");
}

/** Every address that viewers may reach over TCP. */
export function listensOf({ listen, tls }: Pick<ServeState, "listen" | "tls">): readonly string[] {
  return tls === undefined ? [listen] : [listen, tls.listen];
}

/** The text for a state, and a name that only this text has. */
export function renderConfig(place: NginxPlace, state: ServeState): RenderedConfig {
  const breakerSocket = state.breaker === undefined ? [] : [state.breaker.socket];
  for (const folder of [place.prefixDir, state.folder, place.socket, ...breakerSocket]) {
    if (!isQuotable(folder)) throw new Fault(edgeFaults.folderUnusable, { folder });
  }
  const { user } = state;
  if (user !== undefined && !isUserName(user)) throw new Fault(edgeFaults.userUnusable, { user });
  for (const listen of listensOf(state)) {
    if (parseListen(listen) === undefined) throw new Fault(edgeFaults.listenUnusable, { listen });
  }
  const values = {
    ...state,
    platform: process.platform === "freebsd" ? ("freebsd" as const) : ("linux" as const),
    prefixDir: place.prefixDir,
    stubSocket: place.socket,
    modulesFolder: place.modulesFolder,
    user: place.user,
    keys: state.keys.map((key) => ({ kid: key.kid, macKey: macKey(key) })),
  };
  const draft = nginxConfig({ ...values, generation: "" });
  const generation = createHash("sha256").update(draft).digest("hex").slice(0, 16);
  return { text: nginxConfig({ ...values, generation }), generation };
}

/**
 * Writes the text beside the live configuration and lets nginx read it. The live one is not touched.
 *
 * @throws Fault nginx-config-refused with nginx's own words
 */
export async function tryConfig(place: NginxPlace, text: string, signal: AbortSignal): Promise<void> {
  await writeWhole(place.candidate, text, ownerOnly);
  try {
    await run({
      argv: [place.nginx, "-p", place.prefixDir, "-e", place.errorLog, "-c", place.candidate, "-t", "-q"],
      cwd: place.prefixDir,
      signal,
      deadline: milliseconds(10_000),
    });
  } catch (error) {
    await rm(place.candidate, { force: true });
    if (!(error instanceof Fault && error.code === "process-failed")) throw error;
    throw new Fault(edgeFaults.configRefused, { because: firstComplaint(`${error.facts.stderr}`) }, error);
  }
}

/** The tried text becomes the live one; the live one is kept as the last good. */
export async function installCandidate(place: NginxPlace): Promise<void> {
  if ((await readIfThere(place.config)) !== undefined) await copyFile(place.config, place.lastGood);
  await rename(place.candidate, place.config);
}

export async function restoreLastGood(place: NginxPlace): Promise<void> {
  await copyFile(place.lastGood, place.config);
}

/** The first [emerg] line of what nginx said, without its stamp. */
export function firstComplaint(text: string): string {
  const line = text.split("\n").find((candidate) => candidate.includes("[emerg]")) ?? text.slice(-300);
  return line
    .replace(/^.*?\[emerg\]\s*(\d+#\d+:\s*)?/, "")
    .trim()
    .slice(0, 300);
}

const mostErrorBytes = 16_384;

/** What nginx wrote to its error log behind `offset`, the last 16 KiB of it; from the beginning of a log that is new since. */
export async function errorsSince(
  { errorLog }: Pick<NginxPlace, "errorLog">,
  offset: number,
): Promise<string> {
  const log = await open(errorLog, "r").catch(() => undefined);
  if (log === undefined) return "";
  try {
    const { size } = await log.stat();
    const start = Math.max(offset > size ? 0 : offset, size - mostErrorBytes);
    const { bytesRead, buffer } = await log.read(Buffer.alloc(mostErrorBytes), 0, mostErrorBytes, start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await log.close();
  }
}
