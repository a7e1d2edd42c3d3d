// The row of controls over the film.
import type { ReactElement } from "react";
import { clockText } from "./clock-text.ts";
import { Icon } from "./icons.tsx";
import { SeekBar } from "./seek-bar.tsx";
import type { PlayerView } from "./view.ts";

/** What the controls and the keys can do. */
export interface Deeds {
  readonly toggle: () => void;
  readonly seek: (positionMs: number) => void;
  readonly skip: (ms: number) => void;
  readonly mute: () => void;
  readonly louder: (by: number) => void;
  readonly volume: (to: number) => void;
  readonly fullscreen: () => void;
  readonly drawer: () => void;
}

interface ControlsProps {
  readonly view: PlayerView;
  readonly deeds: Deeds;
  readonly sound: { readonly volume: number; readonly muted: boolean };
  readonly whole: boolean;
  readonly drawerOpen: boolean;
}

export function Controls({ view, deeds, sound, whole, drawerOpen }: ControlsProps): ReactElement {
  const { state, positionMs } = view.playback;
  const play = playButton(state);
  return (
    <div className="pl-controls">
      <SeekBar
        positionMs={positionMs}
        durationMs={view.durationMs}
        bufferMs={view.bufferMs}
        tiles={view.tiles}
        onSeek={deeds.seek}
      />
      <div className="pl-row">
        <button type="button" onClick={deeds.toggle} aria-label={play.label} title={`${play.label} (space)`}>
          <Icon name={play.icon} />
        </button>
        <button
          type="button"
          onClick={deeds.mute}
          aria-label={sound.muted ? "Sound on" : "Sound off"}
          aria-pressed={sound.muted}
          title="Sound (m)"
        >
          <Icon name={sound.muted ? "silent" : "sound"} />
        </button>
        <input
          className="pl-volume"
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={sound.muted ? 0 : sound.volume}
          aria-label="Volume"
          onChange={(event) => deeds.volume(Number(event.target.value))}
        />
        <span className="pl-time">
          {clockText(positionMs)} <span>/ {clockText(view.durationMs)}</span>
        </span>
        <span className="pl-space" />
        {view.height > 0 && <span className="pl-height">{view.height}p</span>}
        <button
          type="button"
          onClick={deeds.drawer}
          aria-label="Why am I seeing this?"
          aria-expanded={drawerOpen}
          title="Why am I seeing this? (i)"
        >
          <Icon name="drawer" />
        </button>
        <button
          type="button"
          onClick={deeds.fullscreen}
          aria-label={whole ? "Leave full screen" : "Full screen"}
          title="Full screen (f)"
        >
          <Icon name={whole ? "window" : "whole"} />
        </button>
      </div>
    </div>
  );
}

function playButton(state: PlayerView["playback"]["state"]): {
  readonly icon: "play" | "pause" | "again";
  readonly label: string;
} {
  if (state === "ended") return { icon: "again", label: "Play again" };
  if (state === "paused") return { icon: "play", label: "Play" };
  return { icon: "pause", label: "Pause" };
}
