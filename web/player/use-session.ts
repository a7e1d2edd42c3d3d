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

interface Attempt {
  readonly titleId: string;
  readonly startAtMs: number | undefined;
}

/**
 * One session per title and attempt; where it begins is settled when it opens. A new viewpoint only asks the steering
 * anew. Another title plays in the same element. Another attempt goes on where the one before stopped.
 */
export function useSession(wish: SessionWish, video: RefObject<HTMLVideoElement | null>): UsedSession {
  const { titleId, viewpoint, startAt, onLeave } = wish;
  const [attempt, setAttempt] = useState<Attempt>({ titleId, startAtMs: startAt });
  const [opened, setOpened] = useState<{ readonly titleId: string; readonly session: PlaySession }>();
  /** What the film before said is not about this one. */
  const session = opened?.titleId === titleId ? opened.session : undefined;
  const before = useRef<Promise<void>>(Promise.resolve());
  const seat = useRef(viewpoint);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another viewpoint or listener does not begin another session
  useEffect(() => {
    if (video.current === null) return;
    seat.current = viewpoint;
    const startAtMs = attempt.titleId === titleId ? attempt.startAtMs : startAt;
    const order = { video: video.current, titleId, viewpoint, startAtMs, free: before.current };
    const playing = new PlaySession(order);
    setOpened({ titleId, session: playing });
    return () => {
      const { phase, playback, durationMs } = playing.view();
      before.current = playing.close();
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
  const first = attempt.titleId === titleId ? attempt.startAtMs : startAt;
  const retry = (): void => setAttempt({ titleId, startAtMs: positionMs > 0 ? positionMs : first });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per lapse
  useEffect(() => {
    if (view.phase === "lapsed") retry();
  }, [view.phase]);
  return { session, view, retry };
}

const nothing = openingView(0);
const beforeOpening = (): PlayerView => nothing;
const subscribeToNothing = (): (() => void) => () => undefined;
