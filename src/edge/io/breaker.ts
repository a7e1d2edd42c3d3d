// Breaks segments for an experiment, beside nginx: it answers on a Unix socket, to nginx alone, and only what nginx hands
// over after it has checked the path. In doubt (no rule, no file, too many at once) nginx serves the segment as it is.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import {
  type Breaker,
  type BrokenAnswer,
  brokenAnswer,
  damageFor,
  readSignedRequest,
} from "#edge/broken-segment.ts";
import { isServable } from "#edge/nginx-config.ts";
import type { BrokenSegment } from "#model/experiment.ts";
import type { Clock } from "#units/clock.ts";

export interface BreakerOrder {
  /** Holds `v/<title>/…`. */
  readonly folder: string;
  readonly socket: string;
  readonly clock: Clock;
}

/** Segments held in memory to be broken; more at once are served whole. */
const mostAtOnce = 32;

/** Where a request is sent that is none of ours: the location of this name in nginx-config.ts. */
export const wholeLocation = "@whole";

export class SegmentBreaker {
  readonly #order: BreakerOrder;
  readonly #token = randomBytes(32).toString("hex");
  readonly #ending = new AbortController();
  #rule: BrokenSegment | undefined;
  #server: Server | undefined;
  #underWay = 0;

  constructor(order: BreakerOrder) {
    this.#order = order;
  }

  /** Follows a rule from now on. What nginx has to know of it; undefined while nothing is to be broken. */
  async follow(rule: BrokenSegment | undefined): Promise<Breaker | undefined> {
    const live = rule !== undefined && this.#order.clock.wallMs() < rule.endsAtMs;
    this.#rule = live ? rule : undefined;
    if (this.#rule === undefined) return undefined;
    await this.#open();
    return { rule: this.#rule, socket: this.#order.socket, token: this.#token };
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(this.#order.socket, { force: true });
  }

  /** nginx's workers may be another user's processes: everyone may knock, who lacks the token gets nothing. */
  async #open(): Promise<void> {
    if (this.#server !== undefined) return;
    const { socket } = this.#order;
    await rm(socket, { force: true });
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socket, resolve);
    });
    await chmod(socket, 0o666);
    this.#server = server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // An nginx that still knows the token of an agent before this one gets the segment as it is, as a stranger gets nothing.
    if (!this.#isNginx(request) || this.#underWay >= mostAtOnce) return handBack(response);
    this.#underWay += 1;
    try {
      const answer = await this.#broken(request);
      if (answer === undefined) handBack(response);
      else await this.#send(answer, response);
    } finally {
      this.#underWay -= 1;
    }
  }

  #isNginx(request: IncomingMessage): boolean {
    const said = Buffer.from(`${request.headers["x-millrace-breaker"]}`);
    const wanted = Buffer.from(this.#token);
    return said.length === wanted.length && timingSafeEqual(said, wanted);
  }

  async #broken(request: IncomingMessage): Promise<BrokenAnswer | undefined> {
    const { folder, clock } = this.#order;
    const rule = this.#rule;
    const asked = readSignedRequest(request.url ?? "");
    if (rule === undefined || asked === undefined || request.method !== "GET") return undefined;
    const damage = damageFor(rule, asked, clock.wallMs());
    const key = `${asked.titleId}/${asked.path}`;
    if (damage === undefined || !isServable(key)) return undefined;
    const whole = await readFile(join(folder, "v", key)).catch(() => undefined);
    return whole === undefined ? undefined : brokenAnswer(whole, damage, rule.stallMs);
  }

  async #send(answer: BrokenAnswer, response: ServerResponse): Promise<void> {
    const { status, announcedBytes, body, rest: late, silenceMs } = answer;
    response.writeHead(status, {
      "content-type": status === 200 ? "video/iso.segment" : "text/plain",
      "content-length": announcedBytes,
    });
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.#ending.signal]);
    const written = new Promise<void>((resolve) => {
      response.write(body, () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await written;
    if (silenceMs > 0) await rest(silenceMs, undefined, { signal }).catch(() => undefined);
    if (body.length + late.length === announcedBytes) response.end(late);
    else response.socket?.end();
  }
}

function handBack(response: ServerResponse): void {
  response.writeHead(200, { "x-accel-redirect": wholeLocation, "content-length": 0 }).end();
}
