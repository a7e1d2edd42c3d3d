// Figures on their way to a collector: one push at a time, a bounded queue behind it, and nothing waits for either.
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import type { Log } from "#io/log.ts";
import { seriesFaults } from "#series/faults.ts";
import type { Figure } from "#series/figure.ts";
import { isWorthRetrying, otlpOf, pauseMs } from "#series/otlp.ts";
import type { seriesSettings } from "#series/settings.ts";
import { Fault } from "#units/fault.ts";
import type { Meters } from "./meters.ts";

export interface OtlpPush {
  add(figures: readonly Figure[], nowMs: number): void;
  run(signal: AbortSignal): Promise<void>;
}

export interface PushOrder {
  readonly settings: Values<typeof seriesSettings>;
  readonly meters: Pick<Meters, "pushes" | "lost">;
  readonly logger: Log;
  /** Since when the instruments count. */
  readonly sinceMs: number;
  readonly instance: string;
  /** 0…1, spread evenly. */
  readonly chance: () => number;
}

type Outcome =
  /** `points` of it were not taken. */
  | { readonly kind: "sent"; readonly because: string; readonly points: number }
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "failed"; readonly because: string; readonly askedMs: number };

/** What a collector says of a push is short; a longer answer is not read. */
const mostAnswerBytes = 64 * 1024;
/** Of the API, as its document says. */
const version = "1";

/** undefined: nothing is pushed. @throws Fault otlp-url-unfit */
export function openPush(order: PushOrder): OtlpPush | undefined {
  const { settings, meters, sinceMs, instance } = order;
  if (settings.otlpUrl === "") return undefined;
  const url = urlOf(settings.otlpUrl);
  const queue: string[] = [];
  let wake: () => void = () => undefined;
  const drop = (): void => {
    queue.shift();
    meters.lost.inc({ class: "push" });
  };
  return {
    add(figures, nowMs) {
      queue.push(JSON.stringify(otlpOf({ figures, sinceMs, nowMs, version, instance })));
      if (queue.length > settings.otlpQueue) {
        drop();
        meters.pushes.inc({ result: "dropped" });
      }
      wake();
    },
    async run(signal) {
      signal.addEventListener("abort", () => wake(), { once: true });
      let failures = 0;
      while (!signal.aborted) {
        const [body] = queue;
        if (body === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const outcome = await sent(order, url, body, signal);
        if (signal.aborted) return;
        meters.pushes.inc({ result: outcome.kind });
        if (outcome.kind === "sent") meters.lost.inc({ class: "point" }, outcome.points);
        tell(order.logger, outcome, failures);
        failures = outcome.kind === "failed" ? failures + 1 : 0;
        if (outcome.kind === "failed") {
          const { otlpRetryMs: firstMs } = settings;
          const ms = pauseMs({ failures, firstMs, chance: order.chance(), askedMs: outcome.askedMs });
          await rest(ms, undefined, { signal }).catch(() => undefined);
        } else if (queue[0] === body) {
          if (outcome.kind === "refused") drop();
          else queue.shift();
        }
      }
    },
  };
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isFit =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (!isFit) throw new Fault(seriesFaults.otlpUrl, { found: text.replace(/\/\/[^/@]*@/, "//…@") });
  return url;
}

/** Told when it begins to fail and when it goes on, not each time. */
function tell(logger: Log, { kind, because }: Outcome, failures: number): void {
  if (kind === "failed" && failures === 0) logger.warn({ because }, "the collector does not take figures");
  if (kind === "refused") logger.warn({ because }, "the collector refused a push for good");
  if (kind === "sent" && failures > 0) logger.info("the collector takes figures again");
  if (kind === "sent" && because !== "") logger.warn({ because }, "the collector left out a part of a push");
}

async function sent(order: PushOrder, url: URL, body: string, signal: AbortSignal): Promise<Outcome> {
  const { otlpAuthorization: authorization, otlpDeadlineMs } = order.settings;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization === "" ? {} : { authorization }) },
      body,
      // What it says in Authorization is for this address alone.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(otlpDeadlineMs)]),
    });
    const text = await shortText(response);
    if (response.ok) return { kind: "sent", ...leftOut(text) };
    const because = `HTTP ${response.status}`;
    if (!isWorthRetrying(response.status)) return { kind: "refused", because };
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    return { kind: "failed", because, askedMs: Number.isFinite(seconds) ? seconds * 1000 : 0 };
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const because = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return { kind: "failed", because, askedMs: 0 };
  }
}

async function shortText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Source: OTLP, "Partial Success". */
function leftOut(text: string): { readonly points: number; readonly because: string } {
  try {
    const { rejectedDataPoints = 0, errorMessage = "" } = Object(Object(JSON.parse(text)).partialSuccess);
    const points = Number(rejectedDataPoints);
    if (points > 0 && Number.isFinite(points))
      return { points, because: `${points} points: ${errorMessage}` };
  } catch {
    // An answer in words is an answer.
  }
  return { points: 0, because: "" };
}
