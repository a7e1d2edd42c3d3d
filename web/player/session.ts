// One play from the request to the last frame: joins Shaka, our rule, failover and telemetry.
import { estimateKbps, estimateLatencyMs } from "#play/estimator.ts";
import { segmentAt } from "#play/ladder.ts";
import type { PlaybackEvent } from "#play/playback.ts";
import { bufferFor } from "#play/rate-map.ts";
import { postJson } from "#web/api.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import { type PlayAnswer, playAnswer } from "#wire/viewer.ts";
import { playerEndpoints } from "./endpoints.ts";
import { Network } from "./network.ts";
import { fetchSidecar, fetchTiles, shakaCode, troubleOf } from "./opening.ts";
import { Recorder } from "./recorder.ts";
import { loadShaka, type Shaka, type ShakaPlayer } from "./shaka.ts";
import { MillraceAbrManager } from "./shaka-abr-manager.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { hookState, type PlayerView } from "./view.ts";

const tickMs = 250;
/** A film stopped this close to either end is begun anew without asking. */
const notWorthResumingMs = 5000;
/** Signed paths are renewed this long before they end. */
const renewBeforeMs = 60_000;
/** Not sooner than this, whatever the browser's clock says. */
const leastRenewMs = 10_000;
/** Rounds through all appliances in a row before the player gives up. */
const rounds = 8;

export interface SessionOrder {
  readonly video: HTMLVideoElement;
  readonly titleId: string;
  readonly viewpoint: string | undefined;
  /** Undefined: ask when there is a point to resume at. */
  readonly startAtMs: number | undefined;
}

export class PlaySession {
  readonly #order: SessionOrder;
  readonly #video: HTMLVideoElement;
  readonly #recorder: Recorder;
  readonly #life = new AbortController();
  readonly #signal = this.#life.signal;
  readonly #hook = { state: () => hookState(this.#recorder.view) };
  #player: ShakaPlayer | undefined;
  #network: Network | undefined;
  #telemetry: Telemetry | undefined;
  #begin: ((positionMs: number) => void) | undefined;
  #viewpoint: string | undefined;
  /** The newest answer to the play request. */
  #answer: PlayAnswer | undefined;
  #renewing: ReturnType<typeof setTimeout> | undefined;
  #roundsLeft = rounds;

  constructor(order: SessionOrder) {
    this.#order = order;
    this.#video = order.video;
    this.#viewpoint = order.viewpoint;
    this.#recorder = new Recorder(order.video);
    window.__millrace = this.#hook;
    addEventListener("pagehide", () => this.#recorder.leave(), { signal: this.#signal });
    const ticking = setInterval(() => this.#tick(), tickMs);
    this.#signal.addEventListener("abort", () => clearInterval(ticking), { once: true });
    this.#run().catch((error: unknown) => this.#fail(error));
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#recorder.subscribe(listener);
  readonly view = (): PlayerView => this.#recorder.view;

  /** The viewer's answer to whether to resume. */
  begin(positionMs: number): void {
    this.#begin?.(positionMs);
  }

  /** The viewer sits there now; the next segment follows the new order, from sources that only that place reaches. */
  async steer(viewpoint: string | undefined): Promise<void> {
    this.#viewpoint = viewpoint;
    // Before the first answer the request that is under way sees to it.
    if (this.#answer === undefined) return;
    const trouble = await this.#renew();
    if (!this.#signal.aborted) this.#recorder.show({ steeringTrouble: trouble });
  }

  close(): void {
    this.#recorder.leave();
    this.#life.abort();
    clearTimeout(this.#renewing);
    if (window.__millrace === this.#hook) window.__millrace = undefined;
    void this.#player?.destroy();
  }

  async #run(): Promise<void> {
    const player = settled(loadShaka());
    const answer = await this.#askPlay();
    const answeredMs = performance.now();
    this.#recorder.show({ durationMs: answer.durationMs, steering: answer.steering });
    this.#telemetry = createTelemetry(answer, this.#signal);
    this.#recorder.reportTo(this.#telemetry);
    this.#renewInTime(answer);
    void fetchTiles(answer.storyboardUrl, this.#signal).then((tiles) => this.#recorder.show({ tiles }));
    const sidecar = settled(fetchSidecar(answer.sidecarUrls, this.#signal));
    const startMs = await this.#whereToBegin(answer);
    this.#recorder.begin(performance.now() - answeredMs);
    const [shaka, index] = [await player, await sidecar];
    // A viewer who thinks for hours, or moves meanwhile, has a newer answer by now.
    await this.#play(shaka, this.#answer ?? answer, index, startMs);
  }

  async #whereToBegin(answer: PlayAnswer): Promise<number> {
    const resumeMs = answer.resume?.positionMs ?? 0;
    const worth = resumeMs > notWorthResumingMs && resumeMs < answer.durationMs - notWorthResumingMs;
    if (this.#order.startAtMs !== undefined || !worth) return this.#order.startAtMs ?? 0;
    const chosen = new Promise<number>((resolve, reject) => {
      this.#begin = resolve;
      this.#signal.addEventListener("abort", () => reject(this.#signal.reason), { once: true });
    });
    this.#recorder.show({ phase: "asking", resumeMs });
    return chosen;
  }

  async #play(shaka: Shaka, answer: PlayAnswer, sidecar: Sidecar, startMs: number): Promise<void> {
    this.#signal.throwIfAborted();
    if (!shaka.Player.isBrowserSupported()) throw new Error("This browser cannot play streamed films.");
    const player = new shaka.Player();
    this.#player = player;
    this.#network = this.#networkTo(shaka, answer, sidecar);
    const manager = this.#abrManager(sidecar);
    manager.sought(segmentAt(sidecar.durationsMs, startMs));
    await player.attach(this.#video);
    configure(player, this.#network, manager, sidecar);
    this.#listenToPlayer(player, manager, sidecar);
    await player.load(answer.manifests[0]?.dash ?? "", startMs > 0 ? startMs / 1000 : undefined);
    this.#signal.throwIfAborted();
    this.#listenToVideo(manager, sidecar);
    this.#recorder.show({ durationMs: Math.round(this.#video.duration * 1000) });
    await this.#startPlaying();
  }

  #networkTo(shaka: Shaka, answer: PlayAnswer, sidecar: Sidecar): Network {
    const recorder = this.#recorder;
    return new Network(shaka, answer, sidecar, {
      bufferMs: () => this.#bufferMs(),
      onServed: (served) => {
        this.#roundsLeft = rounds;
        recorder.log({ kind: "fetched", atMs: recorder.sinceRequest(), ...served });
      },
      onSample: (sample) => recorder.sample(sample),
      onNote: (text) => recorder.note(text),
    });
  }

  #abrManager(title: Sidecar): MillraceAbrManager {
    return new MillraceAbrManager({
      title,
      maxBufferMs: bufferFor(title.durationsMs),
      bufferMs: () => this.#bufferMs(),
      throughput: () => {
        const { estimator } = this.#recorder;
        return { kbps: estimateKbps(estimator), latencyMs: estimateLatencyMs(estimator) };
      },
      onDecision: (decision, context, film) => this.#recorder.decided(decision, context, film),
    });
  }

  #listenToPlayer(player: ShakaPlayer, manager: MillraceAbrManager, sidecar: Sidecar): void {
    const recorder = this.#recorder;
    player.addEventListener("segmentappended", (event: Event) => {
      const { contentType, middleMs } = appended(event);
      if (contentType !== "video") return;
      const segment = segmentAt(sidecar.durationsMs, middleMs);
      const wanted = segmentAt(sidecar.durationsMs, this.#video.currentTime * 1000);
      // A segment from before a seek that arrives late decides nothing: a precaution, see `sought`.
      if (!this.#video.seeking || segment === wanted) manager.decideAfter(segment);
    });
    player.addEventListener("buffering", (event: Event) => {
      if (!("buffering" in event)) return;
      if (event.buffering === true) recorder.happen({ kind: "waiting" });
      else if (!this.#video.paused && !this.#video.seeking) recorder.happen({ kind: "playing" });
    });
    player.addEventListener("error", (event: Event) =>
      this.#recover("detail" in event ? event.detail : undefined),
    );
  }

  #listenToVideo(manager: MillraceAbrManager, sidecar: Sidecar): void {
    const video = this.#video;
    const on = (name: string, obey: () => void): void =>
      video.addEventListener(name, obey, { signal: this.#signal });
    const happen = (kind: Exclude<PlaybackEvent["kind"], "tick">): void => this.#recorder.happen({ kind });
    on("waiting", () => happen("waiting"));
    on("ended", () => happen("ended"));
    on("pause", () => {
      if (!video.ended) happen("paused");
    });
    on("playing", () => {
      happen("first-frame");
      happen("playing");
    });
    on("seeked", () => {
      if (video.paused) happen("paused");
    });
    on("seeking", () => {
      happen("seeking");
      manager.sought(segmentAt(sidecar.durationsMs, video.currentTime * 1000));
    });
    video.requestVideoFrameCallback(() => happen("first-frame"));
  }

  /** All appliances failed one segment. The buffer still plays: try the round again, a bounded number of times. */
  #recover(error: unknown): void {
    const code = shakaCode(error) ?? 0;
    const network = code >= 1000 && code < 2000;
    if (!network || this.#roundsLeft === 0 || this.#player === undefined) {
      this.#fail(error);
      return;
    }
    this.#roundsLeft -= 1;
    this.#recorder.note(`no appliance answers; trying again (${rounds - this.#roundsLeft} of ${rounds})`);
    void this.#renewAndRetry(this.#player);
  }

  /** After a laptop slept, or with a wrong clock, the signatures may be what is over. */
  async #renewAndRetry(player: ShakaPlayer): Promise<void> {
    await this.#renew();
    if (!this.#signal.aborted) player.retryStreaming(1);
  }

  async #startPlaying(): Promise<void> {
    try {
      await this.#video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") throw error;
      this.#video.muted = true;
      this.#recorder.show({ silenced: true });
      await this.#video.play();
    }
  }

  /** Film that lies ready ahead of the playhead, by the video track: audio is small and fetched beside it. */
  #bufferMs(): number {
    const now = this.#video.currentTime;
    const ranges = this.#player?.getBufferedInfo().video ?? [];
    const range = ranges.find((one) => one.start <= now + 0.3 && one.end > now);
    return range === undefined ? 0 : (range.end - now) * 1000;
  }

  #tick(): void {
    if (this.#recorder.view.phase === "playing") this.#recorder.tick(this.#bufferMs());
  }

  #renewInTime(answer: PlayAnswer): void {
    const left = answer.expiresAtMs - Date.now() - renewBeforeMs;
    clearTimeout(this.#renewing);
    this.#renewing = setTimeout(
      () => void this.#renew(),
      Math.min(2 ** 31 - 1, Math.max(leastRenewMs, left)),
    );
  }

  /** The same session with fresh signatures and a list for where the viewer sits now. Answers what went wrong. */
  async #renew(): Promise<string | undefined> {
    try {
      const fresh = await this.#askPlay();
      this.#telemetry?.renew(fresh.sessionToken);
      this.#network?.renew(fresh);
      this.#recorder.show({ steering: fresh.steering });
      this.#renewInTime(fresh);
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      const trouble = troubleOf(error);
      this.#recorder.note(`signed addresses could not be renewed: ${trouble}`);
      if (this.#answer !== undefined) this.#renewInTime(this.#answer);
      return trouble;
    }
  }

  /** Asked again when the viewer moved meanwhile: the last answer is for where the viewer sits. */
  async #askPlay(): Promise<PlayAnswer> {
    const { titleId } = this.#order;
    const viewpoint = this.#viewpoint;
    const body = { titleId, viewpoint, sessionId: this.#answer?.sessionId };
    const answer = await postJson(playerEndpoints.play, body, playAnswer, this.#signal);
    this.#answer = answer;
    return viewpoint === this.#viewpoint ? answer : this.#askPlay();
  }

  #fail(error: unknown): void {
    if (!this.#signal.aborted) this.#recorder.fail(error);
  }
}

function configure(
  player: ShakaPlayer,
  network: Network,
  manager: MillraceAbrManager,
  sidecar: Sidecar,
): void {
  const longest = Math.max(0, ...sidecar.durationsMs);
  // Deadlines of single attempts are transfer.ts's own; Shaka only walks through the addresses.
  const retryParameters = {
    maxAttempts: network.attempts,
    baseDelay: 50,
    backoffFactor: 2,
    fuzzFactor: 0.5,
    timeout: 0,
    stallTimeout: 0,
    connectionTimeout: 0,
  };
  player.configure({
    abrFactory: () => manager,
    manifest: { retryParameters },
    streaming: {
      retryParameters,
      // Shaka asks for one more segment while it is below its goal.
      bufferingGoal: (bufferFor(sidecar.durationsMs) - longest) / 1000,
      bufferBehind: 30,
      // Our timelines are exact: a start in the middle needs no segment before it.
      inaccurateManifestTolerance: 0,
      segmentPrefetchLimit: 0,
    },
  });
  player.getNetworkingEngine()?.registerRequestFilter(network.filter);
}

/** A promise that is awaited later: until then its failure is not an unhandled one. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** The fields that Shaka puts on its event; one without them concerns no segment. */
function appended(event: Event): { readonly contentType: string; readonly middleMs: number } {
  const contentType = "contentType" in event ? String(event.contentType) : "";
  const start = "start" in event ? Number(event.start) : 0;
  const end = "end" in event ? Number(event.end) : 0;
  return { contentType, middleMs: ((start + end) / 2) * 1000 };
}
