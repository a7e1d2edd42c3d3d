// The loop that runs the stream job over the event log, and what it knows at the moment.
import { setTimeout as rest } from "node:timers/promises";
import { tickRecord } from "#control/log-record.ts";
import { type MergedLog, mergedLog } from "#control/merged-log.ts";
import { playersRule } from "#control/players-rule.ts";
import type { ControlPorts } from "#control/ports.ts";
import {
  FactsCache,
  isWaiting,
  newQuality,
  type Quality,
  type ReadLog,
  readEntries,
  readOf,
  restoredQuality,
  savedParts,
  savedQuality,
  sessionsIn,
  takeRead,
} from "#control/quality.ts";
import { nothingOpen, openWindows, waitingWords } from "#control/quality-so-far.ts";
import { qualityOf } from "#control/quality-view.ts";
import type { LogPosition, QoeQuery } from "#data/ports-qoe.ts";
import type { Log } from "#io/log.ts";
import type { MissRecord } from "#qoe/miss-record.ts";
import type { PlayersGate } from "#qoe/player-gate.ts";
import type { Clock } from "#units/clock.ts";
import type { OpsQuality } from "#wire/quality.ts";
import type { EventFlow } from "./consumer.ts";
import type { Meters } from "./meters.ts";

export interface QualityOrder {
  readonly ports: Pick<ControlPorts, "stores" | "log" | "logName" | "settings">;
  readonly meters: Pick<Meters, "qoe" | "qoeLag" | "qoeSaved" | "servedBytes" | "offloadedBytes">;
  readonly logger: Log;
  readonly clock: Clock;
  /** Where events go on to Kafka, what all control planes wrote there. Absent: the ports' log. */
  readonly topic?: MergedLog | undefined;
}

/** What players' words are for. */
export interface QualityWorld {
  /** Those that players' words may close. */
  readonly appliances: () => readonly string[];
  /** Told whenever the gate was judged. */
  readonly onGate: (gate: PlayersGate) => void;
}

/** Rows go once an hour. */
const forgetMs = 3_600_000;
const shortWindowMs = 10_000;
const dayMs = 86_400_000;
const never = new AbortController().signal;
/** Of a reading that a save gets in the way of. */
const mostTries = 5;

/** Of what all control planes wrote, where events go on to Kafka. */
export function openQuality(
  { events, logger, clock }: Pick<QualityOrder, "logger" | "clock"> & { readonly events?: EventFlow },
  ports: QualityOrder["ports"],
  meters: QualityOrder["meters"],
): QualityDesk {
  const topic = events?.shipper === undefined ? undefined : mergedLog(events.source);
  return new QualityDesk({ ports, meters, logger, clock, topic });
}

export class QualityDesk {
  private readonly order: QualityOrder;
  private readonly facts: FactsCache;
  private readonly read: ReadLog;
  private now: Quality | undefined;
  private saved: LogPosition = {};
  /** The latest part of the state that is written: it never changes again. */
  private savedPart = -1;
  private savedMissesUntilMs: number | undefined;
  private savedMonoMs = 0;
  private isSaving = false;
  private saves = 0;
  /** Of the last tick, or when something began to wait. */
  private tickedMonoMs: number;
  private forgotMonoMs = Number.NEGATIVE_INFINITY;

  constructor(order: QualityOrder) {
    this.order = order;
    const { stores, settings, log } = order.ports;
    this.facts = new FactsCache(stores.qoe, settings.qoeSessions);
    this.read = order.topic?.read ?? readOf(log);
    this.tickedMonoMs = order.clock.monoMs();
  }

  /** Records of partition 0 before this one are read and saved. */
  get savedUpTo(): number {
    // What is read from Kafka keeps nothing here.
    return this.order.topic === undefined ? (this.saved["0"] ?? 0) : Number.POSITIVE_INFINITY;
  }

  /** Minutes of the miss ledger before this one are saved. */
  get missesUntilMs(): number | undefined {
    return this.savedMissesUntilMs;
  }

  /** What is kept, and so far of what is not. Asked for at once: what is saved meanwhile must not be added twice. */
  async told(query: QoeQuery): Promise<OpsQuality> {
    const { stores, settings } = this.order.ports;
    const lateMs = settings.qoeLateSeconds * 1000;
    for (let tries = 1; ; tries++) {
      const { saves } = this;
      const kept = await stores.qoe.sums(query);
      const isStill = saves === this.saves && !this.isSaving;
      if (!isStill && tries < mostTries) continue;
      const open = this.now === undefined ? nothingOpen : openWindows(this.now, query, lateMs);
      const wait = { sizeMs: query.sizeMs, lateMs, saveMs: settings.qoeSaveSeconds * 1000 };
      return qualityOf(query, kept, { open, waitingFor: waitingWords(open, wait) });
    }
  }

  /** A log or database that fails is waited for, however long. What was read since the last save is then read again. */
  async run(world: QualityWorld, signal: AbortSignal): Promise<void> {
    const { logger, ports } = this.order;
    let failing = false;
    while (!signal.aborted) {
      try {
        const went = await this.once(world, signal);
        if (failing) logger.info("the quality figures go on");
        failing = false;
        if (went) continue;
      } catch (error) {
        if (!failing)
          logger.error({ err: error }, "the quality figures wait: the log or the database failed");
        failing = true;
        this.now = undefined;
      }
      await rest(ports.settings.consumerIdleMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One batch, or what is due when there is none. False: nothing was to be read. */
  async once(world: QualityWorld, signal = never): Promise<boolean> {
    const { ports, clock, meters } = this.order;
    this.now ??= await this.recall(world);
    const reading = await this.read(this.now.position, ports.settings.consumerBatch, signal);
    if (reading.records.length > 0) await this.take(world, this.now, reading);
    meters.qoeLag.set(await this.lag(this.now.position, signal));
    if (this.isSaveDue(this.now)) await this.save(this.now);
    if (reading.records.length > 0) return true;
    await this.tick(reading.waits === true || isWaiting(this.now));
    if (clock.monoMs() - this.forgotMonoMs >= forgetMs) await this.forget();
    return false;
  }

  private async recall({ onGate }: QualityWorld): Promise<Quality> {
    const { ports, clock } = this.order;
    const kept = await ports.stores.qoe.job(this.name);
    this.savedMonoMs = clock.monoMs();
    this.saved = kept?.position ?? {};
    this.savedPart = kept?.parts.at(-1)?.id ?? -1;
    if (kept === undefined) return this.order.topic === undefined ? newQuality() : this.takenOver();
    const quality = restoredQuality(kept.position, kept, ports.settings.qoeSessions);
    this.savedMissesUntilMs = quality.misses.frontierMs;
    onGate(quality.gate);
    return quality;
  }

  /** What this machine's log gave so far: events that were counted there are known when they are read in Kafka. */
  private async takenOver(): Promise<Quality> {
    const own = await this.order.ports.stores.qoe.job(this.ownName);
    return own === undefined ? newQuality() : restoredQuality({}, own, this.order.ports.settings.qoeSessions);
  }

  private async lag(position: LogPosition, signal: AbortSignal): Promise<number> {
    const { topic, ports } = this.order;
    return topic?.lag(position, signal) ?? Math.max(0, ports.log.end() - (position["0"] ?? 0));
  }

  /** All that read the topic make the same of it, whoever of them saves. */
  private get name(): string {
    return this.order.topic === undefined ? this.ownName : "qoe kafka";
  }

  /** Where control planes of several machines read into one database: whose log it is. */
  private get ownName(): string {
    const { logName } = this.order.ports;
    return logName === undefined ? "qoe" : `qoe ${logName}`;
  }

  private async take(
    { appliances, onGate }: QualityWorld,
    before: Quality,
    reading: Awaited<ReturnType<ReadLog>>,
  ): Promise<void> {
    const { ports, meters, clock } = this.order;
    const entries = readEntries(reading);
    const facts = await this.facts.of(sessionsIn(entries));
    const settings = {
      lateMs: ports.settings.qoeLateSeconds * 1000,
      gate: playersRule(ports.settings),
      mostSessions: ports.settings.qoeSessions,
    };
    const factsOf = (id: string) => facts.get(id);
    const { quality, counts } = takeRead(before, {
      ...{ reading, entries, factsOf, settings },
      appliances: appliances(),
    });
    if (!isWaiting(before)) this.tickedMonoMs = clock.monoMs();
    this.now = quality;
    for (const result of ["taken", "foreign", "unreadable"] as const) {
      meters.qoe.inc({ result }, counts[result]);
    }
    onGate(quality.gate);
  }

  private isSaveDue({ position, records }: Quality): boolean {
    if (Object.entries(position).every(([id, offset]) => this.saved[id] === offset)) return false;
    const { qoeSaveSeconds, qoeSaveRecords } = this.order.ports.settings;
    if (records.length >= qoeSaveRecords) return true;
    return this.order.clock.monoMs() - this.savedMonoMs >= qoeSaveSeconds * 1000;
  }

  /** Records, state and position at once: none of them is ever without the others. */
  private async save(quality: Quality): Promise<void> {
    const { ports, clock, meters } = this.order;
    const { position, records } = quality;
    const state = savedQuality(quality);
    const parts = savedParts(quality, this.savedPart);
    this.isSaving = true;
    await ports.stores.qoe.save({ name: this.name, position, state, records, parts }).finally(() => {
      this.isSaving = false;
      this.saves += 1;
    });
    for (const record of records) {
      meters.qoeSaved.inc({ kind: record.kind });
      if (record.kind === "misses") this.countServed(record);
    }
    this.savedMissesUntilMs = quality.misses.frontierMs;
    this.now = { ...quality, records: [] };
    this.saved = position;
    this.savedPart = parts.put.at(-1)?.id ?? this.savedPart;
    this.savedMonoMs = clock.monoMs();
  }

  private countServed(record: MissRecord): void {
    for (const name of ["best", "content", "health", "capacity", "other", "unjoined"] as const) {
      this.order.meters.servedBytes.inc({ why: name }, record[name]);
    }
    this.order.meters.offloadedBytes.inc(record.offloaded);
  }

  /**
   * The clock, put into the log where everything before it was read: then a silence is one of players, and not of a consumer that
   * is behind. Nothing is ticked for when nothing waits.
   */
  private async tick(isDue: boolean): Promise<void> {
    const { ports, clock } = this.order;
    const monoMs = clock.monoMs();
    if (!isDue || monoMs - this.tickedMonoMs < ports.settings.qoeTickSeconds * 1000) return;
    this.tickedMonoMs = monoMs;
    if (ports.log.trouble() !== undefined) return;
    await ports.log.append([tickRecord(clock.wallMs())]);
  }

  private async forget(): Promise<void> {
    const { ports, clock } = this.order;
    const nowMs = clock.wallMs();
    await ports.stores.qoe.forget({
      shortMs: shortWindowMs,
      shortBeforeMs: nowMs - ports.settings.qoeShortDays * dayMs,
      beforeMs: nowMs - ports.settings.qoeDays * dayMs,
    });
    this.forgotMonoMs = clock.monoMs();
  }
}
