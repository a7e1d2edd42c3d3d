// The hands of every box's fill queue: the machine decides, as in production (edge/fill-queue.ts), and this obeys in simulated
// time: transfers that share rates, disks that are read and hashed at a rate, sources that are dead, have not got the file,
// or send something else. What control hears is passed on as reports.
import { step } from "#edge/fill-queue.ts";
import {
  type FillCommand,
  type FillEvent,
  type FillRules,
  partialName,
  type Source,
  type WantedBundle,
} from "#edge/fill-state.ts";
import { wakeAt } from "#edge/fill-time.ts";
import { type Box, freshFill } from "./appliance.ts";
import { EventHeap } from "./event-heap.ts";
import { type Moved, originBit, Transfers } from "./transfers.ts";

/** A report goes out so long after the advertisement changed, and is answered at once. Production: every 2 s. */
const reportMs = 2000;
/** Until a source that does not answer is given up: edge/settings.ts, fillStallMs. */
const stallMs = 10_000;

type Happening =
  | { readonly kind: "tell"; readonly box: Box; readonly life: number; readonly event: FillEvent }
  | { readonly kind: "wake"; readonly box: Box; readonly life: number; readonly order: number }
  | { readonly kind: "report"; readonly box: Box; readonly life: number };

interface Fetching {
  readonly name: string;
  readonly bytes: number;
  readonly had: number;
  readonly isLie: boolean;
}

/** A file that was fetched whole. */
export interface Landed {
  readonly box: Box;
  readonly key: string;
  readonly kind: Source["kind"];
  readonly atMs: number;
}

export interface HandsOrder {
  readonly startsAtMs: number;
  readonly verifyBps: number;
  /** By the id that sources have. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Hash of what every published file is. */
  readonly contentOf: (key: string) => string;
  readonly onLanded?: ((landed: Landed) => void) | undefined;
}

export class Hands {
  private readonly order: HandsOrder;
  private readonly heap = new EventHeap<Happening>();
  private readonly transfers = new Transfers();
  private readonly fetching = new Map<string, Fetching>();
  /** Per box: bytes of its half-fetched files that lie on its disk, and whether they are another file's. */
  private readonly partials = new Map<string, { readonly bytes: number; readonly isLie: boolean }>();
  private readonly wakes = new Map<string, { readonly at: number; readonly order: number }>();
  private readonly reporting = new Set<string>();
  /** What each box was told last: its agent keeps it on the disk. */
  private readonly told = new Map<string, FillEvent>();
  private readonly removed = new Map<string, number>();
  private now: number;
  /** Control takes no report, and answers none. */
  isDark = false;

  constructor(order: HandsOrder) {
    this.order = order;
    this.now = order.startsAtMs;
  }

  /** A box comes to its site, with files on its disk that were verified when it was packed. */
  deliver(
    box: Box,
    files: readonly { readonly key: string; readonly bytes: number; readonly proof: string }[],
  ): void {
    this.tell(box, { kind: "inventory", files, partials: [], quarantineBytes: 0 });
  }

  /** Bytes that it deleted since the last call. */
  takeRemoved(box: Box): number {
    const removed = this.removed.get(box.id) ?? 0;
    this.removed.delete(box.id);
    return removed;
  }

  /** The agent starts and finds its disk: it trusts nothing there. */
  private begin(box: Box, files: readonly { readonly key: string; readonly bytes: number }[]): void {
    box.fill = freshFill(box.server);
    this.wakes.delete(box.id);
    this.reporting.delete(box.id);
    const partials = [...this.partials]
      .filter(([name]) => name.startsWith(`${box.id} `))
      .map(([name, { bytes }]) => ({ name: name.slice(box.id.length + 1), bytes }));
    this.tell(box, { kind: "inventory", files, partials, quarantineBytes: box.quarantined });
    const told = this.told.get(box.id);
    if (told !== undefined) this.tell(box, told);
  }

  desire(box: Box, bundles: readonly WantedBundle[], fill: FillRules): void {
    const event = { kind: "desired", bundles, fill } as const;
    this.told.set(box.id, event);
    this.tell(box, event);
  }

  /** What viewers leave a box for others, and what it is told of them. */
  load(box: Box, bps: number): void {
    box.load = bps;
    this.transfers.setSourceRate(
      box.bit,
      Math.max(box.server.throughputBps / 100, box.server.throughputBps - bps),
      this.now,
    );
    if (box.alive) this.tell(box, { kind: "load", bitsPerSecond: bps });
  }

  loadOrigin(throughputBps: number, bps: number): void {
    this.transfers.setSourceRate(originBit, Math.max(throughputBps / 100, throughputBps - bps), this.now);
  }

  /** The power goes: whoever fetched from it hears nothing more, and its own agent does no more. */
  fail(box: Box): void {
    box.alive = false;
    box.life += 1;
    for (const { key } of this.transfers.to(box.bit)) this.breakOff(box, key);
    for (const { reader, key } of this.transfers.from(box.bit)) {
      const other = [...this.order.boxes.values()].find((one) => one.bit === reader);
      if (other !== undefined) this.failed(other, key, this.breakOff(other, key), "unreachable");
    }
  }

  /** It is back: a new agent, which trusts no file before it has hashed it. */
  repair(box: Box): void {
    const files = [...box.fill.disk].map(([key, { bytes }]) => ({ key, bytes }));
    for (const { key } of files) box.touched.add(key);
    box.alive = true;
    box.draining = false;
    this.begin(box, files);
  }

  /** Time passes; all that happens until then, happens. */
  runUntil(end: number): void {
    for (;;) {
      const at = Math.min(this.heap.firstAt, this.transfers.firstAt);
      if (at >= end) break;
      this.now = Math.max(this.now, at);
      const whole = this.transfers.complete(this.now);
      if (whole !== undefined) this.arrived(whole.reader, whole.key);
      else if (this.heap.firstAt <= this.now) this.happen(this.heap.pop());
    }
    this.now = end;
  }

  /** What moved since the last call. */
  account(): readonly Moved[] {
    return this.transfers.account(this.now);
  }

  private happen(what: Happening | undefined): void {
    if (what === undefined || what.life !== what.box.life) return;
    if (what.kind === "tell") this.tell(what.box, what.event);
    else if (what.kind === "report") this.report(what.box);
    else if (this.wakes.get(what.box.id)?.order === what.order) {
      this.wakes.delete(what.box.id);
      this.tell(what.box, { kind: "tick" });
    }
  }

  private tell(box: Box, event: FillEvent): void {
    const queue: FillEvent[] = [event];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { commands } = step(box.fill, next, { monoMs: this.now, wallMs: this.now });
      for (const { key } of box.fill.changes) box.touched.add(key);
      for (const command of commands) {
        const done = this.obey(box, command);
        if (done !== undefined) queue.push(done);
      }
    }
    this.transfers.setReaderRate(box.bit, box.fill.rate, this.now);
    this.wakeLater(box);
    this.reportLater(box);
  }

  private wakeLater(box: Box): void {
    const at = wakeAt(box.fill, { monoMs: this.now, wallMs: this.now });
    const known = this.wakes.get(box.id);
    if (at === Number.POSITIVE_INFINITY || (known !== undefined && known.at <= at)) return;
    const order = (known?.order ?? 0) + 1;
    this.wakes.set(box.id, { at, order });
    this.heap.push(at, { kind: "wake", box, life: box.life, order });
  }

  /** A box that is to let something go waits until control knows. */
  private reportLater(box: Box): void {
    const { leaving, version, reported } = box.fill;
    if (leaving.size === 0 || version <= reported || this.reporting.has(box.id)) return;
    this.reporting.add(box.id);
    this.heap.push(this.now + reportMs, { kind: "report", box, life: box.life });
  }

  private report(box: Box): void {
    this.reporting.delete(box.id);
    for (const key of box.fill.leaving.keys()) box.touched.add(key);
    if (!this.isDark) this.tell(box, { kind: "reported", version: box.fill.version });
  }

  /** What comes of a command: at once, or undefined when it takes time. */
  private obey(box: Box, command: FillCommand): FillEvent | undefined {
    switch (command.kind) {
      case "inspect":
        this.after(box, this.readingMs(box.fill.disk.get(command.key)?.bytes ?? 0), {
          kind: "inspected",
          key: command.key,
          sha256: this.order.contentOf(command.key),
        });
        return undefined;
      case "quarantine":
        box.quarantined += box.fill.disk.get(command.key)?.bytes ?? 0;
        return { kind: "quarantined", key: command.key, quarantineBytes: box.quarantined };
      case "purge":
        box.quarantined = 0;
        return { kind: "purged" };
      case "fetch":
        this.fetch(box, command);
        return undefined;
      case "cancel":
        if (!this.fetching.has(`${box.id} ${command.key}`)) return undefined;
        return this.failure(box, command.key, this.breakOff(box, command.key), "cancelled");
      case "hash":
        this.hash(box, command.key, command.name);
        return undefined;
      case "admit":
        this.partials.delete(`${box.id} ${command.name}`);
        return { kind: "admitted", key: command.key };
      case "discard":
        this.partials.delete(`${box.id} ${command.name}`);
        return { kind: "discarded", name: command.name };
      case "remove":
        this.removed.set(
          box.id,
          (this.removed.get(box.id) ?? 0) + (box.fill.disk.get(command.key)?.bytes ?? 0),
        );
        return { kind: "removed", key: command.key };
    }
  }

  private after(box: Box, ms: number, event: FillEvent): void {
    this.heap.push(this.now + ms, { kind: "tell", box, life: box.life, event });
  }

  private readingMs(bytes: number): number {
    return (bytes * 8000) / this.order.verifyBps;
  }

  private fetch(box: Box, { file, source, name }: Extract<FillCommand, { kind: "fetch" }>): void {
    const from = this.order.boxes.get(source.sourceId);
    const isUp = source.kind === "origin" || from?.alive === true;
    const hasIt = source.kind === "origin" || from?.fill.disk.has(file.key) === true;
    if (!isUp || !hasIt) {
      const partialBytes = this.partials.get(`${box.id} ${name}`)?.bytes ?? 0;
      const why = isUp ? "refused" : "unreachable";
      const event = { kind: "failed", key: file.key, received: 0, partialBytes, why, detail: why } as const;
      this.after(box, isUp ? 0 : stallMs, event);
      return;
    }
    const had = this.partials.get(`${box.id} ${name}`);
    const isLie = had?.isLie === true || (from !== undefined && from.liesUntilMs > this.now);
    const bytes = file.bytes - (had?.bytes ?? 0);
    this.fetching.set(`${box.id} ${file.key}`, { name, bytes: file.bytes, had: had?.bytes ?? 0, isLie });
    const order = {
      reader: box.bit,
      source: from?.bit ?? originBit,
      kind: source.kind,
      bytes,
      key: file.key,
    };
    this.transfers.start(order, this.now);
  }

  private arrived(reader: number, key: string): void {
    const box = [...this.order.boxes.values()].find(({ bit }) => bit === reader);
    const fetched = box === undefined ? undefined : this.fetching.get(`${box.id} ${key}`);
    if (box === undefined || fetched === undefined) return;
    const { name, bytes, had, isLie } = fetched;
    this.fetching.delete(`${box.id} ${key}`);
    this.partials.set(`${box.id} ${name}`, { bytes, isLie });
    const work = box.fill.work.get(key);
    if (work !== undefined && "file" in work)
      this.order.onLanded?.({ box, key, kind: work.source.kind, atMs: this.now });
    this.tell(box, { kind: "arrived", key, received: bytes - had, resumed: had > 0 });
  }

  private hash(box: Box, key: string, name: string): void {
    const found = this.partials.get(`${box.id} ${name}`);
    const sha256 = found?.isLie === true ? "0".repeat(64) : this.order.contentOf(key);
    this.after(box, this.readingMs(found?.bytes ?? 0), { kind: "hashed", key, sha256 });
  }

  /** Ends a transfer where it is; what came over stays on the disk. */
  private breakOff(box: Box, key: string): number {
    const fetched = this.fetching.get(`${box.id} ${key}`);
    const received = this.transfers.stop(box.bit, key, this.now) ?? 0;
    this.fetching.delete(`${box.id} ${key}`);
    if (fetched !== undefined) {
      const { name, had, isLie } = fetched;
      if (had + received > 0) this.partials.set(`${box.id} ${name}`, { bytes: had + received, isLie });
    }
    return received;
  }

  private failed(box: Box, key: string, received: number, why: "unreachable"): void {
    if (box.alive) this.tell(box, this.failure(box, key, received, why));
  }

  private failure(box: Box, key: string, received: number, why: "unreachable" | "cancelled"): FillEvent {
    const work = box.fill.work.get(key);
    const name = work !== undefined && "file" in work ? partialName(work.file) : "";
    const partialBytes = this.partials.get(`${box.id} ${name}`)?.bytes ?? 0;
    return { kind: "failed", key, received, partialBytes, why, detail: why };
  }
}
