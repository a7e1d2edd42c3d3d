// How busy an appliance is: its access log followed from where it was last read, and the count of open connections.
import { type FileHandle, open } from "node:fs/promises";
import { nothing, plus, type Tally, tally } from "#edge/access-log.ts";
import type { NginxHandle } from "./nginx.ts";

export interface Load {
  readonly bitsPerSecond: number;
  readonly connections: number;
  /** Since the agent's start. */
  readonly requests: number;
  readonly errors: number;
}

const chunkBytes = 1 << 20;
/** Two reports in quick succession share one measurement. */
const shortestSampleMs = 400;

/** Follows one nginx. `sample` is called at each report; what was logged before the first call does not count. */
export class LoadMeter {
  readonly #nginx: NginxHandle;
  readonly #logBytes: number;
  #log: FileHandle | undefined;
  #offset = 0;
  #rest = "";
  #rotated = false;
  #total: Tally = nothing;
  #sampledAt: number | undefined;
  #bitsPerSecond = 0;

  constructor(nginx: NginxHandle, logBytes: number) {
    this.#nginx = nginx;
    this.#logBytes = logBytes;
  }

  async sample(nowMs: number): Promise<Load> {
    const since = this.#sampledAt === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#sampledAt;
    if (since >= shortestSampleMs) {
      const before = this.#total.bytes;
      await this.#read();
      if (Number.isFinite(since)) this.#bitsPerSecond = ((this.#total.bytes - before) * 8000) / since;
      this.#sampledAt = nowMs;
    }
    const stub = await this.#nginx.stub().catch(() => ({ connections: 0, requests: 0 }));
    const { requests, errors } = this.#total;
    return { bitsPerSecond: this.#bitsPerSecond, connections: stub.connections, requests, errors };
  }

  async close(): Promise<void> {
    await this.#log?.close();
    this.#log = undefined;
  }

  /** Reads on. A log that was set aside is read to its end once more, when nginx has let go of it, then the new one. */
  async #read(): Promise<void> {
    const first = this.#sampledAt === undefined;
    this.#log ??= await open(this.#nginx.accessLog, "r").catch(() => undefined);
    if (this.#log === undefined) return;
    if (first) this.#offset = (await this.#log.stat()).size;
    await this.#readToEnd(this.#log);
    if (this.#rotated) {
      await this.close();
      this.#rotated = false;
      this.#offset = 0;
      this.#rest = "";
    } else if (this.#offset > this.#logBytes) {
      await this.#nginx.rotateLog();
      this.#rotated = true;
    }
  }

  async #readToEnd(log: FileHandle): Promise<void> {
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await log.read(buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      const text = this.#rest + buffer.toString("latin1", 0, bytesRead);
      const end = text.lastIndexOf("\n") + 1;
      this.#total = plus(this.#total, tally(text.slice(0, end)));
      this.#rest = text.slice(end).slice(-chunkBytes);
    }
  }
}
