// Which key does what in the player.
import type { Deeds } from "./controls.tsx";

const skipMs = 5000;
const volumeStep = 0.1;

/** The deed of a key, or undefined when the key belongs to what has the focus, to the browser, or to nobody. */
export function deedOf(event: KeyboardEvent, deeds: Deeds): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const focused = event.target instanceof HTMLElement ? event.target.tagName : "";
  if (focused === "SELECT" || focused === "TEXTAREA") return undefined;
  if (event.key === " " && (focused === "BUTTON" || focused === "A")) return undefined;
  switch (event.key) {
    case " ":
    case "k":
      return deeds.toggle;
    case "ArrowLeft":
      return () => deeds.skip(-skipMs);
    case "ArrowRight":
      return () => deeds.skip(skipMs);
    case "ArrowUp":
      return () => deeds.louder(volumeStep);
    case "ArrowDown":
      return () => deeds.louder(-volumeStep);
    case "m":
      return deeds.mute;
    case "f":
      return deeds.fullscreen;
    case "i":
      return deeds.drawer;
    default:
      return undefined;
  }
}
