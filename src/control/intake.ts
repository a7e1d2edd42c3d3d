// Where beacons and reports go into the event log: checked against what their session said before, thinned by how full the log
// is, counted, and on disk before anybody is told so.
//
// When the log is nearly full a session writes its position every so many seconds only. A position in between is not acknowledged: its
// player keeps it and sends it again. It waits here as well, and is written when the time has come, in case that the player is gone.
import type { EventLog } from "#data/ports.ts";
import type { Beacon } from "#model/beacon.ts";
import type { CmcdEvent } from "#wire/cmcd.ts";
import { type Before, isBeyond, plausible } from "./plausible.ts";
import { type Said, toRecord, toReportRecord } from "./telemetry.ts";
import {
  classOf,
  less,
  reportClass,
  type Stage,
  stageOf,
  type Tally,
  tally,
  thinned,
  thinnedReports,
} from "./thinning.ts";

export interface IntakeOrder {
  readonly log: Pick<EventLog, "append" | "fill">;
  /** Between two positions of one session, when the log is nearly full. */
  readonly positionEveryMs: number;
  /** By the clock that never jumps. */
  readonly nowMs: () => number;
  /** Of what was answered as taken. */
  readonly count: (attempted: Tally, dropped: Tally) => void;
}

export type Kept =
  | { readonly kind: "kept" }
  /** Nothing is acknowledged: to be sent again by then. */
  | { readonly kind: "later"; readonly afterMs: number }
  /** A number that no honest player has reached. */
  | { readonly kind: "beyond" };

export interface KeepOrder {
  readonly sessionId: string;
  readonly said: Said;
  /** Wall clock. */
  readonly receivedMs: number;
  /** Of one who says its last word and will not come again. */
  readonly isLast?: boolean;
}

interface Known {
  readonly newest: Before;
  /** Of the newest position on disk; milestones need not say where the viewer is. */
  readonly positionSeq: number;
  readonly writtenMs: number;
}

interface Parked {
  readonly record: Uint8Array;
  readonly seq: number;
  readonly dueMs: number;
}

const kept: Kept = { kind: "kept" };
const nothing: Tally = {};
/** Beyond, whoever spoke longest ago is forgotten, and nothing more waits here. */
const mostSessions = 50_000;
/** Written together. */
const mostAtOnce = 200;

export class Intake {
  readonly #order: IntakeOrder;
  readonly #known = new Map<string, Known>();
  readonly #parked = new Map<string, Parked>();
  #stage: Stage = "all";

  constructor(order: IntakeOrder) {
    this.#order = order;
  }

  /** Resolves when what is kept is on disk. Rejects when the log cannot take it. */
  keep(order: KeepOrder): Promise<Kept> {
    const { sessionId, said } = order;
    if (said.events.length === 0) return Promise.resolve(kept);
    const known = this.#known.get(sessionId);
    if (said.events.some(({ seq }) => isBeyond(known?.newest, seq)))
      return Promise.resolve({ kind: "beyond" });
    const looked = checked(known?.newest, said.events);
    return this.#look() === "all" ? this.#keepAll(order, looked) : this.#keepSome(order, looked, known);
  }

  async #keepSome(order: KeepOrder, { events, newest }: Checked, known: Known | undefined): Promise<Kept> {
    const { sessionId, said, receivedMs } = order;
    const isScarce = isNearlyFull(this.#stage);
    const news = isScarce ? newsIn(events, known) : events;
    const keep = thinned(this.#stage, sessionId, news);
    const records = keep.map(({ said: beacon, weight }) => ({
      beacon,
      record: toRecord({ receivedMs, sentMs: said.sentMs, weight, beacon }),
    }));
    const nowMs = this.#order.nowMs();
    if (isScarce && order.isLast !== true && known !== undefined && news.every(isNoMilestone)) {
      const dueMs = known.writtenMs + this.#order.positionEveryMs;
      const [position] = records;
      if (position !== undefined && nowMs < dueMs && this.#park(sessionId, position, dueMs)) {
        return { kind: "later", afterMs: dueMs - nowMs };
      }
    }
    if (records.length > 0) await this.#order.log.append(records.map(({ record }) => record));
    const written = records.map(({ beacon }) => beacon);
    this.#wrote(sessionId, newest, seqOfPosition(written), nowMs);
    this.#count(tally(events, classOf), tally(written, classOf));
    return kept;
  }

  /** As nearly always, when there is room: what came, as it came, but for a position that cannot be. */
  #keepAll({ sessionId, said, receivedMs }: KeepOrder, { events, newest }: Checked): Promise<Kept> {
    const { sentMs, texts } = said;
    const records = events.map((beacon, at) =>
      toRecord({ receivedMs, sentMs, beacon }, beacon === said.events[at] ? texts?.[at] : undefined),
    );
    const nowMs = this.#order.nowMs();
    return this.#order.log.append(records).then(() => {
      this.#wrote(sessionId, newest, seqOfPosition(events), nowMs);
      this.#order.count(tally(events, classOf), nothing);
      return kept;
    });
  }

  /** The same for reports, which have no position that must be kept. */
  async keepReports(sessionId: string, events: readonly CmcdEvent[], receivedMs: number): Promise<void> {
    const keep = thinnedReports(this.#look(), sessionId, events);
    const records = keep.map(({ said: report, weight }) => toReportRecord({ receivedMs, report, weight }));
    if (records.length > 0) await this.#order.log.append(records);
    const written = keep.map(({ said }) => said);
    this.#count(tally(events, reportClass), tally(written, reportClass));
  }

  /** Writes the positions whose time has come; all of them when there is room again, and when this ends. */
  async flush(which: "due" | "all"): Promise<void> {
    const isAll = which === "all" || !isNearlyFull(this.#look());
    const nowMs = this.#order.nowMs();
    const due = [...this.#parked].filter(([, { dueMs }]) => isAll || dueMs <= nowMs);
    for (let at = 0; at < due.length; at += mostAtOnce) {
      const some = due.slice(at, at + mostAtOnce);
      await this.#order.log.append(some.map(([, { record }]) => record));
      for (const [sessionId, { seq }] of some) {
        const known = this.#known.get(sessionId);
        this.#wrote(sessionId, known?.newest, seq, nowMs);
      }
    }
  }

  /** Positions that wait here. */
  get waiting(): number {
    return this.#parked.size;
  }

  #count(attempted: Tally, written: Tally): void {
    this.#order.count(attempted, less(attempted, written));
  }

  #look(): Stage {
    this.#stage = stageOf(this.#stage, this.#order.log.fill());
    return this.#stage;
  }

  /** The newest position alone, at the time of the first that waited. */
  #park(
    sessionId: string,
    { beacon, record }: { readonly beacon: Beacon; readonly record: Uint8Array },
    dueMs: number,
  ): boolean {
    const before = this.#parked.get(sessionId);
    if (before === undefined && this.#parked.size >= mostSessions) return false;
    if (beacon.seq > (before?.seq ?? 0)) this.#parked.set(sessionId, { record, seq: beacon.seq, dueMs });
    return true;
  }

  #wrote(sessionId: string, newest: Before | undefined, seq: number, nowMs: number): void {
    const parked = this.#parked.get(sessionId);
    if (parked !== undefined && parked.seq <= seq) this.#parked.delete(sessionId);
    const before = this.#known.get(sessionId);
    if (newest === undefined) return;
    // Who speaks comes behind whoever does not; as long as there is room, nobody asks in what order they stand.
    if (this.#known.size > mostSessions / 2) this.#known.delete(sessionId);
    this.#known.set(sessionId, {
      newest: before !== undefined && before.newest.seq > newest.seq ? before.newest : newest,
      positionSeq: Math.max(before?.positionSeq ?? 0, seq),
      writtenMs: seq > 0 ? nowMs : (before?.writtenMs ?? Number.NEGATIVE_INFINITY),
    });
    if (this.#known.size <= mostSessions) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function isNearlyFull(stage: Stage): boolean {
  return stage === "newest" || stage === "bare";
}

function isNoMilestone(beacon: Beacon): boolean {
  return classOf(beacon) !== "milestone";
}

/** Positions that a newer one on disk has overtaken say nothing new. */
function newsIn(events: readonly Beacon[], known: Known | undefined): readonly Beacon[] {
  const positionSeq = known?.positionSeq ?? 0;
  return events.filter((event) => event.seq > positionSeq || !isNoMilestone(event));
}

function seqOfPosition(events: readonly Beacon[]): number {
  return events.reduce((most, beacon) => (isNoMilestone(beacon) ? Math.max(most, beacon.seq) : most), 0);
}

interface Checked {
  readonly events: readonly Beacon[];
  readonly newest: Before | undefined;
}

/** Each against the one before it, by their numbers when they came in order. */
function checked(before: Before | undefined, said: readonly Beacon[]): Checked {
  let newest = before;
  const events = said.map((beacon) => {
    const told = plausible(newest, beacon);
    if (newest === undefined || beacon.seq > newest.seq) newest = beacon;
    return told;
  });
  return { events, newest };
}
