// Obeys the scrubber's machine: reads one held file at a time, slowly, and remembers when each was read.
import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { unreadableIn } from "#edge/error-log.ts";
import type { DiskChange } from "#edge/fill-state.ts";
import {
  byCheck,
  emptyScrub,
  ledgerText,
  oldestCheckAge,
  readLedger,
  type ScrubCommand,
  type ScrubEvent,
  type ScrubLimits,
  type ScrubNow,
  type ScrubState,
  step,
} from "#edge/scrub.ts";
import { readIfThere, writeWhole } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { type Disk, hashOrLoss, placeOf } from "./disk.ts";
import { errorsSince } from "./nginx-files.ts";
import { openGate, type RateGate } from "./rate-gate.ts";

export interface ScrubOrder {
  readonly disk: Disk;
  readonly limits: ScrubLimits;
  /** Where the moments of checks are kept. */
  readonly ledger: string;
  readonly clock: Clock;
  /** nginx's, which says what it could not read. */
  readonly errorLog: string;
  /** Nothing better to do: nginx is not busy, and no fill is under way. */
  readonly isIdle: () => boolean;
  /** A file was read: `proof` is what it should be, `sha256` what it is, undefined when it is not there. */
  readonly onRead: (found: {
    readonly key: string;
    readonly proof: string;
    readonly sha256: string | undefined;
  }) => void;
  readonly log: Log;
}

export interface ScrubReport {
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly oldestCheckMs: number;
}

const tickMs = 200;
const keepMs = 10 * 60_000;
const errorsMs = 1000;
const chunkBytes = 1 << 20;

export class Scrubber {
  readonly #order: ScrubOrder;
  readonly #state: ScrubState;
  readonly #gate: RateGate;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  /** Resolves when what is being read may be read on. */
  #pause: PromiseWithResolvers<void> | undefined;
  #keptAt: number;
  /** Where nginx's error log was read to, and when it was looked at last. */
  #errors: { readonly size: number; readonly at: number } | undefined;

  constructor(order: ScrubOrder) {
    this.#order = order;
    this.#state = emptyScrub(order.limits);
    this.#gate = openGate(order.limits.rate);
    this.#keptAt = order.clock.monoMs();
  }

  /** Before anything is known of the disk. */
  async begin(): Promise<void> {
    const text = await readIfThere(this.#order.ledger);
    this.#tell({ kind: "remembered", checks: readLedger(text ?? "") });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** What the fill learned about files in their places. */
  heed(changes: readonly DiskChange[]): void {
    for (const { key, entry } of byCheck(this.#state, changes)) {
      this.#tell(entry === undefined ? { kind: "gone", key } : { kind: "lies", key, ...entry });
    }
  }

  report(): ScrubReport {
    const { checkedFiles, checkedBytes } = this.#state;
    return {
      checkedFiles,
      checkedBytes,
      oldestCheckMs: Math.round(oldestCheckAge(this.#state, this.#order.clock.monoMs())),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#ending.abort();
    this.#pause?.resolve();
    await this.#reading;
    await this.#keep();
  }

  #now(): ScrubNow {
    const { clock } = this.#order;
    return { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
  }

  #tick(): void {
    this.#tell({ kind: "tick", isIdle: this.#order.isIdle() });
    const now = this.#order.clock.monoMs();
    if (now - this.#keptAt > keepMs) void this.#keep();
    if (now - (this.#errors?.at ?? Number.NEGATIVE_INFINITY) >= errorsMs) void this.#readErrors(now);
  }

  /** What was there before the first look says nothing about now. */
  async #readErrors(now: number): Promise<void> {
    const { errorLog, disk } = this.#order;
    const before = this.#errors?.size;
    this.#errors = { size: before ?? 0, at: now };
    const size = await stat(errorLog).then(
      (found) => found.size,
      () => 0,
    );
    this.#errors = { size, at: now };
    if (before === undefined || before === size) return;
    const text = await errorsSince({ errorLog }, before).catch(() => "");
    for (const key of unreadableIn(text, disk.folder)) this.#tell({ kind: "suspected", key });
  }

  #tell(event: ScrubEvent): void {
    if (this.#ending.signal.aborted) return;
    for (const command of step(this.#state, event, this.#now())) this.#obey(command);
  }

  #obey(command: ScrubCommand): void {
    switch (command.kind) {
      case "read":
        this.#reading = this.#read(command.key, command.proof);
        return;
      case "wait":
        this.#pause = Promise.withResolvers();
        return;
      case "go-on":
        this.#pause?.resolve();
        this.#pause = undefined;
    }
  }

  /** Never rejects: a file that cannot be read now is tried again another time. */
  async #read(key: string, proof: string): Promise<void> {
    const { disk, log, onRead } = this.#order;
    try {
      const sha256 = await hashOrLoss(() => this.#hash(placeOf(disk, key)));
      if (this.#ending.signal.aborted) return;
      this.#tell({ kind: "read", key });
      onRead({ key, proof, sha256 });
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      log.warn({ err: error, key }, "a held file could not be read again; it is tried another time");
      this.#tell({ kind: "unread", key });
    }
    this.#pause = undefined;
    this.#tick();
  }

  async #hash(path: string): Promise<string> {
    const hash = createHash("sha256");
    const file = await open(path, "r");
    try {
      for await (const chunk of this.#chunks(file)) hash.update(chunk);
      return hash.digest("hex");
    } finally {
      await file.close();
    }
  }

  async *#chunks(file: FileHandle): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.alloc(chunkBytes);
    for (let offset = 0; ; ) {
      await this.#pause?.promise;
      this.#ending.signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
      await this.#gate.pass(bytesRead, this.#ending.signal);
    }
  }

  async #keep(): Promise<void> {
    this.#keptAt = this.#order.clock.monoMs();
    try {
      await writeWhole(this.#order.ledger, ledgerText(this.#state, this.#now()));
    } catch (error) {
      this.#order.log.warn({ err: error, file: this.#order.ledger }, "the moments of checks were not kept");
    }
  }
}
