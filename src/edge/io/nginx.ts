// Supervises one nginx: starts or adopts it, reloads it, brings it back when it dies, ends it without cutting anyone off.
import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { removeTree } from "#io/files.ts";
import type { SigningKey } from "#io/signed-path.ts";
import { Fault } from "#units/fault.ts";
import {
  installCandidate,
  listensOf,
  makePlace,
  type NginxPlace,
  type RenderedConfig,
  renderConfig,
  restoreLastGood,
  type ServeState,
  tryConfig,
} from "./nginx-files.ts";
import { eventOf, guardNginx } from "./nginx-guard.ts";
import { demandPort, findAdoptable, launchNginx, type NginxLife } from "./nginx-life.ts";
import { endAll, signalTo } from "./nginx-process.ts";
import { awaitReload, isSlow, type Reload, tellReload } from "./nginx-reload.ts";
import { readStub, type Stub } from "./nginx-status.ts";
import { workerUser } from "./worker-user.ts";

export type { ServeState, SigningKey, Stub };

export type NginxEvent =
  | { readonly kind: "started"; readonly pid: number; readonly adopted: boolean }
  | { readonly kind: "ended"; readonly how: string; readonly restartInMs: number }
  | { readonly kind: "not-started"; readonly because: string; readonly restartInMs: number }
  | { readonly kind: "reloaded"; readonly generation: string }
  | { readonly kind: "woken" | "worker-killed"; readonly pid: number }
  | { readonly kind: "stuck-killed"; readonly pid: number; readonly because: string }
  | { readonly kind: "hung" | "unwatched"; readonly because: string }
  | { readonly kind: "left"; readonly pid: number }
  | { readonly kind: "stopped" };

export interface NginxOrder {
  /** Path of the program; undefined when this machine has none. */
  readonly nginx: string | undefined;
  /** Folder of the dynamic modules that hold set_misc, or undefined. */
  readonly modulesFolder: string | undefined;
  /** nginx's own folder, one per appliance. */
  readonly prefixDir: string;
  readonly state: ServeState;
  readonly stopGraceMs: number;
  /** Silence after which a running one is killed and started again; absent: it is not asked. */
  readonly hangMs?: number;
  /** Time for a worker that was told to leave; see nginx-retired.ts. Absent: 30 s. */
  readonly stuckMs?: number;
  /** How long a reload may take before it is told to be slow, in ms; absent: 10 s. */
  readonly takeOverMs?: number;
  /** Its end stops nginx, as `stop` does. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: NginxEvent) => void;
}

export interface NginxHandle {
  readonly accessLog: string;
  readonly errorLog: string;
  status(): "up" | "starting" | "down";
  /** Why it is not up; empty when it is. */
  trouble(): string;
  /**
   * Takes over another state once nginx itself finds it right; otherwise the old one stays, and a Fault is thrown.
   * After the Fault reload-slow the new one is on its way, and the same call again waits on.
   */
  apply(state: ServeState): Promise<void>;
  /** Fresh workers, which know nothing of files as they were. */
  refresh(): Promise<void>;
  stub(): Promise<Stub>;
  /** Sets a log aside (one older is kept) and lets nginx begin a new one. */
  rotateLog(log: "access" | "error"): Promise<void>;
  /** Lets go of it: it serves on, and whoever comes next adopts it. */
  leave(): Promise<void>;
  /** Lets it finish what it sends, for the grace time; then it goes. Nothing is left behind. */
  stop(): Promise<void>;
}

const firstPauseMs = 50;
const longestPauseMs = 5000;
/** A life longer than this was no failed start: the next restart is at once. */
const soundLifeMs = 10_000;
const takeOverMs = 10_000;
const stuckMs = 30_000;
/** Between two looks at a slow reload. */
const followMs = 500;

/** What nginx serves, as wish and as text. */
interface Settled {
  readonly state: ServeState;
  readonly config: RenderedConfig;
}

interface Unsettled {
  readonly reload: Reload;
  readonly before: Settled | undefined;
  /** Else it was not taken. */
  readonly isSlow: boolean;
}

/**
 * Brings an nginx up, or takes over the one that a killed agent left behind.
 *
 * @throws Fault nginx-missing, nginx-config-refused, port-taken (naming the holder), nginx-failed
 */
export async function superviseNginx(order: NginxOrder): Promise<NginxHandle> {
  order.signal.throwIfAborted();
  const { folder, user: wish } = order.state;
  const user = await workerUser({ wish, folder, signal: order.signal });
  const place = await makePlace({ ...order, user });
  const supervisor = new Supervisor(order, place, renderConfig(place, order.state));
  try {
    await supervisor.begin();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  return supervisor;
}

class Supervisor implements NginxHandle {
  readonly accessLog: string;
  readonly errorLog: string;
  readonly #order: NginxOrder;
  readonly #place: NginxPlace;
  readonly #ending = new AbortController();
  #state: ServeState;
  #config: RenderedConfig;
  #life: NginxLife | undefined;
  #status: "up" | "starting" | "down" = "starting";
  #trouble = "";
  #pauseMs = 0;
  #watching: Promise<void> = Promise.resolve();
  /** Changes of configuration, restarts included, happen one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;
  readonly #takeOverMs: number;
  /** In this life of nginx. */
  #lastReload: Reload | undefined;
  /** The last reload, while it is not through, and what to go back to. */
  #unsettled: Unsettled | undefined;
  #slowness = "";
  #following: Promise<void> | undefined;

  constructor(order: NginxOrder, place: NginxPlace, config: RenderedConfig) {
    this.#order = order;
    this.#place = place;
    this.#state = order.state;
    this.#config = config;
    this.accessLog = place.accessLog;
    this.errorLog = place.errorLog;
    this.#takeOverMs = order.takeOverMs ?? takeOverMs;
    order.signal.addEventListener("abort", () => void this.stop(), { once: true });
  }

  async begin(): Promise<void> {
    await tryConfig(this.#place, this.#config.text, this.#order.signal);
    await installCandidate(this.#place);
    const adopted = await this.#adopt();
    this.#live(adopted ?? (await this.#launch()), adopted !== undefined);
    this.#watching = this.#watch();
  }

  status(): "up" | "starting" | "down" {
    return this.#status;
  }

  trouble(): string {
    return this.#trouble || this.#slowness;
  }

  apply(state: ServeState): Promise<void> {
    return this.#inTurn(() => this.#change(state));
  }

  refresh(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#life !== undefined) await this.#takeOver(this.#life.pid);
    });
  }

  stub(): Promise<Stub> {
    return readStub(this.#place.socket);
  }

  async rotateLog(log: "access" | "error"): Promise<void> {
    const path = log === "access" ? this.accessLog : this.errorLog;
    await rename(path, `${path}.1`).catch(() => undefined);
    if (this.#life !== undefined) signalTo(this.#life.pid, "SIGUSR1");
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  leave(): Promise<void> {
    this.#stopped ??= this.#letGo();
    return this.#stopped;
  }

  /** Changes under way come to their end first: what serves on is one whole configuration. */
  async #letGo(): Promise<void> {
    await this.#turn.catch(() => undefined);
    this.#ending.abort();
    const life = this.#life;
    life?.letGo();
    if (life !== undefined) this.#order.onEvent({ kind: "left", pid: life.pid });
  }

  async #end(): Promise<void> {
    this.#ending.abort();
    await this.#turn.catch(() => undefined);
    await endAll(this.#place.prefixDir, this.#order.stopGraceMs);
    await this.#watching;
    await removeTree(this.#place.socket);
    this.#life = undefined;
    this.#status = "down";
    this.#trouble = "nginx was stopped";
    this.#order.onEvent({ kind: "stopped" });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    return mine;
  }

  /** A left-over master is told to take over our configuration; one that will not is ended and replaced. */
  async #adopt(): Promise<NginxLife | undefined> {
    const found = await findAdoptable(this.#place, this.#ending.signal);
    if (found === undefined) return undefined;
    try {
      await this.#takeOver(found.pid);
      return found;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (isSlow(error)) return found;
      await endAll(this.#place.prefixDir, this.#order.stopGraceMs);
      return undefined;
    }
  }

  #launch(): Promise<NginxLife> {
    return launchNginx(this.#place, listensOf(this.#state), this.#config.generation);
  }

  #live(life: NginxLife, adopted: boolean): void {
    this.#life = life;
    this.#status = "up";
    this.#trouble = "";
    this.#order.onEvent({ kind: "started", pid: life.pid, adopted });
    const { hangMs, onEvent } = this.#order;
    if (hangMs === undefined) return;
    const over = new AbortController();
    void life.ended.then(() => over.abort());
    guardNginx({
      pid: life.pid,
      prefixDir: this.#place.prefixDir,
      socket: this.#place.socket,
      hangMs,
      stuckMs: this.#order.stuckMs ?? stuckMs,
      reload: () => this.#lastReload,
      signal: AbortSignal.any([over.signal, this.#ending.signal]),
      onCommand: (command) => onEvent(eventOf(command)),
    }).catch((error: unknown) => onEvent({ kind: "unwatched", because: String(error) }));
  }

  async #watch(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const life = this.#life;
      if (life === undefined) {
        await this.#inTurn(() => this.#revive());
        continue;
      }
      const begun = performance.now();
      const how = await life.ended;
      this.#life = undefined;
      this.#lastReload = undefined;
      this.#unsettled = undefined;
      this.#slowness = "";
      if (this.#ending.signal.aborted) return;
      this.#pauseMs = performance.now() - begun > soundLifeMs ? 0 : this.#nextPause();
      this.#status = "starting";
      this.#trouble = `nginx ended (${how}) and is started again`;
      this.#order.onEvent({ kind: "ended", how, restartInMs: this.#pauseMs });
    }
  }

  /** One try to bring it back, after the pause that is due. */
  async #revive(): Promise<void> {
    await sleep(this.#pauseMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    if (this.#ending.signal.aborted) return;
    try {
      this.#live(await this.#launch(), false);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#pauseMs = this.#nextPause();
      this.#status = "down";
      this.#trouble = error.message;
      this.#order.onEvent({ kind: "not-started", because: error.message, restartInMs: this.#pauseMs });
    }
  }

  #nextPause(): number {
    return Math.min(longestPauseMs, Math.max(firstPauseMs, this.#pauseMs * 2));
  }

  async #change(state: ServeState): Promise<void> {
    const config = renderConfig(this.#place, state);
    if (config.text === this.#config.text) return this.#settle(this.#takeOverMs);
    const known = listensOf(this.#state);
    for (const listen of listensOf(state)) if (!known.includes(listen)) await demandPort(listen);
    await tryConfig(this.#place, config.text, this.#ending.signal);
    await installCandidate(this.#place);
    const before = { state: this.#state, config: this.#config };
    this.#state = state;
    this.#config = config;
    this.#unsettled = undefined;
    if (this.#life === undefined) return;
    await this.#orBack(before, this.#takeOver(this.#life.pid, before));
    this.#order.onEvent({ kind: "reloaded", generation: config.generation });
  }

  /** A slow reload is not undone: nginx has the new configuration already, or will when the disk answers. */
  async #orBack(before: Settled | undefined, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isSlow(error) && before !== undefined) {
        this.#state = before.state;
        this.#config = before.config;
        await restoreLastGood(this.#place);
        await this.#goBack();
      }
      throw error;
    }
  }

  /** To the last good configuration. An nginx that does not take it serves on; whether it hangs is the guard's to find. */
  async #goBack(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    try {
      await this.#takeOver(life.pid);
    } catch (error) {
      if (isSlow(error)) return;
      if (!(error instanceof Fault)) throw error;
      this.#slowness = `nginx did not go back to what it served before: ${error.message}`;
    }
  }

  async #takeOver(pid: number, before?: Settled): Promise<void> {
    const reload = await tellReload(this.#place, pid, { ...this.#config, ...this.#state });
    this.#lastReload = reload;
    await this.#await(reload, before, this.#takeOverMs);
  }

  async #await(reload: Reload, before: Settled | undefined, waitMs: number): Promise<void> {
    try {
      await awaitReload(this.#place, reload, waitMs);
    } catch (error) {
      this.#unsettled = { reload, before, isSlow: isSlow(error) };
      if (isSlow(error)) this.#slow(error.message);
      throw error;
    }
    this.#unsettled = undefined;
    this.#slowness = "";
  }

  #slow(words: string): void {
    this.#slowness = words;
    this.#following ??= this.#follow().finally(() => {
      this.#following = undefined;
    });
  }

  /** Looks at a slow reload now and then, until it is through. */
  async #follow(): Promise<void> {
    const { signal } = this.#ending;
    while (this.#unsettled?.isSlow === true && !signal.aborted) {
      await sleep(followMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#inTurn(() => this.#settle(0)).catch(() => undefined);
    }
  }

  /** What is left of the last reload, if anything: one that was not taken is told again. */
  async #settle(waitMs: number): Promise<void> {
    const [life, unsettled] = [this.#life, this.#unsettled];
    if (life === undefined || unsettled === undefined) return;
    const { reload, before } = unsettled;
    await this.#orBack(
      before,
      unsettled.isSlow ? this.#await(reload, before, waitMs) : this.#takeOver(life.pid),
    );
    this.#order.onEvent({ kind: "reloaded", generation: reload.generation });
  }
}
