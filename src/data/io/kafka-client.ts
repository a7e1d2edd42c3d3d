// One Kafka topic as Millrace uses it: made when it is missing, written with every replica's word, read by offset. Does one
// thing at a time; whatever goes wrong, its connections are thrown away and the next use begins anew.
import { Admin, Consumer, findErrorBy, Producer } from "@platformatic/kafka";
import { isAddress, type KafkaLogin } from "#data/events-url.ts";
import { dataFaults } from "#data/faults.ts";
import type { LogRecord } from "#data/ports.ts";
import type { EventRead } from "#data/ports-events.ts";
import { Fault } from "#units/fault.ts";
import { kafkaFault } from "./kafka-faults.ts";
import { type MadeTopic, type TopicFacts, topicOf } from "./kafka-topic.ts";

export interface KafkaOrder {
  readonly brokers: readonly string[];
  readonly security?: KafkaSecurity | undefined;
  readonly topic: MadeTopic;
  /** How long one use may take, whatever the client does inside. */
  readonly deadlineMs: number;
}

export interface KafkaSecurity {
  /** `ca`: of whom a certificate may be, as PEM; absent: those that the system knows. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  readonly login?: KafkaLogin | undefined;
}

/** Offsets that a partition gave to what was sent at once: the first, and the one after the last. */
export interface Placed {
  readonly first: number;
  readonly end: number;
}

export interface KafkaMessage {
  readonly partition: number;
  readonly key: string;
  readonly value: Uint8Array;
}

const closeMs = 1000;
/** A batch that is longer comes whole all the same. */
const maxFetchBytes = 1 << 20;
/** Below two the client tries an idempotent send for ever. */
const retries = 2;
const retryDelay = 100;

export class KafkaClient {
  readonly #order: KafkaOrder;
  #producer: Producer | undefined;
  #consumer: Consumer | undefined;
  #admin: Admin | undefined;
  #topic: TopicFacts | undefined;
  #breaks = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(order: KafkaOrder) {
    this.#order = order;
  }

  /** Remembered until something goes wrong. */
  topic(signal: AbortSignal): Promise<TopicFacts> {
    return this.#inTurn(signal, () => this.#found());
  }

  /** Resolves, with where they stand in each partition, when every replica that must has them. */
  append(messages: readonly KafkaMessage[], signal: AbortSignal): Promise<ReadonlyMap<number, Placed>> {
    return this.#inTurn(signal, async () => {
      const { name } = this.#order.topic;
      await this.#found();
      this.#producer ??= this.#writer();
      const { offsets = [] } = await this.#producer.send({
        messages: messages.map(({ partition, key, value }) => ({
          topic: name,
          partition,
          key: Buffer.from(key),
          value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
        })),
      });
      return new Map(
        offsets.map(({ partition, offset }) => {
          const count = messages.filter((message) => message.partition === partition).length;
          return [partition, { first: Number(offset), end: Number(offset) + count }];
        }),
      );
    });
  }

  /** How often a connection for writing broke: the client makes a new one without a word, maybe to a broker that crashed. */
  breaks(): number {
    return this.#breaks;
  }

  read({ partition, offset, limit, signal }: EventRead): Promise<readonly LogRecord[]> {
    return this.#inTurn(signal, async () => {
      try {
        return await this.#fetch(partition, offset, limit);
      } catch (error) {
        if (!(error instanceof Error) || findErrorBy(error, "apiId", "OFFSET_OUT_OF_RANGE") === null)
          throw error;
        const first = (await this.#edges("first"))[partition] ?? 0;
        return offset < first ? this.#fetch(partition, first, limit) : [];
      }
    });
  }

  /** Of each partition: the offset of its first record, or that after its last. */
  edges(which: "first" | "end", signal: AbortSignal): Promise<readonly number[]> {
    return this.#inTurn(signal, () => this.#edges(which));
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#drop();
  }

  async #found(): Promise<TopicFacts> {
    this.#admin ??= new Admin(this.#client());
    this.#topic ??= await topicOf(this.#admin, this.#order.topic);
    return this.#topic;
  }

  async #fetch(partition: number, offset: number, limit: number): Promise<readonly LogRecord[]> {
    const { id } = await this.#found();
    const consumer = this.#reader();
    const { topics } = await consumer.metadata({ topics: [this.#order.topic.name] });
    const { responses } = await consumer.fetch({
      node: topics.get(this.#order.topic.name)?.partitions[partition]?.leader ?? -1,
      maxWaitTime: 0,
      minBytes: 1,
      maxBytes: maxFetchBytes,
      topics: [
        {
          topicId: id,
          partitions: [
            {
              partition,
              fetchOffset: BigInt(offset),
              partitionMaxBytes: maxFetchBytes,
              currentLeaderEpoch: -1,
              lastFetchedEpoch: -1,
            },
          ],
        },
      ],
    });
    const parts = responses
      .flatMap((topic) => topic.partitions)
      .filter((part) => part.partitionIndex === partition);
    const batches = parts.flatMap((part) => part.records ?? []);
    const records = batches.flatMap(({ firstOffset, records }) =>
      records.map(({ offsetDelta, value }) => ({
        offset: Number(firstOffset) + offsetDelta,
        value: value ?? new Uint8Array(),
      })),
    );
    // A batch is sent whole, from whichever of its records was asked for.
    return records.filter((record) => record.offset >= offset).slice(0, limit);
  }

  async #edges(which: "first" | "end"): Promise<readonly number[]> {
    await this.#found();
    const { name } = this.#order.topic;
    const offsets = await this.#reader().listOffsets({
      topics: [name],
      timestamp: which === "first" ? -2n : -1n,
    });
    return (offsets.get(name) ?? []).map(Number);
  }

  #writer(): Producer {
    const producer = new Producer({ ...this.#client(), idempotent: true });
    producer.on("client:broker:disconnect", () => {
      this.#breaks += 1;
    });
    return producer;
  }

  #reader(): Consumer {
    // The name of a group is wanted, and no group is ever joined: offsets are kept with their effects, in SQL.
    this.#consumer ??= new Consumer({ ...this.#client(), groupId: "millrace" });
    return this.#consumer;
  }

  #client() {
    const { brokers, deadlineMs } = this.#order;
    const bounds = { timeout: deadlineMs, connectTimeout: deadlineMs, requestTimeout: deadlineMs };
    return {
      ...{ clientId: "millrace", bootstrapBrokers: [...brokers], retries, retryDelay, ...bounds },
      ...securityOptions(this.#order),
    };
  }

  async #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const turn = (async () => {
      await before.catch(() => undefined);
      signal.throwIfAborted();
      try {
        return await within(signal, this.#order.deadlineMs, work);
      } catch (error) {
        await this.#drop();
        signal.throwIfAborted();
        throw kafkaFault(error, this.#order);
      }
    })();
    this.#last = turn;
    return settledOrAborted(signal, turn);
  }

  /** What is under way ends with its connection; the client's own end may hang, and is not waited for long. */
  async #drop(): Promise<void> {
    const [producer, consumer, admin] = [this.#producer, this.#consumer, this.#admin];
    this.#producer = undefined;
    this.#consumer = undefined;
    this.#admin = undefined;
    this.#topic = undefined;
    const ends = Promise.allSettled([producer?.close(true), consumer?.close(true), admin?.close()]);
    await Promise.race([ends, new Promise((resolve) => setTimeout(resolve, closeMs).unref())]);
  }
}

function securityOptions({ brokers, security: { tls, login } = {} }: KafkaOrder) {
  // A broker of many names is told which one is meant; an address may not be told so (RFC 6066 §3). The client takes one answer for
  // all connections, also to brokers that it learns of: brokers of both kinds are refused when the address is read.
  const tlsServerName = !brokers.some(isAddress);
  return {
    ...(tls === undefined ? {} : { tls: tls.ca === undefined ? {} : { ca: tls.ca }, tlsServerName }),
    ...(login === undefined ? {} : { sasl: login }),
  };
}

function within<T>(signal: AbortSignal, ms: number, work: () => Promise<T>): Promise<T> {
  const late = new Fault(dataFaults.kafkaSlow, { seconds: ms / 1000 });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late), ms);
    settledOrAborted(signal, work())
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

async function settledOrAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  if (signal.aborted) {
    void work.catch(() => undefined);
    throw signal.reason;
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
