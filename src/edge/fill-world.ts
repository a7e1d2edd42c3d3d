// A tiny world for the fill queue's tests: a disk and sources that keep to their habits, driven one command at a time.
// It counts its own bytes and knows what really lies in each place, so that the queue's word can be held against it.
import { assert } from "#units/assert.ts";
import { bitsPerSecond, bytes, milliseconds } from "#units/quantity.ts";
import { step } from "./fill-queue.ts";
import {
  advertised,
  emptyFill,
  type FillCommand,
  type FillEvent,
  type FillLimits,
  type FillMoment,
  type FillRules,
  type FillState,
  type Source,
  usedBytes,
  type WantedBundle,
} from "./fill-state.ts";

/** What a source does when it is asked for a file. */
export type Habit = "honest" | "lies" | "sends-too-much" | "breaks-off" | "refuses" | "is-down";

const peer: Source = { sourceId: "peer-1", kind: "peer", baseUrl: "http://peer" };
const origin: Source = { sourceId: "origin", kind: "origin", baseUrl: "http://origin" };
export const peerThenOrigin = [peer, origin];

/** The right hash of the file of this key: a readable stand-in of the right length. */
export function hashOf(key: string): string {
  const digits = [...key].map((sign) => (sign.codePointAt(0) ?? 0).toString(16)).join("");
  return digits.padEnd(64, "0").slice(0, 64);
}

/** A bundle "title/rendition" of files that are `size` bytes each. */
export function bundle(
  title: string,
  rendition: string,
  files: number,
  size: number,
  more: Partial<Pick<WantedBundle, "sources" | "urgent">> = {},
): WantedBundle {
  const paths = Array.from({ length: files }, (_, i) => `${rendition}/${i}.m4s`);
  return {
    id: `${title}/${rendition}`,
    titleId: title,
    files: paths.map((path) => ({ path, bytes: size, sha256: hashOf(`${title}/${path}`) })),
    sources: peerThenOrigin,
    ...more,
  };
}

/** From two to four o'clock UTC. */
export const night: FillRules = {
  window: { zone: "UTC", opensAtMinute: 120, hours: 2 },
  rateBps: 8e6,
  urgentShare: 0.25,
};

export function nightOf(...bundles: readonly WantedBundle[]): Extract<FillEvent, { kind: "desired" }> {
  return { kind: "desired", bundles, fill: night };
}

interface Given {
  readonly bundles: readonly WantedBundle[];
  /** Of the day, in hours. */
  readonly at?: number;
  readonly fill?: FillRules;
  readonly budget?: number;
}

/** A world that has begun, at an hour of a day with a night. */
export function worldAt({ bundles, at = 0, fill = night, budget = 100_000 }: Given): FillWorld {
  const world = new FillWorld(budget);
  world.wallAhead = at * 3_600_000;
  world.tell({ kind: "desired", bundles, fill });
  world.begin();
  return world;
}

interface Lying {
  readonly bytes: number;
  readonly sha256: string;
}

export class FillWorld {
  readonly state: FillState;
  readonly disk = new Map<string, Lying>();
  readonly partials = new Map<string, Lying>();
  readonly habits = new Map<string, Habit>();
  readonly open: FillCommand[] = [];
  readonly log: string[] = [];
  readonly fetchedFrom: string[] = [];
  now = 0;
  /** The wall clock, ahead of the monotonic one. */
  wallAhead = 0;
  #quarantine = 0;

  constructor(budget: number, more: Partial<FillLimits> = {}) {
    this.state = emptyFill({
      budget: bytes(budget),
      fetches: 3,
      checks: 2,
      retryMin: milliseconds(100),
      retryMax: milliseconds(1000),
      cap: bitsPerSecond(0),
      throughput: bitsPerSecond(1e9),
      limitShare: 0.85,
      window: "plan",
      ...more,
    });
  }

  moment(): FillMoment {
    return { monoMs: this.now, wallMs: this.now + this.wallAhead };
  }

  /** Time passes, and the machine hears of it. */
  pass(ms: number): void {
    this.now += ms;
    this.tell({ kind: "tick" });
  }

  tell(event: FillEvent): void {
    const { commands } = step(this.state, event, this.moment());
    for (const command of commands) {
      this.log.push(
        `${command.kind} ${"key" in command ? command.key : "name" in command ? command.name : ""}`,
      );
      if (command.kind === "fetch") this.fetchedFrom.push(`${command.file.key} ${command.source.sourceId}`);
      this.open.push(command);
    }
  }

  begin(): void {
    const files = [...this.disk].map(([key, file]) => ({ key, bytes: file.bytes }));
    const partials = [...this.partials].map(([name, file]) => ({ name, bytes: file.bytes }));
    this.tell({ kind: "inventory", files, partials, quarantineBytes: this.#quarantine });
  }

  /** A verified file loses a bit, and the scrubber finds it. */
  rot(key: string): void {
    const proof = this.state.disk.get(key)?.proof;
    const file = this.disk.get(key);
    if (proof === undefined || file === undefined || this.state.work.has(key)) return;
    this.disk.set(key, { ...file, sha256: "rotten" });
    this.tell({ kind: "scrubbed", key, proof, sha256: "rotten" });
  }

  /** The first download under way finds no room for its next byte. */
  findNoRoom(): void {
    const at = this.open.findIndex((command) => command.kind === "fetch");
    const [command] = at < 0 ? [] : this.open.splice(at, 1);
    if (command?.kind === "fetch") this.tell({ kind: "full", key: command.file.key, detail: "ENOSPC" });
  }

  /** Carries out one of the open commands. */
  carryOut(index: number): void {
    const [command] = this.open.splice(index % Math.max(1, this.open.length), 1);
    const event = command === undefined ? undefined : this.#outcome(command);
    if (event !== undefined) this.tell(event);
  }

  carryOutAll(): void {
    while (this.open.length > 0) this.carryOut(0);
  }

  /** Carries out everything, lets time pass and the control plane listen, until nothing more happens. */
  settle(): void {
    for (let quiet = 0; quiet < 3; ) {
      const before = this.log.length;
      while (this.open.length > 0) this.carryOut(0);
      this.tell({ kind: "reported", version: this.state.version });
      this.now += 2000;
      this.tell({ kind: "tick" });
      quiet = this.log.length === before && this.open.length === 0 ? quiet + 1 : 0;
      if (this.log.length > 20_000) throw new Error("the queue does not come to rest");
    }
  }

  advertised(): readonly string[] {
    return advertised(this.state);
  }

  /** Bytes that really lie on the disk, downloads under way at their full size. */
  realBytes(): number {
    const sum = (files: Iterable<Lying>): number => [...files].reduce((total, file) => total + file.bytes, 0);
    const busy = this.open.flatMap((command) =>
      command.kind === "fetch" ? [command.file.bytes - (this.partials.get(command.name)?.bytes ?? 0)] : [],
    );
    return (
      sum(this.disk.values()) +
      sum(this.partials.values()) +
      this.#quarantine +
      sum(busy.map((b) => ({ bytes: b, sha256: "" })))
    );
  }

  usedBytes(): number {
    return usedBytes(this.state);
  }

  #outcome(command: FillCommand): FillEvent | undefined {
    switch (command.kind) {
      case "inspect":
        return { kind: "inspected", key: command.key, sha256: this.disk.get(command.key)?.sha256 };
      case "quarantine":
        this.#quarantine += this.disk.get(command.key)?.bytes ?? 0;
        this.disk.delete(command.key);
        return { kind: "quarantined", key: command.key, quarantineBytes: this.#quarantine };
      case "purge":
        this.#quarantine = 0;
        return { kind: "purged" };
      case "fetch":
        return this.#fetch(command);
      case "cancel":
        return this.#cancel(command.key);
      case "hash":
        return {
          kind: "hashed",
          key: command.key,
          sha256: this.partials.get(command.name)?.sha256 ?? "gone",
        };
      case "admit": {
        const file = this.partials.get(command.name);
        assert(file !== undefined && !this.disk.has(command.key), "nothing is ever renamed over a file");
        this.partials.delete(command.name);
        this.disk.set(command.key, file);
        return { kind: "admitted", key: command.key };
      }
      case "discard":
        this.partials.delete(command.name);
        return { kind: "discarded", name: command.name };
      case "remove":
        this.disk.delete(command.key);
        return { kind: "removed", key: command.key };
    }
  }

  #cancel(key: string): FillEvent | undefined {
    const at = this.open.findIndex((other) => other.kind === "fetch" && other.file.key === key);
    const [fetch] = at < 0 ? [] : this.open.splice(at, 1);
    if (fetch?.kind !== "fetch") return undefined;
    const partialBytes = this.partials.get(fetch.name)?.bytes ?? 0;
    return { kind: "failed", key, received: 0, partialBytes, why: "cancelled", detail: "stopped" };
  }

  #fetch({ file, source, name }: Extract<FillCommand, { kind: "fetch" }>): FillEvent {
    const had = this.partials.get(name);
    const left = file.bytes - (had?.bytes ?? 0);
    const fail = {
      kind: "failed",
      key: file.key,
      received: 0,
      partialBytes: had?.bytes ?? 0,
      detail: "",
    } as const;
    const poisoned = had !== undefined && had.sha256 !== file.sha256;
    switch (this.habits.get(source.sourceId) ?? "honest") {
      case "honest":
        this.partials.set(name, { bytes: file.bytes, sha256: poisoned ? "poisoned" : file.sha256 });
        return { kind: "arrived", key: file.key, received: left, resumed: had !== undefined };
      case "lies":
        this.partials.set(name, { bytes: file.bytes, sha256: "a lie" });
        return { kind: "arrived", key: file.key, received: left, resumed: had !== undefined };
      case "sends-too-much":
        this.partials.delete(name);
        return { ...fail, received: left, partialBytes: 0, why: "wrong-size" };
      case "breaks-off": {
        const got = Math.floor(left / 2);
        const partialBytes = file.bytes - left + got;
        if (partialBytes > 0)
          this.partials.set(name, { bytes: partialBytes, sha256: had?.sha256 ?? file.sha256 });
        return { ...fail, received: got, partialBytes, why: "unreachable" };
      }
      case "refuses":
        return { ...fail, why: "refused" };
      case "is-down":
        return { ...fail, why: "unreachable" };
    }
  }
}
