// Sends away what matters least when there is too much to do, before anything was done for it.
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Values } from "#config/setting.ts";
import { mayBegin, newLimiter, noneInWork, type Partition, sampled, totalOf } from "#control/limiter.ts";
import type { overloadSettings } from "#control/settings-overload.ts";
import {
  calm,
  isAdmitted,
  type LoadClassName,
  type LoadSignals,
  loadClasses,
  observed,
  retryAfterSeconds,
} from "#control/shedding.ts";
import type { Clock } from "#units/clock.ts";
import type { ErrorBody } from "#wire/viewer.ts";
import type { Audience } from "./app.ts";
import type { Meters } from "./meters.ts";
import { type Way, wayOf } from "./way.ts";

export interface LoadGateOrder {
  readonly settings: Values<typeof overloadSettings>;
  readonly clock: Clock;
  readonly meters: Pick<Meters, "shed" | "overload" | "inWorkLimit" | "loopDelay">;
  /** 0…1, spread evenly. */
  readonly chance: () => number;
}

export interface LoadGate {
  /** For every request, first of all. Answers it itself when it is sent away. */
  readonly hook: onRequestHookHandler;
  close(): void;
}

/** Answers of these classes wait for the database: how long they take says how it fares. */
const measured: ReadonlySet<LoadClassName> = new Set([
  "renew",
  "licence",
  "play",
  "change",
  "browse",
  "search",
]);
const lookMs = 250;
/** The meter of delay looks this often, and takes as much for delay. */
const resolutionMs = 10;
const refusal: ErrorBody = {
  error: {
    code: "overloaded",
    message: "There is too much to do just now. Try again after the seconds of Retry-After.",
  },
};
const refusalText = JSON.stringify(refusal);

export function openLoadGate({ settings, clock, meters, chance }: LoadGateOrder): LoadGate {
  let limiter = newLimiter({ least: settings.inWorkLeast, most: settings.inWorkMost }, clock.monoMs());
  let overload = calm(clock.monoMs());
  const inWork = { ...noneInWork };
  let begun = 0;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const seconds = Math.max(lookMs, clock.monoMs() - overload.atMs) / 1000;
    const isBusy = begun / seconds >= settings.shedFromPerSecond;
    const signals: LoadSignals = {
      utilisation: performance.eventLoopUtilization(now, before).utilization,
      loopDelayMs: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
      inWork: totalOf(inWork) / limiter.limit,
    };
    overload = observed(overload, isBusy ? signals : nothing, clock.monoMs());
    [before, begun] = [now, 0];
    meters.loopDelay.set(signals.loopDelayMs / 1000);
    meters.overload.set(overload.x);
    meters.inWorkLimit.set(limiter.limit);
    delay.reset();
  };
  const looking = setInterval(look, lookMs);
  looking.unref();
  const measure = ({ raw }: FastifyReply): void => {
    const sinceMs = clock.monoMs();
    const count = totalOf(inWork);
    raw.on("close", () => {
      const nowMs = clock.monoMs();
      limiter = sampled(limiter, { tookMs: nowMs - sinceMs, inWork: count }, nowMs);
    });
  };
  const leaving = (partition: Partition) => (): void => {
    inWork[partition] -= 1;
  };
  const leave = { critical: leaving("critical"), user: leaving("user"), bulk: leaving("bulk") };
  return {
    hook(request, reply, done) {
      begun += 1;
      const way = wayOf(request);
      const name = loadClassOf(way, request.method);
      const { score, partition } = loadClasses[name];
      if (score > 0 && !(isAdmitted(score, overload) && mayBegin(limiter, inWork, partition))) {
        meters.shed.inc({ class: name });
        sendAway(reply, name, retryAfterSeconds(overload, chance()));
        return;
      }
      if (way.waits === true || way.longBody === true) return done();
      inWork[partition] += 1;
      // Told once for each answer, so nobody need be taken off its list.
      reply.raw.on("close", leave[partition]);
      if (measured.has(name)) measure(reply);
      done();
    },
    close() {
      clearInterval(looking);
      delay.disable();
    },
  };
}

const nothing: LoadSignals = { utilisation: 0, loopDelayMs: 0, inWork: 0 };

/** Past everything that makes an answer complete: it must cost next to nothing. */
function sendAway(reply: FastifyReply, name: LoadClassName, seconds: number): void {
  reply.hijack();
  reply.raw.writeHead(name === "telemetry" ? 429 : 503, {
    "content-type": "application/json; charset=utf-8",
    "content-length": refusalText.length,
    "cache-control": "no-store",
    "retry-after": `${seconds}`,
  });
  reply.raw.end(refusalText);
}

/** What a route says of itself, or what its audience and method make likely. */
function loadClassOf({ load, audience }: Way, method: FastifyRequest["method"]): LoadClassName {
  return load ?? usual(audience, method === "GET" || method === "HEAD");
}

function usual(audience: Audience | undefined, isReading: boolean): LoadClassName {
  switch (audience) {
    case "appliance":
    case "worker":
      return "machine";
    case "operator":
    case "admin":
      return "operator";
    default:
      return isReading ? "browse" : "change";
  }
}
