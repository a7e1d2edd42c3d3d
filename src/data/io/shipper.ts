// The shipper: what the event log took goes on to Kafka, in order, one shipment at a time. Its own offset moves only after
// Kafka has acknowledged, so whatever ends in the middle is sent again: consumers know a record by session and seq.
import { setTimeout as rest } from "node:timers/promises";
import { defaultPartitioner } from "@platformatic/kafka";
import type { Values } from "#config/setting.ts";
import { dataFaults } from "#data/faults.ts";
import type { EventLog, LogRecord } from "#data/ports.ts";
import type { DeadLetters } from "#data/ports-events.ts";
import type { dataSettings } from "#data/settings.ts";
import { readShipState, type ShipState, writeShipState } from "#data/ship-state.ts";
import { backoffMs, type Mark, marked, oneShipment, paceMs, released } from "#data/shipping.ts";
import { readIfThere, writeWhole } from "#io/files.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { KafkaClient, KafkaMessage, Placed } from "./kafka-client.ts";

type ShipSettings = Pick<
  Values<typeof dataSettings>,
  "shipBatchKib" | "shipLingerMs" | "shipBackoffSeconds" | "spoolKeepSeconds"
>;

export interface ShipperOrder {
  readonly log: EventLog;
  readonly client: Pick<KafkaClient, "topic" | "append" | "edges" | "breaks">;
  /** Where its offset is kept. */
  readonly file: string;
  readonly settings: ShipSettings;
  /** Records of one key stand in one partition; one without a key (undefined) in each. */
  readonly keyOf: (value: Uint8Array) => string | undefined;
  readonly dead: DeadLetters;
  /** Of what may go for the shipper's part, up to where the log's other readers are done with it as well. */
  readonly othersDone: (below: number) => number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
  readonly onEvent: (event: ShipEvent) => void;
}

/** Worth a line in the log. A failure is told once, until shipping goes on. */
export type ShipEvent =
  | { readonly kind: "waits"; readonly error: unknown }
  | { readonly kind: "goes-on"; readonly offset: number }
  | { readonly kind: "new-topic"; readonly topic: string; readonly from: number }
  | { readonly kind: "sent-again"; readonly partition: number; readonly lost: number; readonly from: number }
  | { readonly kind: "given-up"; readonly offset: number; readonly isKept: boolean; readonly error: unknown };

export interface Shipper {
  /** Records on disk that Kafka has not acknowledged. */
  lag(): number;
  failures(): number;
  /** How often Kafka had lost what it had acknowledged. */
  losses(): number;
  /** Ends what is under way, and keeps the offset. */
  close(): Promise<void>;
}

const mostRecords = 1000;
const saveMs = 1000;

/** Reads where the last one stopped, and begins. Needs no Kafka to be there. */
export async function startShipper(order: ShipperOrder): Promise<Shipper> {
  return new LogShipper(order, readShipState(await readIfThere(order.file)));
}

class LogShipper implements Shipper {
  readonly #order: ShipperOrder;
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;
  #state: ShipState;
  #saved: { readonly state: ShipState; readonly atMs: number };
  #marks: readonly Mark[] = [];
  /** Everything before was acknowledged long enough ago. */
  #below = 0;
  /** Everything before was let go by all. */
  #gone = 0;
  /** How many partitions the topic has; undefined: it must be looked at first. */
  #partitions: number | undefined;
  /** Of the client, when the topic was looked at. */
  #breaks = 0;
  #failures = 0;

  constructor(order: ShipperOrder, state: ShipState) {
    this.#order = order;
    this.#state = state;
    this.#saved = { state, atMs: order.clock.monoMs() };
    this.#ended = this.#run();
  }

  lag(): number {
    return Math.max(0, this.#order.log.end() - this.#state.offset);
  }

  failures(): number {
    return this.#failures;
  }

  losses(): number {
    return this.#state.losses;
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#ended;
    await this.#save();
  }

  async #run(): Promise<void> {
    const { onEvent, chance, settings } = this.#order;
    let inRow = 0;
    while (!this.#over.signal.aborted) {
      try {
        const pause = await this.#turn();
        if (inRow > 0) onEvent({ kind: "goes-on", offset: this.#state.offset });
        inRow = 0;
        await this.#rest(pause);
      } catch (error) {
        if (this.#over.signal.aborted) return;
        this.#partitions = undefined;
        this.#failures += 1;
        inRow += 1;
        if (inRow === 1) onEvent({ kind: "waits", error });
        await this.#rest(backoffMs(inRow, settings.shipBackoffSeconds * 1000, chance()));
      }
    }
  }

  async #rest(ms: number): Promise<void> {
    if (ms > 0) await rest(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }

  /** One shipment; how long to rest after it. */
  async #turn(): Promise<number> {
    const { log, settings, clock, client } = this.#order;
    if (client.breaks() !== this.#breaks) this.#partitions = undefined;
    this.#breaks = client.breaks();
    this.#partitions ??= await this.#meet();
    const records = await log.read(this.#state.offset, mostRecords);
    const some = oneShipment(records, settings.shipBatchKib * 1024);
    const begun = clock.monoMs();
    const last = some.at(-1);
    if (last !== undefined) await this.#ship(some, this.#partitions);
    await this.#release();
    if (last === undefined) return settings.shipLingerMs;
    const tookMs = clock.monoMs() - begun;
    return paceMs({ tookMs, behind: this.lag(), shipment: some.length, fill: log.fill() });
  }

  /** What stands in Kafka, compared with what it acknowledged. */
  async #meet(): Promise<number> {
    const { client, log, onEvent } = this.#order;
    const { signal } = this.#over;
    const topic = await client.topic(signal);
    const from = log.first();
    if (topic.id !== this.#state.topic || this.#state.offset > log.end()) {
      this.#state = { topic: topic.id, offset: from, losses: 0, ends: {} };
      this.#keepAll();
      onEvent({ kind: "new-topic", topic: topic.id, from });
      await this.#save();
      return topic.partitions;
    }
    for (const [partition, end] of (await client.edges("end", signal)).entries()) {
      if (await this.#hasLost(partition, end)) break;
    }
    return topic.partitions;
  }

  /** Whether a partition that goes on at `end` went further before; then all that is kept is to be sent again. */
  async #hasLost(partition: number, end: number): Promise<boolean> {
    const lost = (this.#state.ends[partition] ?? 0) - end;
    if (lost <= 0) return false;
    const from = this.#order.log.first();
    // On disk at once: consumers must not take what follows for what they have passed.
    this.#state = { ...this.#state, offset: from, losses: this.#state.losses + 1, ends: {} };
    this.#keepAll();
    this.#order.onEvent({ kind: "sent-again", partition, lost, from });
    await this.#save();
    return true;
  }

  async #ship(records: readonly LogRecord[], partitions: number): Promise<void> {
    const { client, keyOf } = this.#order;
    const messages = records.flatMap(({ value }) => messagesOf(keyOf(value), value, partitions));
    try {
      const placed = await client.append(messages, this.#over.signal);
      // Should it have crashed in the middle of this one.
      for (const [partition, { first }] of placed) if (await this.#hasLost(partition, first)) return;
      this.#acknowledged(records, placed);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== dataFaults.kafkaRecordTooLong.code) throw error;
      if (records.length > 1) for (const record of records) await this.#ship([record], partitions);
      else await this.#giveUp(records, error);
    }
    if (this.#order.clock.monoMs() - this.#saved.atMs >= saveMs) await this.#save();
  }

  #acknowledged(records: readonly LogRecord[], placed: ReadonlyMap<number, Placed>): void {
    const last = records.at(-1);
    if (last === undefined) return;
    const offset = last.offset + 1;
    const ends = { ...this.#state.ends };
    for (const [partition, { end }] of placed) ends[partition] = end;
    this.#state = { ...this.#state, offset, ends };
    const mark = { offset, atMs: this.#order.clock.monoMs() };
    this.#marks = marked(this.#marks, mark, this.#order.settings.spoolKeepSeconds * 1000);
  }

  /** Stepped over even if it cannot be kept as a dead letter: one record must not hold up all that follow. */
  async #giveUp(records: readonly LogRecord[], error: Fault): Promise<void> {
    const { dead, clock, onEvent } = this.#order;
    for (const { offset, value } of records) {
      const why = { partition: 0, offset, because: error.message, value, bytes: value.length };
      const letter = { atMs: clock.wallMs(), consumer: "shipper", ...why };
      const isKept = await dead.keep(letter).then(
        () => true,
        () => false,
      );
      onEvent({ kind: "given-up", offset, isKept, error });
    }
    this.#acknowledged(records, new Map());
  }

  /** What is to be sent again must not go by what was said before. */
  #keepAll(): void {
    this.#marks = [];
    this.#below = 0;
  }

  /** Also when nothing was acknowledged: other readers may have caught up, in a log that was too full to take more. */
  async #release(): Promise<void> {
    const { log, clock, settings, othersDone } = this.#order;
    const keepMs = settings.spoolKeepSeconds * 1000;
    const facts = { nowMs: clock.monoMs(), keepMs, fill: log.fill() };
    const { marks, below } = released(this.#marks, facts);
    const done = below ?? this.#below;
    const going = Math.min(done, othersDone(done));
    this.#marks = marks;
    this.#below = done;
    if (going <= this.#gone) return;
    // What is dropped must never be asked for again after a crash.
    await this.#save();
    await log.truncateBefore(going);
    this.#gone = going;
  }

  async #save(): Promise<void> {
    const state = this.#state;
    if (state !== this.#saved.state) await writeWhole(this.#order.file, writeShipState(state));
    this.#saved = { state, atMs: this.#order.clock.monoMs() };
  }
}

function messagesOf(key: string | undefined, value: Uint8Array, partitions: number): readonly KafkaMessage[] {
  if (key === undefined) {
    return Array.from({ length: partitions }, (_, partition) => ({ partition, key: "", value }));
  }
  // As Kafka's own clients choose it, so that others that write here agree.
  const partition = defaultPartitioner({ topic: "" }, Buffer.from(key)) % partitions;
  return [{ partition, key, value }];
}
