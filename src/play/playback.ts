// The course of one play as the viewer lives it: how long until the picture, how often and how long it stood still.
//
// Start-up is from the play request to the first frame. A stall is a wait that nobody asked for: waits before the first
// frame and after a seek are not stalls (research abr §3).
import type { PlayState } from "#model/beacon.ts";

export interface Playback {
  readonly state: PlayState;
  readonly askedMs: number;
  /** Undefined until the first frame. */
  readonly startupMs: number | undefined;
  /** Stalls that are over; see stallsAt for the one under way. */
  readonly stallCount: number;
  /** Of stalls that are over. */
  readonly stallMs: number;
  readonly stalledSinceMs: number | undefined;
  readonly seeking: boolean;
  /** Milliseconds of film played at each height. */
  readonly playedMs: Readonly<Record<string, number>>;
  readonly positionMs: number;
}

export type PlaybackEvent =
  | { readonly kind: "first-frame" }
  | { readonly kind: "waiting" }
  | { readonly kind: "playing" }
  | { readonly kind: "paused" }
  | { readonly kind: "seeking" }
  | { readonly kind: "ended" }
  | { readonly kind: "failed" }
  | { readonly kind: "closed" }
  | { readonly kind: "tick"; readonly positionMs: number; readonly height: number };

/** A jump of the position by more than this between two ticks is a seek, not playing. */
const longestTickMs = 2000;
/** Chosen by us: a wait of less than about one frame at 24 frames a second shows no standing picture. */
const leastStallMs = 40;

export function newPlayback(nowMs: number): Playback {
  return {
    state: "start",
    askedMs: nowMs,
    startupMs: undefined,
    stallCount: 0,
    stallMs: 0,
    stalledSinceMs: undefined,
    seeking: false,
    playedMs: {},
    positionMs: 0,
  };
}

export function foldPlayback(play: Playback, event: PlaybackEvent, nowMs: number): Playback {
  switch (event.kind) {
    case "first-frame":
      return play.startupMs === undefined ? { ...play, startupMs: nowMs - play.askedMs } : play;
    case "waiting":
      return waiting(play, nowMs);
    case "playing":
      return { ...moving(play, nowMs), seeking: false, state: "playing" };
    case "paused":
      return play.state === "ended" ? play : { ...moving(play, nowMs), state: "paused" };
    case "seeking":
      return {
        ...moving(play, nowMs),
        seeking: true,
        state: play.startupMs === undefined ? "start" : "seeking",
      };
    case "ended":
    case "failed":
    case "closed":
      return { ...moving(play, nowMs), state: event.kind };
    case "tick":
      return ticked(play, event.positionMs, event.height);
  }
}

/** Stalls so far and their length together, the one under way included. */
export function stallsAt(play: Playback, nowMs: number): { readonly count: number; readonly ms: number } {
  const lasted = play.stalledSinceMs === undefined ? 0 : nowMs - play.stalledSinceMs;
  if (lasted < leastStallMs) return { count: play.stallCount, ms: play.stallMs };
  return { count: play.stallCount + 1, ms: play.stallMs + lasted };
}

/** Weighted by time on screen; 0 before anything played. */
export function meanHeight(play: Playback): number {
  const spans = Object.entries(play.playedMs);
  const all = spans.reduce((sum, [, ms]) => sum + ms, 0);
  return all === 0 ? 0 : spans.reduce((sum, [height, ms]) => sum + Number(height) * ms, 0) / all;
}

function waiting(play: Playback, nowMs: number): Playback {
  const excused = play.startupMs === undefined || play.seeking || play.stalledSinceMs !== undefined;
  if (excused || play.state !== "playing") return play;
  return { ...play, state: "stalled", stalledSinceMs: nowMs };
}

function moving(play: Playback, nowMs: number): Playback {
  const { count, ms } = stallsAt(play, nowMs);
  return { ...play, stallCount: count, stallMs: ms, stalledSinceMs: undefined };
}

function ticked(play: Playback, positionMs: number, height: number): Playback {
  const advanced = positionMs - play.positionMs;
  const counts = height > 0 && advanced > 0 && advanced <= longestTickMs;
  if (!counts) return { ...play, positionMs };
  const key = `${height}`;
  return { ...play, positionMs, playedMs: { ...play.playedMs, [key]: (play.playedMs[key] ?? 0) + advanced } };
}
