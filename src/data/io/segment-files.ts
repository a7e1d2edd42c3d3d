// The files of the event log: their names, how they are begun, recovered after a crash, and read.
import { type FileHandle, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { dataFaults } from "#data/faults.ts";
import { decodeFrame, scan } from "#data/frame.ts";
import type { LogRecord } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import { lockName } from "./folder-lock.ts";
import { logNameFile } from "./log-name.ts";

/** A file of the log. It holds the records from `base` up to the next segment's base. */
export interface Segment {
  readonly base: number;
  readonly path: string;
  /** Bytes that are on disk for certain; nothing beyond is read. */
  bytes: number;
  /** The operator does without its records: reading goes on after them. */
  readonly givenUp: boolean;
  /** Where some records start, in order, about every `markEvery` bytes: so that reading need not begin at the front. */
  readonly marks: { readonly offset: number; readonly position: number }[];
}

const magic = new TextEncoder().encode("MILLLOG1");
export const segmentHeaderBytes = magic.length;
const markEvery = 64 << 10;
const chunkBytes = 256 << 10;
const name = /^(\d{16})\.log(\.given-up)?$/;

function segmentAt(folder: string, base: number, bytes: number, givenUp = false): Segment {
  const path = join(folder, `${`${base}`.padStart(16, "0")}.log${givenUp ? ".given-up" : ""}`);
  return { base, path, bytes, givenUp, marks: [] };
}

export function sizeOfAll(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.bytes, 0);
}

/** The segments of a folder by base. Any other file but the lock and the name means that the folder is not ours. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const file of await readdir(folder)) {
    const match = name.exec(file);
    if (match !== null) {
      const { size } = await stat(join(folder, file));
      segments.push(segmentAt(folder, Number(match[1]), size, match[2] !== undefined));
    } else if (![lockName, logNameFile].some((own) => file === own || file.startsWith(`${own}.`))) {
      throw new Fault(dataFaults.folderForeign, { folder, found: file });
    }
  }
  return segments.toSorted((a, b) => a.base - b.base);
}

/** A new, empty segment whose existence is on disk. */
export async function beginSegment(
  folder: string,
  base: number,
): Promise<{ readonly segment: Segment; readonly handle: FileHandle }> {
  const segment = segmentAt(folder, base, segmentHeaderBytes);
  const handle = await open(segment.path, "w+");
  try {
    await writeAll(handle, magic, 0);
    await handle.datasync();
    await syncFolder(folder);
  } catch (error) {
    await handle.close();
    // An empty file left behind would stand between records once the log went on without it.
    await rm(segment.path, { force: true });
    throw error;
  }
  return { segment, handle };
}

/** Makes names in a folder durable, as fdatasync of a file does not. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of it: the system may take less at once. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export type Recovered =
  /** Appending goes on in this file. */
  | { readonly kind: "open"; readonly handle: FileHandle; readonly end: number; readonly cutBytes: number }
  /** The file stays as it is, to be looked at; appending goes on in a new one that begins at `end`. */
  | { readonly kind: "sealed"; readonly end: number; readonly position: number };

/** The last segment after a crash: its torn tail is cut, everything before is made durable. */
export async function recoverLast(folder: string, segment: Segment): Promise<Recovered> {
  // Every frame is longer than one byte, so this number lies beyond any record that the file can hold.
  if (segment.givenUp) return { kind: "sealed", end: segment.base + segment.bytes, position: 0 };
  const bytes = await readFile(segment.path);
  const header = bytes.subarray(0, segmentHeaderBytes);
  if (header.length === segmentHeaderBytes && !header.equals(magic)) {
    throw new Fault(dataFaults.folderForeign, { folder, found: `${segment.path}, which is not a log file` });
  }
  const begun = header.length === segmentHeaderBytes;
  const found = begun ? scan(bytes, segmentHeaderBytes, segment.base) : undefined;
  if (found?.tail.kind === "damaged") {
    return { kind: "sealed", end: found.tail.highest + 1, position: found.position };
  }
  const handle = await open(segment.path, "r+");
  if (!begun) await writeAll(handle, magic, 0);
  const position = found?.position ?? segmentHeaderBytes;
  await handle.truncate(position);
  await handle.sync();
  await syncFolder(folder);
  segment.bytes = position;
  return {
    kind: "open",
    handle,
    end: found?.end ?? segment.base,
    cutBytes: begun ? bytes.length - position : 0,
  };
}

export interface ReadOrder {
  readonly segment: Segment;
  readonly offset: number;
  /** First offset that is not in this segment. */
  readonly before: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/**
 * Records of one segment from `offset` on. Ends early after `maxBytes`, or in front of damage once there is something
 * to give.
 *
 * @throws Fault log-damaged when the record at `offset`, or one on the way to it, cannot be read
 */
export async function readSegment(order: ReadOrder): Promise<readonly LogRecord[]> {
  const { segment, offset, before } = order;
  const mark = segment.marks.findLast((candidate) => candidate.offset <= offset);
  let expected = mark?.offset ?? segment.base;
  let position = mark?.position ?? segmentHeaderBytes;
  let taken = 0;
  const records: LogRecord[] = [];
  const handle = await open(segment.path, "r");
  try {
    while (expected < before && records.length < order.maxRecords && taken < order.maxBytes) {
      const chunk = await chunkAt(handle, segment, position);
      let at = 0;
      while (expected < before && records.length < order.maxRecords) {
        const decoded = decodeFrame(chunk, at);
        if (decoded.kind !== "frame" || decoded.frame.offset !== expected) break;
        addMark(segment, expected, position + at);
        if (expected >= offset) {
          records.push({ offset: expected, value: decoded.frame.payload });
          taken += decoded.frame.payload.length;
        }
        at = decoded.frame.next;
        expected += 1;
      }
      if (at === 0 && records.length > 0) break;
      if (at === 0)
        throw new Fault(dataFaults.logDamaged, { file: segment.path, position, offset: expected });
      position += at;
    }
  } finally {
    await handle.close();
  }
  return records;
}

/** The bytes from `position` on: a chunk, or as many as the frame there needs. */
async function chunkAt(handle: FileHandle, segment: Segment, position: number): Promise<Uint8Array> {
  const rest = Math.max(0, segment.bytes - position);
  const chunk = await readBytes(handle, position, Math.min(chunkBytes, rest));
  const first = decodeFrame(chunk, 0);
  const cut = first.kind === "short" && first.wanted <= rest && chunk.length < rest;
  return cut ? readBytes(handle, position, first.wanted) : chunk;
}

async function readBytes(handle: FileHandle, position: number, size: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(size);
  let got = 0;
  while (got < size) {
    const { bytesRead } = await handle.read(buffer, got, size - got, position + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
}

function addMark(segment: Segment, offset: number, position: number): void {
  const last = segment.marks.at(-1)?.position ?? segmentHeaderBytes;
  if (position - last >= markEvery) segment.marks.push({ offset, position });
}

/** Leaves the segment to write to as the last one of `segments`. */
export async function recover(
  order: { readonly folder: string; readonly onNote?: (text: string) => void },
  segments: Segment[],
): Promise<{ readonly handle: FileHandle; readonly end: number }> {
  const last = segments.at(-1);
  const found = last === undefined ? undefined : await recoverLast(order.folder, last);
  if (found?.kind === "open") {
    if (found.cutBytes > 0) {
      order.onNote?.(
        `${last?.path}: cut ${found.cutBytes} bytes of a torn tail; the log ends at record ${found.end}`,
      );
    }
    return found;
  }
  if (found?.kind === "sealed" && last?.givenUp === false) {
    order.onNote?.(
      `${last.path}: damaged at byte ${found.position} before its tail; it is left as it is, and the log goes on in a new file at record ${found.end}`,
    );
  }
  const end = found?.end ?? 0;
  const begun = await beginSegment(order.folder, end);
  segments.push(begun.segment);
  return { handle: begun.handle, end };
}
