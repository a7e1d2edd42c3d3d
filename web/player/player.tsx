// The player as a page part: the film, its controls, what to say when something is asked or went wrong, and the drawer.
import "./player.css";
import "./drawer.css";
import {
  type ReactElement,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { Controls, type Deeds } from "./controls.tsx";
import { Drawer, type Viewpoint } from "./drawer.tsx";
import { Icon } from "./icons.tsx";
import { deedOf } from "./keys.ts";
import { Panels } from "./panels.tsx";
import { PlaySession } from "./session.ts";
import { openingView, type PlayerView } from "./view.ts";

export interface PlayerProps {
  readonly titleId: string;
  readonly titleName: string;
  /** Where the viewer sits, by id; undefined: at the request's own address. */
  readonly viewpoint: string | undefined;
  readonly viewpoints?: readonly Viewpoint[];
  readonly onExit: () => void;
  /** Told when a film that had begun is closed. */
  readonly onLeave?: (positionMs: number, durationMs: number) => void;
  readonly onViewpoint: (viewpoint: string | undefined) => void;
  /** Milliseconds; undefined: ask when there is a point to resume at. */
  readonly startAt?: number;
}

const hideControlsMs = 3000;

export function Player(props: PlayerProps): ReactElement {
  const { titleName, viewpoint, viewpoints = [], onExit, onViewpoint } = props;
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { session, view, retry } = useSession(props, video);
  const [drawerOpen, setDrawerOpen] = useState(false);
  const deeds = useDeeds(root, video, setDrawerOpen);
  const sound = useSound(video);
  const whole = useWhole();
  const awake = useAwake(root, view.playback.state === "playing");
  useKeys(deeds, () => (drawerOpen ? setDrawerOpen(false) : onExit()));
  const className = `player always-dark${awake || drawerOpen ? "" : " pl-asleep"}${drawerOpen ? " pl-open" : ""}`;
  return (
    <div className={className} ref={root}>
      {/* biome-ignore lint/a11y/useMediaCaption: titles carry no captions yet */}
      <video ref={video} playsInline onClick={deeds.toggle} onDoubleClick={deeds.fullscreen} />
      <header className="pl-top">
        <button type="button" onClick={onExit} aria-label="Back" title="Back (Esc)">
          <Icon name="back" />
        </button>
        <h1>{titleName}</h1>
      </header>
      <Panels
        view={view}
        begin={(positionMs) => session?.begin(positionMs)}
        retry={retry}
        unmute={deeds.mute}
        muted={sound.muted}
      />
      <div className="pl-bottom">
        <Controls view={view} deeds={deeds} sound={sound} whole={whole} drawerOpen={drawerOpen} />
        {drawerOpen && (
          <Drawer
            view={view}
            viewpoint={viewpoint}
            viewpoints={viewpoints}
            onViewpoint={onViewpoint}
            onClose={() => setDrawerOpen(false)}
          />
        )}
      </div>
    </div>
  );
}

/**
 * One session per title and attempt; where it begins is settled when it opens. A new viewpoint only asks the steering
 * anew. Another attempt goes on where the one before stopped.
 */
function useSession(props: PlayerProps, video: RefObject<HTMLVideoElement | null>) {
  const { titleId, viewpoint, startAt, onLeave } = props;
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

function useDeeds(
  root: RefObject<HTMLDivElement | null>,
  video: RefObject<HTMLVideoElement | null>,
  setDrawerOpen: (change: (open: boolean) => boolean) => void,
): Deeds {
  return useMemo(() => {
    const film = (act: (element: HTMLVideoElement) => void) => (): void => {
      if (video.current !== null) act(video.current);
    };
    const seekTo = (element: HTMLVideoElement, seconds: number): void => {
      if (Number.isFinite(element.duration))
        element.currentTime = Math.min(element.duration, Math.max(0, seconds));
    };
    const setVolume = (element: HTMLVideoElement, to: number): void => {
      element.volume = Math.min(1, Math.max(0, to));
      element.muted = element.volume === 0;
    };
    return {
      toggle: film((element) => {
        // A refusal (the film is not loaded yet, or was unloaded) changes nothing that could be shown.
        if (element.paused) element.play().catch(() => undefined);
        else element.pause();
      }),
      seek: (positionMs) => film((element) => seekTo(element, positionMs / 1000))(),
      skip: (ms) => film((element) => seekTo(element, element.currentTime + ms / 1000))(),
      mute: film((element) => {
        element.muted = !element.muted;
      }),
      louder: (by) => film((element) => setVolume(element, (element.muted ? 0 : element.volume) + by))(),
      volume: (to) => film((element) => setVolume(element, to))(),
      fullscreen: () => {
        if (document.fullscreenElement !== null) void document.exitFullscreen();
        else root.current?.requestFullscreen().catch(() => undefined);
      },
      drawer: () => setDrawerOpen((open) => !open),
    };
  }, [root, video, setDrawerOpen]);
}

function useSound(video: RefObject<HTMLVideoElement | null>): {
  readonly volume: number;
  readonly muted: boolean;
} {
  const [sound, setSound] = useState({ volume: 1, muted: false });
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const read = (): void => setSound({ volume: element.volume, muted: element.muted });
    element.addEventListener("volumechange", read);
    return () => element.removeEventListener("volumechange", read);
  }, [video]);
  return sound;
}

function useWhole(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener("fullscreenchange", changed);
      return () => document.removeEventListener("fullscreenchange", changed);
    },
    () => document.fullscreenElement !== null,
  );
}

/** Controls hide when the film runs and nobody moves or tabs. */
function useAwake(root: RefObject<HTMLDivElement | null>, running: boolean): boolean {
  const [awake, setAwake] = useState(true);
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    let timer = setTimeout(() => setAwake(false), hideControlsMs);
    const wake = (): void => {
      clearTimeout(timer);
      setAwake(true);
      timer = setTimeout(() => setAwake(false), hideControlsMs);
    };
    for (const kind of ["pointermove", "pointerdown", "focusin", "keydown"])
      element.addEventListener(kind, wake);
    return () => {
      clearTimeout(timer);
      for (const kind of ["pointermove", "pointerdown", "focusin", "keydown"])
        element.removeEventListener(kind, wake);
    };
  }, [root]);
  return awake || !running;
}

function useKeys(deeds: Deeds, onEscape: () => void): void {
  const latest = useRef(onEscape);
  latest.current = onEscape;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const deed = event.key === "Escape" ? latest.current : deedOf(event, deeds);
      if (deed === undefined || (event.key === "Escape" && document.fullscreenElement !== null)) return;
      event.preventDefault();
      deed();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [deeds]);
}
