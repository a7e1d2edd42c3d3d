// The storyboard as WebVTT: which part of which sprite sheet shows a moment of the film. Sources: W3C WebVTT §4,
// W3C Media Fragments 1.0 §4.2.2 (xywh).
import { filmMicroseconds, type PackedTitle } from "./track.ts";
import { vttClock } from "./webvtt.ts";

export function storyboardVtt(title: Pick<PackedTitle, "frames" | "frameRate" | "storyboard">): string {
  const { count, columns, rows, tileWidth, tileHeight, every } = title.storyboard;
  const end = Math.round(filmMicroseconds(title) / 1000);
  const cues: string[] = [];
  for (let tile = 0; tile < count; tile++) {
    const from = Math.round(tile * every * 1000);
    const to = tile === count - 1 ? end : Math.min(end, Math.round((tile + 1) * every * 1000));
    if (from >= to) break;
    const place = tile % (columns * rows);
    const x = (place % columns) * tileWidth;
    const y = Math.floor(place / columns) * tileHeight;
    const sheet = Math.floor(tile / (columns * rows)) + 1;
    const picture = `storyboard-${sheet}.jpg#xywh=${x},${y},${tileWidth},${tileHeight}`;
    cues.push(`${vttClock(from)} --> ${vttClock(to)}\n${picture}\n`);
  }
  return ["WEBVTT\n", ...cues].join("\n");
}
