// What the player's picture is drawn from, and what the browser driver of `npm start -- --once` reads.
import type { PlayLog } from "#play/log.ts";
import { emptyLog } from "#play/log.ts";
import { newPlayback, type Playback, stalledMs } from "#play/playback.ts";
import type { Film } from "#play/types.ts";
import type { SteeringCard } from "#wire/viewer.ts";
import type { Tile } from "./storyboard.ts";

export interface PlayerView {
  /** "asking": whether to resume. */
  readonly phase: "opening" | "asking" | "playing" | "failed";
  /** In the viewer's words; only when failed. */
  readonly trouble: string | undefined;
  readonly resumeMs: number | undefined;
  /** The browser allowed playing only without sound. */
  readonly silenced: boolean;
  readonly playback: Playback;
  readonly log: PlayLog;
  readonly film: Film | undefined;
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
    trouble: undefined,
    resumeMs: undefined,
    silenced: false,
    playback: newPlayback(nowMs),
    log: emptyLog,
    film: undefined,
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
  readonly trouble: string | undefined;
  readonly startupMs: number | undefined;
  readonly stalls: number;
  readonly stallSeconds: number;
  readonly switches: number;
  readonly positionMs: number;
  readonly durationMs: number;
  readonly ended: boolean;
  /** Milliseconds of film played per height. */
  readonly playedMs: Readonly<Record<string, number>>;
  readonly appliancesUsed: readonly string[];
  readonly lastDecision: string | undefined;
  readonly notes: readonly string[];
}

declare global {
  interface Window {
    __millrace?: { state(): HookState } | undefined;
  }
}

export function hookState(view: PlayerView): HookState {
  const { playback, log } = view;
  return {
    phase: view.phase,
    trouble: view.trouble,
    startupMs: playback.startupMs,
    stalls: playback.stallCount,
    stallSeconds: stalledMs(playback, performance.now()) / 1000,
    switches: log.switches,
    positionMs: playback.positionMs,
    durationMs: view.durationMs,
    ended: playback.state === "ended",
    playedMs: playback.playedMs,
    appliancesUsed: log.sourcesUsed,
    lastDecision: log.decided.at(-1)?.because,
    notes: log.noted.map((note) => note.text),
  };
}
