// Which part of the world the map shows: moved by keys, buttons, wheel and drag alike.
import type { Frame } from "./map-sites.ts";

/** Of the world's width, which is 960. */
const [narrowest, widest] = [8, 1600];

/** `at` stays where it is on the screen; without it, the middle does. */
export function zoomed(
  { x, y, width }: Frame,
  by: number,
  at: readonly [number, number] = [x + width / 2, y + width / 4],
): Frame {
  const next = Math.min(widest, Math.max(narrowest, width * by));
  const scale = next / width;
  return { x: at[0] - (at[0] - x) * scale, y: at[1] - (at[1] - y) * scale, width: next };
}

/** What was under the hand stays under it. Pixels of a drawing that is so many wide. */
export function dragged(frame: Frame, [dx, dy]: readonly [number, number], pixelsWide: number): Frame {
  const perPixel = frame.width / Math.max(1, pixelsWide);
  return { ...frame, x: frame.x - dx * perPixel, y: frame.y - dy * perPixel };
}

/** What a key does; "all" shows everything, undefined: it is no key of the map's. */
export function byKey(frame: Frame, key: string): Frame | "all" | undefined {
  const step = frame.width / 10;
  switch (key) {
    case "ArrowLeft":
      return { ...frame, x: frame.x - step };
    case "ArrowRight":
      return { ...frame, x: frame.x + step };
    case "ArrowUp":
      return { ...frame, y: frame.y - step };
    case "ArrowDown":
      return { ...frame, y: frame.y + step };
    case "+":
    case "=":
      return zoomed(frame, 1 / 1.3);
    case "-":
      return zoomed(frame, 1.3);
    case "0":
      return "all";
    default:
      return undefined;
  }
}
