// One appliance: its nginx, its disk, and what it and the control plane tell each other. Without the control plane it
// goes on with the last state it was given, for as long as it takes.
import { randomInt, randomUUID } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import type { Breaker } from "#edge/broken-segment.ts";
import { complaintAboutPlan } from "#edge/desired.ts";
import type { edgeSettings } from "#edge/settings.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import { type SigningKey, strengthOf } from "#io/signed-path.ts";
import type { Tools } from "#io/tools.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { type Bytes, bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { type ApplianceReport, type DesiredState, desiredState, type ReportAnswer } from "#wire/appliance.ts";
import { SegmentBreaker } from "./breaker.ts";
import { sendReport } from "./control-call.ts";
import { openDisk } from "./disk.ts";
import { lockDisk } from "./disk-lock.ts";
import { Fill } from "./fill.ts";
import { LoadMeter } from "./load.ts";
import { MissBook, missOf } from "./misses.ts";
import type { NginxEvent, NginxHandle, ServeState } from "./nginx.ts";
import { socketPath } from "./nginx-files.ts";
import { type ServingHandle, superviseServing, toldOfTls } from "./nginx-tls.ts";
import { serveState } from "./origin.ts";
import { openGate } from "./rate-gate.ts";

export interface AgentOrder {
  readonly id: string;
  /** "http://127.0.0.1:8080". */
  readonly controlUrl: string;
  readonly token: string;
  /** Where nginx listens: "127.0.1.11:8181". */
  readonly listen: string;
  /** Where viewers reach it; `http://` + listen when undefined. */
  readonly advertise?: string | undefined;
  /** Everything this appliance keeps: v/, incoming/, quarantine/, state/, nginx/. */
  readonly dir: string;
  readonly budget: Bytes;
  readonly tools: Pick<Tools, "nginx" | "nginxSetMisc">;
  readonly settings: Values<typeof edgeSettings>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** After a failed report: not later than this, so that a control plane that is back is found again. */
const longestSilenceMs = 15_000;
/** Reports that are not yet due wait for each other this long. */
const coalesceMs = 60;
const goodbyeMs = 1000;

/**
 * Runs one appliance until the signal's end, then takes leave, stops nginx and leaves nothing behind.
 *
 * @throws Fault when it cannot begin: nginx-missing, port-taken, disk-in-use, nginx-config-refused, …
 */
export async function runAgent(order: AgentOrder): Promise<void> {
  await mkdir(join(order.dir, "state"), { recursive: true, mode: 0o700 });
  const lock = await lockDisk(join(await realpath(order.dir), "state"));
  try {
    const agent = new Agent(order);
    await agent.live();
  } finally {
    await lock.release();
  }
}

/** What works in one life of an agent. */
interface Parts {
  readonly nginx: ServingHandle;
  readonly fill: Fill;
  readonly meter: LoadMeter;
  readonly breaker: SegmentBreaker;
  readonly folder: string;
}

class Agent {
  readonly #order: AgentOrder;
  readonly #bootId = randomUUID();
  readonly #statePath: string;
  readonly #misses = new MissBook();
  /** Ends nginx and the fill, after the goodbye. */
  readonly #ending = new AbortController();
  #desired: DesiredState | undefined;
  #intervalMs: number;
  #failures = 0;
  #refusal = "";
  #wake: () => void = () => undefined;
  #woken = false;

  constructor(order: AgentOrder) {
    this.#order = order;
    this.#statePath = join(order.dir, "state/desired.json");
    this.#intervalMs = order.settings.reportIntervalMs;
  }

  async live(): Promise<void> {
    const { dir, signal } = this.#order;
    signal.throwIfAborted();
    const disk = await openDisk(dir);
    this.#desired = await this.#remembered();
    const prefixDir = join(disk.folder, "nginx");
    const socket = socketPath(prefixDir, "breaker");
    await mkdir(prefixDir, { recursive: true });
    const breaker = new SegmentBreaker({ folder: disk.folder, socket, clock: this.#order.clock });
    try {
      await this.#serve(disk, prefixDir, breaker);
    } finally {
      await breaker.close();
    }
  }

  async #serve(
    disk: Awaited<ReturnType<typeof openDisk>>,
    prefixDir: string,
    breaker: SegmentBreaker,
  ): Promise<void> {
    const { settings } = this.#order;
    const nginx = await superviseServing({
      ...this.#order,
      nginx: this.#order.tools.nginx?.path,
      modulesFolder: this.#order.tools.nginxSetMisc,
      prefixDir,
      state: await this.#serveState(disk.folder, breaker),
      stopGraceMs: settings.stopGraceMs,
      signal: this.#ending.signal,
      onEvent: (event) => this.#nginxEvent(event),
      onTls: () => this.#nudge(),
    });
    const meter = new LoadMeter(nginx, settings.logBytes, (lines) => this.#misses.read(lines));
    const fill = this.#openFill(disk, nginx);
    try {
      if (this.#desired !== undefined) fill.take(this.#desired.files, signingKey(this.#desired));
      await fill.begin();
      this.#order.log.info({ listen: this.#order.listen, disk: disk.folder }, "appliance is up");
      await this.#converse({ nginx, fill, meter, breaker, folder: disk.folder });
    } finally {
      await fill.stop();
      await meter.close();
      await nginx.stop();
      this.#ending.abort();
    }
  }

  #openFill(disk: Awaited<ReturnType<typeof openDisk>>, nginx: NginxHandle): Fill {
    const { id, budget, tools, settings, clock, log } = this.#order;
    return new Fill({
      applianceId: id,
      disk,
      limits: {
        budget,
        fetches: settings.fillParallel,
        checks: settings.checkParallel,
        retryMin: milliseconds(settings.retryMinMs),
        retryMax: milliseconds(settings.retryMaxMs),
      },
      strength: strengthOf(tools.nginxSetMisc),
      gate: openGate(bytesPerSecond(settings.fillBps / 8)),
      stallMs: settings.fillStallMs,
      clock,
      signal: this.#ending.signal,
      onChange: () => this.#nudge(),
      onQuarantine: () => nginx.refresh(),
      onEvent: (event) => {
        if (event.kind === "failed" || event.kind === "broke") log.warn(event, "fill: a step failed");
        else if (event.kind === "quarantined") log.error(event, "fill: a corrupt file was set aside");
        else log.trace(event, "fill");
      },
    });
  }

  /** Report, take the answer, wait; again until the end, which is told as well. */
  async #converse(parts: Parts): Promise<void> {
    const { nginx, fill, meter } = parts;
    const { signal } = this.#order;
    while (!signal.aborted) {
      this.#woken = false;
      const version = fill.report().version;
      const answer = await this.#exchange(await this.#report(nginx, fill, meter, false), signal);
      if (answer !== undefined) {
        fill.reported(version);
        this.#intervalMs = answer.reportIntervalMs;
        if (answer.desired !== null) await this.#take(answer.desired, parts);
      }
      await this.#pause();
    }
    await this.#exchange(await this.#report(nginx, fill, meter, true), AbortSignal.timeout(goodbyeMs));
  }

  async #exchange(report: ApplianceReport, signal: AbortSignal): Promise<ReportAnswer | undefined> {
    const { controlUrl, id, token, settings, log } = this.#order;
    const deadline = milliseconds(settings.reportDeadlineMs);
    try {
      const answer = await sendReport({ controlUrl, applianceId: id, token, deadline, signal }, report);
      if (this.#failures > 0) log.info({ failures: this.#failures }, "the control plane answers again");
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof Fault)) throw error;
      if (this.#failures === 0) log.warn(error.facts, `${error.message}; serving goes on`);
      this.#failures += 1;
      return undefined;
    }
  }

  /** A desired state is taken over whole or not at all; one that cannot be is told back as the last problem. */
  async #take(desired: DesiredState, { nginx, fill, breaker, folder }: Parts): Promise<void> {
    const { log } = this.#order;
    const complaint = complaintAboutPlan(desired.files);
    const before = this.#desired;
    try {
      if (complaint !== undefined) throw new Error(complaint);
      this.#desired = desired;
      await nginx.apply(await this.#serveState(folder, breaker));
      await writeWhole(this.#statePath, JSON.stringify(desired), ownerOnly);
      fill.take(desired.files, signingKey(desired));
      this.#refusal = "";
      this.#woken = true;
      log.info({ epoch: desired.epoch, bundles: desired.files.length }, "took over a desired state");
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#desired = before;
      this.#refusal = `epoch ${desired.epoch} was not taken over: ${error.message}`.slice(0, 500);
      if (!this.#order.signal.aborted) log.error({ epoch: desired.epoch }, this.#refusal);
    }
  }

  async #report(
    nginx: ServingHandle,
    fill: Fill,
    meter: LoadMeter,
    draining: boolean,
  ): Promise<ApplianceReport> {
    const load = await meter.sample(this.#order.clock.monoMs());
    const { usedBytes, verified, version: _, ...counts } = fill.report();
    return {
      bootId: this.#bootId,
      baseUrl: this.#order.advertise ?? `http://${this.#order.listen}`,
      nginx: nginx.status(),
      trouble: nginx.trouble().slice(0, 500),
      draining,
      desiredEpoch: this.#desired?.epoch ?? 0,
      verified: [...verified],
      load,
      disk: { usedBytes, budgetBytes: this.#order.budget },
      fill: {
        ...counts,
        bytes: counts.bytesFromPeers + counts.bytesFromOrigin,
        lastProblem: (this.#refusal || counts.lastProblem).slice(0, 500),
      },
      ...toldOfTls(nginx.tls?.()),
      ...this.#misses.told(),
    };
  }

  async #serveState(folder: string, breaker: SegmentBreaker): Promise<ServeState> {
    const { listen, settings } = this.#order;
    const state = serveState(folder, listen, this.#desired?.keys ?? [], settings);
    const miss = missOf(settings, this.#desired?.files ?? [], join(folder, "nginx"));
    return { ...state, miss, breaker: await this.#broken(breaker) };
  }

  /** An experiment that cannot be carried out breaks nothing, and keeps nobody from being served. */
  async #broken(breaker: SegmentBreaker): Promise<Breaker | undefined> {
    try {
      return await breaker.follow(this.#desired?.broken);
    } catch (error) {
      this.#order.log.error({ err: error }, "the broken-segment experiment is left out: no socket for it");
      return undefined;
    }
  }

  /** The state of an earlier run; a file that is no such thing is as good as none. */
  async #remembered(): Promise<DesiredState | undefined> {
    const text = await readIfThere(this.#statePath);
    if (text === undefined) return undefined;
    const parsed = desiredState.safeParse(jsonOf(text));
    if (parsed.success && complaintAboutPlan(parsed.data.files) === undefined) return parsed.data;
    this.#order.log.warn({ file: this.#statePath }, "the remembered state is unreadable and was not used");
    return undefined;
  }

  #nginxEvent(event: NginxEvent): void {
    const bad = event.kind === "ended" || event.kind === "not-started";
    this.#order.log[bad ? "error" : "info"](event, "nginx");
    this.#nudge();
  }

  /** A report is due at once. */
  #nudge(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Until the next report: the interval, a fifth more or less so that appliances do not march in step. */
  async #pause(): Promise<void> {
    const { signal } = this.#order;
    if (signal.aborted) return;
    const doubled = this.#intervalMs * 2 ** Math.min(this.#failures, 5);
    const base =
      this.#failures === 0
        ? this.#intervalMs
        : Math.min(doubled, Math.max(longestSilenceMs, this.#intervalMs));
    const due = this.#woken && this.#failures === 0 ? coalesceMs : (base * randomInt(80, 121)) / 100;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, due);
      const early = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", early);
        resolve();
      };
      signal.addEventListener("abort", early, { once: true });
      this.#wake = () => setTimeout(early, coalesceMs);
    });
    this.#wake = () => undefined;
  }
}

function signingKey(desired: DesiredState): SigningKey {
  const [first] = desired.keys;
  if (first === undefined) throw new Error("cannot happen: a desired state without a key passed its schema");
  return first;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
