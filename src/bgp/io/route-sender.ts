// Tells the control plane what this appliance hears, part by part, one at a time: see route-log.ts. It goes on for ever, and
// holds no more than the log does while nobody answers.
import { randomInt } from "node:crypto";
import { feedFaults } from "#bgp/feed-faults.ts";
import type { feedSettings } from "#bgp/feed-settings.ts";
import { RouteLog } from "#bgp/route-log.ts";
import type { RouteListener, RouteSource } from "#bgp/route-source.ts";
import type { Values } from "#config/setting.ts";
import type { Log } from "#io/log.ts";
import type { RouteAnswer, RouteMessage } from "#model/route-feed.ts";
import { Fault } from "#units/fault.ts";
import { routeAnswer } from "#wire/routes.ts";
import { errorBody } from "#wire/viewer.ts";

export interface RouteSenderOrder {
  readonly applianceId: string;
  /** "http://127.0.0.1:8080" */
  readonly controlUrl: string;
  readonly token: string;
  /** New at each start. */
  readonly stream: string;
  readonly source: RouteSource;
  readonly settings: Values<typeof feedSettings>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** First pause after a failure, ms; doubles each time. */
const firstRetryMs = 200;

/** Until the signal's end. */
export async function sendRoutes(order: RouteSenderOrder): Promise<void> {
  await new RouteSender(order).run();
}

class RouteSender {
  private readonly order: RouteSenderOrder;
  private readonly log: RouteLog;
  private readonly url: string;
  private failures = 0;
  private hasNews = false;
  private wake: () => void = () => undefined;

  constructor(order: RouteSenderOrder) {
    const { stream, source, settings, controlUrl, applianceId } = order;
    this.order = order;
    this.url = `${controlUrl.replace(/\/$/, "")}/v1/appliances/${applianceId}/routes`;
    const { partKib, mostWaiting } = settings;
    this.log = new RouteLog({ stream, source, partOctets: partKib * 1024, mostWaiting });
    source.listen(this.listener());
  }

  async run(): Promise<void> {
    const { signal, settings } = this.order;
    while (!signal.aborted) {
      this.hasNews = false;
      const overflows = this.log.overflows;
      const isTaken = await this.tell(this.log.next() ?? this.log.hello());
      if (signal.aborted) return;
      if (!isTaken || this.log.overflows > overflows) await this.pause(this.retryMs(), "in-any-case");
      else if (this.log.next() === undefined) {
        await this.pause(settings.aliveMs, "until-news");
        if (this.hasNews) await this.pause(settings.gatherMs, "in-any-case");
      }
    }
  }

  /** What changes before a snapshot is part of it, and nobody has to hear of it now. */
  private listener(): RouteListener {
    const { log } = this;
    const heard = (tell: () => void): void => {
      tell();
      if (log.isSure) this.nudge();
    };
    return {
      changed: (session, key) => heard(() => log.changed(session, key)),
      worded: (session) => heard(() => log.worded(session)),
      cleared: (session) => heard(() => log.cleared(session)),
      settled: () => this.nudge(),
    };
  }

  private nudge(): void {
    if (this.hasNews) return;
    this.hasNews = true;
    this.wake();
  }

  private async tell(message: RouteMessage): Promise<boolean> {
    const { log: logger, signal } = this.order;
    try {
      const answer = await this.post(message);
      if (this.failures > 0) logger.info({ failures: this.failures }, "the control plane takes routes again");
      this.failures = 0;
      this.log.answered(message, answer);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof Fault)) throw error;
      if (this.failures === 0) logger.warn(error.facts, error.message);
      this.failures += 1;
      return false;
    }
  }

  /** @throws Fault routes-not-taken */
  private async post(message: RouteMessage): Promise<RouteAnswer> {
    const { token, settings, signal } = this.order;
    const { url } = this;
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(message),
        signal: AbortSignal.any([signal, AbortSignal.timeout(settings.deadlineMs)]),
        redirect: "error",
      });
      if (answer.status === 200) return routeAnswer.parse(await answer.json());
      // Sent again it would be refused again: begin anew.
      if (answer.status === 400) this.log.doubt();
      throw new Error(`it answered ${answer.status}${await sentenceOf(answer)}`);
    } catch (error) {
      signal.throwIfAborted();
      throw new Fault(feedFaults.routesNotTaken, { url, because: reasonOf(error) }, error);
    }
  }

  /** Longer with each failure, and with each snapshot that was overtaken by changes. */
  private retryMs(): number {
    const doublings = Math.min(this.failures + this.log.overflows, 12);
    const most = Math.min(firstRetryMs * 2 ** doublings, this.order.settings.retryMostMs);
    return (most * randomInt(50, 101)) / 100;
  }

  private async pause(ms: number, until: "until-news" | "in-any-case"): Promise<void> {
    const { signal } = this.order;
    if (signal.aborted || (until === "until-news" && this.hasNews)) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
      if (until === "until-news") this.wake = end;
    });
  }
}

/** What the control plane says about its refusal. */
async function sentenceOf(answer: Response): Promise<string> {
  const body = errorBody.safeParse(await answer.json().catch(() => undefined));
  return body.success ? `: ${body.data.error.message}` : "";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return (cause || error.message).slice(0, 300);
}
