// The pictures of the seek bar: which part of which sprite sheet shows a moment of the film.

export interface Tile {
  readonly fromMs: number;
  readonly toMs: number;
  /** Address of the sheet. */
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Reads WebVTT cues of the form `00:00:02.000 --> 00:00:04.000 / sheet.jpg#xywh=0,0,160,90`. Others are passed over. */
export function parseStoryboard(text: string, base: string): readonly Tile[] {
  const tiles: Tile[] = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const lines = block.split(/\r?\n/);
    const timing = lines.findIndex((line) => line.includes("-->"));
    const [from, to] = (lines[timing] ?? "").split("-->").map((part) => clockMs(part.trim()));
    const place = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(lines[timing + 1] ?? "");
    if (from === undefined || to === undefined || place === null) continue;
    const [, file = "", x, y, width, height] = place;
    const url = new URL(file, base).href;
    tiles.push({
      fromMs: from,
      toMs: to,
      url,
      x: Number(x),
      y: Number(y),
      width: Number(width),
      height: Number(height),
    });
  }
  return tiles;
}

export function tileAt(tiles: readonly Tile[], positionMs: number): Tile | undefined {
  return tiles.findLast((tile) => tile.fromMs <= positionMs);
}

function clockMs(text: string): number | undefined {
  const found = /^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})/.exec(text);
  if (found === null) return undefined;
  const [, hours = "0", minutes, seconds, thousandths] = found;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(thousandths);
}
