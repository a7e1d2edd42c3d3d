// One socket to one memcached: commands go out together, answers come back in the same order. It is away or it is open; while
// it is away, calls fail at once, and it is tried again after rests that double.
import { randomInt } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Values } from "#config/setting.ts";
import { type CacheServer, nameOf } from "#data/cache-servers.ts";
import { dataFaults } from "#data/faults.ts";
import { type MetaReply, noopCommand, ReplyReader } from "#data/meta-protocol.ts";
import type { CacheCall } from "#data/ports-cache.ts";
import type { dataSettings } from "#data/settings.ts";
import { Fault } from "#units/fault.ts";

export type CacheSettings = Pick<
  Values<typeof dataSettings>,
  Extract<keyof typeof dataSettings, `cache${string}`>
>;

/** A command before its number is known. */
export type Command = (opaque: number) => Uint8Array;

interface Ask {
  readonly opaque: string;
  readonly bytes: Uint8Array;
  readonly sentAtMs: number;
  /** undefined: nobody waits any more, and the answer is dropped. */
  settle: ((outcome: MetaReply | Fault) => void) | undefined;
}

const firstRestMs = 25;
const connectMs = 1000;
/** A server that owes an answer for so long is given up: its socket may be dead without having said so. */
const stallMs = 1000;

export class MemcachedConnection {
  readonly #server: CacheServer;
  readonly #settings: CacheSettings;
  #socket: Socket | undefined;
  #state: "opening" | "open" | "away" | "closed" = "away";
  /** In a row. */
  #failures = 0;
  #reason = "it was not asked yet";
  #retry: NodeJS.Timeout | undefined;
  /** Said, or about to be, in the order of their answers. */
  #asks: Ask[] = [];
  #next = 0;
  /** Of `#asks`: how many were handed to the socket. */
  #sent = 0;
  #waitingBytes = 0;
  #flush: NodeJS.Immediate | undefined;

  constructor(server: CacheServer, settings: CacheSettings) {
    this.#server = server;
    this.#settings = settings;
    this.#open();
  }

  /** @throws Fault cache-away, cache-slow, cache-busy; the signal's reason when aborted */
  ask(
    command: Command,
    { deadlineMs = this.#settings.cacheDeadlineMs, signal }: CacheCall,
  ): Promise<MetaReply> {
    const refusal = this.#refusal();
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (refusal !== undefined) return Promise.reject(refusal);
    const opaque = this.#next++;
    const bytes = command(opaque);
    if (this.#waitingBytes + bytes.length > this.#settings.cacheQueueMib << 20) {
      return Promise.reject(this.#busy());
    }
    return new Promise((resolve, reject) => {
      const over = (reason: unknown): void => {
        finish();
        reject(reason);
      };
      const onAbort = (): void => over(signal?.reason);
      const timer = setTimeout(() => {
        over(this.#fault("cacheSlow", { ms: Math.round(deadlineMs) }));
        this.#giveUpStalled();
      }, deadlineMs);
      const ask: Ask = { opaque: `${opaque}`, bytes, sentAtMs: performance.now(), settle: undefined };
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        ask.settle = undefined;
      };
      ask.settle = (outcome) => {
        finish();
        if (outcome instanceof Fault) reject(outcome);
        else resolve(outcome);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#asks.push(ask);
      this.#waitingBytes += bytes.length;
      this.#flushSoon();
    });
  }

  isOpen(): boolean {
    return this.#state === "open";
  }

  close(): void {
    this.#state = "closed";
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#failAll(new Fault(dataFaults.cacheClosed));
  }

  #refusal(): Fault | undefined {
    if (this.#state === "closed") return new Fault(dataFaults.cacheClosed);
    // Before the first answer calls wait for it: a program that has just begun is not yet without its cache.
    const away = this.#state === "away" || (this.#state === "opening" && this.#failures > 0);
    if (away) return this.#fault("cacheAway", { reason: this.#reason });
    return this.#asks.length >= this.#settings.cacheQueue ? this.#busy() : undefined;
  }

  #busy(): Fault {
    return this.#fault("cacheBusy", { waiting: this.#asks.length });
  }

  #fault(
    row: "cacheAway" | "cacheSlow" | "cacheBusy",
    facts: Readonly<Record<string, string | number>>,
  ): Fault {
    return new Fault(dataFaults[row], { server: nameOf(this.#server), ...facts });
  }

  #open(): void {
    this.#state = "opening";
    const socket = connect({ ...this.#server, noDelay: true });
    this.#socket = socket;
    const reader = new ReplyReader();
    const lost = (reason: string): void => this.#lost(socket, reason);
    const slow = setTimeout(() => lost(`no answer within ${connectMs} ms`), connectMs);
    socket.on("connect", () => socket.write(noopCommand));
    socket.on("data", (chunk: Uint8Array) => {
      if (this.#socket !== socket) return;
      const read = reader.push(chunk);
      if (read.kind === "broken") {
        lost(read.because);
        return;
      }
      for (const reply of read.replies) {
        if (this.#socket !== socket) return;
        if (this.#state === "open") this.#answer(socket, reply);
        else if (reply.kind === "MN") this.#opened(slow);
        else lost(`it is no memcached 1.6 or newer: it says "${reply.text}"`);
      }
    });
    socket.on("drain", () => this.#flushSoon());
    socket.on("error", (error) => lost(error.message));
    socket.on("close", () => {
      clearTimeout(slow);
      lost("it hung up");
    });
  }

  /** Not before it has answered once: a socket that opens proves little. */
  #opened(slow: NodeJS.Timeout): void {
    clearTimeout(slow);
    this.#failures = 0;
    this.#state = "open";
    this.#flushSoon();
  }

  #lost(socket: Socket, reason: string): void {
    if (this.#socket !== socket || this.#state === "closed") return;
    this.#socket = undefined;
    socket.destroy();
    this.#state = "away";
    this.#reason = reason;
    this.#failAll(this.#fault("cacheAway", { reason }));
    const longest = this.#settings.cacheRetrySeconds * 1000;
    const rest = Math.min(longest, firstRestMs * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    // Between half and all of it, so that programs which lost the same server do not come back at the same moment.
    this.#retry = setTimeout(() => this.#open(), (rest * randomInt(500, 1001)) / 1000);
    this.#retry.unref();
  }

  #failAll(fault: Fault): void {
    const asks = this.#asks;
    [this.#asks, this.#sent, this.#waitingBytes] = [[], 0, 0];
    for (const ask of asks) ask.settle?.(fault);
  }

  #answer(socket: Socket, reply: MetaReply): void {
    const ask = this.#asks[0];
    // An error names no question; answers keep their order, so it is the first one's.
    const isIts = ask !== undefined && (reply.kind === "ERROR" || reply.opaque === ask.opaque);
    // After these nobody knows what it makes of the bytes that follow.
    const isLost = reply.text.startsWith("CLIENT_ERROR") || reply.text === "ERROR";
    if (!isIts || isLost) {
      this.#lost(socket, isIts ? `it says "${reply.text}"` : "it answered a question that was not asked");
      return;
    }
    this.#asks.shift();
    this.#sent -= 1;
    this.#waitingBytes -= ask.bytes.length;
    ask.settle?.(reply);
  }

  #giveUpStalled(): void {
    const [oldest] = this.#asks;
    if (this.#state !== "open" || oldest === undefined || this.#socket === undefined) return;
    if (performance.now() - oldest.sentAtMs > stallMs)
      this.#lost(this.#socket, `no answer within ${stallMs} ms`);
  }

  /** What is asked in one turn of the program goes out in one write. */
  #flushSoon(): void {
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      this.#flushNow();
    });
  }

  #flushNow(): void {
    const socket = this.#socket;
    if (this.#state !== "open" || socket === undefined || socket.writableNeedDrain) return;
    const fresh = this.#asks.slice(this.#sent);
    // What nobody waits for any more is not said at all.
    const wanted = fresh.filter((ask) => ask.settle !== undefined);
    for (const ask of fresh) if (ask.settle === undefined) this.#waitingBytes -= ask.bytes.length;
    this.#asks = [...this.#asks.slice(0, this.#sent), ...wanted];
    this.#sent = this.#asks.length;
    if (wanted.length > 0) socket.write(Buffer.concat(wanted.map((ask) => ask.bytes)));
  }
}
