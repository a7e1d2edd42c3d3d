// What windows that are not whole yet would be if nothing more came: for pages that would otherwise be empty for minutes after a play.
import { watchingRecords, windowRecords } from "./cells.ts";
import type { WatchingRecord, WindowRecord } from "./stream-record.ts";
import { longMs, type StreamSettings, shortMs, windowStart } from "./stream-settings.ts";
import type { StreamState } from "./stream-state.ts";
import { begun } from "./stream-work.ts";
import { workThrough } from "./window-end.ts";

/** The state stays as it is. */
export function soFar(
  state: StreamState,
  settings: StreamSettings,
): readonly (WindowRecord | WatchingRecord)[] {
  const work = begun(state, settings);
  const last = [...work.waiting.keys()].reduce((latest, startMs) => Math.max(latest, startMs), 0);
  if (work.waiting.size > 0) workThrough(work, last + shortMs);
  const { frontierMs, long, records } = work;
  const ended = records.filter((record) => record.kind === "window" || record.kind === "watching");
  if (frontierMs === undefined) return ended;
  // The minute under way; there is none when the last one ended here.
  const startMs = windowStart(frontierMs - 1, longMs);
  return [...ended, ...windowRecords(long, startMs, longMs), ...watchingRecords(long, startMs, longMs)];
}
