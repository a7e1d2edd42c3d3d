// The film's element: how it is started, what it says, and how much lies ready in it.
import { segmentAt } from "#play/ladder.ts";
import type { PlaybackEvent } from "#play/playback.ts";
import type { Managers } from "./managers.ts";
import type { Recorder } from "./recorder.ts";
import { appended, type ShakaPlayer } from "./shaka.ts";

/** A browser that wants no sound without a click is obeyed. */
export async function startPicture(video: HTMLVideoElement, onSilenced: () => void): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotAllowedError") throw error;
    video.muted = true;
    onSilenced();
    await video.play();
  }
}

export interface PictureEars {
  readonly happen: (kind: Exclude<PlaybackEvent["kind"], "tick">) => void;
  readonly sought: () => void;
}

export function listenToPicture(
  video: HTMLVideoElement,
  { happen, sought }: PictureEars,
  signal: AbortSignal,
): void {
  const on = (name: string, obey: () => void): void => video.addEventListener(name, obey, { signal });
  on("waiting", () => happen("waiting"));
  on("ended", () => happen("ended"));
  on("pause", () => {
    if (!video.ended) happen("paused");
  });
  on("playing", () => {
    happen("first-frame");
    happen("playing");
  });
  on("seeked", () => {
    if (video.paused) happen("paused");
  });
  on("seeking", () => {
    happen("seeking");
    sought();
  });
  video.requestVideoFrameCallback(() => happen("first-frame"));
}

/** Film that lies ready ahead of the playhead, by the video track: audio is small and fetched beside it. */
export function readyMs(player: ShakaPlayer | undefined, video: HTMLVideoElement): number {
  const now = video.currentTime;
  const ranges = player?.getBufferedInfo().video ?? [];
  const range = ranges.find((one) => one.start <= now + 0.3 && one.end > now);
  return range === undefined ? 0 : (range.end - now) * 1000;
}

/** From the playhead to the end of what lies ready, over gaps of skipped segments too. */
export function lastReadyMs(player: ShakaPlayer | undefined, video: HTMLVideoElement): number {
  const ranges = player?.getBufferedInfo().video ?? [];
  return ((ranges.at(-1)?.end ?? 0) - video.currentTime) * 1000;
}

export interface ShakaListener {
  readonly video: HTMLVideoElement;
  readonly recorder: Recorder;
  readonly managers: Managers;
  readonly durationsMs: readonly number[];
  readonly stopped: (error: unknown) => void;
}

/** What Shaka says of its buffers, and of what it could not bear. */
export function listenToShaka(player: ShakaPlayer, listener: ShakaListener): void {
  const { video, recorder, managers, durationsMs, stopped } = listener;
  player.addEventListener("segmentappended", (event: Event) => {
    const { contentType, middleMs } = appended(event);
    if (contentType !== "video") return;
    const segment = segmentAt(durationsMs, middleMs);
    const wanted = segmentAt(durationsMs, video.currentTime * 1000);
    // A segment from before a seek that arrives late decides nothing: a precaution, see `sought`.
    if (!video.seeking || segment === wanted) managers.playing?.decideAfter(segment);
  });
  player.addEventListener("buffering", (event: Event) => {
    if (!("buffering" in event)) return;
    if (event.buffering === true) recorder.happen({ kind: "waiting" });
    else if (!video.paused && !video.seeking) recorder.happen({ kind: "playing" });
  });
  player.addEventListener("error", (event: Event) => stopped("detail" in event ? event.detail : undefined));
}
