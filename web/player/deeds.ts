// What the controls and the keys can do to the film's element and to the page around it.
import { type RefObject, useMemo, useRef } from "react";
import { neighbourSpeed } from "./speed.ts";

export interface Deeds {
  readonly toggle: () => void;
  readonly seek: (positionMs: number) => void;
  readonly skip: (ms: number) => void;
  /** To that share of the film. */
  readonly share: (of: number) => void;
  readonly mute: () => void;
  readonly louder: (by: number) => void;
  readonly volume: (to: number) => void;
  readonly speed: (rate: number) => void;
  /** To the next speed up or down. */
  readonly faster: (steps: 1 | -1) => void;
  readonly fullscreen: () => void;
  /** Picture in picture, in and out. */
  readonly picture: () => void;
  readonly captions: () => void;
  readonly drawer: () => void;
  readonly next: () => void;
  readonly help: () => void;
}

/** What lies outside of the film's element. */
export type OuterDeeds = Pick<Deeds, "picture" | "captions" | "drawer" | "next" | "help">;

export function useDeeds(
  root: RefObject<HTMLDivElement | null>,
  video: RefObject<HTMLVideoElement | null>,
  outer: OuterDeeds,
): Deeds {
  const latest = useRef(outer);
  latest.current = outer;
  return useMemo(() => {
    const film = (act: (element: HTMLVideoElement) => void) => (): void => {
      if (video.current !== null) act(video.current);
    };
    return {
      toggle: film((element) => {
        // A refusal (the film is not loaded yet, or was unloaded) changes nothing that could be shown.
        if (element.paused) element.play().catch(() => undefined);
        else element.pause();
      }),
      seek: (positionMs) => film((element) => seekTo(element, positionMs / 1000))(),
      skip: (ms) => film((element) => seekTo(element, element.currentTime + ms / 1000))(),
      share: (of) => film((element) => seekTo(element, of * element.duration))(),
      mute: film((element) => {
        element.muted = !element.muted;
      }),
      louder: (by) => film((element) => setVolume(element, (element.muted ? 0 : element.volume) + by))(),
      volume: (to) => film((element) => setVolume(element, to))(),
      speed: (rate) => film((element) => setSpeed(element, rate))(),
      faster: (steps) =>
        film((element) => setSpeed(element, neighbourSpeed(element.defaultPlaybackRate, steps)))(),
      fullscreen: () => {
        if (document.fullscreenElement !== null) void document.exitFullscreen();
        else root.current?.requestFullscreen().catch(() => undefined);
      },
      picture: () => latest.current.picture(),
      captions: () => latest.current.captions(),
      drawer: () => latest.current.drawer(),
      next: () => latest.current.next(),
      help: () => latest.current.help(),
    };
  }, [root, video]);
}

/** From the film's own window: what lies on the page cannot be seen from there. */
export function outsideOnly(deeds: Deeds): Deeds {
  const nothing = (): void => undefined;
  return { ...deeds, drawer: nothing, help: nothing, fullscreen: nothing };
}

function seekTo(element: HTMLVideoElement, seconds: number): void {
  if (Number.isFinite(element.duration))
    element.currentTime = Math.min(element.duration, Math.max(0, seconds));
}

function setVolume(element: HTMLVideoElement, to: number): void {
  element.volume = Math.min(1, Math.max(0, to));
  element.muted = element.volume === 0;
}

/** The default too: Shaka sets the rate to 0 while it waits, and a film that is loaded anew begins at the default. */
function setSpeed(element: HTMLVideoElement, rate: number): void {
  element.defaultPlaybackRate = rate;
  element.playbackRate = rate;
}
