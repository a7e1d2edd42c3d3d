// An nginx that a drill may kill: all its processes at once, as a power cut would, and started again when the drill is over.
import { join } from "node:path";
import { killedWords } from "#edge/killed.ts";
import { ownProcesses, signalTo } from "./nginx-process.ts";
import { type ServingHandle, type ServingOrder, superviseServing } from "./nginx-serving.ts";

/**
 * As superviseServing, and down while the state says that it is killed. One that is killed at first is not started, and one
 * that an agent left behind is killed.
 *
 * @throws Fault those of superviseServing
 */
export async function superviseKillable(order: ServingOrder): Promise<ServingHandle> {
  const nginx = new Killable(order);
  await nginx.begin();
  return nginx;
}

class Killable implements ServingHandle {
  readonly accessLog: string;
  readonly errorLog: string;
  readonly #order: ServingOrder;
  #state: ServingOrder["state"];
  /** Undefined while it is killed. */
  #running: ServingHandle | undefined;
  /** What is said of TLS and HTTP/3 while nothing runs. */
  #last: ServingHandle | undefined;
  #trouble = "";
  #turn: Promise<void> = Promise.resolve();

  constructor(order: ServingOrder) {
    this.#order = order;
    this.#state = order.state;
    this.accessLog = join(order.prefixDir, "logs/access.log");
    this.errorLog = join(order.prefixDir, "logs/error.log");
  }

  begin(): Promise<void> {
    return this.#inTurn(() => this.#bring(this.#state));
  }

  apply(state: ServingOrder["state"]): Promise<void> {
    return this.#inTurn(() => this.#bring(state));
  }

  status(): "up" | "starting" | "down" {
    return this.#running?.status() ?? "down";
  }

  trouble(): string {
    if (this.#running !== undefined) return this.#running.trouble();
    const { killed } = this.#state;
    return killed === undefined ? this.#trouble : killedWords(killed);
  }

  tls(): ReturnType<NonNullable<ServingHandle["tls"]>> {
    return this.#last?.tls?.();
  }

  http3(): ReturnType<NonNullable<ServingHandle["http3"]>> {
    return this.#last?.http3?.();
  }

  async refresh(): Promise<void> {
    await this.#running?.refresh();
  }

  async stub(): ReturnType<ServingHandle["stub"]> {
    if (this.#running === undefined) throw new Error(`nginx is down: ${this.trouble()}`);
    return this.#running.stub();
  }

  async rotateLog(log: "access" | "error"): Promise<void> {
    await this.#running?.rotateLog(log);
  }

  leave(): Promise<void> {
    return this.#inTurn(async () => this.#running?.leave());
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => this.#running?.stop());
  }

  async #bring(state: ServingOrder["state"]): Promise<void> {
    if (state.killed !== undefined) {
      this.#state = state;
      return this.#kill();
    }
    if (this.#running !== undefined) await this.#running.apply(state);
    else await this.#start(state);
    this.#state = state;
  }

  async #start(state: ServingOrder["state"]): Promise<void> {
    try {
      this.#running = await superviseServing({ ...this.#order, state });
      this.#last = this.#running;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** Told to stop first, so that nobody brings it back; then nothing of it is left to finish what it sends. */
  async #kill(): Promise<void> {
    const stopping = this.#running?.stop();
    this.#running = undefined;
    for (const { pid } of await ownProcesses(this.#order.prefixDir)) signalTo(pid, "SIGKILL");
    await stopping;
  }

  /** After whatever came before, whether or not that worked out. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    return mine;
  }
}
