// The embedded event log: what was acknowledged is on disk. Many appends share one fdatasync, because a disk that
// syncs 300 times a second must still take 20 000 beacons.
import { type FileHandle, rm, stat } from "node:fs/promises";
import type { Values } from "#config/setting.ts";
import { dataFaults } from "#data/faults.ts";
import { encodeBatch, frameBytes } from "#data/frame.ts";
import type { EventLog, LogRecord } from "#data/ports.ts";
import type { dataSettings } from "#data/settings.ts";
import { Fault } from "#units/fault.ts";
import { type FolderLock, lockFolder } from "./folder-lock.ts";
import {
  beginSegment,
  listSegments,
  readSegment,
  recover,
  type Segment,
  segmentHeaderBytes,
  sizeOfAll,
  syncFolder,
  writeAll,
} from "./segment-files.ts";

type LogSettings = Pick<Values<typeof dataSettings>, Extract<keyof typeof dataSettings, `log${string}`>>;

export interface LogOrder {
  readonly folder: string;
  readonly settings: LogSettings;
  /** Ends opening early; an open log is ended by `close`. */
  readonly signal: AbortSignal;
  /** Told what recovery did. */
  readonly onNote?: (text: string) => void;
}

interface Waiting {
  readonly values: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: (offset: number) => void;
  readonly reject: (fault: Fault) => void;
}

interface Found {
  readonly lock: FolderLock;
  readonly segments: Segment[];
  readonly handle: FileHandle;
  readonly end: number;
}

const mebibyte = 1 << 20;
const maxReadBytes = 4 * mebibyte;

/**
 * Opens the log of a folder, alone: recovers it from a crash first.
 *
 * @throws Fault data-folder-taken, data-folder-foreign; the signal's reason when aborted
 */
export async function openEventLog(order: LogOrder): Promise<EventLog> {
  order.signal.throwIfAborted();
  const lock = await lockFolder(order.folder);
  try {
    const segments = await listSegments(order.folder);
    order.signal.throwIfAborted();
    const { handle, end } = await recover(order, segments);
    return new SegmentLog(order, { lock, segments, handle, end });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class SegmentLog implements EventLog {
  readonly #folder: string;
  readonly #settings: LogSettings;
  readonly #lock: FolderLock;
  /** By base; the last is the one that is written to. */
  readonly #segments: Segment[];
  #handle: FileHandle;
  /** Offset after the last durable record. */
  #end: number;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  /** When the first in the queue came, milliseconds. */
  #waitingSince = 0;
  /** What nobody was done with yet, in bytes; undefined when a file has grown, come or gone since it was counted. */
  #unread: number | undefined;
  /** Everything below has been read by everybody: `truncateBefore` said so. */
  #released = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #refusal: Fault | undefined;
  /** Why the last batch did not reach the disk; the next one may. */
  #missed: Fault | undefined;
  /** Size of the last batch that found no room: the measure of whether there is room again. */
  #tooBig = 1;
  #closing: Promise<void> | undefined;
  #tell: (seconds: number) => void = () => undefined;

  constructor(order: LogOrder, state: Found) {
    this.#folder = order.folder;
    this.#settings = order.settings;
    this.#lock = state.lock;
    this.#segments = state.segments;
    this.#handle = state.handle;
    this.#end = state.end;
  }

  append(values: readonly Uint8Array[]): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#refusal !== undefined) throw this.#refusal;
      if (values.length === 0) return resolve(this.#end);
      const bytes = this.#sizeOf(values);
      const lack = this.#lackOfRoom(bytes);
      if (lack !== undefined) {
        this.#tooBig = bytes;
        throw lack;
      }
      if (this.#queue.length === 0) this.#waitingSince = performance.now();
      this.#queue.push({ values, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#schedule();
    });
  }

  async read(offset: number, limit: number): Promise<readonly LogRecord[]> {
    let from = offset;
    for (;;) {
      const index = this.#segments.findLastIndex((segment) => segment.base <= from);
      const segment = this.#segments[Math.max(index, 0)];
      const before = this.#segments[Math.max(index, 0) + 1]?.base ?? this.#end;
      if (segment === undefined || from >= this.#end || limit <= 0) return [];
      if (segment.givenUp) {
        from = before;
        continue;
      }
      const wanted = Math.max(from, segment.base);
      try {
        return await readSegment({
          segment,
          offset: wanted,
          before,
          maxRecords: limit,
          maxBytes: maxReadBytes,
        });
      } catch (error) {
        // Dropped while it was being read: what it held is read already, the next segment goes on.
        if (this.#segments.includes(segment)) throw error;
        from = before;
      }
    }
  }

  end(): number {
    return this.#end;
  }

  first(): number {
    return Math.min(this.#segments.find((segment) => !segment.givenUp)?.base ?? this.#end, this.#end);
  }

  bytes(): number {
    return sizeOfAll(this.#segments);
  }

  onSync(tell: (seconds: number) => void): void {
    this.#tell = tell;
  }

  fill(): number {
    return Math.min(1, this.#taken() / (this.#settings.logTotalMib * mebibyte));
  }

  trouble(): Fault | undefined {
    return this.#refusal ?? this.#missed ?? this.#lackOfRoom(this.#tooBig);
  }

  async truncateBefore(offset: number, kept = offset): Promise<void> {
    this.#released = Math.max(this.#released, Math.min(offset, this.#end));
    this.#unread = undefined;
    const oldest = Date.now() - this.#settings.logRetentionSeconds * 1000;
    for (const segment of this.#segmentsBelow(Math.min(kept, this.#released)))
      if ((await stat(segment.path)).mtimeMs <= oldest) await this.#drop(segment);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#refusal ??= new Fault(dataFaults.logClosed);
    while (this.#flushing !== undefined || this.#queue.length > 0) {
      this.#schedule();
      this.#begin();
      await this.#flushing;
    }
    await this.#handle.close();
    await this.#lock.release();
  }

  #sizeOf(values: readonly Uint8Array[]): number {
    const limit = this.#settings.logRecordKib * 1024;
    let [longest, bytes] = [0, 0];
    for (const { length } of values) {
      longest = Math.max(longest, length);
      bytes += frameBytes(length);
    }
    if (longest > limit) throw new Fault(dataFaults.logRecordTooLong, { limit, found: longest });
    const room = this.#segmentBytes() - segmentHeaderBytes;
    if (bytes > room) throw new Fault(dataFaults.logRecordTooLong, { limit: room, found: bytes });
    return bytes;
  }

  #segmentBytes(): number {
    return this.#settings.logSegmentMib * mebibyte;
  }

  /** No room in the queue, or none on disk even when every file that was read is dropped. */
  #lackOfRoom(bytes: number): Fault | undefined {
    const { logQueueMib, logTotalMib } = this.#settings;
    if (this.#queuedBytes + bytes > logQueueMib * mebibyte) {
      return full(`${logQueueMib} MiB wait for the disk`, "MILLRACE_LOG_QUEUE_MIB");
    }
    if (this.#taken() + bytes > logTotalMib * mebibyte) {
      return full(`${logTotalMib} MiB wait to be read`, "MILLRACE_LOG_TOTAL_MIB");
    }
    return undefined;
  }

  /** Unread and queued. Asked for by each append, so the files are counted only after they changed. */
  #taken(): number {
    this.#unread ??= this.#bytes() - sizeOfAll(this.#segmentsBelow(this.#released));
    return this.#unread + this.#queuedBytes;
  }

  #bytes(): number {
    return sizeOfAll(this.#segments.filter((segment) => !segment.givenUp));
  }

  async #dropToFit(bytes: number): Promise<void> {
    for (const segment of this.#segmentsBelow(this.#released)) {
      if (this.#bytes() + bytes > this.#settings.logTotalMib * mebibyte) await this.#drop(segment);
    }
  }

  /** Whole segments below; never the one that is written to, so that offsets go on, and none given up. */
  #segmentsBelow(offset: number): readonly Segment[] {
    return this.#segments.filter((segment, index) => {
      const next = this.#segments[index + 1];
      return next !== undefined && next.base <= offset && !segment.givenUp;
    });
  }

  async #drop(segment: Segment): Promise<void> {
    const index = this.#segments.indexOf(segment);
    if (index < 0) return;
    this.#segments.splice(index, 1);
    this.#unread = undefined;
    await rm(segment.path, { force: true });
    await syncFolder(this.#folder);
  }

  /**
   * A full group goes at once, a smaller one after a short wait for company, also one that formed while another was written: a busy
   * log would else write as often as the disk lets it, each time for the few who came meanwhile.
   */
  #schedule(): void {
    if (this.#flushing !== undefined || this.#queue.length === 0) return;
    const { logGroupKib, logGroupMs } = this.#settings;
    const leftMs = this.#waitingSince + logGroupMs - performance.now();
    if (this.#queuedBytes >= logGroupKib * 1024 || (leftMs <= 0 && logGroupMs > 0)) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), leftMs);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#flushing !== undefined || this.#queue.length === 0) return;
    this.#flushing = this.#flush(this.#takeGroup()).finally(() => {
      this.#flushing = undefined;
      this.#schedule();
    });
  }

  #takeGroup(): readonly Waiting[] {
    const most = Math.min(this.#settings.logGroupKib * 1024, this.#segmentBytes() - segmentHeaderBytes);
    let bytes = 0;
    const count = this.#queue.findIndex((waiting, index) => {
      bytes += waiting.bytes;
      return index > 0 && bytes > most;
    });
    if (count >= 0) return this.#queue.splice(0, count);
    const all = this.#queue;
    this.#queue = [];
    return all;
  }

  async #flush(group: readonly Waiting[]): Promise<void> {
    const deadline = setInterval(() => this.#giveUpWaiting(group), this.#settings.logDeadlineSeconds * 1000);
    const bytes = encodeBatch(
      this.#end,
      group.flatMap((waiting) => waiting.values),
    );
    try {
      const fault = await this.#store(bytes);
      this.#missed = fault;
      for (const waiting of group) {
        if (fault !== undefined) waiting.reject(fault);
        else {
          waiting.resolve(this.#end);
          this.#end += waiting.values.length;
        }
      }
    } finally {
      clearInterval(deadline);
      this.#queuedBytes -= group.reduce((sum, waiting) => sum + waiting.bytes, 0);
      if (this.#refusal?.code === dataFaults.logBroken.code) this.#refuseQueue(this.#refusal);
    }
  }

  /** Puts one batch on disk, or says why not; then nothing of it is left in the file. */
  async #store(bytes: Uint8Array): Promise<Fault | undefined> {
    try {
      await this.#rollIfFull(bytes.length);
      await this.#dropToFit(bytes.length);
    } catch (error) {
      return full(reasonOf(error), "MILLRACE_HOME");
    }
    const active = this.#active();
    try {
      await writeAll(this.#handle, bytes, active.bytes);
    } catch (error) {
      return this.#takeBack(active, error);
    }
    const beganMs = performance.now();
    try {
      await this.#handle.datasync();
    } catch (error) {
      // After a failed sync the system may have thrown the pages away: a later success would prove nothing.
      return this.#break(error);
    }
    this.#tell((performance.now() - beganMs) / 1000);
    active.bytes += bytes.length;
    this.#unread = undefined;
    return undefined;
  }

  #active(): Segment {
    const active = this.#segments.at(-1);
    if (active === undefined) throw new Error("cannot happen: an open log has a segment");
    return active;
  }

  async #rollIfFull(bytes: number): Promise<void> {
    const active = this.#active();
    if (active.bytes === segmentHeaderBytes || active.bytes + bytes <= this.#segmentBytes()) return;
    const begun = await beginSegment(this.#folder, this.#end);
    const before = this.#handle;
    this.#handle = begun.handle;
    this.#segments.push(begun.segment);
    this.#unread = undefined;
    await before.close();
  }

  /** A write that found no room leaves half a batch: it is cut off, and the log lives on. */
  async #takeBack(active: Segment, error: unknown): Promise<Fault> {
    try {
      await this.#handle.truncate(active.bytes);
      return full(reasonOf(error), "MILLRACE_HOME");
    } catch (second) {
      return this.#break(second);
    }
  }

  #break(error: unknown): Fault {
    this.#refusal = new Fault(dataFaults.logBroken, { folder: this.#folder, reason: reasonOf(error) }, error);
    return this.#refusal;
  }

  #giveUpWaiting(group: readonly Waiting[]): void {
    const slow = new Fault(dataFaults.logSlow, { seconds: this.#settings.logDeadlineSeconds });
    this.#missed = slow;
    for (const waiting of group) waiting.reject(slow);
    this.#refuseQueue(slow);
  }

  #refuseQueue(fault: Fault): void {
    for (const waiting of this.#queue.splice(0)) {
      this.#queuedBytes -= waiting.bytes;
      waiting.reject(fault);
    }
  }
}

function full(reason: string, setting: string): Fault {
  return new Fault(dataFaults.logFull, { reason, setting });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
