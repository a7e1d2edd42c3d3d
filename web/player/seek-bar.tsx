// The bar under the film: where we are, what lies ready, and a small picture of where a click, a drag or a key would lead.
import { type CSSProperties, type PointerEvent, type ReactElement, useEffect, useState } from "react";
import { useWords } from "#web/words/say.ts";
import { clockText } from "./clock-text.ts";
import { playerWords } from "./player-words.ts";
import { decodedPicture, Sheets } from "./sheets.ts";
import { type Tile, tileAt } from "./storyboard.ts";

interface SeekBarProps {
  readonly positionMs: number;
  readonly durationMs: number;
  readonly bufferMs: number;
  readonly tiles: readonly Tile[];
  readonly onSeek: (positionMs: number) => void;
}

export function SeekBar({ positionMs, durationMs, bufferMs, tiles, onSeek }: SeekBarProps): ReactElement {
  const say = useWords(playerWords);
  const [sheets] = useState(() => new Sheets(decodedPicture));
  const [hover, setHover] = useState<number | undefined>();
  /** While the pointer holds the bar: the film goes there when it is let go, not to every place on the way. */
  const [held, setHeld] = useState<number | undefined>();
  const [keyed, setKeyed] = useState(false);
  const share = (ms: number): number => (durationMs > 0 ? Math.min(1, Math.max(0, ms / durationMs)) : 0);
  const follow = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    setHover(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  const letGo = (): void => {
    if (held !== undefined) onSeek(held);
    setHeld(undefined);
  };
  const [down, setDown] = useState(false);
  const shownMs = held ?? positionMs;
  const style = { "--played": share(shownMs), "--ready": share(positionMs + bufferMs) };
  const preview = held !== undefined ? share(held) : (hover ?? (keyed ? share(positionMs) : undefined));
  return (
    <div
      className="pl-seek"
      dir="ltr"
      style={style as CSSProperties}
      onPointerMove={follow}
      onPointerLeave={() => setHover(undefined)}
      onPointerDown={() => setDown(true)}
      onPointerUp={() => {
        setDown(false);
        letGo();
      }}
      onPointerCancel={() => {
        setDown(false);
        setHeld(undefined);
      }}
    >
      <input
        type="range"
        data-keys="seek"
        min={0}
        max={Math.max(1, durationMs)}
        step={100}
        value={Math.min(shownMs, Math.max(1, durationMs))}
        aria-label={say("position")}
        aria-valuetext={say("positionIs", { at: clockText(shownMs), all: clockText(durationMs) })}
        onChange={(event) => {
          const to = Number(event.target.value);
          if (down) setHeld(to);
          else onSeek(to);
        }}
        onKeyDown={() => setKeyed(true)}
        onBlur={() => setKeyed(false)}
      />
      {preview !== undefined && durationMs > 0 && (
        <Preview share={preview} positionMs={preview * durationMs} tiles={tiles} sheets={sheets} />
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
  const sheet = useSheet(sheets, tile?.url);
  return (
    <div
      className="pl-preview"
      style={{ left: `clamp(5rem, ${share * 100}%, calc(100% - 5rem))` }}
      aria-hidden="true"
    >
      {tile !== undefined && sheet !== undefined && (
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

/** Undefined until it can be drawn. */
function useSheet(sheets: Sheets, url: string | undefined): string | undefined {
  const [, tell] = useState(0);
  useEffect(() => {
    if (url === undefined || sheets.shown(url) !== undefined) return;
    let isLookedFor = true;
    void sheets.fetch(url).then(() => {
      if (isLookedFor) tell((before) => before + 1);
    });
    return () => {
      isLookedFor = false;
    };
  }, [sheets, url]);
  return url === undefined ? undefined : sheets.shown(url);
}
