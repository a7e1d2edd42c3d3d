// Everything behind the event log as the settings say it: read where it lies, or shipped to Kafka and read there.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import { type KafkaAddress, readEventsUrl } from "#data/events-url.ts";
import { dataFaults } from "#data/faults.ts";
import type { EventLog } from "#data/ports.ts";
import type { DeadLetters, EventSource } from "#data/ports-events.ts";
import type { dataSettings } from "#data/settings.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { kafkaDeadLetters, openDeadLog } from "./dead-letters.ts";
import { kafkaSource, ownSource } from "./event-sources.ts";
import { KafkaClient, type KafkaSecurity } from "./kafka-client.ts";
import { type ShipEvent, type Shipper, startShipper } from "./shipper.ts";

export interface EventsOrder {
  readonly log: EventLog;
  /** Holds the log of dead letters, or the shipper's offset. */
  readonly home: string;
  readonly settings: Values<typeof dataSettings>;
  /** What decides the order: records of one key are read in theirs. Undefined: it goes into every partition. */
  readonly keyOf: (value: Uint8Array) => string | undefined;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly onShip: (event: ShipEvent) => void;
  readonly onNote?: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Events {
  readonly source: EventSource;
  readonly dead: DeadLetters;
  /** Undefined: nothing is shipped. */
  readonly shipper: Shipper | undefined;
  /**
   * For whoever reads the log itself, beside the source: of what may go for the shipper's part, how much is done with as well.
   * Until this is said, the shipper lets go of nothing.
   */
  keepFor(othersDone: (below: number) => number): void;
  /** To be closed before the log is. */
  close(): Promise<void>;
}

/** Needs no Kafka to be there. @throws Fault events-url, events-ca */
export async function openEvents(order: EventsOrder): Promise<Events> {
  const reading = readEventsUrl(order.settings.eventsUrl);
  switch (reading.kind) {
    case "refused":
      throw new Fault(dataFaults.eventsUrl, { because: reading.because });
    case "own-log": {
      const dead = await openDeadLog({ ...order, folder: join(order.home, "dead") });
      const keepFor = (): void => undefined;
      return { source: ownSource(order.log), dead, shipper: undefined, keepFor, close: () => dead.close() };
    }
    case "kafka":
      return shipped(order, reading.address);
  }
}

/** Clients of their own, so that none waits for another's connection. */
async function shipped(order: EventsOrder, address: KafkaAddress): Promise<Events> {
  const { brokers, prefix } = address;
  const security = await securityOf(address, order.settings.eventsCaFile);
  const { eventsPartitions, eventsRetentionHours, eventsDeadlineSeconds } = order.settings;
  const client = (topic: string, partitions: number): KafkaClient =>
    new KafkaClient({
      ...{ brokers, security },
      topic: { name: `${prefix}.${topic}`, partitions, retentionHours: eventsRetentionHours },
      deadlineMs: eventsDeadlineSeconds * 1000,
    });
  const shipping = client("beacons", eventsPartitions);
  const reading = client("beacons", eventsPartitions);
  const dead = kafkaDeadLetters(client("dead", 1));
  let others: (below: number) => number = () => 0;
  const shipper = await startShipper({
    ...{ ...order, client: shipping, dead, onEvent: order.onShip },
    othersDone: (below) => others(below),
    file: join(order.home, "log-shipped.json"),
  });
  return {
    source: kafkaSource(reading, () => shipper.losses()),
    dead,
    shipper,
    keepFor(othersDone) {
      others = othersDone;
    },
    async close() {
      await shipper.close();
      await Promise.all([shipping.close(), reading.close(), dead.close()]);
    },
  };
}

async function securityOf({ tls, login }: KafkaAddress, caFile: string): Promise<KafkaSecurity> {
  if (!tls) return { login };
  if (caFile === "") return { tls: {}, login };
  const ca = await readFile(caFile, "utf8").catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(dataFaults.eventsCa, { file: caFile, reason });
  });
  return { tls: { ca }, login };
}
