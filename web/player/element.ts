// What the film's element and the window say of themselves, for the controls: sound, speed, full screen.
import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";

export interface Sound {
  readonly volume: number;
  readonly muted: boolean;
}

export function useSound(video: RefObject<HTMLVideoElement | null>): Sound {
  const read = (element: HTMLVideoElement): Sound => ({ volume: element.volume, muted: element.muted });
  return useElement(video, "volumechange", read, { volume: 1, muted: false });
}

/** The viewer's, not the 0 at which Shaka holds a film that waits. */
export function useSpeed(video: RefObject<HTMLVideoElement | null>): number {
  return useElement(video, "ratechange", (element) => element.defaultPlaybackRate, 1);
}

function useElement<Seen>(
  video: RefObject<HTMLVideoElement | null>,
  event: string,
  read: (element: HTMLVideoElement) => Seen,
  before: Seen,
): Seen {
  const [seen, setSeen] = useState(before);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is read of an element does not change
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const look = (): void => setSeen(read(element));
    element.addEventListener(event, look);
    return () => element.removeEventListener(event, look);
  }, [video, event]);
  return seen;
}

export function useWhole(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener("fullscreenchange", changed);
      return () => document.removeEventListener("fullscreenchange", changed);
    },
    () => document.fullscreenElement !== null,
  );
}
