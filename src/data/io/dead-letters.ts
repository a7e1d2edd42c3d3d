// Where records go that nobody could use: a small event log of their own, or a topic of Kafka.
import type { Values } from "#config/setting.ts";
import { decodeLetter, encodeLetter } from "#data/dead-letter.ts";
import type { EventLog, LogRecord } from "#data/ports.ts";
import type { DeadLetter, DeadLetters } from "#data/ports-events.ts";
import type { dataSettings } from "#data/settings.ts";
import { openEventLog } from "./event-log.ts";
import type { KafkaClient } from "./kafka-client.ts";

/** A batch that fails for another reason comes again with the same records in it. */
const remembered = 1000;

export interface DeadLog extends DeadLetters {
  close(): Promise<void>;
}

export async function openDeadLog(order: {
  readonly folder: string;
  readonly settings: Values<typeof dataSettings>;
  readonly signal: AbortSignal;
  readonly onNote?: (text: string) => void;
}): Promise<DeadLog> {
  const { deadMib } = order.settings;
  // Nobody is ever behind in it, so the oldest files go whenever room is needed, and not before.
  const settings = {
    ...order.settings,
    logTotalMib: deadMib,
    logSegmentMib: deadMib / 4,
    logRecordKib: 1024,
    logRetentionSeconds: Number.MAX_SAFE_INTEGER,
  };
  const log = await openEventLog({ ...order, settings });
  await log.truncateBefore(log.end());
  return {
    keep: once(async (letter) => {
      await log.append([encodeLetter(letter)]);
      await log.truncateBefore(log.end());
    }),
    newest: async (limit) => lettersOf(await tailOf(log, limit)),
    close: () => log.close(),
  };
}

/** Of a topic with one partition. */
export function kafkaDeadLetters(client: KafkaClient): DeadLog {
  const over = new AbortController();
  const { signal } = over;
  return {
    keep: once(async (letter) => {
      await client.append([{ partition: 0, key: letter.consumer, value: encodeLetter(letter) }], signal);
    }),
    async newest(limit) {
      const [end = 0] = await client.edges("end", signal);
      const read = (offset: number, most: number): Promise<readonly LogRecord[]> =>
        client.read({ partition: 0, offset, limit: most, signal });
      return lettersOf(await tailOf({ end: () => end, read }, limit));
    },
    async close() {
      over.abort();
      await client.close();
    },
  };
}

function once(keep: (letter: DeadLetter) => Promise<void>): DeadLetters["keep"] {
  const kept = new Set<string>();
  return async (letter) => {
    const name = `${letter.consumer} ${letter.partition} ${letter.offset}`;
    if (kept.has(name)) return;
    await keep(letter);
    kept.add(name);
    const [oldest] = kept;
    if (kept.size > remembered && oldest !== undefined) kept.delete(oldest);
  };
}

async function tailOf(log: Pick<EventLog, "end" | "read">, limit: number): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  const end = log.end();
  for (let offset = Math.max(0, end - limit); offset < end; ) {
    const some = await log.read(offset, limit);
    const last = some.at(-1);
    if (last === undefined) break;
    records.push(...some);
    offset = last.offset + 1;
  }
  return records;
}

function lettersOf(records: readonly LogRecord[]): readonly DeadLetter[] {
  return records
    .map((record) => decodeLetter(record.value))
    .filter((letter) => letter !== undefined)
    .toReversed();
}
