// Keeps the picture of one play: folds what happens into the view, tells those who draw it, and feeds telemetry.
import type { AbrDecision } from "#abr/session.ts";
import type { Measured } from "#abr/shaka-meter.ts";
import { type PlayedCodec, playedRuleOf } from "#model/beacon.ts";
import type { Observation } from "#play/beacons.ts";
import {
  brokeDown,
  type Estimator,
  estimateKbps,
  newEstimator,
  observe,
  type Sample,
} from "#play/estimator.ts";
import { foldLog, type LogEntry, lastVideo } from "#play/log.ts";
import { otherwiseOf } from "#play/otherwise.ts";
import { windowMs } from "#play/patience.ts";
import { foldPlayback, newPlayback, type PlaybackEvent, stallsAt } from "#play/playback.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import { troubleOf } from "./opening.ts";
import type { Telemetry } from "./telemetry.ts";
import { openingView, type PlayerView } from "./view.ts";

export class Recorder {
  readonly #video: HTMLVideoElement;
  readonly #requestedMs = performance.now();
  readonly #listeners = new Set<() => void>();
  #view: PlayerView = openingView(this.#requestedMs);
  #estimator: Estimator = newEstimator();
  #telemetry: Telemetry | undefined;
  #codecs: ReadonlyMap<string, PlayedCodec> = new Map();
  /** Of the video segment that came last. */
  #sampled: Sample | undefined;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  get view(): PlayerView {
    return this.#view;
  }

  get estimator(): Estimator {
    return this.#estimator;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(change: Partial<PlayerView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** The time a person took to answer a question is not the player's. */
  begin(thoughtMs: number): void {
    this.show({ phase: "playing", playback: newPlayback(this.#requestedMs + thoughtMs) });
    this.#tell();
  }

  reportTo(telemetry: Telemetry): void {
    this.#telemetry = telemetry;
  }

  /** Packages that do not name their codec are of a time when all had h264. */
  know({ renditions }: Sidecar): void {
    this.#codecs = new Map(renditions.map(({ id, codec = "h264" }) => [id, codec]));
  }

  log(entry: LogEntry): void {
    this.show({ log: foldLog(this.#view.log, entry) });
  }

  note(text: string): void {
    this.log({ kind: "noted", atMs: this.sinceRequest(), text });
  }

  decided(decision: AbrDecision): void {
    const { rung, grounds, because, context, film, rule } = decision;
    const { segment, bufferMs, maxBufferMs, estimateKbps: estimate, latencyMs, maxRung } = context;
    const height = film.ladder.heights[rung] ?? 0;
    const kbps = film.ladder.kbps[rung] ?? 0;
    const otherwise = otherwiseOf(context, film.ladder.kbps.length - 1, decision.whatIf);
    const seen = { bufferMs, maxBufferMs, estimateKbps: estimate, latencyMs, maxRung };
    const entry = { segment, rung, height, kbps, ...seen, rule, grounds, because, otherwise };
    this.show({ film });
    this.log({ kind: "decided", atMs: this.sinceRequest(), ...entry });
  }

  sample(sample: Sample): void {
    this.#sampled = sample;
    this.#estimator = observe(this.#estimator, sample);
    this.show({ throughputKbps: estimateKbps(this.#estimator) });
  }

  /** How that segment came; undefined when it is not the one that came last. */
  measured(segment: number, rendition: string): Measured | undefined {
    const [last, sample] = [lastVideo(this.#view.log), this.#sampled];
    if (last?.segment !== segment || last.rendition !== rendition || sample === undefined) return undefined;
    return { ...sample, ownBits: last.bytes * 8 };
  }

  happen(event: PlaybackEvent): void {
    this.show({ playback: foldPlayback(this.#view.playback, event, performance.now()) });
    if (event.kind !== "tick") this.#tell();
  }

  fail(error: unknown): void {
    if (this.#view.phase === "failed") return;
    this.show({ phase: "failed", trouble: troubleOf(error) });
    this.happen({ kind: "failed" });
  }

  /** Called a few times a second while the film is open. */
  tick(bufferMs: number): void {
    const height = this.#video.videoHeight;
    const positionMs = Math.round(this.#video.currentTime * 1000);
    this.happen({ kind: "tick", positionMs, height });
    this.show({ nowMs: this.sinceRequest(), bufferMs, height });
    const { state, stalledSinceMs } = this.#view.playback;
    const stalled = stalledSinceMs !== undefined;
    if (state !== "ended")
      this.log({ kind: "buffer", atMs: this.sinceRequest(), bufferMs, positionMs, stalled });
    this.#tell();
  }

  /** What was measured before says nothing about the network of now. */
  brokeDown(kbps: number): void {
    this.#estimator = brokeDown(this.#estimator, kbps, windowMs);
    this.show({ throughputKbps: estimateKbps(this.#estimator) });
  }

  /** The page is hidden, and may be gone without another word. */
  hide(): void {
    if (this.#view.playback.state !== "closed") this.#telemetry?.hide(this.observation());
  }

  /** The page comes back from the browser's memory of left pages. */
  comeBack(): void {
    if (this.#view.playback.state === "closed")
      this.happen({ kind: this.#video.paused ? "paused" : "playing" });
  }

  leave(): void {
    if (this.#view.playback.state === "closed") return;
    this.show({ playback: foldPlayback(this.#view.playback, { kind: "closed" }, performance.now()) });
    this.#telemetry?.leave(this.observation());
  }

  sinceRequest(): number {
    return performance.now() - this.#requestedMs;
  }

  #tell(): void {
    this.#telemetry?.observe(this.observation());
  }

  observation(): Observation {
    const { playback, log, durationMs, bufferMs, height, throughputKbps } = this.#view;
    const last = lastVideo(log);
    const stalls = stallsAt(playback, performance.now());
    return {
      state: playback.state,
      positionMs: this.#video.currentTime * 1000,
      durationMs,
      bufferMs,
      bitrateBps: (last?.kbps ?? 0) * 1000,
      height,
      throughputBps: (throughputKbps ?? 0) * 1000,
      stallCount: stalls.count,
      stallMs: stalls.ms,
      switchCount: log.switches,
      startupMs: playback.startupMs ?? 0,
      applianceId: last?.sourceId ?? "",
      because: log.decided.at(-1)?.because ?? "",
      codec: last && this.#codecs.get(last.rendition),
      rule: playedRuleOf(log.decided.at(-1)?.rule),
    };
  }
}
