// Subtitles in the system's picture-in-picture, which shows the film's element and nothing of the page around it: while it is open, the
// element has a text track with the lines that the page would draw.
import { type RefObject, useEffect } from "react";
import type { Line } from "./caption-box.ts";

/** Lines come with the film's segments of text. */
const lookMs = 500;

/** `lines` are the same object for as long as they are the same lines; none while subtitles are off. */
export function usePictureTrack(
  video: RefObject<HTMLVideoElement | null>,
  lines: (() => readonly Line[]) | undefined,
): void {
  useEffect(() => {
    const element = video.current;
    if (element === null || lines === undefined) return;
    let looking: ReturnType<typeof setInterval> | undefined;
    let filled: readonly Line[] = [];
    const fill = (): void => {
      const now = lines();
      if (now === filled) return;
      filled = now;
      refill(trackOf(element), now);
    };
    const enter = (): void => {
      trackOf(element).mode = "showing";
      fill();
      looking = setInterval(fill, lookMs);
    };
    const leave = (): void => {
      clearInterval(looking);
      filled = [];
      const track = trackOf(element);
      refill(track, []);
      track.mode = "disabled";
    };
    element.addEventListener("enterpictureinpicture", enter);
    element.addEventListener("leavepictureinpicture", leave);
    if (document.pictureInPictureElement === element) enter();
    return () => {
      clearInterval(looking);
      element.removeEventListener("enterpictureinpicture", enter);
      element.removeEventListener("leavepictureinpicture", leave);
    };
  }, [video, lines]);
}

const label = "millrace";

/** An element's tracks cannot be taken away: there is one, made when it is first needed. */
function trackOf(element: HTMLVideoElement): TextTrack {
  const known = [...element.textTracks].find((track) => track.label === label);
  return known ?? element.addTextTrack("subtitles", label);
}

function refill(track: TextTrack, lines: readonly Line[]): void {
  // A track that is disabled does not tell its cues.
  if (track.mode === "disabled") track.mode = "hidden";
  for (const cue of [...(track.cues ?? [])]) track.removeCue(cue);
  for (const { from, until, text } of lines) track.addCue(new VTTCue(from, until, text));
}
