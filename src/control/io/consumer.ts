// The loops that carry beacons from where they can be read into the database, each partition from where it stopped last time.
import { setTimeout as rest } from "node:timers/promises";
import { beginAt, type ConsumerPorts, consumeBatch } from "#control/consume.ts";
import type { ControlPorts } from "#control/ports.ts";
import { dataFaults } from "#data/faults.ts";
import type { Events } from "#data/io/events.ts";
import type { Shipper } from "#data/io/shipper.ts";
import type { DeadLetters, EventPartition, EventSource } from "#data/ports-events.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { Meters } from "./meters.ts";

/** Where beacons are read, and where those go that nobody could use. */
export interface EventFlow {
  readonly source: EventSource;
  /** Absent: what is skipped is only told. */
  readonly dead?: DeadLetters;
  /** Absent: nothing is shipped. */
  readonly shipper?: Pick<Shipper, "lag" | "failures"> | undefined;
  /** Told once what is read of this machine's log beside the source. Absent: nothing lets go of it but the consumer. */
  readonly keepFor?: Events["keepFor"];
}

export interface ConsumerOrder {
  readonly ports: ControlPorts;
  readonly events: EventFlow;
  readonly meters: Meters;
  readonly logger: Log;
  /** What stands before this record is read and saved by the log's other reader. */
  readonly keptFrom: () => number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Consumer {
  /** Resolves when the loops have ended after the signal. */
  readonly ended: Promise<void>;
}

export function startConsumer(order: ConsumerOrder): Consumer {
  order.events.keepFor?.((below) => doneBelow(order, below));
  return { ended: everyPartition(order) };
}

/** Side by side: one that fails holds up no other. */
async function everyPartition(order: ConsumerOrder): Promise<void> {
  const partitions = await found(order);
  const lags = new Map<number, number>();
  await Promise.all(partitions.map(({ id }) => loop(order, id, lags)));
}

/** Waits for as long as nothing can be read. */
async function found(order: ConsumerOrder): Promise<readonly EventPartition[]> {
  const { logger, signal } = order;
  for (let failing = false; !signal.aborted; failing = true) {
    try {
      return await order.events.source.partitions(signal);
    } catch (error) {
      if (!failing && !signal.aborted) {
        logger.error({ err: error }, "the consumer waits: beacons cannot be read");
      }
      await pause(order);
    }
  }
  return [];
}

/** A log or database that fails is waited for, however long: nothing is lost meanwhile, the records are on disk. */
async function loop(order: ConsumerOrder, id: number, lags: Map<number, number>): Promise<void> {
  const { logger, signal, meters } = order;
  let at: { readonly partition: EventPartition; readonly offset: number } | undefined;
  let reached = 0;
  let failing = false;
  let gone = 0;
  while (!signal.aborted) {
    try {
      const partition = await partitionNow(order, id);
      if (at?.partition.log !== partition.log) at = undefined;
      at ??= { partition, offset: await firstOffset(portsOf(order, partition), logger) };
      const before = at.offset;
      reached = before;
      const offset = await oneBatch(order, portsOf(order, partition), before);
      // What is read from Kafka says nothing of this machine's log: the shipper lets go of that.
      if (partition.log === undefined) gone = await letGo(order, offset, gone);
      at = { partition, offset };
      reached = offset;
      if (failing) logger.info({ partition: id, offset }, "the consumer goes on");
      failing = false;
      if (offset === before) await pause(order);
    } catch (error) {
      if (!failing && !signal.aborted) {
        logger.error({ err: error, partition: id }, "the consumer waits: the log or the database failed");
      }
      failing = true;
      at = undefined;
      await pause(order);
    }
    // It grows while the database is away, and stays what it was while nobody can say where the end is.
    const end = await order.events.source.end(id, signal).catch(() => undefined);
    if (end !== undefined) lags.set(id, Math.max(0, end - reached));
    meters.lag.set([...lags.values()].reduce((sum, lag) => sum + lag, 0));
  }
}

/** Asked anew each time: it may have become part of another log, and a source remembers. */
async function partitionNow({ events, signal }: ConsumerOrder, id: number): Promise<EventPartition> {
  const partitions = await events.source.partitions(signal);
  const found = partitions.find((partition) => partition.id === id);
  if (found === undefined) throw new Fault(dataFaults.partitionGone, { partition: id });
  return found;
}

function portsOf(order: ConsumerOrder, partition: EventPartition): ConsumerPorts {
  const { ports, events, clock, signal } = order;
  return { ...ports, ...events, partition, nowMs: () => clock.wallMs(), signal };
}

async function firstOffset(ports: ConsumerPorts, logger: Log): Promise<number> {
  const { offset, restarted } = await beginAt(ports);
  if (restarted) logger.warn("the event log is shorter than what was applied: it is read from its start");
  return offset;
}

async function oneBatch(order: ConsumerOrder, reading: ConsumerPorts, offset: number): Promise<number> {
  const { meters, logger } = order;
  const { partition } = reading;
  const done = await consumeBatch(reading, offset);
  if (done.records === 0) return offset;
  for (const { offset: at, because, isKept } of done.skipped) {
    const where = { partition: partition.id, offset: at };
    logger.warn({ ...where, because, isKept }, "a record of the event log was skipped");
  }
  meters.consumed.inc({ result: "skipped" }, done.skipped.length);
  meters.consumed.inc({ result: "foreign" }, done.foreign);
  const apart = done.skipped.length + done.foreign + done.others;
  meters.consumed.inc({ result: "stored" }, done.records - apart);
  meters.lost.inc({ class: "record" }, done.skipped.length);
  for (const ms of done.gain.startupsMs) meters.startup.observe({}, ms / 1000);
  meters.stalls.inc(done.gain.stalls);
  meters.stalled.inc(done.gain.stalledMs / 1000);
  meters.played.inc(done.gain.playedMs / 1000);
  for (const when of done.failures) meters.failures.inc({ when });
  return done.offset;
}

/** Also when nothing was read: the other reader may have caught up, in a log that was too full to take more. Returns what is gone. */
async function letGo(order: ConsumerOrder, offset: number, gone: number): Promise<number> {
  const { log, settings } = order.ports;
  const below = doneBelow(order, offset);
  if (below <= gone) return gone;
  await log.truncateBefore(below, Math.max(0, below - settings.keptRecords));
  return below;
}

/** Of what is done with up to `below`, what the other reader has read and saved as well, or is too far behind to be waited for. */
function doneBelow({ ports, keptFrom }: ConsumerOrder, below: number): number {
  return Math.min(below, Math.max(keptFrom(), below - ports.settings.qoeBehindRecords));
}

function pause({ ports, signal }: Pick<ConsumerOrder, "ports" | "signal">): Promise<void> {
  return rest(ports.settings.consumerIdleMs, undefined, { signal }).catch(() => undefined);
}
