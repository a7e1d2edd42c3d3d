// A PostgreSQL server of one's own for as long as a test needs it: in its own folder, on a socket in that folder, with
// durable settings. PostgreSQL refuses to run as root, so then it runs as a user who owns nothing else.
import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunningEngine } from "./engine-process.ts";
import { type Owner, unprivileged } from "./unprivileged.ts";

export interface RunningPostgres extends RunningEngine {
  /** For DATABASE_URL. */
  readonly url: string;
}

const startMs = 60_000;
const stopMs = 10_000;
const environment = { PATH: "/usr/bin:/bin", LC_ALL: "C" };

/**
 * Makes and starts a server. `folder` is made, and must not exist yet; its path must be short, as it holds a socket.
 * `binFolder` holds initdb and postgres. An abort stops the server at once; `stop` must be called all the same.
 * `extra` is added to the server's environment.
 */
export async function startPostgres(
  folder: string,
  binFolder: string,
  signal?: AbortSignal,
  extra: Readonly<Record<string, string>> = {},
): Promise<RunningPostgres> {
  signal?.throwIfAborted();
  const owner = await unprivileged("postgres");
  await mkdir(folder, { mode: 0o700 });
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  try {
    const options = ["--username=millrace", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
    const made = start(join(binFolder, "initdb"), ["-D", data, ...options], folder, owner);
    await ended(made, "initdb", startMs);
    const listen = ["-c", "listen_addresses=", "-c", `unix_socket_directories=${folder}`];
    const durable = ["-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on"];
    const argv = ["-D", data, ...listen, ...durable];
    const begin = (): ChildProcess => start(join(binFolder, "postgres"), argv, folder, owner, extra);
    let server = begin();
    const kill = (): void => void server.kill("SIGQUIT");
    process.once("exit", kill);
    signal?.addEventListener("abort", kill, { once: true });
    const stop = async (): Promise<void> => {
      signal?.removeEventListener("abort", kill);
      await stopped(server);
      process.removeListener("exit", kill);
      await rm(folder, { recursive: true, force: true });
    };
    await ready(server).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    const restart = async (): Promise<void> => {
      await stopped(server);
      server = begin();
      await ready(server);
    };
    return {
      url: `postgresql://millrace@localhost/postgres?host=${encodeURIComponent(folder)}`,
      get pid() {
        return isUp(server) ? server.pid : undefined;
      },
      kill: () => killed(server),
      restart,
      crash: async () => {
        await killed(server);
        await restart();
      },
      stop,
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function start(
  program: string,
  argv: readonly string[],
  cwd: string,
  owner: Owner | undefined,
  extra: Readonly<Record<string, string>> = {},
): ChildProcess {
  const env = { ...environment, ...extra };
  return spawn(program, argv, { cwd, env, stdio: ["ignore", "ignore", "pipe"], ...owner });
}

/** Waits for a program that should succeed. */
async function ended(child: ChildProcess, name: string, withinMs: number): Promise<void> {
  const said = collect(child);
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  try {
    const status = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal));
    });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${said.text.slice(-1000)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The server says on standard error when it takes connections. */
async function ready(server: ChildProcess): Promise<void> {
  const said = collect(server);
  const timer = setTimeout(() => server.kill("SIGKILL"), startMs);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.once("close", () => reject(new Error(`postgres did not start: ${said.text.slice(-1000)}`)));
      server.stderr?.on("data", () => {
        if (said.text.includes("ready to accept connections")) resolve();
      });
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What a program says on standard error, the last 64 KiB. */
function collect(child: ChildProcess): { text: string } {
  const said = { text: "" };
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    said.text = (said.text + chunk).slice(-(64 << 10));
  });
  return said;
}

/** Ends the sessions that are open and the server with them; by force when it takes too long. */
async function stopped(server: ChildProcess): Promise<void> {
  if (!isUp(server)) return;
  const closed = new Promise((resolve) => server.once("close", resolve));
  server.kill("SIGINT");
  const timer = setTimeout(() => server.kill("SIGQUIT"), stopMs);
  await closed;
  clearTimeout(timer);
}

function isUp(server: ChildProcess): boolean {
  return server.exitCode === null && server.signalCode === null && server.pid !== undefined;
}

/** The server and its own processes, none of which gets to say a word. */
async function killed(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined || !isUp(server)) return;
  const closed = new Promise((resolve) => server.once("close", resolve));
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  for (const each of [pid, ...children.split(" ").filter((text) => text !== "")])
    process.kill(Number(each), 9);
  await closed;
}
