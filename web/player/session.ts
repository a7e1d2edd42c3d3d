// One play from the request to the last frame: joins Shaka, our rule, failover and telemetry.
import { type BufferGoal, bufferGoalFor, refused } from "#play/buffer-goal.ts";
import { newPageClock, type PageClock, resigned, stepClock } from "#play/clock.ts";
import { estimateLatencyMs } from "#play/estimator.ts";
import { filmOf, segmentAt, startOfSegment } from "#play/ladder.ts";
import type { PlaybackEvent } from "#play/playback.ts";
import { type BrowserRefusal, noReopenings, type Reopenings, stepReopen } from "#play/reopen.ts";
import type { Film } from "#play/types.ts";
import { ApiError } from "#web/api.ts";
import { screensAnswer } from "#wire/screens.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { Beat } from "./beat.ts";
import { Choices } from "./choices.ts";
import { both, CmcdTeller } from "./cmcd.ts";
import { configure, configureBuffer, configureHeight, longestOf } from "./configure.ts";
import { Guard } from "./guard.ts";
import { Hold } from "./hold.ts";
import { Licences } from "./licence.ts";
import { type Managers, managersFor } from "./managers.ts";
import { Network, type NetworkPorts } from "./network.ts";
import * as opening from "./opening.ts";
import { clocksNow, watchPage } from "./page-life.ts";
import { resigned as resignedPlay, resignedTiles } from "./paths.ts";
import { lastReadyMs, listenToPicture, listenToShaka, readyMs, startPicture } from "./picture.ts";
import { Recorder } from "./recorder.ts";
import { loadShaka, type Shaka, type ShakaPlayer } from "./shaka.ts";
import { hookState, type PlayerView } from "./view.ts";

const tickMs = 250;
const betweenRenewalsMs = 5000;
const almostNothingMs = 100;

export interface SessionOrder {
  readonly video: HTMLVideoElement;
  readonly titleId: string;
  readonly viewpoint: string | undefined;
  /** Undefined: ask when there is a point to resume at. */
  readonly startAtMs: number | undefined;
  /** The element's player before this one has let go of it. */
  readonly free: Promise<void>;
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
  #managers: Managers | undefined;
  readonly #hold: Hold;
  readonly #guard: Guard;
  readonly #licences = new Licences(
    {
      ...{
        answer: () => this.#answer,
        lost: () => this.#beat?.lost(),
        refused: (error) => this.#fail(error),
      },
      note: (text) => this.#recorder.note(text),
    },
    this.#signal,
  );
  readonly choices = new Choices((chosen) => this.#recorder.show({ chosen }));
  #beat: Beat | undefined;
  #cmcd: CmcdTeller | undefined;
  #begin: ((positionMs: number) => void) | undefined;
  #viewpoint: string | undefined;
  /** The newest answer to the play request. */
  #answer: PlayAnswer | undefined;
  #film: Film | undefined;
  #goal: BufferGoal | undefined;
  #clock: PageClock | undefined;
  #reopenings: Reopenings = noReopenings;
  #reopening = false;
  /** Nothing more can be fetched: what lies ready is played before the film ends with it. */
  #doom: unknown;
  /** What is told while the control plane is not heard. */
  #unheard: string | undefined;
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(order: SessionOrder) {
    this.#order = order;
    this.#video = order.video;
    this.#viewpoint = order.viewpoint;
    this.#recorder = new Recorder(order.video);
    window.__millrace = this.#hook;
    this.#hold = this.#holdOf(order.video);
    this.#guard = this.#guardOf(order.video);
    watchPage(this.#recorder, () => this.#beat?.comeBack(), this.#signal);
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

  /** Settles when the element is free for another play. */
  async close(): Promise<void> {
    this.#recorder.leave();
    this.#life.abort();
    if (window.__millrace === this.#hook) window.__millrace = undefined;
    await opening.gone(this.#player);
  }

  async #run(): Promise<void> {
    const player = opening.settled(loadShaka());
    const askedMs = performance.now();
    const answer = await this.#askPlay();
    const answeredMs = performance.now();
    this.#recorder.show({ durationMs: answer.durationMs, steering: answer.steering });
    const ports = { recorder: this.#recorder, video: this.#video, bufferMs: () => this.#bufferMs() };
    this.#cmcd = new CmcdTeller(answer, ports, this.#signal);
    this.#beat = this.#beatFor(answer, askedMs);
    this.#recorder.reportTo(both(this.#beat, this.#cmcd));
    this.#clock = newPageClock(clocksNow(), answer.sessionEndsAtMs);
    void opening
      .fetchTiles(answer.storyboardUrl, this.#signal)
      .then((tiles) => this.#showTiles(tiles, answer.prefix));
    const sidecar = opening.settled(
      opening.fetchSidecar(answer.sidecarUrls, this.#signal).then((all) => opening.listedIn(all, answer)),
    );
    const startMs = await this.#whereToBegin(answer);
    this.#recorder.begin(performance.now() - answeredMs);
    const [shaka, index] = [await player, await sidecar];
    // A viewer who thinks for hours, or moves meanwhile, has a newer answer by now.
    await this.#play(shaka, this.#answer ?? answer, index, startMs);
  }

  #beatFor(answer: PlayAnswer, askedMs: number): Beat {
    const ports = {
      observation: () => this.#recorder.observation(),
      signed: (fresh: Pick<PlayAnswer, "prefix" | "expiresAtMs">) => this.#signed(fresh),
      obey: (command: Parameters<Hold["obey"]>[0]) => this.#hold.obey(command),
      refused: (error: ApiError) => this.#fail(error),
    };
    return new Beat(answer, askedMs, ports, this.#signal);
  }

  /** Every later request is for the fresh folder; what is under way goes on. */
  #signed(fresh: Pick<PlayAnswer, "prefix" | "expiresAtMs">): void {
    if (this.#answer === undefined) return;
    const before = this.#answer.prefix;
    this.#answer = resignedPlay(this.#answer, fresh);
    this.#network?.resign(this.#answer);
    this.#licences.renewed();
    this.#showTiles(this.#recorder.view.tiles, before);
  }

  #showTiles(tiles: PlayerView["tiles"], signedBefore: string): void {
    this.#recorder.show({ tiles: resignedTiles(tiles, signedBefore, this.#answer?.prefix ?? signedBefore) });
  }

  #holdOf(video: HTMLVideoElement): Hold {
    const over = (phase: "taken" | "lapsed"): void => {
      this.#recorder.show({ phase });
      void this.#player?.destroy();
    };
    const tell = (unheard: string | undefined): void => {
      this.#unheard = unheard;
      this.#recorder.show({ notice: unheard });
    };
    const ports = { video, tell, taken: () => over("taken"), beginAnew: () => over("lapsed") };
    return new Hold(ports, this.#signal);
  }

  #guardOf(video: HTMLVideoElement): Guard {
    const failed = (): boolean => this.#recorder.view.playback.state === "failed";
    return new Guard({
      video,
      wanted: () => !video.paused && !video.ended && !failed() && !this.#reopening,
      underWay: () => this.#network?.underWay ?? 0,
      stuck: () => this.#fail(this.#doom ?? new Error("The film stands still, and nothing could move it.")),
      askAgain: () => {
        this.#recorder.note("the film stands still without a reason: the player asks again");
        if (this.#doom === undefined) this.#player?.retryStreaming(0);
      },
    });
  }

  async #whereToBegin(answer: PlayAnswer): Promise<number> {
    const resumeMs = opening.resumeMsOf(answer);
    if (this.#order.startAtMs !== undefined || resumeMs === undefined) return this.#order.startAtMs ?? 0;
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
    this.#recorder.know(sidecar);
    const film = filmOf(sidecar, new Set(sidecar.renditions.map((one) => one.id)));
    this.#film = film;
    this.#goal = bufferGoalFor(film);
    const managers = managersFor({
      ...{ sizes: sidecar, maxBufferMs: this.#goal.aheadMs, recorder: this.#recorder, cmcd: this.#cmcd },
      ...{ bufferMs: () => this.#bufferMs(), choices: this.choices },
    });
    this.#managers = managers;
    this.#network = this.#networkTo(shaka, answer, sidecar, managers);
    managers.begin(segmentAt(sidecar.durationsMs, startMs));
    await this.#order.free;
    this.#signal.throwIfAborted();
    await player.attach(this.#video);
    configure(player, this.#network, managers);
    this.choices.attach(player, this.#network.pacer);
    this.#licences.configure(shaka, player);
    configureBuffer(player, this.#goal, longestOf(film));
    configureHeight(player, film);
    listenToShaka(player, {
      ...{ video: this.#video, recorder: this.#recorder, managers, durationsMs: sidecar.durationsMs },
      stopped: (error) => this.#stopped(player, error),
    });
    await player.load(answer.manifests[0]?.dash ?? "", startMs > 0 ? startMs / 1000 : undefined);
    this.#signal.throwIfAborted();
    const happen = (kind: Exclude<PlaybackEvent["kind"], "tick">): void => this.#recorder.happen({ kind });
    const sought = (): void =>
      managers.playing?.sought(segmentAt(sidecar.durationsMs, this.#video.currentTime * 1000));
    listenToPicture(this.#video, { happen, sought }, this.#signal);
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
      onNotice: (said) => {
        const notice = this.#unheard ?? said;
        if (recorder.view.notice !== notice) recorder.show({ notice });
      },
      renew: () => this.#renewSoon(),
      cmcd: () => this.#cmcd,
    };
    return new Network(shaka, answer, sidecar, ports, this.#signal);
  }

  /** What Shaka could not bear. Every network error was tried through by our own retrievals already. */
  #stopped(player: ShakaPlayer, error: unknown): void {
    const code = opening.shakaCode(error) ?? 0;
    const kind = opening.browserRefusal(code);
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

  #startPlaying(): Promise<void> {
    return startPicture(this.#video, () => this.#recorder.show({ silenced: true }));
  }

  #bufferMs(): number {
    return readyMs(this.#player, this.#video);
  }

  #tick(): void {
    this.#watchClock();
    this.#beat?.look();
    if (this.#recorder.view.phase !== "playing") return;
    this.#recorder.tick(this.#bufferMs());
    this.#network?.notice();
    if (this.#doom !== undefined && lastReadyMs(this.#player, this.#video) < almostNothingMs)
      this.#fail(this.#doom);
    else if (this.#player !== undefined) this.#guard.look();
  }

  #watchClock(): void {
    if (this.#clock === undefined) return;
    const { state, signs } = stepClock(this.#clock, clocksNow());
    this.#clock = state;
    for (const sign of signs) {
      if (sign.kind === "renew") void this.#renew();
      else if (sign.kind === "slept") this.#woke(sign.ms, sign.unseenMs);
      else this.#recorder.note(`the computer's clock was set back by ${Math.round(sign.ms / 1000)} s`);
    }
  }

  #woke(ms: number, unseenMs: number): void {
    this.#beat?.slept(unseenMs);
    if (!document.hidden) this.#recorder.note(`the page stood still for ${Math.round(ms / 1000)} s`);
    this.#network?.wake();
  }

  /** At the network's wish: with no appliance at all it comes often, and signatures are seldom why. */
  #renewSoon(): void {
    const nowMs = performance.now();
    if (nowMs - this.#renewedMs >= betweenRenewalsMs) void this.#renew();
  }

  /** The same session with fresh signatures and a list for where the viewer sits now. Answers what went wrong. */
  async #renew(): Promise<string | undefined> {
    this.#renewedMs = performance.now();
    const sentMs = this.#beat?.now() ?? 0;
    const before = this.#answer?.prefix ?? "";
    try {
      const fresh = await this.#askPlay();
      this.#beat?.renewed(fresh, sentMs);
      this.#cmcd?.renew(fresh.sessionToken);
      this.#network?.renew(fresh);
      this.#recorder.show({ steering: fresh.steering });
      this.#showTiles(this.#recorder.view.tiles, before);
      if (this.#clock !== undefined) this.#clock = resigned(this.#clock, fresh.sessionEndsAtMs);
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      if (error instanceof ApiError && error.code === "screen-lost") this.#beat?.lost();
      const trouble = opening.troubleOf(error);
      this.#recorder.note(`signed addresses could not be renewed: ${trouble}`);
      return trouble;
    }
  }

  /** Asked again when the viewer moved meanwhile: the last answer is for where the viewer sits. */
  async #askPlay(): Promise<PlayAnswer> {
    const { titleId } = this.#order;
    const viewpoint = this.#viewpoint;
    const body = { titleId, viewpoint, sessionId: this.#answer?.sessionId };
    const answer = await opening.askPlay(body, this.#signal);
    this.#answer = answer;
    return viewpoint === this.#viewpoint ? answer : this.#askPlay();
  }

  #fail(error: unknown): void {
    const over: readonly string[] = ["taken", "lapsed"];
    if (this.#signal.aborted || over.includes(this.#recorder.view.phase)) return;
    const full =
      error instanceof ApiError && error.status === 409 ? screensAnswer.safeParse(error.said) : undefined;
    if (full?.success === true) {
      this.#recorder.show({ phase: "full", full: full.data });
      return;
    }
    const code = opening.shakaCode(error) ?? 0;
    const trouble = code >= 1000 && code < 2000 ? this.#network?.trouble : undefined;
    // What was fetched is not played on when the right to it is gone.
    if (error instanceof ApiError) void this.#player?.destroy();
    this.#recorder.fail(trouble === undefined ? error : new Error(trouble));
  }
}
