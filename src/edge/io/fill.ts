// Obeys the fill queue: carries out its commands on the disk and the network, and tells it what came of them.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { step } from "#edge/fill-queue.ts";
import { unreadable } from "#edge/fill-rot.ts";
import {
  advertised,
  type DiskChange,
  emptyFill,
  type FillCommand,
  type FillEvent,
  type FillLimits,
  type FillMoment,
  type FillRules,
  type FillState,
  usedBytes,
  type WantedBundle,
} from "#edge/fill-state.ts";
import { isUrgent } from "#edge/fill-time.ts";
import { sha256Of } from "#io/files.ts";
import { type PathStrength, type SigningKey, signedPrefix } from "#io/signed-path.ts";
import type { Clock } from "#units/clock.ts";
import { type BytesPerSecond, bytesPerSecond, seconds } from "#units/quantity.ts";
import {
  admit,
  type Disk,
  hashOrLoss,
  inspect,
  purgeQuarantine,
  remove,
  setAside,
  takeInventory,
} from "./disk.ts";
import { type Fetched, fetchFile } from "./fetch-file.ts";
import type { Proofs } from "./handed-over.ts";
import type { RateGate } from "./rate-gate.ts";

export interface FillOrder {
  readonly applianceId: string;
  readonly disk: Disk;
  readonly limits: FillLimits;
  readonly strength: PathStrength;
  readonly gate: RateGate;
  readonly stallMs: number;
  readonly floor: BytesPerSecond;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The advertisement changed. */
  readonly onChange: () => void;
  /** Files came into their places, were verified, or went. */
  readonly onDisk: (changes: readonly DiskChange[]) => void;
  /** A file was found corrupt and moved away: nginx may still hold it open. */
  readonly onQuarantine: () => Promise<void>;
  readonly onEvent: (event: FillEvent) => void;
  /** The window opened or closed, or is known for the first time. */
  readonly onWindow: (window: FillWindowReport) => void;
  /** What is sent to viewers now, bit/s. */
  readonly load: () => number;
}

export interface FillWindowReport {
  readonly isOpen: boolean;
  /** By the wall clock; absent: never. */
  readonly changesAtMs?: number;
}

export interface FillReport {
  readonly version: number;
  readonly verified: readonly string[];
  readonly usedBytes: number;
  readonly queued: number;
  readonly filesVerified: number;
  /** Of these, what may be fetched outside the window, and what waits for it to open. */
  readonly urgent: number;
  readonly deferred: number;
  /** Undefined without a window. */
  readonly window: FillWindowReport | undefined;
  readonly bytesFromPeers: number;
  readonly bytesFromTier: number;
  readonly bytesFromOrigin: number;
  readonly rejected: number;
  /** Held files that were found rotten since the start. */
  readonly rotten: number;
  readonly lastProblem: string;
}

const tickMs = 100;
/** Lifetime of a path that the agent signs for itself. */
const fillGrant = seconds(3600);

export class Fill {
  readonly #order: FillOrder;
  readonly #state: FillState;
  readonly #fetches = new Map<string, AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #key: SigningKey | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Undefined without a window. */
  #wasOpen: boolean | undefined;

  constructor(order: FillOrder) {
    this.#order = order;
    this.#state = emptyFill(order.limits);
  }

  /** Looks at the disk and begins. A plan known from before should be given first: what it wants is checked at once. */
  async begin(handedOver: Proofs): Promise<void> {
    const begun = this.#begin(handedOver);
    this.#running.add(begun);
    await begun.finally(() => this.#running.delete(begun));
  }

  async #begin(handedOver: Proofs): Promise<void> {
    const { signal } = this.#stopping;
    const found = await takeInventory(this.#order.disk, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (found === undefined || signal.aborted) return;
    const { files, ...inventory } = found;
    this.#tell({ ...inventory, files: files.map((file) => ({ ...file, proof: handedOver.get(file.key) })) });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  take(bundles: readonly WantedBundle[], key: SigningKey, rules?: FillRules): void {
    this.#key = key;
    this.#tell({ kind: "desired", bundles, fill: rules });
  }

  /** Viewers asked for these in vain. */
  missed(keys: readonly string[]): void {
    if (keys.length > 0) this.#tell({ kind: "missed", keys });
  }

  /** The control plane has taken a report of that version. */
  reported(version: number): void {
    this.#tell({ kind: "reported", version });
  }

  /** A held file was read again. */
  scrubbed(found: Omit<Extract<FillEvent, { kind: "scrubbed" }>, "kind">): void {
    this.#tell({ kind: "scrubbed", ...found });
  }

  /** Whether anything is fetched or hashed now. */
  isWorking(): boolean {
    return this.#state.fetching > 0 || this.#state.checking > 0;
  }

  /** Of every verified file. */
  proofs(): Proofs {
    const proofs = new Map<string, string>();
    for (const [key, { proof }] of this.#state.disk) if (proof !== undefined) proofs.set(key, proof);
    return proofs;
  }

  report(): FillReport {
    const state = this.#state;
    return {
      version: state.version,
      verified: advertised(state),
      usedBytes: usedBytes(state),
      queued: state.pending.size + state.fetching + state.checking,
      urgent: state.urgent.size,
      deferred: state.isOpen ? 0 : state.pending.size - state.unchecked.size - state.urgent.size,
      window: this.#window(),
      ...state.counts,
      rotten: state.rotten,
      lastProblem: state.problem,
    };
  }

  /** Ends what is under way; half-fetched files stay for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    for (const fetching of this.#fetches.values()) fetching.abort();
    await Promise.allSettled(this.#running);
  }

  #tell(event: FillEvent): void {
    if (this.#order.signal.aborted) return;
    const before = this.#state.version;
    const { commands } = step(this.#state, event, this.#now());
    this.#order.gate.setRate(bytesPerSecond(this.#state.rate / 8));
    this.#heedWindow();
    if (event.kind !== "tick" && event.kind !== "load") this.#order.onEvent(event);
    for (const command of commands) this.#start(command);
    if (this.#state.changes.length > 0) this.#order.onDisk(this.#state.changes);
    if (this.#state.version !== before) this.#order.onChange();
  }

  #now(): FillMoment {
    const { clock } = this.#order;
    return { monoMs: clock.monoMs(), wallMs: clock.wallMs() };
  }

  #tick(): void {
    const load = this.#order.load();
    this.#tell(load === this.#state.load ? { kind: "tick" } : { kind: "load", bitsPerSecond: load });
  }

  #window(): FillWindowReport | undefined {
    const { window } = this.#state;
    if (window === undefined) return undefined;
    const { isOpen, untilMs } = window;
    return Number.isFinite(untilMs) ? { isOpen, changesAtMs: untilMs } : { isOpen };
  }

  #heedWindow(): void {
    const window = this.#window();
    if (window?.isOpen === this.#wasOpen) return;
    this.#wasOpen = window?.isOpen;
    if (window !== undefined) this.#order.onWindow(window);
  }

  #start(command: FillCommand): void {
    const work = this.#obey(command).then(
      (event) => this.#tell(event),
      (error: unknown) => this.#tell(broken(command, error)),
    );
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #obey(command: FillCommand): Promise<FillEvent> {
    const { disk, signal } = this.#order;
    switch (command.kind) {
      case "inspect":
        return { ...command, kind: "inspected", sha256: await inspect(disk, command.key, signal) };
      case "quarantine": {
        const quarantineBytes = await setAside(disk, command.key, this.#order.clock.wallMs());
        await this.#order.onQuarantine();
        return { kind: "quarantined", key: command.key, quarantineBytes };
      }
      case "purge":
        await purgeQuarantine(disk);
        return { kind: "purged" };
      case "fetch":
        return { key: command.file.key, ...(await this.#fetch(command)) };
      case "cancel":
        this.#fetches.get(command.key)?.abort();
        return { kind: "tick" };
      case "hash":
        return {
          kind: "hashed",
          key: command.key,
          sha256: (await hashOrLoss(() => sha256Of(join(disk.incoming, command.name), signal))) ?? unreadable,
        };
      case "admit":
        await admit(disk, command.name, command.key);
        return { kind: "admitted", key: command.key };
      case "discard":
        await rm(join(disk.incoming, command.name), { force: true });
        return { kind: "discarded", name: command.name };
      case "remove":
        await remove(disk, command.key);
        return { kind: "removed", key: command.key };
    }
  }

  async #fetch(command: Extract<FillCommand, { kind: "fetch" }>): Promise<Fetched> {
    const { file, source, name } = command;
    const stop = new AbortController();
    this.#fetches.set(file.key, stop);
    try {
      return await fetchFile({
        url: this.#url(source.baseUrl, file.titleId) + file.path,
        path: join(this.#order.disk.incoming, name),
        bytes: file.bytes,
        stallMs: this.#order.stallMs,
        floor: this.#order.floor,
        gate: this.#order.gate,
        isUrgent: isUrgent(this.#state, file),
        signal: AbortSignal.any([stop.signal, this.#order.signal]),
      });
    } finally {
      this.#fetches.delete(file.key);
    }
  }

  #url(baseUrl: string, titleId: string): string {
    if (this.#key === undefined) throw new Error("cannot happen: a plan came without a key");
    const { applianceId, clock, strength } = this.#order;
    const expiresAtSeconds = clock.wallMs() / 1000 + fillGrant;
    const grant = { titleId, sessionId: `fill-${applianceId}`, expiresAtSeconds };
    return baseUrl.replace(/\/$/, "") + signedPrefix(this.#key, grant, strength);
  }
}

const noRoom: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

function broken(command: FillCommand, error: unknown): FillEvent {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const detail = error instanceof Error ? error.message : String(error);
  const key = keyOf(command);
  const writes = command.kind === "fetch" || command.kind === "admit";
  return writes && noRoom.has(code)
    ? { kind: "full", key, detail: `${code}` }
    : { kind: "broke", key, detail };
}

function keyOf(command: FillCommand): string {
  if (command.kind === "fetch") return command.file.key;
  if (command.kind === "discard") return command.name;
  return command.kind === "purge" ? "quarantine" : command.key;
}
