// A small model of boxes and of control's exchange with them, for the fill plan's tests: disks that fill up, agents that let
// go late, answers that are lost, boxes that die and start again. It knows what really lies on each disk.
import { defaultsOf } from "#config/setting.ts";
import type { FillBox, FillFile, FillWorld } from "./fill-facts.ts";
import { type BoxMemory, heardFrom, nothingKnown, ownBox, seenBox, toldTo } from "./fill-memory.ts";
import { type BoxFill, type FillItem, fillOf } from "./fill-plan.ts";
import { type PlaceSettings, placeSettings } from "./settings.ts";

/** Between exchanges, so that nights come and go. */
const threeHours = 3 * 3_600_000;

interface Told {
  readonly epoch: number;
  readonly items: readonly FillItem[];
}

/** What an agent does, step by step: as `src/edge/README.md` has it (ED23 to ED28). */
export class ModelBox {
  readonly id: string;
  readonly storage: number;
  readonly clusterId: string;
  readonly disk = new Set<string>();
  isUp = true;
  state: Told = { epoch: 0, items: [] };
  #hashed = new Set<string>();
  #former = new Set<string>();
  #leaving = new Set<string>();
  #withdrawn = new Set<string>();
  readonly #sizeOf: (id: string) => number;

  constructor(id: string, storage: number, sizeOf: (id: string) => number, clusterId = "plan") {
    this.id = id;
    this.clusterId = clusterId;
    this.storage = storage;
    this.#sizeOf = sizeOf;
  }

  /** What it holds from the first, verified. */
  give(ids: readonly string[]): void {
    for (const id of ids) {
      this.disk.add(id);
      this.#hashed.add(id);
      this.#former.add(id);
    }
  }

  advertised(): string[] {
    const wanted = this.state.items.map(({ file }) => file.id);
    return [
      ...new Set([...wanted.filter((id) => this.disk.has(id) && this.#hashed.has(id)), ...this.#former]),
    ];
  }

  lacking(): readonly FillItem[] {
    return this.state.items.filter(({ file }) => !this.disk.has(file.id));
  }

  isIdle(): boolean {
    return this.state.items.every(({ file }) => this.disk.has(file.id) && this.#hashed.has(file.id));
  }

  wants(id: string): boolean {
    return this.state.items.some(({ file }) => file.id === id);
  }

  /** A report was taken in: what was withdrawn before it goes now. */
  reported(): void {
    for (const id of this.#withdrawn) this.disk.delete(id);
    this.#withdrawn.clear();
  }

  beginReport(): void {
    for (const id of this.#leaving) this.#withdrawn.add(id);
    this.#leaving.clear();
  }

  take(state: Told): void {
    const whole = this.advertised();
    this.state = state;
    for (const id of [...this.#leaving, ...this.#withdrawn]) {
      if (!this.wants(id)) continue;
      this.#leaving.delete(id);
      this.#withdrawn.delete(id);
    }
    this.#former = new Set(whole.filter((id) => !this.wants(id) && this.disk.has(id)));
  }

  /** One thing: hashes, fetches, or lets go. Resolves with the file that it fetched and from whom. */
  act(
    isThere: (boxId: string, fileId: string) => boolean,
  ): { readonly id: string; readonly from: string } | undefined {
    const unhashed = this.state.items.find(
      ({ file }) => this.disk.has(file.id) && !this.#hashed.has(file.id),
    );
    if (unhashed !== undefined) {
      this.#hashed.add(unhashed.file.id);
      return undefined;
    }
    for (const { file, sources } of this.lacking()) {
      const source = sources.find(
        ({ boxId, afterMs }) => afterMs === 0 && (boxId === undefined || isThere(boxId, file.id)),
      );
      if (source === undefined || !this.#makeRoom(file.sizeBytes)) continue;
      this.disk.add(file.id);
      this.#hashed.add(file.id);
      return { id: file.id, from: source.boxId ?? "origin" };
    }
    if (this.isIdle() && this.state.items.length > 0) for (const id of this.#strays()) this.#leave(id);
    return undefined;
  }

  restart(): void {
    this.isUp = true;
    this.#hashed = new Set();
    this.#former = new Set();
    this.#leaving = new Set();
    this.#withdrawn = new Set();
  }

  usedBytes(): number {
    return [...this.disk].reduce((sum, id) => sum + this.#sizeOf(id), 0);
  }

  #strays(): string[] {
    return [...this.disk].filter(
      (id) => !this.wants(id) && !this.#leaving.has(id) && !this.#withdrawn.has(id),
    );
  }

  #makeRoom(need: number): boolean {
    if (this.usedBytes() + need <= this.storage) return true;
    const going = [...this.#leaving, ...this.#withdrawn].reduce((sum, id) => sum + this.#sizeOf(id), 0);
    let short = this.usedBytes() - going + need - this.storage;
    for (const id of this.#strays()) {
      if (short <= 0) break;
      this.#leave(id);
      short -= this.#sizeOf(id);
    }
    return false;
  }

  #leave(id: string): void {
    this.#former.delete(id);
    this.#leaving.add(id);
  }
}

/** The control plane's part: what is remembered of each box, and an answer to each report. */
export class ModelControl {
  readonly boxes: ReadonlyMap<string, ModelBox>;
  readonly settings: PlaceSettings;
  readonly memories = new Map<string, BoxMemory>();
  readonly gaveWay: string[] = [];
  nowMs = 1.8e12;
  #files = new Map<string, FillFile>();
  #epochs = new Map<string, number>();
  readonly #verified = new Map<string, ReadonlySet<string>>();

  constructor(boxes: readonly ModelBox[], settings: Partial<PlaceSettings> = {}) {
    this.boxes = new Map(boxes.map((box) => [box.id, box]));
    this.settings = { ...defaultsOf(placeSettings), fillCluster: "plan", ...settings };
  }

  plan(files: readonly FillFile[]): void {
    this.#files = new Map(files.map((file) => [file.id, file]));
    for (const [id, memory] of this.memories) this.memories.set(id, { ...memory, progress: "unknown" });
  }

  /** One exchange. With a lost answer the box has heard nothing, not even that its report came. */
  exchange(box: ModelBox, answer: "arrives" | "is lost" = "arrives"): BoxFill {
    this.nowMs += threeHours;
    box.beginReport();
    const verified = new Set(box.advertised());
    this.#verified.set(box.id, verified);
    const epoch = this.#epochs.get(box.id) ?? 0;
    const { epoch: said } = box.state;
    const follows = said === 0 ? "none" : said === epoch ? "told" : "other";
    const before = this.memories.get(box.id) ?? nothingKnown;
    const memory = heardFrom(before, { verified, follows, isIdle: box.isIdle() });
    this.memories.set(box.id, memory);
    const world = this.world();
    const me = world.boxes.get(box.id);
    if (me === undefined) throw new Error("the model knows its boxes");
    const versionOf = (id: string): number | undefined => this.#files.get(id)?.publishedAtMs;
    const fill = fillOf({
      ...{ world, memory, me: ownBox(me, memory, versionOf), role: "storage", zone: undefined },
      wayFrom: () => ({ asPathLength: undefined, kind: "embedded", km: undefined }),
      nowMs: this.nowMs,
      settings: this.settings,
    });
    this.gaveWay.push(...fill.gaveWay.map(({ id }) => id));
    const { night, progress, deferred, items } = fill;
    const ids = new Set(deferred.map(({ id }) => id));
    this.memories.set(box.id, { ...toldTo(memory, items), night, progress, deferred: ids });
    const next = Math.max(epoch, said) + 1;
    this.#epochs.set(box.id, next);
    if (answer === "arrives") {
      box.reported();
      box.take({ epoch: next, items });
    }
    return fill;
  }

  world(): FillWorld {
    const planned = new Map<string, FillFile[]>();
    for (const file of this.#files.values()) {
      for (const id of file.serverIds) planned.set(id, [...(planned.get(id) ?? []), file]);
    }
    const boxes = [...this.boxes.values()].map((box): [string, FillBox] => [box.id, this.#seen(box)]);
    return { files: this.#files, planned, boxes: new Map(boxes) };
  }

  #seen(box: ModelBox): FillBox {
    const facts = {
      ...{ id: box.id, siteId: box.id, clusterId: box.clusterId, storageBytes: box.storage },
      ...{ throughputBps: 1e9, isHealthy: box.isUp && this.#verified.has(box.id), load: 0 },
    };
    const memory = this.memories.get(box.id) ?? nothingKnown;
    return seenBox(
      facts,
      this.#verified.get(box.id) ?? new Set(),
      memory,
      (id) => this.#files.get(id)?.publishedAtMs,
    );
  }
}
