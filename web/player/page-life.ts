// What becomes of the page around the player: hidden, left, or fetched back from the browser's memory of left pages.
import type { ClockSeen } from "#play/clock.ts";
import type { Recorder } from "./recorder.ts";

export function watchPage(recorder: Recorder, comeBack: () => void, signal: AbortSignal): void {
  addEventListener("pagehide", () => recorder.leave(), { signal });
  addEventListener(
    "pageshow",
    (event) => {
      if (!event.persisted) return;
      recorder.comeBack();
      comeBack();
    },
    { signal },
  );
  document.addEventListener(
    "visibilitychange",
    () => {
      // On a phone this may be the last that a page hears.
      if (document.visibilityState === "hidden") recorder.hide();
    },
    { signal },
  );
}

export function clocksNow(): ClockSeen {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}
