// One play for as long as the player is on the page.
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { PlaySession } from "./session.ts";
import { openingView, type PlayerView } from "./view.ts";

export interface SessionWish {
  readonly titleId: string;
  /** Where the viewer sits, by id; undefined: at the request's own address. */
  readonly viewpoint: string | undefined;
  /** Milliseconds; undefined: ask when there is a point to resume at. */
  readonly startAt?: number;
  /** Told when a film that had begun is closed. */
  readonly onLeave?: (positionMs: number, durationMs: number) => void;
}

export interface UsedSession {
  readonly session: PlaySession | undefined;
  readonly view: PlayerView;
  readonly retry: () => void;
}

/**
 * One session per title and attempt; where it begins is settled when it opens. A new viewpoint only asks the steering
 * anew. Another attempt goes on where the one before stopped.
 */
export function useSession(wish: SessionWish, video: RefObject<HTMLVideoElement | null>): UsedSession {
  const { titleId, viewpoint, startAt, onLeave } = wish;
  const [attempt, setAttempt] = useState<{ readonly startAtMs: number | undefined }>({ startAtMs: startAt });
  const [session, setSession] = useState<PlaySession | undefined>();
  const seat = useRef(viewpoint);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another viewpoint or listener does not begin another session
  useEffect(() => {
    if (video.current === null) return;
    seat.current = viewpoint;
    const opened = new PlaySession({ video: video.current, titleId, viewpoint, ...attempt });
    setSession(opened);
    return () => {
      const { phase, playback, durationMs } = opened.view();
      opened.close();
      if (phase === "playing") onLeave?.(Math.round(playback.positionMs), durationMs);
    };
  }, [titleId, attempt]);
  useEffect(() => {
    if (session === undefined || seat.current === viewpoint) return;
    seat.current = viewpoint;
    void session.steer(viewpoint);
  }, [session, viewpoint]);
  const view = useSyncExternalStore(session?.subscribe ?? subscribeToNothing, session?.view ?? beforeOpening);
  const { positionMs } = view.playback;
  const retry = (): void => setAttempt({ startAtMs: positionMs > 0 ? positionMs : attempt.startAtMs });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per lapse
  useEffect(() => {
    if (view.phase === "lapsed") retry();
  }, [view.phase]);
  return { session, view, retry };
}

const nothing = openingView(0);
const beforeOpening = (): PlayerView => nothing;
const subscribeToNothing = (): (() => void) => () => undefined;
