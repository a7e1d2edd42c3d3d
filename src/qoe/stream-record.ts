// What the stream job says: windows, who watched, sessions and corrections, as rows with a stable text.
import type { Figures } from "./figures.ts";
import { byText, type Labels, type Playing, type Source } from "./stream-event.ts";

/** By which labels a window is divided; the labels that are not among them are "all". */
export type Division = "series" | "title" | "appliance";

interface Span {
  readonly sizeMs: number;
  readonly startMs: number;
  /** Not in it. */
  readonly endMs: number;
}

/** A tumbling window of one series: appliance × network × title × device, or one of them. */
export interface WindowRecord extends Span, Labels, Figures {
  readonly kind: "window";
  readonly by: Division;
  /** Start-up times, in ms: see sketch.ts. */
  readonly startupBuckets: Readonly<Record<string, number>>;
  /** Events that did not count for just themselves; absent: none. */
  readonly estimates?: number;
}

/** Concurrency: of everything, of a title (its popularity) or of an appliance. */
export interface WatchingRecord extends Span {
  readonly kind: "watching";
  readonly by: "all" | "title" | "appliance";
  readonly appliance: string;
  readonly title: string;
  readonly watchedMs: number;
  readonly atEnd: number;
}

/** A session window: from a session's first event to the silence after its last. A session that comes back has another one. */
export interface SessionRecord extends Labels, Figures, Playing {
  readonly kind: "session";
  readonly sessionId: string;
  readonly source: Source;
  readonly site: string;
  readonly startMs: number;
  readonly endMs: number;
  /** "exited": over before the first picture, said so or fallen silent. */
  readonly outcome: "played" | "failed" | "start-failed" | "exited";
}

/**
 * What came too late for its windows: to be added to those of both sizes that hold `atMs`, and to the session window that began at
 * `sessionStartMs` if that one is out already (one that is not has it in). It always counts an event or a response, so that windows
 * and corrections together count all.
 */
export interface CorrectionRecord extends Labels, Figures {
  readonly kind: "correction";
  readonly atMs: number;
  readonly sessionId: string;
  readonly source: Source;
  readonly seq: number;
  readonly sessionStartMs: number;
  readonly startupBuckets: Readonly<Record<string, number>>;
  /** Events that did not count for just themselves; absent: none. */
  readonly estimates?: number;
}

export type StreamRecord = WindowRecord | WatchingRecord | SessionRecord | CorrectionRecord;

/** JSON with sorted keys: equal records are equal texts. */
export function recordText(record: StreamRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => byText(a, b)))
      : value,
  );
}

/** The order of records that are due together: by kind, size, and then by whatever tells them apart. */
export function sortRecords<T extends StreamRecord>(records: readonly T[]): readonly T[] {
  return records
    .map((record) => ({ record, key: keyOf(record) }))
    .sort((a, b) => byText(a.key, b.key))
    .map(({ record }) => record);
}

function keyOf(record: StreamRecord): string {
  switch (record.kind) {
    case "window": {
      const { by, appliance, network, title, device } = record;
      return ["1", record.sizeMs, by, appliance, network, title, device].join("\n");
    }
    case "watching":
      return ["2", record.sizeMs, record.by, record.appliance, record.title].join("\n");
    case "session":
      return [
        "3",
        String(record.endMs).padStart(16, "0"),
        record.sessionId,
        record.source,
        record.startMs,
      ].join("\n");
    case "correction":
      return ["4", record.atMs, record.sessionId, record.source, record.seq].join("\n");
  }
}
