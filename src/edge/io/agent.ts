// One appliance: its nginx, its disk, and what it and the control plane tell each other. Without the control plane it
// goes on with the last state it was given, for as long as it takes.
import { randomUUID } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import type { Breaker } from "#edge/broken-segment.ts";
import { complaintAbout } from "#edge/desired.ts";
import { type Passing, passingNow, passingText } from "#edge/killed.ts";
import type { edgeSettings } from "#edge/settings.ts";
import { sweepUnfinished } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import type { SigningKey } from "#io/signed-path.ts";
import type { Tools } from "#io/tools.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { type Bytes, bytesPerSecond, milliseconds } from "#units/quantity.ts";
import type { ApplianceReport, DesiredState, ReportAnswer } from "#wire/appliance.ts";
import { openFill } from "./agent-fill.ts";
import { type Gauges, reportOf } from "./agent-report.ts";
import { SegmentBreaker } from "./breaker.ts";
import { sendReport } from "./control-call.ts";
import { DesiredMemory, recallDesired } from "./desired-memory.ts";
import { type Disk, openDisk } from "./disk.ts";
import { lockDisk } from "./disk-lock.ts";
import type { Fill } from "./fill.ts";
import { leaveProofs, takeProofs, thisMoment } from "./handed-over.ts";
import { HealthMeter, tellFileLimit } from "./health.ts";
import { LoadMeter } from "./load.ts";
import { MissBook, missOf } from "./misses.ts";
import type { NginxEvent, NginxHandle, ServeState } from "./nginx.ts";
import { socketPath } from "./nginx-files.ts";
import { superviseKillable } from "./nginx-killable.ts";
import { isSlow } from "./nginx-reload.ts";
import { serveState } from "./origin.ts";
import { Rhythm } from "./rhythm.ts";
import { Scrubber, type ScrubOrder } from "./scrubber.ts";
import { ServedTeller } from "./served.ts";
import { type ToldLog, toldLog } from "./told-log.ts";

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
  /** Its end stops the appliance. */
  readonly signal: AbortSignal;
  /** Its end stops the agent alone: nginx serves on for the next one. */
  readonly handOver?: AbortSignal | undefined;
}

const goodbyeMs = 1000;
const dayMs = 86_400_000;

/**
 * Runs one appliance until the signal's end, then takes leave, stops nginx and leaves nothing behind. Told to hand over,
 * it leaves nginx running.
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
interface Parts extends Gauges {
  readonly breaker: SegmentBreaker;
  readonly folder: string;
}

class Agent {
  readonly #order: AgentOrder;
  readonly #told: ToldLog;
  readonly #bootId = randomUUID();
  readonly #statePath: string;
  readonly #misses = new MissBook();
  readonly #served = new ServedTeller();
  readonly #handOverPath: string;
  /** Ends nginx and the fill, after the goodbye. */
  readonly #ending = new AbortController();
  /** The disk could not be looked at. */
  readonly #failing = new AbortController();
  /** The hand-over was asked for, and is due. */
  readonly #makingWay = new AbortController();
  /** The end of the conversation, for whichever reason. */
  readonly #leaving: AbortSignal;
  /** What nginx was told that ends by the clock, as text. */
  #passing = "[[],null]";
  /** What nginx serves, or is about to: a slow reload is not undone. */
  #desired: DesiredState | undefined;
  /** Of the state that was taken over whole: nothing of the one before is served any more. */
  #epoch = 0;
  readonly #memory: DesiredMemory;
  readonly #rhythm: Rhythm;
  #refusal = "";

  constructor(order: AgentOrder) {
    this.#told = toldLog(order.log, () => order.clock.wallMs());
    this.#order = { ...order, log: this.#told.log };
    this.#leaving = AbortSignal.any([order.signal, this.#makingWay.signal, this.#failing.signal]);
    this.#statePath = join(order.dir, "state/desired.json");
    this.#memory = new DesiredMemory(this.#statePath, this.#told.log);
    this.#handOverPath = join(order.dir, "state/handed-over.txt");
    this.#rhythm = new Rhythm(order.settings.reportIntervalMs, this.#leaving);
  }

  async live(): Promise<void> {
    const { dir, signal, log, settings } = this.#order;
    signal.throwIfAborted();
    await tellFileLimit(log, settings.connections);
    const disk = await openDisk(dir);
    this.#desired = await recallDesired(this.#statePath, log);
    this.#epoch = this.#desired?.epoch ?? 0;
    const prefixDir = join(disk.folder, "nginx");
    const socket = socketPath(prefixDir, "breaker");
    await mkdir(prefixDir, { recursive: true });
    for (const kept of ["state", "nginx/conf", "nginx/conf/tls"])
      await sweepUnfinished(join(disk.folder, kept));
    const breaker = new SegmentBreaker({ folder: disk.folder, socket, clock: this.#order.clock });
    try {
      await this.#serve(disk, prefixDir, breaker);
    } finally {
      await breaker.close();
    }
  }

  async #serve(disk: Disk, prefixDir: string, breaker: SegmentBreaker): Promise<void> {
    const { settings } = this.#order;
    const { stopGraceMs, hangMs, stuckMs } = settings;
    const nginx = await superviseKillable({
      ...this.#order,
      nginx: this.#order.tools.nginx?.path,
      modulesFolder: this.#order.tools.nginxSetMisc,
      prefixDir,
      state: await this.#serveState(disk.folder, breaker),
      ...{ stopGraceMs, hangMs, stuckMs },
      signal: this.#ending.signal,
      onEvent: (event) => this.#nginxEvent(event),
      onTls: () => this.#rhythm.nudge(),
    });
    const meter = new LoadMeter(nginx, settings.logBytes, (lines) => {
      fill.missed(this.#misses.read(lines));
      this.#served.read(lines);
    });
    const scrubber: Scrubber = this.#openScrubber(disk, {
      errorLog: nginx.errorLog,
      isIdle: () => !fill.isWorking() && meter.bitsPerSecond() < settings.scrubIdleBps,
      onRead: (found) => fill.scrubbed(found),
    });
    const fill: Fill = openFill(this.#order, {
      disk,
      signal: this.#ending.signal,
      onChange: () => this.#rhythm.nudge(),
      onDisk: (changes) => scrubber.heed(changes),
      onQuarantine: () => nginx.refresh(),
      load: () => meter.bitsPerSecond(),
    });
    const health = new HealthMeter(disk.folder);
    try {
      await scrubber.begin();
      if (this.#desired !== undefined) takePlan(fill, this.#desired);
      await this.#begin(disk, fill);
      await this.#converse({
        nginx,
        fill,
        scrubber,
        meter,
        health,
        breaker,
        misses: this.#misses,
        served: this.#served,
        folder: disk.folder,
      });
      if (this.#failing.signal.aborted) throw this.#failing.signal.reason;
    } finally {
      await scrubber.stop();
      await fill.stop();
      await meter.close();
      await (this.#isHandedOver() ? this.#makeWay(disk, nginx, fill) : nginx.stop());
      this.#ending.abort();
    }
  }

  /** Until the disk was looked at; where that takes long, control is told meanwhile what is known, which is nothing yet. */
  async #begin(disk: Disk, fill: Fill): Promise<void> {
    const { log, listen, settings } = this.#order;
    const looking = (async () => {
      await fill.begin(await takeProofs(this.#handOverPath, disk, await thisMoment()));
      this.#heedHandOver();
      if (!this.#leaving.aborted) log.info({ listen, disk: disk.folder }, "appliance is up");
    })().catch((error: unknown) => this.#failing.abort(error));
    const isOver = new AbortController();
    const signal = AbortSignal.any([isOver.signal, this.#leaving]);
    const patience = sleep(settings.reportIntervalMs, undefined, { signal }).catch(() => undefined);
    await Promise.race([looking, patience]);
    isOver.abort();
  }

  /** Asked for earlier, it waits until here: what the agent before left would be lost. */
  #heedHandOver(): void {
    const { handOver } = this.#order;
    const heed = (): void => this.#makingWay.abort();
    if (handOver?.aborted === true) heed();
    else handOver?.addEventListener("abort", heed, { once: true });
  }

  async #makeWay(disk: Disk, nginx: NginxHandle, fill: Fill): Promise<void> {
    await nginx.leave();
    const now = await thisMoment();
    await leaveProofs(this.#handOverPath, disk, fill.proofs(), now).catch((error: unknown) =>
      this.#order.log.warn({ err: error }, "the next agent has to hash everything anew"),
    );
  }

  #isHandedOver(): boolean {
    return this.#makingWay.signal.aborted && !this.#order.signal.aborted;
  }

  #openScrubber(disk: Disk, hooks: Pick<ScrubOrder, "isIdle" | "onRead" | "errorLog">): Scrubber {
    const { settings, clock, log, dir } = this.#order;
    return new Scrubber({
      disk,
      limits: {
        rate: bytesPerSecond(settings.scrubBps / 8),
        turn: milliseconds(settings.scrubDays * dayMs),
      },
      ledger: join(dir, "state/scrub.txt"),
      clock,
      log,
      ...hooks,
    });
  }

  /** Report, take the answer, wait; again until the end, which is told as well. */
  async #converse(parts: Parts): Promise<void> {
    const { fill } = parts;
    while (!this.#leaving.aborted) {
      this.#rhythm.beginReport();
      const version = fill.report().version;
      const answer = await this.#exchange(await this.#report(parts, false), this.#leaving);
      if (answer !== undefined) {
        fill.reported(version);
        this.#served.taken(answer.servedBatch);
        this.#rhythm.intervalMs = answer.reportIntervalMs;
        if (answer.desired !== null) await this.#take(answer.desired, parts);
      }
      await this.#rhythm.pause();
      await this.#memory.keepUp();
      await this.#endPassing(parts);
    }
    if (this.#isHandedOver()) {
      this.#order.log.info("handing over: nginx serves on, the next agent adopts it");
      return;
    }
    await this.#exchange(await this.#report(parts, true), AbortSignal.timeout(goodbyeMs));
  }

  async #exchange(report: ApplianceReport, signal: AbortSignal): Promise<ReportAnswer | undefined> {
    const { controlUrl, id, token, settings, log } = this.#order;
    const deadline = milliseconds(settings.reportDeadlineMs);
    try {
      const answer = await sendReport({ controlUrl, applianceId: id, token, deadline, signal }, report);
      const failures = this.#rhythm.failures();
      if (failures > 0) log.info({ failures }, "the control plane answers again");
      this.#rhythm.answered();
      return answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof Fault)) throw error;
      if (this.#rhythm.failures() === 0) log.warn(error.facts, `${error.message}; serving goes on`);
      this.#rhythm.failed();
      return undefined;
    }
  }

  /** A desired state is taken over whole or not at all; one that cannot be is told back as the last problem. */
  async #take(desired: DesiredState, parts: Parts): Promise<void> {
    const { log } = this.#order;
    const complaint = complaintAbout(desired);
    const before = this.#desired;
    try {
      if (complaint !== undefined) throw new Error(complaint);
      this.#desired = desired;
      await this.#apply(parts);
      takePlan(parts.fill, desired);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!isSlow(error)) this.#desired = before;
      this.#refusal = `epoch ${desired.epoch} was not taken over: ${error.message}`.slice(0, 500);
      if (!this.#order.signal.aborted) log.error({ epoch: desired.epoch }, this.#refusal);
      return;
    }
    this.#refusal = "";
    this.#epoch = desired.epoch;
    log.info({ epoch: desired.epoch, bundles: desired.files.length }, "took over a desired state");
    await this.#memory.keep(desired);
    this.#rhythm.nudge();
  }

  /** What was denied until now is not refused any longer than it must be, and what was killed comes back. */
  async #endPassing(parts: Parts): Promise<void> {
    if (this.#leaving.aborted || passingText(this.#passes()) === this.#passing) return;
    try {
      await this.#apply(parts);
    } catch (error) {
      this.#order.log.error(
        { err: error },
        "what was denied is refused, or what was killed is down, for longer",
      );
    }
  }

  async #apply({ nginx, breaker, folder }: Parts): Promise<void> {
    const state = await this.#serveState(folder, breaker);
    try {
      await nginx.apply(state);
    } catch (error) {
      if (isSlow(error)) this.#passing = passingText(state);
      throw error;
    }
    this.#passing = passingText(state);
  }

  #passes(): Passing {
    return passingNow(this.#desired, this.#order.clock.wallMs());
  }

  #report(parts: Parts, draining: boolean): Promise<ApplianceReport> {
    return reportOf(parts, {
      bootId: this.#bootId,
      baseUrl: this.#order.advertise ?? `http://${this.#order.listen}`,
      draining,
      desiredEpoch: this.#epoch,
      nextReportMs: this.#rhythm.dueWithinMs(),
      budgetBytes: this.#order.budget,
      refusal: this.#refusal || this.#memory.trouble(),
      nowMs: this.#order.clock.monoMs(),
      wallMs: this.#order.clock.wallMs(),
      events: [...this.#told.events()],
    });
  }

  async #serveState(folder: string, breaker: SegmentBreaker): Promise<ServeState> {
    const { listen, settings } = this.#order;
    const state = serveState(folder, listen, this.#desired?.keys ?? [], settings);
    const miss = missOf(settings, this.#desired?.files ?? [], join(folder, "nginx"));
    return { ...state, miss, ...this.#passes(), breaker: await this.#broken(breaker) };
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

  #nginxEvent(event: NginxEvent): void {
    const isGood = ["started", "reloaded", "left", "stopped"].includes(event.kind);
    this.#order.log[isGood ? "info" : "error"](event, "nginx");
    this.#rhythm.nudge();
  }
}

function takePlan(fill: Fill, desired: DesiredState): void {
  fill.take(desired.files, signingKey(desired), desired.fill);
}

function signingKey(desired: DesiredState): SigningKey {
  const [first] = desired.keys;
  if (first === undefined) throw new Error("cannot happen: a desired state without a key passed its schema");
  return first;
}
