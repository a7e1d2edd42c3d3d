// What the player's picture is drawn from, and what the browser driver of `npm start -- --once` reads.
import type { PlayLog } from "#play/log.ts";
import { emptyLog } from "#play/log.ts";
import { meanHeight, newPlayback, type Playback, stallsAt } from "#play/playback.ts";
import type { Film } from "#play/types.ts";
import type { ScreensAnswer } from "#wire/screens.ts";
import type { SteeringCard } from "#wire/viewer.ts";
import { type Chosen, nothingChosen } from "./choices.ts";
import type { Tile } from "./storyboard.ts";

export interface PlayerView {
  /**
   * "asking": whether to resume. "full": no screen is free. "taken": another screen has this one's. "lapsed": time ran out, and
   * the film begins anew where it stands.
   */
  readonly phase: "opening" | "asking" | "playing" | "failed" | "full" | "taken" | "lapsed";
  /** Who holds the screens; only when full. */
  readonly full: ScreensAnswer | undefined;
  /** In the viewer's words; only when failed. */
  readonly trouble: string | undefined;
  /** While the film is open and something is wrong that may pass. */
  readonly notice: string | undefined;
  readonly resumeMs: number | undefined;
  /** The browser allowed playing only without sound. */
  readonly silenced: boolean;
  readonly playback: Playback;
  readonly log: PlayLog;
  readonly film: Film | undefined;
  readonly chosen: Chosen;
  readonly steering: SteeringCard | undefined;
  /** Why the list could not be asked for anew. */
  readonly steeringTrouble: string | undefined;
  readonly tiles: readonly Tile[];
  readonly durationMs: number;
  readonly bufferMs: number;
  readonly height: number;
  readonly throughputKbps: number | undefined;
  /** Since the play request. */
  readonly nowMs: number;
}

export function openingView(nowMs: number): PlayerView {
  return {
    phase: "opening",
    full: undefined,
    trouble: undefined,
    notice: undefined,
    resumeMs: undefined,
    silenced: false,
    playback: newPlayback(nowMs),
    log: emptyLog,
    film: undefined,
    chosen: nothingChosen,
    steering: undefined,
    steeringTrouble: undefined,
    tiles: [],
    durationMs: 0,
    bufferMs: 0,
    height: 0,
    throughputKbps: undefined,
    nowMs: 0,
  };
}

/** What a driver of the browser may ask: figures of this play, all measured. */
export interface HookState {
  readonly phase: PlayerView["phase"];
  /** What went wrong, in the viewer's words. */
  readonly failed: string | null;
  /** What the page tells the viewer at the moment. */
  readonly notice: string | null;
  /** 0 until the first frame. */
  readonly startupMs: number;
  readonly stalls: number;
  readonly stallSeconds: number;
  readonly switches: number;
  readonly positionMs: number;
  readonly durationMs: number;
  readonly ended: boolean;
  /** Milliseconds of film played per height, and the mean over them. */
  readonly playedMs: Readonly<Record<string, number>>;
  readonly meanHeight: number;
  /** Source of each of the last video segments, in order of arrival. */
  readonly segmentSources: readonly string[];
  readonly appliancesUsed: readonly string[];
  readonly lastDecision: string | null;
  /** Sentences about who failed and who serves. */
  readonly notes: readonly string[];
}

declare global {
  interface Window {
    __millrace?: { state(): HookState } | undefined;
  }
}

export function hookState(view: PlayerView): HookState {
  const { playback, log } = view;
  const stalls = stallsAt(playback, performance.now());
  return {
    phase: view.phase,
    failed: view.trouble ?? null,
    notice: view.notice ?? null,
    startupMs: playback.startupMs ?? 0,
    stalls: stalls.count,
    stallSeconds: stalls.ms / 1000,
    switches: log.switches,
    positionMs: playback.positionMs,
    durationMs: view.durationMs,
    ended: playback.state === "ended",
    playedMs: playback.playedMs,
    meanHeight: meanHeight(playback),
    segmentSources: log.fetched.filter((entry) => entry.media === "video").map((entry) => entry.sourceId),
    appliancesUsed: log.sourcesUsed,
    lastDecision: log.decided.at(-1)?.because ?? null,
    notes: log.noted.map((note) => note.text),
  };
}
