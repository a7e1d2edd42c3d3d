// One play from the request to the last frame: joins Shaka, our rule, failover and telemetry.
import { ShakaManagers } from "#abr/shaka-managers.ts";
import { type BufferGoal, bufferGoalFor, refused } from "#play/buffer-goal.ts";
import { newPageClock, type PageClock, resigned, stepClock } from "#play/clock.ts";
import { estimateKbps, estimateLatencyMs } from "#play/estimator.ts";
import { filmOf, segmentAt, startOfSegment } from "#play/ladder.ts";
import type { PlaybackEvent } from "#play/playback.ts";
import { type BrowserRefusal, noReopenings, type Reopenings, stepReopen } from "#play/reopen.ts";
import type { Film } from "#play/types.ts";
import { newWatchdog, stepWatchdog } from "#play/watchdog.ts";
import { postJson } from "#web/api.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import { type PlayAnswer, playAnswer } from "#wire/viewer.ts";
import { both, CmcdTeller } from "./cmcd.ts";
import { configure, configureBuffer, longestOf } from "./configure.ts";
import { EarlierPlays, localPorts } from "./earlier-plays.ts";
import { playerEndpoints } from "./endpoints.ts";
import { Network, type NetworkPorts } from "./network.ts";
import { fetchSidecar, fetchTiles, settled, shakaCode, troubleOf } from "./opening.ts";
import { clocksNow, watchPage } from "./page-life.ts";
import { Recorder } from "./recorder.ts";
import { appended, loadShaka, type Shaka, type ShakaPlayer, type Variant } from "./shaka.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { hookState, type PlayerView } from "./view.ts";

const tickMs = 250;
/** A film stopped this close to either end is begun anew without asking. */
const notWorthResumingMs = 5000;
const betweenRenewalsMs = 5000;
const almostNothingMs = 100;
/** Enough for a browser to look at its buffer anew, and less than two frames. */
const nudgeSeconds = 0.05;
/** Codes of Shaka Player: what the browser holds is full; what it was given cannot be decoded. */
const fullCode = 3017;
const undecodableCodes = new Set([3014, 3015, 3016]);

type Managers = ShakaManagers<Variant>;

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
  readonly #earlier = new EarlierPlays(localPorts());
  readonly #hook = { state: () => hookState(this.#recorder.view) };
  #player: ShakaPlayer | undefined;
  #network: Network | undefined;
  #managers: Managers | undefined;
  #telemetry: Telemetry | undefined;
  #cmcd: CmcdTeller | undefined;
  #begin: ((positionMs: number) => void) | undefined;
  #viewpoint: string | undefined;
  /** The newest answer to the play request. */
  #answer: PlayAnswer | undefined;
  #film: Film | undefined;
  #goal: BufferGoal | undefined;
  #clock: PageClock | undefined;
  #watchdog = newWatchdog(performance.now());
  #reopenings: Reopenings = noReopenings;
  #reopening = false;
  /** Nothing more can be fetched: what lies ready is played before the film ends with it. */
  #doom: unknown;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(order: SessionOrder) {
    this.#order = order;
    this.#video = order.video;
    this.#viewpoint = order.viewpoint;
    this.#recorder = new Recorder(order.video);
    window.__millrace = this.#hook;
    watchPage(this.#recorder, this.#signal);
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
    if (window.__millrace === this.#hook) window.__millrace = undefined;
    void this.#player?.destroy();
  }

  async #run(): Promise<void> {
    const player = settled(loadShaka());
    const answer = await this.#askPlay();
    const answeredMs = performance.now();
    this.#recorder.show({ durationMs: answer.durationMs, steering: answer.steering });
    const ports = { recorder: this.#recorder, video: this.#video, bufferMs: () => this.#bufferMs() };
    this.#cmcd = new CmcdTeller(answer, ports, this.#signal);
    this.#telemetry = both(createTelemetry(answer, this.#signal), this.#cmcd);
    this.#recorder.reportTo(this.#telemetry);
    this.#clock = newPageClock(clocksNow(), answer.expiresAtMs);
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
    const film = filmOf(sidecar, new Set(sidecar.renditions.map((one) => one.id)));
    this.#film = film;
    this.#goal = bufferGoalFor(film);
    const managers = this.#managersFor(sidecar, this.#goal.aheadMs);
    this.#managers = managers;
    this.#network = this.#networkTo(shaka, answer, sidecar, managers);
    managers.begin(segmentAt(sidecar.durationsMs, startMs));
    await player.attach(this.#video);
    configure(player, this.#network, managers);
    configureBuffer(player, this.#goal, longestOf(film));
    this.#listenToPlayer(player, managers, sidecar);
    await player.load(answer.manifests[0]?.dash ?? "", startMs > 0 ? startMs / 1000 : undefined);
    this.#signal.throwIfAborted();
    this.#listenToVideo(managers, sidecar);
    this.#recorder.show({ durationMs: Math.round(this.#video.duration * 1000) });
    await this.#startPlaying();
  }

  #networkTo(shaka: Shaka, answer: PlayAnswer, sidecar: Sidecar, managers: Managers): Network {
    const [recorder, video] = [this.#recorder, this.#video];
    const started = (): boolean => recorder.view.playback.startupMs !== undefined;
    const ports: NetworkPorts = {
      bufferMs: () => this.#bufferMs(),
      playbackRate: () => (video.paused && started() ? 0 : video.playbackRate),
      seeking: () => video.seeking,
      latencyMs: () => estimateLatencyMs(recorder.estimator),
      usable: () => managers.playing?.usable() ?? [],
      switchTo: (rendition) => managers.playing?.take(rendition),
      onServed: (served) => recorder.log({ kind: "fetched", atMs: recorder.sinceRequest(), ...served }),
      onSample: (sample) => recorder.sample(sample),
      onBreakdown: (kbps) => recorder.brokeDown(kbps),
      onNote: (text) => recorder.note(text),
      onNotice: (notice) => {
        if (recorder.view.notice !== notice) recorder.show({ notice });
      },
      renew: () => this.#renewSoon(),
      cmcd: () => this.#cmcd,
    };
    return new Network(shaka, answer, sidecar, ports, this.#signal);
  }

  #managersFor(sizes: Sidecar, maxBufferMs: number): Managers {
    const recorder = this.#recorder;
    return new ShakaManagers<Variant>({
      ...{ sizes, maxBufferMs, priorKbps: this.#earlier.kbps(), bufferMs: () => this.#bufferMs() },
      throughput: () => {
        const { estimator } = recorder;
        const own = estimateKbps(estimator);
        return { kbps: this.#cmcd?.hinted(own) ?? own, latencyMs: estimateLatencyMs(estimator) };
      },
      measured: (segment, rendition) => recorder.measured(segment, rendition),
      onDecision: (decision) => {
        this.#cmcd?.paced(decision.paceKbps);
        recorder.decided(decision);
        this.#earlier.remember(estimateKbps(recorder.estimator));
      },
    });
  }

  #listenToPlayer(player: ShakaPlayer, managers: Managers, sidecar: Sidecar): void {
    const recorder = this.#recorder;
    player.addEventListener("segmentappended", (event: Event) => {
      const { contentType, middleMs } = appended(event);
      if (contentType !== "video") return;
      const segment = segmentAt(sidecar.durationsMs, middleMs);
      const wanted = segmentAt(sidecar.durationsMs, this.#video.currentTime * 1000);
      // A segment from before a seek that arrives late decides nothing: a precaution, see `sought`.
      if (!this.#video.seeking || segment === wanted) managers.playing?.decideAfter(segment);
    });
    player.addEventListener("buffering", (event: Event) => {
      if (!("buffering" in event)) return;
      if (event.buffering === true) recorder.happen({ kind: "waiting" });
      else if (!this.#video.paused && !this.#video.seeking) recorder.happen({ kind: "playing" });
    });
    player.addEventListener("error", (event: Event) =>
      this.#stopped(player, "detail" in event ? event.detail : undefined),
    );
  }

  #listenToVideo(managers: Managers, sidecar: Sidecar): void {
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
      managers.playing?.sought(segmentAt(sidecar.durationsMs, video.currentTime * 1000));
    });
    video.requestVideoFrameCallback(() => happen("first-frame"));
  }

  /** What Shaka could not bear. Every network error was tried through by our own retrievals already. */
  #stopped(player: ShakaPlayer, error: unknown): void {
    const code = shakaCode(error) ?? 0;
    const kind = code === fullCode ? "full" : undecodableCodes.has(code) ? "undecodable" : undefined;
    if (kind === undefined && code >= 1000 && code < 2000) this.#doom = error;
    else if (kind === undefined) this.#fail(error);
    else void this.#reopen(player, kind, error).catch((again: unknown) => this.#fail(again));
  }

  async #reopen(player: ShakaPlayer, kind: BrowserRefusal["kind"], error: unknown): Promise<void> {
    const [film, before] = [this.#film, this.#goal];
    if (film === undefined || before === undefined || this.#reopening) return;
    const positionMs = this.#video.currentTime * 1000;
    const { durationMs } = film.segments;
    const segmentEndMs = startOfSegment(durationMs, segmentAt(durationMs, positionMs) + 1);
    const { state, word } = stepReopen(this.#reopenings, { kind, positionMs, segmentEndMs });
    this.#reopenings = state;
    const goal = kind === "full" ? refused(film, before) : before;
    if (word.kind === "give-up" || goal === undefined) {
      this.#fail(error);
      return;
    }
    this.#recorder.note(word.because);
    this.#goal = goal;
    this.#reopening = true;
    try {
      await player.unload();
      configureBuffer(player, goal, longestOf(film));
      this.#managers?.begin(segmentAt(durationMs, word.atMs));
      await player.load(this.#answer?.manifests[0]?.dash ?? "", word.atMs / 1000);
      this.#signal.throwIfAborted();
      await this.#startPlaying();
    } finally {
      this.#reopening = false;
    }
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

  /** From the playhead to the end of what lies ready, over gaps of skipped segments too. */
  #lastMs(): number {
    const ranges = this.#player?.getBufferedInfo().video ?? [];
    return ((ranges.at(-1)?.end ?? 0) - this.#video.currentTime) * 1000;
  }

  #tick(): void {
    this.#watchClock();
    if (this.#recorder.view.phase !== "playing") return;
    this.#recorder.tick(this.#bufferMs());
    this.#network?.notice();
    if (this.#doom !== undefined && this.#lastMs() < almostNothingMs) this.#fail(this.#doom);
    else this.#guard();
  }

  #watchClock(): void {
    if (this.#clock === undefined) return;
    const { state, signs } = stepClock(this.#clock, clocksNow());
    this.#clock = state;
    for (const sign of signs) {
      if (sign.kind === "renew") void this.#renew();
      else if (sign.kind === "slept") this.#woke(sign.ms);
      else this.#recorder.note(`the computer's clock was set back by ${Math.round(sign.ms / 1000)} s`);
    }
  }

  #woke(ms: number): void {
    if (!document.hidden) this.#recorder.note(`the page stood still for ${Math.round(ms / 1000)} s`);
    this.#network?.wake();
  }

  /** The picture should move, does not, and nothing is under way that could change it. */
  #guard(): void {
    const [video, player] = [this.#video, this.#player];
    if (player === undefined) return;
    const { state } = this.#recorder.view.playback;
    const wanted = !video.paused && !video.ended && state !== "failed" && !this.#reopening;
    const underWay = this.#network?.underWay ?? 0;
    const seen = { positionMs: video.currentTime * 1000, wanted, underWay };
    const step = stepWatchdog(this.#watchdog, seen, performance.now());
    this.#watchdog = step.state;
    if (step.word === "nothing") return;
    if (step.word === "stuck") {
      this.#fail(this.#doom ?? new Error("The film stands still, and nothing could move it."));
      return;
    }
    this.#recorder.note("the film stands still without a reason: the player asks again");
    if (this.#doom === undefined) player.retryStreaming(0);
    video.currentTime = Math.min(video.duration, video.currentTime + nudgeSeconds);
  }

  /** At the network's wish: with no appliance at all it comes often, and signatures are seldom why. */
  #renewSoon(): void {
    const nowMs = performance.now();
    if (nowMs - this.#renewedMs >= betweenRenewalsMs) void this.#renew();
  }

  /** The same session with fresh signatures and a list for where the viewer sits now. Answers what went wrong. */
  async #renew(): Promise<string | undefined> {
    this.#renewedMs = performance.now();
    try {
      const fresh = await this.#askPlay();
      this.#telemetry?.renew(fresh.sessionToken);
      this.#network?.renew(fresh);
      this.#recorder.show({ steering: fresh.steering });
      if (this.#clock !== undefined) this.#clock = resigned(this.#clock, fresh.expiresAtMs);
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      const trouble = troubleOf(error);
      this.#recorder.note(`signed addresses could not be renewed: ${trouble}`);
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
    if (this.#signal.aborted) return;
    const code = shakaCode(error) ?? 0;
    const trouble = code >= 1000 && code < 2000 ? this.#network?.trouble : undefined;
    this.#recorder.fail(trouble === undefined ? error : new Error(trouble));
  }
}
