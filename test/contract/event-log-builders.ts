// Builders for tests of the event log, and the checker of its promise.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf, type Values } from "#config/setting.ts";
import { openEventLog } from "#data/io/event-log.ts";
import type { EventLog, LogRecord } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import type { Ends } from "#test/fixtures/endings.ts";
import { Fault } from "#units/fault.ts";

export const settings: Values<typeof dataSettings> = {
  ...defaultsOf(dataSettings),
  logRetentionSeconds: 0,
  logGroupMs: 0,
};
export const small = { ...settings, logSegmentMib: 0.001 };
export const open = (folder: string, given = settings, notes: string[] = []): Promise<EventLog> =>
  openEventLog({
    folder,
    settings: given,
    signal: AbortSignal.timeout(60_000),
    onNote: (text) => notes.push(text),
  });
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (value: Uint8Array): string => new TextDecoder().decode(value);

export async function folderOf(t: Ends): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-log-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function readAll(log: EventLog, from = 0): Promise<readonly LogRecord[]> {
  const all: LogRecord[] = [];
  for (let offset = from; ; ) {
    const some = await log.read(offset, 100);
    if (some.length === 0) return all;
    all.push(...some);
    offset = (some.at(-1)?.offset ?? offset) + 1;
  }
}

export async function segmentsIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".log")).toSorted();
  return files.map((file) => join(folder, file));
}

/** Appends records one by one, each in a batch of its own. */
export async function fill(log: EventLog, count: number, length = 100): Promise<void> {
  for (let number = 0; number < count; number++) {
    await log.append([bytes(`${log.end()}`.padEnd(length, "."))]);
  }
}

export const isFault =
  (code: string, ...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && words.every((word) => error.message.includes(word));

/** What is wrong with a log that acknowledged `lines` ("number@offset"): nothing, or a sentence. */
export function complaint(lines: readonly string[], records: readonly LogRecord[]): string | undefined {
  const at = new Map(records.map((record) => [record.offset, text(record.value)]));
  for (const [index, record] of records.entries()) {
    if (record.offset !== index) return `record ${index} has the offset ${record.offset}`;
  }
  for (const line of lines) {
    const [number = "", offset = ""] = line.split("@");
    const found = at.get(Number(offset));
    const wanted = `${number}:${"x".repeat(Number(number) % 300)}`;
    if (found !== wanted) return `acknowledged ${line}, found ${found?.slice(0, 20)}`;
  }
  return undefined;
}
