// The loop that carries beacons from the event log into the database, from where it stopped last time.
import { setTimeout as rest } from "node:timers/promises";
import { beginAt, consumeBatch } from "#control/consume.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { Log } from "#io/log.ts";
import type { Meters } from "./meters.ts";

export interface ConsumerOrder {
  readonly ports: ControlPorts;
  readonly meters: Meters;
  readonly logger: Log;
  /** What stands before this record is read and saved by the log's other reader. */
  readonly keptFrom: () => number;
  readonly signal: AbortSignal;
}

export interface Consumer {
  /** Resolves when the loop has ended after the signal. */
  readonly ended: Promise<void>;
}

export function startConsumer(order: ConsumerOrder): Consumer {
  return { ended: loop(order) };
}

/** A log or database that fails is waited for, however long: nothing is lost meanwhile, the records are on disk. */
async function loop(order: ConsumerOrder): Promise<void> {
  const { ports, logger, signal } = order;
  let offset: number | undefined;
  let reached = 0;
  let failing = false;
  while (!signal.aborted) {
    try {
      offset ??= await firstOffset(order);
      const before = offset;
      reached = before;
      offset = await oneBatch(order, before);
      reached = offset;
      if (failing) logger.info({ offset }, "the consumer goes on");
      failing = false;
      if (offset === before) await pause(order);
    } catch (error) {
      if (!failing) logger.error({ err: error }, "the consumer waits: the log or the database failed");
      failing = true;
      offset = undefined;
      await pause(order);
    }
    order.meters.lag.set(Math.max(0, ports.log.end() - reached));
  }
}

async function firstOffset({ ports, logger }: ConsumerOrder): Promise<number> {
  const { offset, restarted } = await beginAt(ports);
  if (restarted) logger.warn("the event log is shorter than what was applied: it is read from its start");
  return offset;
}

async function oneBatch({ ports, meters, logger, keptFrom }: ConsumerOrder, offset: number): Promise<number> {
  const done = await consumeBatch(ports, offset);
  if (done.records === 0) return offset;
  for (const { offset: at, because } of done.skipped) {
    logger.warn({ offset: at, because }, "a record of the event log was skipped");
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
  const { keptRecords, qoeBehindRecords } = ports.settings;
  const read = Math.max(keptFrom(), done.offset - qoeBehindRecords);
  await ports.log.truncateBefore(Math.max(0, Math.min(read, done.offset) - keptRecords));
  return done.offset;
}

function pause({ ports, signal }: ConsumerOrder): Promise<void> {
  return rest(ports.settings.consumerIdleMs, undefined, { signal }).catch(() => undefined);
}
