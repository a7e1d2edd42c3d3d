// The miss job: steering decisions joined with what access logs say was served, minute by minute.
//
// Bytes wait in the minute of their time until the watermark has passed its end by the allowed lateness: by then the decision of
// their session is in, whichever came first. A minute comes once, and a correction is all that can follow it. What is told
// twice counts once: a source numbers its batches, and begins the next only when the one before was taken.
// Source: "Driving Content Delivery Efficiency Through Classifying Cache Misses" (Netflix, 2025): a windowed join of both logs.
import {
  closedBook,
  entriesAfter,
  lookUp,
  type OpenBook,
  openedBook,
  tearOut,
  writeDown,
} from "./decision-book.ts";
import { inForce, originId, type Source, type Steered, siteOf, verdictOf } from "./detours.ts";
import { addMisses, type MissFigures, type MissRecord, noMissFigures } from "./miss-record.ts";
import { type MissState, type Row, rowKey } from "./miss-state.ts";
import { byText } from "./stream-event.ts";
import { longMs, type StreamSettings, windowStart } from "./stream-settings.ts";
import { allIdle, heard, type Partition, reached, ticked, unheard } from "./watermark.ts";

/** What one source served, since it told the last time. */
export interface ServedBatch {
  readonly source: Source;
  /** Of one life of the source. */
  readonly bootId: string;
  /** From 1 on, without gaps. A batch may come in parts. */
  readonly batch: number;
  readonly part: number;
  readonly rows: readonly ServedRow[];
}

export interface ServedRow {
  readonly atMs: number;
  /** Empty: of sessions that found no room. */
  readonly sessionId: string;
  /** Of the title; empty for its top. */
  readonly folder: string;
  readonly bytes: number;
  /** Of these, fetched from the origin while the viewer waited. */
  readonly pulled: number;
}

export type MissInput =
  | { readonly kind: "steered"; readonly partition: number; readonly steered: Steered }
  | { readonly kind: "served"; readonly partition: number; readonly atMs: number; readonly told: ServedBatch }
  /** Whatever else came: time goes on by it. */
  | { readonly kind: "heard"; readonly partition: number; readonly atMs: number }
  | { readonly kind: "tick"; readonly nowMs: number };

export interface MissSettings
  extends Pick<StreamSettings, "disorderMs" | "latenessMs" | "idleMs" | "mostWaiting"> {
  /** A decision is forgotten when nobody was served by it for so long, give or take an eighth. */
  readonly keepMs: number;
  /** Entries of the book: a session that goes on while half of them come after it has another one. */
  readonly mostDecisions: number;
  /** Sessions on a sheet of the book of decisions. */
  readonly perSheet: number;
}

/** Of one session the latest are kept: the ones before are over. */
const mostOfSession = 4;
/** Lives of sources whose last batch is remembered. */
const mostLives = 4096;

interface Work {
  readonly settings: MissSettings;
  readonly records: MissRecord[];
  readonly partitions: Map<number, Partition>;
  watermarkMs: number | undefined;
  frontierMs: number | undefined;
  readonly waiting: Map<number, ReadonlyMap<string, Row>>;
  /** Of `waiting`, those that are this batch's own. */
  readonly own: Map<number, Map<string, Row>>;
  waitingCount: number;
  readonly decisions: OpenBook;
  readonly lives: Map<string, { readonly batch: number; readonly parts: readonly number[] }>;
}

/** The state that is handed in stays as it is. */
export function takeMisses(
  before: MissState,
  inputs: readonly MissInput[],
  settings: MissSettings,
): { readonly state: MissState; readonly records: readonly MissRecord[] } {
  if (inputs.length === 0) return { state: before, records: [] };
  const work: Work = {
    ...{ settings, records: [], own: new Map() },
    partitions: new Map(before.partitions),
    ...{ watermarkMs: before.watermarkMs, frontierMs: before.frontierMs },
    waiting: new Map(before.waiting),
    waitingCount: before.waitingCount,
    decisions: openedBook(before.decisions, settings.perSheet),
    lives: new Map(before.lives),
  };
  for (const input of inputs) take(work, input);
  const { partitions, watermarkMs, frontierMs, waiting, waitingCount, lives } = work;
  const decisions = closedBook(work.decisions);
  const state = { partitions, watermarkMs, frontierMs, waiting, waitingCount, decisions, lives };
  return { state, records: work.records };
}

function take(work: Work, input: MissInput): void {
  if (input.kind === "tick") {
    tick(work, input.nowMs);
    return;
  }
  let atMs: number;
  if (input.kind === "steered") {
    decide(work, input.steered);
    atMs = input.steered.atMs;
  } else {
    atMs = input.atMs;
    if (input.kind === "served") serve(work, input.told);
  }
  work.partitions.set(input.partition, heard(work.partitions.get(input.partition) ?? unheard, atMs));
  raise(work, reached(work.partitions, work.settings.disorderMs));
}

function decide(work: Work, steered: Steered): void {
  const { sessionId, atMs } = steered;
  const before = lookUp(work.decisions, sessionId);
  const others = (before?.known ?? []).filter((one) => one.atMs !== atMs);
  const known = [...others, steered].sort((a, b) => a.atMs - b.atMs).slice(-mostOfSession);
  writeDown(work.decisions, sessionId, { usedMs: Math.max(before?.usedMs ?? 0, atMs), known });
}

function serve(work: Work, told: ServedBatch): void {
  if (!isNews(work, told)) return;
  const late = new Map<number, Row[]>();
  for (const row of told.rows) {
    const startMs = windowStart(row.atMs, longMs);
    const one = { ...row, source: told.source };
    if (work.frontierMs !== undefined && startMs < work.frontierMs) {
      late.set(startMs, [...(late.get(startMs) ?? []), one]);
    } else wait(work, startMs, one);
  }
  const name = `${told.source.id} ${told.bootId} ${told.batch}/${told.part}`;
  for (const [startMs, rows] of [...late].sort(([a], [b]) => a - b)) {
    work.records.push(...joined(work, startMs, rows, name));
  }
  while (work.waitingCount > work.settings.mostWaiting) {
    endUntil(work, Math.min(...work.waiting.keys()) + longMs);
  }
}

function isNews({ lives }: Work, { source, bootId, batch, part }: ServedBatch): boolean {
  const key = `${source.id} ${bootId}`;
  const known = lives.get(key);
  if (known !== undefined && batch < known.batch) return false;
  const parts = batch === known?.batch ? known.parts : [];
  if (parts.includes(part)) return false;
  lives.delete(key);
  lives.set(key, { batch, parts: [...parts, part] });
  for (const oldest of lives.keys()) {
    if (lives.size <= mostLives) break;
    lives.delete(oldest);
  }
  return true;
}

function wait(work: Work, startMs: number, row: Row): void {
  let rows = work.own.get(startMs);
  if (rows === undefined) {
    rows = new Map(work.waiting.get(startMs));
    work.own.set(startMs, rows);
    work.waiting.set(startMs, rows);
  }
  const key = rowKey(row);
  const known = rows.get(key);
  if (known === undefined) work.waitingCount += 1;
  rows.set(key, {
    ...row,
    bytes: row.bytes + (known?.bytes ?? 0),
    pulled: row.pulled + (known?.pulled ?? 0),
  });
}

function tick(work: Work, nowMs: number): void {
  const { disorderMs, idleMs } = work.settings;
  for (const [id, partition] of work.partitions) work.partitions.set(id, ticked(partition, nowMs, idleMs));
  raise(work, allIdle(work.partitions) ? nowMs - idleMs - disorderMs : reached(work.partitions, disorderMs));
}

function raise(work: Work, watermarkMs: number | undefined): void {
  if (watermarkMs === undefined || watermarkMs <= (work.watermarkMs ?? Number.NEGATIVE_INFINITY)) return;
  work.watermarkMs = watermarkMs;
  endUntil(work, windowStart(watermarkMs - work.settings.latenessMs, longMs));
}

function endUntil(work: Work, untilMs: number): void {
  if (work.frontierMs !== undefined && untilMs <= work.frontierMs) return;
  work.frontierMs = untilMs;
  const due = [...work.waiting.keys()].filter((startMs) => startMs < untilMs).sort((a, b) => a - b);
  for (const startMs of due) {
    const rows = [...(work.waiting.get(startMs)?.values() ?? [])];
    work.waiting.delete(startMs);
    work.own.delete(startMs);
    work.waitingCount -= rows.length;
    work.records.push(...joined(work, startMs, rows, ""));
    for (const { sessionId } of rows) touch(work, sessionId, startMs + longMs);
  }
  const { keepMs, mostDecisions } = work.settings;
  tearOut(work.decisions, untilMs - keepMs, mostDecisions);
}

/**
 * Written down anew before it is torn out: when half of what the book holds has come after it, or an eighth of its time is over.
 * Not each time: that would turn the book over by itself.
 */
function touch({ decisions, settings }: Work, sessionId: string, atMs: number): void {
  const found = lookUp(decisions, sessionId);
  if (found === undefined) return;
  const isOld = atMs - found.usedMs >= settings.keepMs / 8;
  if (isOld || entriesAfter(decisions, sessionId) > settings.mostDecisions / 2)
    writeDown(decisions, sessionId, { ...found, usedMs: Math.max(found.usedMs, atMs) });
}

/** Records of one window by site, in the order of their sites. */
function joined(work: Work, startMs: number, rows: readonly Row[], late: string): readonly MissRecord[] {
  const sites = new Map<string, Record<keyof MissFigures, number>>();
  for (const row of rows) {
    const steered = inForce(lookUp(work.decisions, row.sessionId)?.known ?? [], row.atMs);
    const site = siteOf(steered, row.source);
    const sum = sites.get(site) ?? noMissFigures();
    addMisses(sum, figuresOf(row, steered));
    sites.set(site, sum);
  }
  return [...sites]
    .sort(([a], [b]) => byText(a, b))
    .map(([site, sum]) => ({ kind: "misses", sizeMs: longMs, startMs, site, late, ...sum }));
}

function figuresOf({ folder, source, bytes, pulled }: Row, steered: Steered | undefined): MissFigures {
  const figures = noMissFigures();
  figures.all = bytes;
  figures.offloaded = source.id === originId ? 0 : bytes - pulled;
  const of = (isPulled: boolean) => verdictOf(steered, { sourceId: source.id, folder, pulled: isPulled });
  figures[of(false)] += bytes - pulled;
  figures[of(true)] += pulled;
  return figures;
}
