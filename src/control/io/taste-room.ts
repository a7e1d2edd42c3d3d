// Keeps what the home page knows of taste and popularity: read at the start, made anew at times, kept when something
// fails. A request never waits for any of it.
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { tasteSettings } from "#control/settings-taste.ts";
import { believed, nothingPopular, type Popular, popularNow, type TasteInForce } from "#control/taste.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { learnTaste } from "./learn-taste.ts";

export interface TasteRoomOrder {
  readonly ports: Pick<ControlPorts, "stores">;
  readonly settings: Values<typeof tasteSettings>;
  readonly clock: Clock;
  readonly logger: Log;
}

const hourMs = 3_600_000;
/** Counting a month of plays takes a while in a large service: one part in twenty of the time goes into it, at most. */
const leastRestMs = 1000;
const restShare = 20;
/** After a failure, and while there is too little history. */
const retryMs = 600_000;
/** The same for every learning, so that a history always makes the same model. */
const seed = 1;

export class TasteRoom {
  readonly #order: TasteRoomOrder;
  #taste: TasteInForce | undefined;
  #popular: Popular = nothingPopular;
  #countAgainMs = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | undefined;

  constructor(order: TasteRoomOrder) {
    this.#order = order;
  }

  /** The model in force, for whoever asks now. */
  taste(): ReturnType<typeof believed> {
    const { settings, clock } = this.#order;
    return believed(this.#taste, { staleDays: settings.tasteStaleDays, nowMs: clock.wallMs() });
  }

  /** As counted a moment ago; at first, and only then, it is waited for. What cannot be counted stays as it was. */
  async popular(): Promise<Popular> {
    if (this.#order.clock.monoMs() >= this.#countAgainMs) {
      this.#counting ??= this.#count().finally(() => {
        this.#counting = undefined;
      });
      if (this.#countAgainMs === Number.NEGATIVE_INFINITY) await this.#counting;
    }
    return this.#popular;
  }

  async #count(): Promise<void> {
    const { ports, clock, logger } = this.#order;
    const begunMs = clock.monoMs();
    try {
      this.#popular = await popularNow(ports, clock.wallMs());
    } catch (error) {
      logger.warn({ err: error }, "what is popular could not be counted; it stays as it was");
    }
    const endedMs = clock.monoMs();
    this.#countAgainMs = endedMs + Math.max(leastRestMs, restShare * (endedMs - begunMs));
  }

  async recall(): Promise<void> {
    const found = await this.#order.ports.stores.taste.latest();
    if (found !== undefined) this.#taste = { madeAtMs: found.madeAtMs, model: { weights: found.weights } };
  }

  /** Learns at once unless the model is fresh, then at its times, until the signal. */
  async learnForever(signal: AbortSignal): Promise<void> {
    const { settings, clock } = this.#order;
    const period = settings.tasteHours * hourMs;
    let waitMs = Math.max(0, Math.min(period, (this.#taste?.madeAtMs ?? 0) + period - clock.wallMs()));
    while (!signal.aborted) {
      await rest(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      waitMs = (await this.#learnOnce(signal)) ? period : Math.min(period, retryMs);
    }
  }

  async #learnOnce(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.learn(signal);
    } catch (error) {
      if (!signal.aborted) this.#order.logger.error({ err: error }, "learning taste failed; the model stays");
      return false;
    }
  }

  /** False: too little history; the model before stays in force. */
  async learn(signal: AbortSignal): Promise<boolean> {
    const { ports, settings, clock, logger } = this.#order;
    const { tasteDays, tastePlays, tasteTitles, tasteNeighbours } = settings;
    const sinceMs = clock.wallMs() - tasteDays * 24 * hourMs;
    const watched = await ports.stores.taste.watched({ sinceMs, most: tastePlays });
    const work = { watched, mostTitles: tasteTitles, neighbours: tasteNeighbours, seed };
    const { training, choice } = await learnTaste(work, signal);
    if (training.kind === "too-little") {
      logger.debug(`taste is not learned yet: ${training.because}`);
      return false;
    }
    const { weights, profiles, plays } = training.model;
    const madeAtMs = clock.wallMs();
    const facts = { profiles, plays, titles: weights.size, ...choice };
    await ports.stores.taste.save({ madeAtMs, facts, weights });
    this.#taste = { madeAtMs, model: { weights } };
    logger.info(facts, "taste was learned");
    return true;
  }
}
