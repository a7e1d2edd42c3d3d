// How long a thread was kept from its work: a stretch of time by the clock, less what other programs took of it.
import { closeSync, openSync, readSync } from "node:fs";

/** Makes no garbage, for it watches for what garbage costs. */
export class Stopwatch {
  /** ms between the last two laps, by the clock. */
  clockMs = 0;
  /** Of it, what this thread was not kept waiting for a processor. */
  ownMs = 0;
  private clock: number;
  private waits: number;
  private readonly file: number | undefined;
  private readonly text = Buffer.alloc(96);
  private readonly place = { length: 96, position: 0 };

  /**
   * The kernel counts how long a thread was ready and did not run (second field of schedstat, ns). Where it does not say,
   * both times are the clock's.
   */
  constructor() {
    this.file = opened();
    this.clock = performance.now();
    this.waits = this.waited();
  }

  lap(): void {
    const now = performance.now();
    const waits = this.waited();
    this.clockMs = now - this.clock;
    this.ownMs = Math.max(0, this.clockMs - (waits - this.waits));
    this.clock = now;
    this.waits = waits;
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }

  private waited(): number {
    if (this.file === undefined) return 0;
    const size = readSync(this.file, this.text, this.place);
    let at = 0;
    while (at < size && this.text[at] !== 0x20) at++;
    let nanoseconds = 0;
    for (at++; at < size && this.text[at] !== 0x20; at++) {
      nanoseconds = 10 * nanoseconds + ((this.text[at] ?? 0x30) - 0x30);
    }
    return nanoseconds / 1e6;
  }
}

function opened(): number | undefined {
  try {
    return openSync("/proc/thread-self/schedstat", "r");
  } catch {
    console.error("the kernel does not say how long this thread waited for a processor");
    return undefined;
  }
}
