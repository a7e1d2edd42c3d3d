// Keeps the front that speaks HTTP/3 running, as src/edge/front-watch.ts decides. Whatever becomes of it, nginx serves over TCP.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { chmod, mkdir, open, readFile, readlink } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type FrontCommand, type FrontLook, frontDown, step } from "#edge/front-watch.ts";
import { isQuicAnswer, quicQuestion } from "#edge/quic-question.ts";
import { isPortTaken, parseListen, portHolder, processIds } from "#io/port-holder.ts";
import { run } from "#io/process.ts";
import { assert } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import { signalTo, until } from "./nginx-process.ts";

export interface FrontRun {
  /** The program. */
  readonly caddy: string;
  /** "192.0.2.7:8444". */
  readonly listen: string;
  /** See makeFrontFolder. */
  readonly folder: string;
  /** Undefined or root: the agent's own. */
  readonly user: string | undefined;
  /** Its configuration at the moment of a start. */
  readonly config: () => string;
  readonly onEvent: (event: FrontEvent) => void;
  /** Tells nginx that viewers are to come here, or not. One that fails is tried again. */
  readonly tell: (isUp: boolean) => Promise<void>;
}

export type FrontEvent =
  | { readonly kind: "front-started"; readonly pid: number }
  | { readonly kind: "front-ended" | "front-untold"; readonly because: string }
  | { readonly kind: "front-announced" | "front-withdrawn" };

const lookMs = 500;
const answerMs = 500;
const tellAgainMs = 5000;
const setpriv = "/usr/bin/setpriv";
/** To caddy. */
const orders = ["run", "--config", "-"] as const;

interface Life {
  readonly pid: number;
  readonly gone: Promise<void>;
  isGone: boolean;
  letGo(): void;
}

export class Front {
  readonly #run: FrontRun;
  readonly #ending = new AbortController();
  readonly #working: Promise<void>;
  #state = frontDown(performance.now());
  #life: Life | undefined;
  #because = "the front for HTTP/3 is being started";
  #isWanted = false;
  #isTold = false;
  #isRenewed = false;
  #nextTellMs = 0;

  constructor(order: FrontRun) {
    this.#run = order;
    this.#working = this.#work();
  }

  /** Viewers are sent there. */
  isUp(): boolean {
    return this.#isTold;
  }

  /** Why not; empty when they are. */
  because(): string {
    return this.#isTold ? "" : this.#because;
  }

  /** Another certificate: the front begins anew with it, since there is no way to tell it. */
  renew(): void {
    if (this.#life === undefined || this.#life.isGone) return;
    this.#isRenewed = true;
    signalTo(this.#life.pid, "SIGTERM");
  }

  /** It serves on, until the next agent's front takes its place. */
  async leave(): Promise<void> {
    this.#ending.abort();
    await this.#working;
    this.#life?.letGo();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#working;
    await endFronts(this.#run.folder);
  }

  async #work(): Promise<void> {
    await endFronts(this.#run.folder);
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const { state, commands } = step(this.#state, await this.#look(), performance.now());
      this.#state = state;
      for (const command of commands) await this.#obey(command);
      await this.#keepTold();
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<FrontLook> {
    const life = this.#life;
    if (life === undefined || life.isGone) return this.#lookGone(life);
    return (await answersQuic(this.#run.listen)) ? "answers" : "silent";
  }

  async #lookGone(life: Life | undefined): Promise<"gone"> {
    if (life === undefined) return "gone";
    this.#life = undefined;
    this.#because = this.#isRenewed
      ? "the front begins anew with another certificate"
      : `the front ended: ${await lastWords(this.#run.folder)}`;
    this.#isRenewed = false;
    this.#run.onEvent({ kind: "front-ended", because: this.#because });
    return "gone";
  }

  async #obey(command: FrontCommand): Promise<void> {
    if (command === "announce") this.#isWanted = true;
    else if (command === "withdraw") this.#isWanted = false;
    else if (command === "start") await this.#start();
    else await this.#kill();
    if (command === "announce" || command === "withdraw") this.#nextTellMs = 0;
  }

  async #start(): Promise<void> {
    try {
      this.#life = await launch(this.#run);
      this.#run.onEvent({ kind: "front-started", pid: this.#life.pid });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#because = `the front does not start: ${error.message}`;
      this.#run.onEvent({ kind: "front-ended", because: this.#because });
    }
  }

  async #kill(): Promise<void> {
    this.#because = "the front does not answer, and is started again";
    this.#run.onEvent({ kind: "front-ended", because: this.#because });
    if (this.#life !== undefined) signalTo(this.#life.pid, "SIGKILL");
    await this.#life?.gone;
    this.#life = undefined;
  }

  async #keepTold(): Promise<void> {
    const isUp = this.#isWanted;
    if (isUp === this.#isTold || performance.now() < this.#nextTellMs) return;
    try {
      await this.#run.tell(isUp);
      this.#isTold = isUp;
      this.#run.onEvent({ kind: isUp ? "front-announced" : "front-withdrawn" });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#nextTellMs = performance.now() + tellAgainMs;
      this.#run.onEvent({ kind: "front-untold", because: error.message });
    }
  }
}

/** @throws Error when the port is another's over TCP: caddy would join in there. */
async function launch(order: FrontRun): Promise<Life> {
  const at = parseListen(order.listen);
  assert(at !== undefined, "the address was checked before");
  if (await isPortTaken(at.host, at.port)) {
    throw new Error(`${order.listen} is taken over TCP by ${await portHolder(at.host, at.port)}`);
  }
  const config = order.config();
  const stderr = await open(join(order.folder, "stderr.txt"), "w");
  try {
    const cwd = workFolder(order.folder);
    const [program = "", ...args] = [...asUser(order.user), order.caddy, ...orders];
    const child = spawn(program, args, {
      ...{ cwd, detached: true, stdio: ["pipe", "ignore", stderr.fd] },
      env: { HOME: cwd, XDG_DATA_HOME: cwd, XDG_CONFIG_HOME: cwd },
    });
    const { pid } = child;
    if (pid === undefined) return await new Promise((_, reject) => child.once("error", reject));
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const life = { pid, gone, isGone: false, letGo: () => child.unref() };
    const end = (): void => {
      life.isGone = true;
      resolve();
    };
    child.once("exit", end).once("error", end);
    child.stdin?.on("error", () => undefined).end(config);
    return life;
  } finally {
    await stderr.close();
  }
}

/** Who talks with strangers should not be root. What is left is the right to bind a low port. */
function asUser(user: string | undefined): readonly string[] {
  if (user === undefined || user === "root") return [];
  const only = "-all,+net_bind_service";
  return [
    ...[setpriv, `--reuid=${user}`, `--regid=${user}`, "--init-groups", "--no-new-privs"],
    ...[`--inh-caps=${only}`, `--ambient-caps=${only}`, `--bounding-set=${only}`],
  ];
}

/** Where a front works, and keeps what it keeps: all that it may write to. */
export function workFolder(folder: string): string {
  return join(folder, "work");
}

/**
 * A folder that the agent alone writes to, and the front's user alone may enter besides: so nginx's socket there is the
 * front's, and what a front that was taken over puts into its own folder is nothing that root writes to.
 */
export async function makeFrontFolder(
  folder: string,
  user: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const work = workFolder(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(work, { recursive: true, mode: 0o700 });
  if (user === undefined) return;
  const chown = (...args: readonly string[]): Promise<unknown> =>
    run({ argv: ["chown", ...args], signal, deadline: milliseconds(10_000) });
  await chown("-h", `0:${user}`, folder);
  await chown("-hR", `${user}:`, work);
  await chmod(folder, 0o710);
}

/** Ends every front of the folder, also one that a killed agent left. */
export async function endFronts(folder: string): Promise<void> {
  for (const [name, waitMs] of [
    ["SIGTERM", 2000],
    ["SIGKILL", 2000],
  ] as const) {
    const own = await frontsOf(folder);
    for (const pid of own) signalTo(pid, name);
    if (own.length === 0 || (await until(async () => (await frontsOf(folder)).length === 0, waitMs))) return;
  }
}

/** By where they work and what they were told: whoever else looks around there is none. */
export async function frontsOf(folder: string): Promise<readonly number[]> {
  const work = workFolder(folder);
  const asked = (await processIds()).map(async (pid) => {
    const where = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (where !== work) return [];
    const told = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return told.endsWith(["", ...orders, ""].join("\0")) ? [pid] : [];
  });
  return (await Promise.all(asked)).flat();
}

async function lastWords(folder: string): Promise<string> {
  const said = await readFile(join(folder, "stderr.txt"), "utf8").catch(() => "");
  return said.trim().split("\n").at(-1)?.slice(0, 300) || "it said nothing";
}

/** Whether somebody there speaks QUIC, asked once. */
export async function answersQuic(listen: string): Promise<boolean> {
  const at = parseListen(listen);
  assert(at !== undefined, "the address was checked before");
  const any: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const host = any[at.host] ?? at.host;
  const ids = randomBytes(16);
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const patience = setTimeout(() => resolve(false), answerMs);
  socket.on("message", (datagram) => isQuicAnswer(ids, datagram) && resolve(true));
  socket.on("error", () => resolve(false));
  socket.send(quicQuestion(ids), at.port, host, (error) => error !== null && resolve(false));
  try {
    return await promise;
  } finally {
    clearTimeout(patience);
    socket.close();
  }
}
