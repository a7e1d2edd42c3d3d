// The servers that are measured, each a real process of its own: ours as the agent starts it, and those beside it.
import { spawn } from "node:child_process";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { findKernelTls } from "#edge/io/kernel-tls.ts";
import type { ServeState } from "#edge/io/nginx.ts";
import { endAll, ownProcesses } from "#edge/io/nginx-process.ts";
import { superviseWithTls, type TlsNginxHandle } from "#edge/io/nginx-tls.ts";
import { serveState } from "#edge/io/origin.ts";
import { workerUser } from "#edge/io/worker-user.ts";
import { nginxConfig } from "#edge/nginx-config.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { run } from "#io/process.ts";
import { macKey, type SigningKey, signedPrefix, strengthOf } from "#io/signed-path.ts";
import type { Tools } from "#io/tools.ts";
import { milliseconds } from "#units/quantity.ts";
import { handTuned, withoutCheck } from "./edge-configs.ts";
import { freePort, type Place, title, waitFor } from "./edge-place.ts";

export type NginxTools = Pick<Tools, "nginx" | "nginxSetMisc">;

export interface Server {
  readonly port: number;
  readonly tlsPort: number;
  /** Path of a file of the film. */
  path(name: string): string;
  pids(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

export interface OurServer extends Server {
  readonly handle: TlsNginxHandle;
  readonly state: ServeState;
}

export const key: SigningKey = { kid: "k1", secret: "the first key of the benchmark, of some length" };

export function signedPath(by: SigningKey, tools: NginxTools, name: string): string {
  const grant = { titleId: title, sessionId: "bench", expiresAtSeconds: Date.now() / 1000 + 3600 };
  return signedPrefix(by, grant, strengthOf(tools.nginxSetMisc)) + name;
}

/** The generated configuration, supervised as an appliance does it. One worker, unless said. */
export async function startOurs(
  place: Place,
  tools: NginxTools,
  more: { readonly name?: string; readonly workers?: number; readonly threads?: number } = {},
): Promise<OurServer> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const prefixDir = join(place.folder, more.name ?? "ours");
  const defaults = defaultsOf(edgeSettings);
  const { workers = 1, threads: diskThreads = defaults.diskThreads } = more;
  const settings = { ...defaults, workers, diskThreads, connections: 8192 };
  const state = serveState(place.store, `127.0.0.1:${port}`, [key], settings);
  const handle = await superviseWithTls(
    {
      ...{ nginx: tools.nginx?.path, modulesFolder: tools.nginxSetMisc, prefixDir, state },
      ...{ stopGraceMs: 2000, signal: place.signal, onEvent: () => undefined },
    },
    {
      order: {
        ...{ listen: `127.0.0.1:${tlsPort}`, oldest: "1.3", pollMs: settings.tlsPollMs },
        files: { certificate: place.certificate, key: place.key },
      },
      ...{ clock: systemClock, onEvent: () => undefined },
    },
  );
  const pids = pidsOf(prefixDir);
  await pin(place, await pids());
  const path = (name: string): string => signedPath(key, tools, name);
  return { port, tlsPort, path, pids, stop: () => handle.stop(), handle, state };
}

export async function startHandTuned(place: Place, tools: NginxTools, threads: boolean): Promise<Server> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const kernel = (await findKernelTls(tools.nginx?.path ?? "nginx", place.signal)).kind === "kernel";
  const { certificate, key, store: folder } = place;
  const prefixDir = join(place.folder, threads ? "hand" : "hand-unthreaded");
  const user = await workerUser({ wish: undefined, folder, signal: place.signal });
  const tls = { listen: `127.0.0.1:${tlsPort}`, certificate, key, kernel };
  const listen = `127.0.0.1:${port}`;
  const text = handTuned({ prefixDir, folder, listen, user, workers: 1, threads, tls });
  const path = (name: string): string => `/v/${title}/${name}`;
  return { ...(await startText(place, tools, { prefixDir, text, port })), tlsPort, path };
}

/** The generated configuration with the check of the signature taken out. */
export async function startUnchecked(place: Place, tools: NginxTools): Promise<Server> {
  const port = await freePort();
  const prefixDir = join(place.folder, "bare");
  const settings = { ...defaultsOf(edgeSettings), workers: 1, connections: 8192 };
  const state = serveState(place.store, `127.0.0.1:${port}`, [key], settings);
  const config = nginxConfig({
    ...{ ...state, platform: "linux", prefixDir, stubSocket: `${prefixDir}/status.sock` },
    ...{ modulesFolder: tools.nginxSetMisc, generation: "bench" },
    user: await workerUser({ wish: undefined, folder: place.store, signal: place.signal }),
    keys: [{ kid: key.kid, macKey: macKey(key) }],
  });
  const path = (name: string): string => signedPath(key, tools, name);
  const started = await startText(place, tools, { prefixDir, text: withoutCheck(config), port });
  return { ...started, tlsPort: 0, path };
}

async function startText(
  place: Place,
  tools: NginxTools,
  order: { readonly prefixDir: string; readonly text: string; readonly port: number },
): Promise<Omit<Server, "path" | "tlsPort">> {
  const { prefixDir, text, port } = order;
  for (const name of ["logs", "temp"]) await mkdir(join(prefixDir, name), { recursive: true });
  const [config, said] = [join(prefixDir, "nginx.conf"), join(prefixDir, "said.log")];
  await writeFile(config, text);
  const log = await open(said, "a");
  const child = spawn(tools.nginx?.path ?? "nginx", ["-p", prefixDir, "-e", said, "-c", config], {
    ...{ cwd: prefixDir, detached: true, stdio: ["ignore", "ignore", log.fd] },
  });
  await log.close();
  const ended = endOf(child);
  const pids = pidsOf(prefixDir);
  const isUp = async (): Promise<boolean> => {
    if (ended.is) throw new Error(`nginx ended: ${(await readFile(said, "utf8")).slice(0, 500)}`);
    return (await answers(port)) && (await pids()).length > 1;
  };
  await waitFor("nginx to answer", isUp);
  await pin(place, await pids());
  return { port, pids, stop: () => endAll(prefixDir, 0) };
}

export function pidsOf(prefixDir: string): Server["pids"] {
  return async () => (await ownProcesses(prefixDir)).map(({ pid }) => pid);
}

export async function startNode(place: Place): Promise<Server> {
  const port = await freePort();
  const argv = [process.execPath, "bench/edge-node-server.ts", place.store, `${port}`] as const;
  return startProgram(place, argv, port);
}

/** Undefined when no gcc is there. */
export async function startLimit(place: Place): Promise<Server | undefined> {
  const { folder, signal } = place;
  const program = join(folder, "limit");
  const argv = ["gcc", "-O2", "-o", program, "bench/edge-limit.c"] as const;
  if (!(await isThere("gcc", signal))) return undefined;
  await run({ argv, signal, deadline: milliseconds(60_000) });
  const port = await freePort();
  return startProgram(place, [program, join(place.store, "v", title, "0.m4s"), `${port}`], port);
}

export async function isThere(program: string, signal: AbortSignal): Promise<boolean> {
  const argv = [program, program === "openssl" ? "version" : "--version"] as const;
  return run({ argv, signal, deadline: milliseconds(15_000) }).then(
    () => true,
    () => false,
  );
}

async function startProgram(
  place: Place,
  [program, ...args]: readonly [string, ...string[]],
  port: number,
): Promise<Server> {
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} did not start`);
  await waitFor(`${program} to listen`, () => {
    if (ended.is) throw new Error(`${program} ended before it listened`);
    return answers(port);
  });
  await pin(place, [pid]);
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended.promise;
  };
  const path = (name: string): string => `/v/${title}/${name}`;
  return { port, tlsPort: 0, path, pids: () => Promise.resolve([pid]), stop };
}

export interface Ending {
  is: boolean;
  readonly promise: Promise<void>;
}

export function endOf(child: ReturnType<typeof spawn>): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ending: Ending = { is: false, promise };
  const end = (): void => {
    ending.is = true;
    resolve();
  };
  child.once("exit", end).once("error", end);
  return ending;
}

/** All threads that there are; what is started later inherits. */
export async function pin({ cpus, signal }: Place, pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    const argv = ["taskset", "-apc", `${cpus.server}`, `${pid}`] as const;
    await run({ argv, signal, deadline: milliseconds(10_000) });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}
