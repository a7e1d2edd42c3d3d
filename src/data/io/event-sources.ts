// Where consumers read from: this machine's own log, or a topic of Kafka.
import type { EventLog } from "#data/ports.ts";
import type { EventSource } from "#data/ports-events.ts";
import type { KafkaClient } from "./kafka-client.ts";

/** The event log as one partition. */
export function ownSource(log: EventLog): EventSource {
  return {
    partitions: async () => [{ id: 0, log: undefined }],
    async read({ partition, offset, limit, signal }) {
      signal.throwIfAborted();
      if (partition !== 0) return [];
      // A read from the disk under way cannot be stopped; nobody waits for it.
      const records = await log.read(offset, limit);
      signal.throwIfAborted();
      return records;
    },
    end: async () => log.end(),
    first: async () => log.first(),
  };
}

/**
 * `losses`: how often Kafka was found to have lost what it had acknowledged. What was sent again stands at offsets that
 * consumers may have passed, so each time they take it for another log, and read it from its start.
 */
export function kafkaSource(client: KafkaClient, losses: () => number): EventSource {
  const edge = async (which: "first" | "end", partition: number, signal: AbortSignal): Promise<number> =>
    (await client.edges(which, signal))[partition] ?? 0;
  return {
    async partitions(signal) {
      const { id, partitions } = await client.topic(signal);
      const lost = losses();
      const name = lost === 0 ? id : `${id}+${lost}`;
      return Array.from({ length: partitions }, (_, partition) => ({
        id: partition,
        log: `kafka ${name}/${partition}`,
      }));
    },
    read: (order) => client.read(order),
    end: (partition, signal) => edge("end", partition, signal),
    first: (partition, signal) => edge("first", partition, signal),
  };
}
