// How busy an appliance is: its access log followed from where it was last read, and the count of open connections.
import { type FileHandle, open } from "node:fs/promises";
import { nothing, plus, shareOfErrors, type Tally, tally } from "#edge/access-log.ts";
import { boundLog } from "./log-bound.ts";
import type { NginxHandle } from "./nginx.ts";

export interface Load {
  readonly bitsPerSecond: number;
  readonly connections: number;
  /** Since the agent's start. */
  readonly requests: number;
  readonly errors: number;
  /** Of the requests since the measurement before; 0 without requests. */
  readonly errorShare: number;
  /** That asked for something, since the agent's start. */
  readonly tlsConnections: number;
}

const chunkBytes = 1 << 20;
/** Two reports in quick succession share one measurement. */
const shortestSampleMs = 400;

type FollowedNginx = Pick<NginxHandle, "accessLog" | "errorLog" | "rotateLog" | "stub">;

/** A log as far as it was read. */
interface Tail {
  readonly file: FileHandle;
  offset: number;
  /** The beginning of a line whose end was not there yet. */
  rest: string;
}

/** Follows one nginx. `sample` is called at each report; what was logged before the first call does not count. */
export class LoadMeter {
  readonly #nginx: FollowedNginx;
  readonly #logBytes: number;
  readonly #onLines: (lines: string) => void;
  #log: Tail | undefined;
  /** The log before: a worker that is slow to let go of it writes there still, so it is read on until the next one. */
  #aside: Tail | undefined;
  #total: Tally = nothing;
  #sampledAt: number | undefined;
  #bitsPerSecond = 0;
  #errorShare = 0;

  /** `onLines` hears every whole line of the log, once. */
  constructor(nginx: FollowedNginx, logBytes: number, onLines: (lines: string) => void = () => undefined) {
    this.#nginx = nginx;
    this.#logBytes = logBytes;
    this.#onLines = onLines;
  }

  async sample(nowMs: number): Promise<Load> {
    const since = this.#sampledAt === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#sampledAt;
    if (since >= shortestSampleMs) {
      const before = this.#total;
      await this.#read();
      if (Number.isFinite(since)) this.#bitsPerSecond = ((this.#total.bytes - before.bytes) * 8000) / since;
      this.#errorShare = shareOfErrors(before, this.#total);
      this.#sampledAt = nowMs;
    }
    const stub = await this.#nginx.stub().catch(() => ({ connections: 0, requests: 0 }));
    const { requests, errors, tlsConnections } = this.#total;
    const { connections } = stub;
    return {
      ...{ bitsPerSecond: this.#bitsPerSecond, connections, requests, errors },
      errorShare: this.#errorShare,
      tlsConnections,
    };
  }

  /** As of the last measurement. */
  bitsPerSecond(): number {
    return this.#bitsPerSecond;
  }

  async close(): Promise<void> {
    const open = [this.#log, this.#aside];
    this.#log = undefined;
    this.#aside = undefined;
    for (const tail of open) await tail?.file.close();
  }

  /** Reads on, in the log that was set aside first. */
  async #read(): Promise<void> {
    // A disk that fails, or a flood, fills the error log while hardly anybody is served.
    await boundLog(this.#nginx, "error", this.#logBytes);
    if (this.#aside !== undefined) await this.#readToEnd(this.#aside);
    this.#log ??= await this.#open();
    if (this.#log === undefined) return;
    await this.#readToEnd(this.#log);
    if (this.#log.offset <= this.#logBytes) return;
    await this.#nginx.rotateLog("access");
    await this.#aside?.file.close();
    this.#aside = this.#log;
    this.#log = undefined;
  }

  async #open(): Promise<Tail | undefined> {
    const file = await open(this.#nginx.accessLog, "r").catch(() => undefined);
    if (file === undefined) return undefined;
    const offset = this.#sampledAt === undefined ? (await file.stat()).size : 0;
    return { file, offset, rest: "" };
  }

  async #readToEnd(tail: Tail): Promise<void> {
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await tail.file.read(buffer, 0, chunkBytes, tail.offset);
      if (bytesRead === 0) return;
      tail.offset += bytesRead;
      const text = tail.rest + buffer.toString("latin1", 0, bytesRead);
      const end = text.lastIndexOf("\n") + 1;
      const lines = text.slice(0, end);
      this.#total = plus(this.#total, tally(lines));
      this.#onLines(lines);
      tail.rest = text.slice(end).slice(-chunkBytes);
    }
  }
}
