// A topic of many partitions as one log, in an order that follows from what stands in them and from nothing else.
//
// The earliest of all partitions' next records goes first, by the moment at which it was taken; of equals the lowest partition's. So
// one that has nothing to offer holds up all: what comes there may be earlier. Time, which is written into every partition while
// somebody waits, gets them going again. Therefore reading a topic a second time, from its start or from any position, in
// whatever portions it arrives, gives the same records in the same order, and the job over them the same windows.
import type { LogRecord } from "#data/ports.ts";
import type { EventSource } from "#data/ports-events.ts";
import type { LogPosition } from "#data/ports-qoe.ts";
import type { LogReading, ReadLog } from "./quality.ts";

export interface MergedLog {
  readonly read: ReadLog;
  /** Records that were not read yet, over all partitions. */
  lag(position: LogPosition, signal: AbortSignal): Promise<number>;
}

interface Lane {
  readonly name: string;
  readonly id: number;
  /** The next to be given out. */
  offset: number;
  readonly ahead: LogRecord[];
  /** Of the latest that was given out: of a record that does not tell its moment. */
  lastMs: number;
}

export function mergedLog(source: EventSource): MergedLog {
  let lanes: readonly Lane[] = [];
  const take = async (from: LogPosition, limit: number, signal: AbortSignal): Promise<LogReading> => {
    const partitions = await source.partitions(signal);
    lanes = partitions.map(({ id, log }) => {
      const name = log ?? String(id);
      const offset = from[name] ?? 0;
      const known = lanes.find((lane) => lane.name === name && lane.offset === offset);
      return known ?? { name, id, offset, ahead: [], lastMs: 0 };
    });
    const records: { readonly partition: number; readonly value: Uint8Array }[] = [];
    while (records.length < limit && (await filled(source, lanes, limit, signal))) {
      const next = earliest(lanes);
      if (next === undefined) break;
      records.push({ partition: 0, value: given(next).value });
    }
    const next = Object.fromEntries(lanes.map(({ name, offset }) => [name, offset]));
    return { records, next, waits: lanes.some(({ ahead }) => ahead.some(({ value }) => !isTick(value))) };
  };
  return {
    read: take,
    async lag(position, signal) {
      let sum = 0;
      for (const { id, log } of await source.partitions(signal)) {
        sum += Math.max(0, (await source.end(id, signal)) - (position[log ?? String(id)] ?? 0));
      }
      return sum;
    },
  };
}

/** False: a partition has nothing more to offer. */
async function filled(
  source: EventSource,
  lanes: readonly Lane[],
  limit: number,
  signal: AbortSignal,
): Promise<boolean> {
  let isWhole = true;
  for (const lane of lanes) {
    if (lane.ahead.length > 0) continue;
    const { id: partition, offset } = lane;
    lane.ahead.push(...(await source.read({ partition, offset, limit, signal })));
    isWhole &&= lane.ahead.length > 0;
  }
  return isWhole;
}

function earliest(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    const [head] = lane.ahead;
    const atMs = head === undefined ? Number.POSITIVE_INFINITY : (takenMs(head.value) ?? lane.lastMs);
    if (atMs < bestMs) [best, bestMs] = [lane, atMs];
  }
  return best;
}

function given(lane: Lane): LogRecord {
  const record = lane.ahead.shift();
  if (record === undefined) throw new Error("cannot happen: the earliest has a record");
  lane.offset = record.offset + 1;
  lane.lastMs = takenMs(record.value) ?? lane.lastMs;
  return record;
}

/** As all of our records begin; of another, which is poison, undefined. */
function takenMs(value: Uint8Array): number | undefined {
  const begin = new TextDecoder().decode(value.subarray(0, 48));
  const at = /^\{"v":1,"at":([0-9]+(?:\.[0-9]+)?)[,}]/.exec(begin)?.[1];
  return at === undefined ? undefined : Number(at);
}

function isTick(value: Uint8Array): boolean {
  return value.length < 80 && new TextDecoder().decode(value).endsWith('"tick":true}');
}
