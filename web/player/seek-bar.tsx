// The bar under the film: where we are, what lies ready, and a small picture of where a click would lead.
import { type CSSProperties, type PointerEvent, type ReactElement, useState } from "react";
import { clockText } from "./clock-text.ts";
import { Sheets } from "./paths.ts";
import { type Tile, tileAt } from "./storyboard.ts";

interface SeekBarProps {
  readonly positionMs: number;
  readonly durationMs: number;
  readonly bufferMs: number;
  readonly tiles: readonly Tile[];
  readonly onSeek: (positionMs: number) => void;
}

export function SeekBar({ positionMs, durationMs, bufferMs, tiles, onSeek }: SeekBarProps): ReactElement {
  const [sheets] = useState(() => new Sheets());
  const [hover, setHover] = useState<number | undefined>();
  const share = (ms: number): number => (durationMs > 0 ? Math.min(1, Math.max(0, ms / durationMs)) : 0);
  const follow = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setHover(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  const style = { "--played": share(positionMs), "--ready": share(positionMs + bufferMs) };
  return (
    <div
      className="pl-seek"
      style={style as CSSProperties}
      onPointerMove={follow}
      onPointerLeave={() => setHover(undefined)}
    >
      <input
        type="range"
        min={0}
        max={Math.max(1, durationMs)}
        step={100}
        value={Math.min(positionMs, durationMs)}
        aria-label="Position in the film"
        aria-valuetext={`${clockText(positionMs)} of ${clockText(durationMs)}`}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
      {hover !== undefined && durationMs > 0 && (
        <Preview share={hover} positionMs={hover * durationMs} tiles={tiles} sheets={sheets} />
      )}
    </div>
  );
}

interface PreviewProps {
  readonly share: number;
  readonly positionMs: number;
  readonly tiles: readonly Tile[];
  readonly sheets: Sheets;
}

function Preview({ share, positionMs, tiles, sheets }: PreviewProps): ReactElement {
  const tile = tileAt(tiles, positionMs);
  const sheet = tile === undefined ? "" : sheets.addressOf(tile.url);
  return (
    <div
      className="pl-preview"
      style={{ left: `clamp(5rem, ${share * 100}%, calc(100% - 5rem))` }}
      aria-hidden="true"
    >
      {tile !== undefined && (
        <div
          className="pl-tile"
          style={{
            width: tile.width,
            height: tile.height,
            backgroundImage: `url("${sheet}")`,
            backgroundPosition: `-${tile.x}px -${tile.y}px`,
          }}
        />
      )}
      <span>{clockText(positionMs)}</span>
    </div>
  );
}
