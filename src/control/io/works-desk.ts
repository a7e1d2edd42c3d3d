// The catalogue of works in memory: the newest version and the few before it, and an index that follows it. Whoever asks holds one
// version for as long as the question lasts.
import { setTimeout as rest } from "node:timers/promises";
import { ageOf } from "#catalog/maturity.ts";
import { isSame } from "#catalog/same.ts";
import { type Field, indexedIn } from "#catalog/search-fields.ts";
import { type CatalogView, seriesOf, viewOf } from "#catalog/view.ts";
import { controlFaults } from "#control/faults.ts";
import { fieldMemo } from "#control/search-works.ts";
import type { Stores } from "#data/ports.ts";
import type { IndexedWork, SearchStore, WorksPublished } from "#data/ports-catalog.ts";
import type { Log } from "#io/log.ts";
import type { CatalogDelta, Work } from "#model/work.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";

export interface WorksOrder {
  readonly stores: Pick<Stores, "works" | "search" | "playback">;
  readonly clock: Clock;
  readonly logger: Log;
  readonly searchDeadlineMs: number;
}

/** Versions that are held, so that a list can be read on page by page while the next one is published. */
const versionsHeld = 4;
/** After the index failed it is left alone for a while: each search would wait for it in vain. */
const pauseMs = 5000;
/** Plays of the last month, as often as this: they break ties only. */
const playsFreshMs = 300_000;
const monthMs = 30 * 86_400_000;

export class WorksDesk {
  readonly fields: (view: CatalogView, work: Work) => readonly Field[] = fieldMemo();
  private readonly order: WorksOrder;
  private held: readonly CatalogView[] = [viewOf(0, [])];
  /** What the index speaks of; undefined: not known, or of none. */
  private indexedView: CatalogView | undefined;
  private indexing: Promise<void> = Promise.resolve();
  private pausedUntilMs = 0;
  private readonly lists = new WeakMap<CatalogView, readonly Work[]>();
  private plays: { readonly sinceMs: number; readonly counts: ReadonlyMap<string, number> } | undefined;

  constructor(order: WorksOrder) {
    this.order = order;
  }

  view(): CatalogView {
    return this.held[0] ?? viewOf(0, []);
  }

  /** Films and series of a version, by id. */
  listed(view: CatalogView): readonly Work[] {
    const known = this.lists.get(view);
    if (known !== undefined) return known;
    const works = [...view.works.values()]
      .filter(({ kind }) => kind !== "episode")
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    this.lists.set(view, works);
    return works;
  }

  /** The version asked for while it is held, else the newest; never an older one. */
  async atLeast(version: number | undefined): Promise<CatalogView> {
    if (version === undefined) return this.view();
    const found = this.held.find((view) => view.version === version);
    if (found !== undefined) return found;
    if (version > this.view().version) await this.refresh();
    if (version > this.view().version) {
      throw new Fault(controlFaults.catalogVersionUnknown, { version, newest: this.view().version });
    }
    return this.view();
  }

  /** What the database has: at the start, and when another publisher was first. */
  async refresh(): Promise<void> {
    const read = await this.order.stores.works.read();
    if (read === undefined || read.version === this.view().version) return;
    this.take(viewOf(read.version, read.works));
  }

  /** At the start: reads the newest version, and lets the index catch up behind. */
  async recall(): Promise<void> {
    await this.refresh();
    const isCurrent = (await this.order.stores.search.indexed()) === this.view().version;
    if (isCurrent) this.indexedView = this.view();
    else this.follow();
  }

  async publish(delta: CatalogDelta, base: number, note: string): Promise<WorksPublished> {
    const nowMs = this.order.clock.wallMs();
    const done = await this.order.stores.works.publish({ delta, base, nowMs, note });
    const before = this.held.find((view) => view.version === base);
    if (done.kind === "rebase" || before === undefined || done.version !== base + 1) await this.refresh();
    else if (done.version > this.view().version) this.take(changed(before, delta, done.version));
    return done;
  }

  async rollBack(version: number, note: string): Promise<number | undefined> {
    const done = await this.order.stores.works.rollBack(version, this.order.clock.wallMs(), note);
    if (done !== undefined) await this.refresh();
    return done?.version;
  }

  /** Undefined: the index is away, or speaks of another version. */
  index(): Pick<SearchStore, "candidates" | "similar"> | undefined {
    if (this.order.clock.monoMs() < this.pausedUntilMs) return undefined;
    if (this.indexedView !== this.view()) {
      this.follow();
      return undefined;
    }
    const { search } = this.order.stores;
    return {
      candidates: (asked) => this.inTime(search.candidates(asked)),
      similar: (words, limit) => this.inTime(search.similar(words, limit)),
    };
  }

  /** After the index failed. */
  pause(): void {
    this.pausedUntilMs = this.order.clock.monoMs() + pauseMs;
  }

  /** Resolves when the index has caught up, or failed to. */
  async settled(): Promise<void> {
    await this.indexing;
  }

  /** Plays of late, by title. Not waited for: they break ties only. */
  playsOf(titleId: string): number {
    const nowMs = this.order.clock.wallMs();
    if (this.plays === undefined || nowMs - this.plays.sinceMs > playsFreshMs) {
      this.plays = { sinceMs: nowMs, counts: this.plays?.counts ?? new Map() };
      this.order.stores.playback.playCounts(nowMs - monthMs).then(
        (rows) => {
          const counts = new Map(rows.map((row) => [row.titleId, row.plays]));
          this.plays = { sinceMs: nowMs, counts };
        },
        (error: unknown) =>
          this.order.logger.warn({ err: error }, "plays are not known; search goes without"),
      );
    }
    return this.plays.counts.get(titleId) ?? 0;
  }

  private take(view: CatalogView): void {
    this.held = [view, ...this.held].slice(0, versionsHeld);
    this.order.logger.info({ version: view.version, works: view.works.size }, "a new catalogue is in force");
    this.follow();
  }

  /** Brings the index to the newest version, after whoever is at it. */
  private follow(): void {
    this.indexing = this.indexing.then(async () => {
      const view = this.view();
      if (this.indexedView === view) return;
      const from = this.indexedView;
      this.indexedView = undefined;
      try {
        await this.order.stores.search.index(this.indexOrder(from, view));
        this.indexedView = view;
      } catch (error) {
        this.pause();
        this.order.logger.warn({ err: error }, "search goes without its index, and tries again");
      }
    });
  }

  private indexOrder(from: CatalogView | undefined, view: CatalogView): Parameters<SearchStore["index"]>[0] {
    const { version } = view;
    const all = [...view.works.values()].filter(({ kind }) => kind !== "episode");
    if (from === undefined) {
      return { version, how: "anew", put: all.map((work) => this.rowOf(view, work)), remove: [] };
    }
    const put = all.filter((work) => !this.isIndexedAlike(from, view, work));
    const remove = [...from.works.keys()].filter((id) => !view.works.has(id));
    return { version, how: "changes", put: put.map((work) => this.rowOf(view, work)), remove };
  }

  private isIndexedAlike(from: CatalogView, view: CatalogView, work: Work): boolean {
    const before = from.works.get(work.id);
    if (before === undefined || !(before === work || isSame(before, work))) return false;
    if (work.kind !== "series") return true;
    const [old, now] = [from.episodes.get(work.id), view.episodes.get(work.id)];
    return isSame(old, now);
  }

  private rowOf(view: CatalogView, work: Work): IndexedWork {
    // What nobody rated is sorted out when it is found: what it counts as is a setting, and may change.
    const age = ageOf(work, seriesOf(view, work)) ?? 0;
    return { workId: work.id, age, ...indexedIn(this.fields(view, work)) };
  }

  private async inTime<T>(asked: Promise<T>): Promise<T> {
    const timer = new AbortController();
    const { searchDeadlineMs } = this.order;
    const late = rest(searchDeadlineMs, undefined, { signal: timer.signal }).then(() => {
      throw new Fault(controlFaults.indexSlow, { ms: searchDeadlineMs });
    });
    late.catch(() => undefined);
    asked.catch(() => undefined);
    try {
      return await Promise.race([asked, late]);
    } finally {
      timer.abort();
    }
  }
}

function changed(view: CatalogView, delta: CatalogDelta, version: number): CatalogView {
  const works = new Map(view.works);
  for (const id of delta.remove) works.delete(id);
  for (const work of delta.put) works.set(work.id, work);
  return viewOf(version, works.values());
}
