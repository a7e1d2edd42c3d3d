// A server that a test owns: in a folder of its own, on loopback, dead as soon as the test's process is, and ready to
// be killed in the middle of its work and started again where it was.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface RunningEngine {
  /** Of the process while it runs: to see its memory, or to hold it with a signal. */
  readonly pid: number | undefined;
  /**
   * Ends it by `kill -9`; down until `restart`. What it had handed to the kernel outlives that, flushed or not:
   * this is the death of a program, not of a machine.
   */
  kill(): Promise<void>;
  /** Starts it on the same folder and ports, and waits until it answers; what runs is ended in order first. */
  restart(): Promise<void>;
  /** `kill`, then `restart`. */
  crash(): Promise<void>;
  /** Ends it in order, and removes its folder. */
  stop(): Promise<void>;
}

/** What the start of every engine is told. */
export interface EngineOptions {
  /** Made here, and must not exist yet. */
  readonly folder: string;
  /** An abort kills the engine at once; `stop` must be called all the same. */
  readonly signal?: AbortSignal;
}

export interface Program {
  readonly name: string;
  readonly folder: string;
  readonly command: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly startMs: number;
  /** `log` is what it has said since this start. */
  isReady(log: string): boolean | Promise<boolean>;
}

const stopMs = 20_000;
const pollMs = 50;

/** Makes the folder, puts into it what `prepare` writes, and starts what it returns; of a failure nothing is left. */
export async function startEngine(
  { folder, signal }: EngineOptions,
  prepare: () => Promise<Program>,
): Promise<RunningEngine> {
  signal?.throwIfAborted();
  await mkdir(folder, { mode: 0o755 });
  try {
    const engine = new OwnedProcess(await prepare());
    await engine.restart();
    return engine;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class OwnedProcess implements RunningEngine {
  readonly #program: Program;
  #child: ChildProcess | undefined;
  /** Why the process is no more; pending while it runs. */
  #ended: Promise<string> = Promise.resolve("it was never started");
  #starts = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  async restart(): Promise<void> {
    await this.#end();
    const { folder, signal } = this.#program;
    signal?.throwIfAborted();
    this.#starts += 1;
    const log = join(folder, `log-${this.#starts}`);
    await this.#spawn(log);
    try {
      await this.#answers(log);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async crash(): Promise<void> {
    await this.kill();
    await this.restart();
  }

  async stop(): Promise<void> {
    await this.#end();
    await rm(this.#program.folder, { recursive: true, force: true });
  }

  /** The kernel kills it when this process is gone, however that goes; an exit hook would not outlive `kill -9`. */
  async #spawn(log: string): Promise<void> {
    const { command, argv, env = {}, folder, owner, signal } = this.#program;
    const said = await open(log, "w");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...argv], {
      cwd: folder,
      env: { PATH: "/usr/sbin:/usr/bin:/bin", LC_ALL: "C.UTF-8", HOME: folder, ...env },
      stdio: ["ignore", said.fd, said.fd],
      ...owner,
    });
    const abort = (): void => void child.kill("SIGKILL");
    signal?.addEventListener("abort", abort, { once: true });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (why: string): void => {
        signal?.removeEventListener("abort", abort);
        this.#child = undefined;
        resolve(why);
      };
      child.once("error", (error) => end(error.message));
      child.once("close", (code, killedBy) => end(`it ended with ${code ?? killedBy}`));
    });
    await said.close();
  }

  async #answers(log: string): Promise<void> {
    const { name, startMs, isReady } = this.#program;
    let why: string | undefined;
    void this.#ended.then((text) => {
      why = text;
    });
    const deadline = performance.now() + startMs;
    while (why === undefined && performance.now() < deadline) {
      if (await isReady(await readFile(log, "utf8"))) return;
      await pause(pollMs);
    }
    const said = (await readFile(log, "utf8")).slice(-2000);
    throw new Error(`${name} did not start: ${why ?? `no answer within ${startMs / 1000} s`}\n${said}`);
  }

  async #end(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), stopMs);
    this.#child?.kill("SIGTERM");
    // One that is held would not hear it.
    this.#child?.kill("SIGCONT");
    if (this.#starts > 0) await this.#ended;
    clearTimeout(timer);
  }
}

/** Free ports of 127.0.0.1, all different. Nothing keeps them, so they should be taken soon. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  for (let i = 0; i < count; i++) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (address !== null && typeof address !== "string") ports.push(address.port);
    servers.push(server);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether something listens there. */
export async function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}
