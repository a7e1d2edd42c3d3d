// The player's talk with the control plane while a film plays: beacons and the lease's renewal are one request. Obeys
// play/beacons.ts and play/screen.ts, with fetch while the page lives and sendBeacon when it goes.
import type { Beacon } from "#model/beacon.ts";
import { type BeaconEvent, newBeacons, type Observation, stepBeacons } from "#play/beacons.ts";
import {
  newScreen,
  patienceMs,
  type Screen,
  type ScreenCommand,
  type ScreenEvent,
  screenClock,
  stepScreen,
} from "#play/screen.ts";
import { ApiError, postJson } from "#web/api.ts";
import { type BeatAnswer, beatAnswer } from "#wire/screens.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { postTelemetryPath } from "./client.ts";
import { accountRefused } from "./licence.ts";
import type { Telemetry } from "./telemetry.ts";

export interface BeatPorts {
  readonly observation: () => Observation;
  /** Fresh paths, for every request from now on. */
  readonly signed: (fresh: Pick<PlayAnswer, "prefix" | "expiresAtMs">) => void;
  readonly obey: (command: Exclude<ScreenCommand, { kind: "beat" }>) => void;
  /** The account lost its right: the film ends here. */
  readonly refused: (error: ApiError) => void;
}

export class Beat implements Telemetry {
  readonly #ports: BeatPorts;
  readonly #signal: AbortSignal;
  #play: PlayAnswer;
  #beacons: ReturnType<typeof newBeacons>;
  #screen: Screen;
  #seq = 0;
  #left = false;

  /** `askedMs`: of the monotonic clock, just before the play was asked for. */
  constructor(play: PlayAnswer, askedMs: number, ports: BeatPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
    this.#play = play;
    this.#beacons = newBeacons(play.sessionId);
    this.#screen = newScreen(play.lease, askedMs);
  }

  /** Whether the picture may move now. */
  get held(): boolean {
    return this.#screen.kind === "held";
  }

  /** By the clock that a renewed lease counts by. */
  now(): number {
    return screenClock(this.#screen, performance.now());
  }

  /** Looked at a few times a second. */
  look(): void {
    this.#step({ kind: "looked" });
  }

  slept(unseenMs: number): void {
    this.#step({ kind: "slept", unseenMs });
  }

  lost(): void {
    this.#step({ kind: "lost" });
  }

  /** The same session, asked for anew. `sentMs`: of `now()`, just before. */
  renewed(play: PlayAnswer, sentMs: number): void {
    this.#play = play;
    this.#step({ kind: "renewed", sentMs, lease: play.lease });
  }

  /** The page was left and comes back: it gave its screen away. */
  comeBack(): void {
    if (!this.#left) return;
    this.#left = false;
    this.#ports.obey({ kind: "stop" });
    this.#ports.obey({ kind: "begin-anew" });
  }

  observe(observation: Observation): void {
    this.#send(this.#made({ kind: "observed", observation }));
  }

  hide(observation: Observation): void {
    const { sessionToken } = this.#play;
    const proof = { sessionToken, sentMs: Math.round(this.now()) };
    sendAway(postTelemetryPath, proof, this.#made({ kind: "hiding", observation }));
  }

  leave(observation: Observation): void {
    this.#left = true;
    const { sessionToken, lease, releaseUrl } = this.#play;
    const proof = { sessionToken, generation: lease.generation, sentMs: Math.round(this.now()) };
    sendAway(releaseUrl, proof, this.#made({ kind: "leaving", observation }));
  }

  #step(event: ScreenEvent): void {
    const { state, commands } = stepScreen(this.#screen, event, performance.now());
    this.#screen = state;
    for (const command of commands) {
      if (command.kind === "beat") this.#beat();
      else this.#ports.obey(command);
    }
  }

  /** A beat that is due takes a heartbeat along. */
  #beat(): void {
    const events = this.#made({ kind: "observed", observation: this.#ports.observation() }, 0);
    if (events.length > 0) this.#send(events);
    else void this.#post([]);
  }

  #made(event: BeaconEvent, heartbeatMs = this.#play.heartbeatIntervalMs): readonly Beacon[] {
    const { state, send } = stepBeacons(this.#beacons, event, this.now(), heartbeatMs);
    this.#beacons = state;
    return send;
  }

  #send(events: readonly Beacon[]): void {
    if (events.length > 0) void this.#post(events);
  }

  async #post(events: readonly Beacon[]): Promise<void> {
    const { sessionToken, lease, beatUrl } = this.#play;
    const sentMs = this.now();
    this.#seq += 1;
    this.#step({ kind: "sent" });
    const { generation } = lease;
    const body = { sessionToken, generation, seq: this.#seq, sentMs: Math.round(sentMs), events };
    const patience = { signal: this.#signal, withinMs: patienceMs(this.#screen) };
    const upToSeq = events.at(-1)?.seq;
    try {
      const answer = await postJson(beatUrl, body, beatAnswer, patience);
      this.#answered(answer, sentMs, upToSeq);
    } catch (error) {
      if (!this.#signal.aborted) this.#unanswered(error, upToSeq);
    }
  }

  #answered({ durable, againMs, screen }: BeatAnswer, sentMs: number, upToSeq: number | undefined): void {
    if (screen === undefined) this.#step(failedNow());
    else {
      this.#play = { ...this.#play, lease: screen.lease };
      this.#ports.signed(screen);
      this.#step({ kind: "renewed", sentMs, lease: screen.lease });
    }
    if (upToSeq !== undefined)
      this.#send(
        this.#made(durable ? { kind: "acknowledged", upToSeq } : { kind: "unsent", waitMs: againMs }),
      );
  }

  #unanswered(error: unknown, upToSeq: number | undefined): void {
    const { status, code } = error instanceof ApiError ? error : { status: 0, code: "" };
    const gone = error instanceof ApiError && accountRefused.has(code);
    // 429 and 5xx pass; any other 4xx says that these beacons will never be taken.
    const refused = status >= 400 && status < 500 && status !== 429;
    if (code === "screen-lost") this.#step({ kind: "lost" });
    else this.#step(gone ? { kind: "refused" } : failedNow());
    if (gone) this.#ports.refused(error);
    if (upToSeq !== undefined)
      this.#send(this.#made(refused ? { kind: "refused", upToSeq } : { kind: "unsent" }));
  }
}

function failedNow(): ScreenEvent {
  return { kind: "unanswered", chance: (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32 };
}

/** The browser sends it after the page is gone. It refuses what is too much together with other pages' beacons: then the newer half. */
function sendAway(url: string, proof: Readonly<Record<string, unknown>>, events: readonly Beacon[]): void {
  for (let kept = events; kept.length > 0; kept = kept.slice(Math.ceil(kept.length / 2))) {
    const body = new Blob([JSON.stringify({ ...proof, events: kept })], { type: "application/json" });
    if (navigator.sendBeacon(url, body)) return;
  }
}
