// A rule at work in somebody's player, whichever it is. It keeps what every adapter would have to keep: the rule's state, the
// estimate, the place in the film, decisions since the last seek, and what was answered last. It asks no clock and no page.

import { bufferFor } from "#play/buffer-goal.ts";
import { estimateKbps, estimateLatencyMs, newEstimator, observe, type Sample } from "#play/estimator.ts";
import { at, nearestRung, segmentAt, type TitleSizes } from "#play/ladder.ts";
import type { Choice, Grounds, NamedRule, RuleSession } from "#play/rule.ts";
import type { Context, Film } from "#play/types.ts";
import { defaultRule } from "./default-rule.ts";
import { type Borne, borne } from "./guessed-sizes.ts";
import { type PlayerFilm, type PlayerRung, playerFilm, type Timeline } from "./player-film.ts";
import { checkedSizes } from "./sizes.ts";

export interface AbrOptions {
  /** Unset: the rule of the web player. */
  readonly rule?: NamedRule | undefined;
  /** Our sidecar.json, or a plain object of that shape. Unset: sizes are the manifest's rates times length. */
  readonly sizes?: TitleSizes | undefined;
  /** The most that the player holds. Unset: 60 s, but at most half the film. */
  readonly maxBufferMs?: number | undefined;
  /** Called once per decision that the player acts on. */
  readonly onDecision?: ((decision: AbrDecision) => void) | undefined;
  /** A page that measures better than its player does says here what it measured; the player's measure is then not used. */
  readonly throughput?: (() => Throughput) | undefined;
  /** What earlier plays saw of this network, kbit/s: it counts until something is measured. */
  readonly priorKbps?: number | undefined;
}

export interface Throughput {
  readonly kbps: number | undefined;
  readonly latencyMs: number;
}

export interface AbrDecision extends Choice {
  /** Of the segment that is asked for next. */
  readonly segment: number;
  /** What the player calls the rung. */
  readonly key: string;
  /** One sentence with the numbers that decided. */
  readonly because: string;
  /** Undefined where the rule computes none. */
  readonly grounds: Grounds | undefined;
  readonly context: Context;
  readonly film: Film;
  /** Of the rule that decided. */
  readonly rule: string;
  /** What the rule would have chosen in another moment; asked before the next segment comes, it remembers the same. */
  readonly whatIf: (context: Context) => number;
}

/** What the session asks of its player at the moment of a decision. */
export interface PlayerPorts {
  /** Film that lies ready, in film time. */
  readonly bufferMs: () => number;
  /** Lowest and highest rung that device, page and server allow. */
  readonly caps: (film: Film) => { readonly minRung: number; readonly maxRung: number };
}

/** A segment of the picture that came whole. */
export interface Transfer extends Sample {
  readonly segment: number;
  readonly key: string;
  /** The segment alone; `bits` also counts what came beside it. */
  readonly ownBits: number;
  readonly bufferAtRequestMs: number;
  /** With this segment in it. */
  readonly bufferMs: number;
}

const longestSentence = 400;
const guess = " (nothing is measured yet: by earlier plays)";

export class AbrSession {
  readonly #options: AbrOptions;
  readonly #ports: PlayerPorts;
  readonly #rule: NamedRule;
  readonly #seen = new Set<string>();
  #rungs: readonly PlayerRung[] = [];
  #timeline: Timeline | undefined;
  #of: PlayerFilm;
  /** Undefined without a picture. */
  #running: RuleSession | undefined;
  #estimator = newEstimator();
  #rate = 1;
  #next = 0;
  #sinceSeek = 0;
  #readyMs = 0;
  #last: { readonly key: string; readonly kbps: number } | undefined;
  #told = "";
  #answer: { readonly key: string; readonly decision: AbrDecision } | undefined;

  constructor(options: AbrOptions, ports: PlayerPorts) {
    const sizes = options.sizes && checkedSizes(options.sizes);
    this.#options = { ...options, sizes };
    this.#ports = ports;
    this.#rule = options.rule ?? defaultRule;
    this.#of = playerFilm([], sizes, undefined);
  }

  get film(): Film {
    return this.#of.film;
  }

  get maxBufferMs(): number {
    return this.#options.maxBufferMs ?? bufferFor(this.film.segments.durationMs);
  }

  /** So much is ready when the player asks for one more segment. */
  get goalMs(): number {
    return Math.max(1000, this.maxBufferMs - Math.max(0, ...this.film.segments.durationMs));
  }

  get throughput(): Throughput {
    const estimator = this.#estimator;
    const measured = { kbps: estimateKbps(estimator), latencyMs: estimateLatencyMs(estimator) };
    return this.#options.throughput?.() ?? measured;
  }

  /** The rungs as they are now. With the same ones nothing happens; otherwise the rule begins anew and the estimate stays. */
  setRungs(rungs: readonly PlayerRung[]): void {
    const same =
      rungs.length === this.#rungs.length && rungs.every(({ key }, i) => key === this.#rungs[i]?.key);
    if (same) return;
    this.#rungs = rungs;
    this.#begin();
  }

  /** How segments lie; without meaning when the sizes tell, or once it was said. */
  setTimeline(timeline: Timeline): void {
    if (this.#options.sizes !== undefined || this.#timeline !== undefined || !(timeline.segmentMs > 0))
      return;
    this.#timeline = timeline;
    this.#begin();
  }

  segmentAt(positionMs: number): number {
    return segmentAt(this.film.segments.durationMs, positionMs);
  }

  set playbackRate(rate: number) {
    this.#rate = rate;
  }

  /** The rule, and the estimate, learn of a segment that came. */
  arrived(transfer: Transfer): void {
    const { segment, key, ownBits, ms, ttfbMs } = transfer;
    const place = `${segment} ${key}`;
    const origin = this.#seen.has(place) && transfer.origin === "network" ? "cache" : transfer.origin;
    this.#seen.add(place);
    this.#estimator = observe(this.#estimator, { ...transfer, origin });
    const rung = this.film.ladder.ids.indexOf(key);
    if (rung < 0) return;
    this.#running?.downloaded({
      ...{ segment, rung, bits: ownBits, ms, ttfbMs, abandonedTo: undefined, replacement: false },
      bufferAtRequestMs: this.#playing(transfer.bufferAtRequestMs),
      bufferMs: this.#playing(transfer.bufferMs),
    });
    this.#answer = undefined;
  }

  /** Segment `segment` of the picture lies in the buffer: the next decision is for the one after. */
  segmentAppended(segment: number): void {
    this.#next = segment + 1;
    this.#readyMs = this.#bufferMs();
  }

  /** The next decision is for this segment. */
  aim(segment: number): void {
    this.#next = segment;
  }

  /** The viewer went elsewhere: decisions start cautiously again. */
  sought(segment: number): void {
    this.#next = segment;
    this.#sinceSeek = 0;
    this.#readyMs = 0;
    this.#told = "";
    this.#running?.sought();
    this.#answer = undefined;
  }

  /** True behind the last segment, where nothing is left to decide. */
  get ended(): boolean {
    return this.#options.sizes !== undefined && this.#next >= this.film.segments.durationMs.length;
  }

  /** The decision for the next segment; undefined without a picture. The same as long as nothing has changed. */
  choose(): AbrDecision | undefined {
    const { film } = this;
    const running = this.#running;
    if (running === undefined) return undefined;
    const context = this.#context(film);
    const key = JSON.stringify(context);
    if (this.#answer?.key === key) return this.#answer.decision;
    const choice = within(running.decide(context), context);
    const safe: Borne = this.#of.guessed ? borne(film, context, choice.rung) : choice;
    const prior = this.throughput.kbps === undefined && context.estimateKbps !== undefined ? guess : "";
    const because = `${running.explain(context)}${safe.because ?? ""}${prior}`.slice(0, longestSentence);
    const grounds = running.grounds(context);
    const decision = {
      ...{ ...choice, rung: safe.rung, segment: context.segment, key: at(film.ladder.ids, safe.rung) },
      ...{ because, grounds, context, film, rule: running.name },
      whatIf: (other: Context) => within(running.snapshot().decide(other), other).rung,
    };
    this.#answer = { key, decision };
    return decision;
  }

  /**
   * The player acts on a decision, or in its place on another rung of its own: it counts, and the page is told. Acting once more
   * on what was decided for the segment already is nothing new.
   */
  taken(decision: AbrDecision, key = decision.key): void {
    const told = `${decision.segment} ${key}`;
    if (told === this.#told) return;
    this.#told = told;
    const rung = this.film.ladder.ids.indexOf(key);
    if (rung >= 0) this.#last = { key, kbps: at(this.film.ladder.kbps, rung) };
    this.#sinceSeek += 1;
    this.#answer = undefined;
    this.#options.onDecision?.(decision);
  }

  /** Outside of the rule: the segment under way is asked for again in this rung, since it could not be had, or not in time. */
  moved(key: string): void {
    const rung = this.film.ladder.ids.indexOf(key);
    if (rung < 0) return;
    this.#last = { key, kbps: at(this.film.ladder.kbps, rung) };
    this.#answer = undefined;
  }

  /**
   * The player asks for the next segment now. What it waited for room in the buffer is what played meanwhile:
   * min(B + V − Bmax, B − B now), of the buffer B when the last segment was in, all in playing time.
   */
  requested(filmMs: number): void {
    const bufferMs = this.#playing(filmMs);
    const segmentMs = this.#playing(this.film.segments.durationMs[this.#next] ?? 0);
    const room = this.#readyMs + segmentMs - this.#playing(this.maxBufferMs);
    const ms = Math.min(room, this.#readyMs - bufferMs);
    this.#readyMs = bufferMs;
    if (ms > 0) this.#running?.delayed(ms);
  }

  #begin(): void {
    this.#of = playerFilm(this.#rungs, this.#options.sizes, this.#timeline);
    this.#running = this.#rungs.length === 0 ? undefined : this.#rule.begin(this.film, this.maxBufferMs);
    this.#answer = undefined;
  }

  #context(film: Film): Context {
    const { kbps, latencyMs } = this.throughput;
    const top = film.ladder.kbps.length - 1;
    const { minRung, maxRung } = this.#ports.caps(film);
    const highest = Math.max(0, Math.min(top, maxRung));
    return {
      segment: Math.max(0, Math.min(this.#next, film.segments.durationMs.length - 1)),
      bufferMs: this.#bufferMs(),
      maxBufferMs: this.#playing(this.maxBufferMs),
      lastRung: this.#lastRung(film),
      estimateKbps: kbps ?? this.#options.priorKbps,
      latencyMs,
      minRung: Math.max(0, Math.min(minRung, highest)),
      maxRung: highest,
      playbackRate: this.#speed,
      sinceSeek: this.#sinceSeek,
    };
  }

  #lastRung(film: Film): number | undefined {
    if (this.#last === undefined) return undefined;
    const rung = film.ladder.ids.indexOf(this.#last.key);
    return rung >= 0 ? rung : nearestRung(film.ladder, this.#last.kbps);
  }

  #bufferMs(): number {
    return this.#playing(this.#ports.bufferMs());
  }

  /** Playing time of so much film: at double speed it is half. */
  #playing(filmMs: number): number {
    return Number.isFinite(filmMs) ? Math.max(0, filmMs) / this.#speed : 0;
  }

  /** Backwards film is used up as fast. */
  get #speed(): number {
    return Math.max(0.1, Math.abs(this.#rate));
  }
}

/** Whatever a rule answers, a player gets a rung that it has. */
function within(choice: Choice, { minRung, maxRung }: Context): Choice {
  const rung = Number.isInteger(choice.rung) ? Math.max(minRung, Math.min(maxRung, choice.rung)) : minRung;
  return { ...choice, rung };
}
