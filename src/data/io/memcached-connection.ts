// One socket to one memcached: commands go out together, answers come back in the same order. It is away or it is open; while
// it is away, calls fail at once, and it is tried again after rests that double.
import { randomInt } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Values } from "#config/setting.ts";
import { type CacheServer, nameOf } from "#data/cache-servers.ts";
import { dataFaults } from "#data/faults.ts";
import { type MetaReply, noopCommand, ReplyReader } from "#data/meta-protocol.ts";
import type { dataSettings } from "#data/settings.ts";
import { Fault } from "#units/fault.ts";
import type { Alarm, Alarms } from "./alarms.ts";

export type CacheSettings = Pick<
  Values<typeof dataSettings>,
  Extract<keyof typeof dataSettings, `cache${string}`>
>;

/** A command before its number is known; a text is ASCII. */
export type Command = (opaque: number) => string | Uint8Array;

/** When a call is over. */
export interface Limit {
  /** Of performance.now(). */
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A class and no closures: there is one for each of 100,000 questions a second. */
class Ask implements Alarm, EventListenerObject {
  readonly opaque: string;
  readonly said: string | Uint8Array;
  readonly sentAtMs = performance.now();
  readonly atMs: number;
  slot: number | undefined;
  /** Nobody waits any more, and the answer is dropped. */
  isOver = false;
  resolve: (reply: MetaReply) => void = unheard;
  reject: (reason: unknown) => void = unheard;
  readonly #signal: AbortSignal | undefined;
  readonly #alarms: Alarms;
  readonly #onSlow: (ask: Ask) => void;

  constructor(
    order: { readonly opaque: string; readonly said: string | Uint8Array; readonly limit: Limit },
    alarms: Alarms,
    onSlow: (ask: Ask) => void,
  ) {
    this.opaque = order.opaque;
    this.said = order.said;
    this.atMs = order.limit.endsAtMs;
    this.#signal = order.limit.signal;
    this.#alarms = alarms;
    this.#onSlow = onSlow;
    alarms.set(this);
    this.#signal?.addEventListener("abort", this, { once: true });
  }

  ring(): void {
    this.#onSlow(this);
  }

  handleEvent(): void {
    this.fail(this.#signal?.reason);
  }

  answer(reply: MetaReply): void {
    if (this.#end()) this.resolve(reply);
  }

  fail(reason: unknown): void {
    if (this.#end()) this.reject(reason);
  }

  /** False: it had ended before. */
  #end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.#alarms.clear(this);
    this.#signal?.removeEventListener("abort", this);
    return true;
  }
}

const unheard = (): void => undefined;
const firstRestMs = 25;
const connectMs = 1000;
/** A server that owes an answer for so long is given up: its socket may be dead without having said so. */
const stallMs = 1000;

export class MemcachedConnection {
  readonly #alarms: Alarms;
  readonly #server: CacheServer;
  readonly #settings: CacheSettings;
  #socket: Socket | undefined;
  #state: "opening" | "open" | "away" | "closed" = "away";
  /** In a row. */
  #failures = 0;
  #reason = "it was not asked yet";
  #retry: NodeJS.Timeout | undefined;
  /** In the order of their answers, from `#first` on. */
  #said: Ask[] = [];
  #first = 0;
  /** Not said yet. */
  #unsaid: Ask[] = [];
  #next = 0;
  #waitingBytes = 0;
  #flush: NodeJS.Immediate | undefined;

  constructor(server: CacheServer, settings: CacheSettings, alarms: Alarms) {
    this.#alarms = alarms;
    this.#server = server;
    this.#settings = settings;
    this.#open();
  }

  /** @throws Fault cache-away, cache-slow, cache-busy; the signal's reason when aborted */
  ask(command: Command, limit: Limit): Promise<MetaReply> {
    const refusal = this.#refusal();
    if (limit.signal?.aborted === true) return Promise.reject(limit.signal.reason);
    if (refusal !== undefined) return Promise.reject(refusal);
    const opaque = this.#next++;
    const said = command(opaque);
    if (this.#waitingBytes + said.length > this.#settings.cacheQueueMib << 20) {
      return Promise.reject(this.#busy());
    }
    const ask = new Ask({ opaque: `${opaque}`, said, limit }, this.#alarms, this.#onSlow);
    this.#unsaid.push(ask);
    this.#waitingBytes += said.length;
    this.#flushSoon();
    return new Promise((resolve, reject) => {
      ask.resolve = resolve;
      ask.reject = reject;
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

  readonly #onSlow = (ask: Ask): void => {
    ask.fail(this.#fault("cacheSlow", { ms: Math.round(ask.atMs - ask.sentAtMs) }));
    this.#giveUpStalled();
  };

  #refusal(): Fault | undefined {
    if (this.#state === "closed") return new Fault(dataFaults.cacheClosed);
    // Before the first answer calls wait for it: a program that has just begun is not yet without its cache.
    const away = this.#state === "away" || (this.#state === "opening" && this.#failures > 0);
    if (away) return this.#fault("cacheAway", { reason: this.#reason });
    return this.#waiting() >= this.#settings.cacheQueue ? this.#busy() : undefined;
  }

  #waiting(): number {
    return this.#said.length - this.#first + this.#unsaid.length;
  }

  #busy(): Fault {
    return this.#fault("cacheBusy", { waiting: this.#waiting() });
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
    const asks = [...this.#said.slice(this.#first), ...this.#unsaid];
    [this.#said, this.#first, this.#unsaid, this.#waitingBytes] = [[], 0, [], 0];
    for (const ask of asks) ask.fail(fault);
  }

  #answer(socket: Socket, reply: MetaReply): void {
    const ask = this.#said[this.#first];
    // An error names no question; answers keep their order, so it is the first one's.
    const isIts = ask !== undefined && (reply.kind === "ERROR" || reply.opaque === ask.opaque);
    // After these nobody knows what it makes of the bytes that follow.
    const isLost = reply.text.startsWith("CLIENT_ERROR") || reply.text === "ERROR";
    if (!isIts || isLost) {
      this.#lost(socket, isIts ? `it says "${reply.text}"` : "it answered a question that was not asked");
      return;
    }
    this.#first += 1;
    // Cut off now and then: to shift each one would move all that wait.
    if (this.#first > 64 && 2 * this.#first > this.#said.length) {
      this.#said = this.#said.slice(this.#first);
      this.#first = 0;
    }
    this.#waitingBytes -= ask.said.length;
    ask.answer(reply);
  }

  #giveUpStalled(): void {
    const oldest = this.#said[this.#first];
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
    const wanted: Ask[] = [];
    for (const ask of this.#unsaid) {
      // What nobody waits for any more is not said at all.
      if (ask.isOver) this.#waitingBytes -= ask.said.length;
      else {
        wanted.push(ask);
        this.#said.push(ask);
      }
    }
    this.#unsaid = [];
    if (wanted.length > 0) say(socket, wanted);
  }
}

/** In one write. */
function say(socket: Socket, asks: readonly Ask[]): void {
  const texts = asks.flatMap(({ said }) => (typeof said === "string" ? [said] : []));
  if (texts.length === asks.length) socket.write(texts.join(""), "latin1");
  else {
    socket.write(
      Buffer.concat(asks.map(({ said }) => (typeof said === "string" ? Buffer.from(said, "latin1") : said))),
    );
  }
}
