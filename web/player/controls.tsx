// The row of controls over the film.
import { type ReactElement, useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { CaptionStyle } from "./caption-style.ts";
import type { Choices } from "./choices.ts";
import { clockText } from "./clock-text.ts";
import type { Deeds } from "./deeds.ts";
import type { Sound } from "./element.ts";
import { Icon } from "./icons.tsx";
import { CaptionMenu, QualityMenu, SpeedMenu } from "./menus.tsx";
import { canShowPicture } from "./picture-window.ts";
import { playerWords } from "./player-words.ts";
import { SeekBar } from "./seek-bar.tsx";
import type { PlayerView } from "./view.ts";

export interface ControlsProps {
  readonly titleId: string;
  readonly view: PlayerView;
  readonly deeds: Deeds;
  readonly wishes: Pick<Choices, "cap" | "sound" | "text"> | undefined;
  readonly sound: Sound;
  readonly speed: number;
  readonly whole: boolean;
  readonly drawerOpen: boolean;
  readonly hasNext: boolean;
  readonly look: CaptionStyle;
  readonly onLook: (look: CaptionStyle) => void;
  readonly menu: MenuName | undefined;
  readonly onMenu: (menu: MenuName | undefined) => void;
}

export type MenuName = "quality" | "speed" | "captions";

export function Controls(props: ControlsProps): ReactElement {
  const { view, deeds, hasNext } = props;
  const say = useWords(playerWords);
  const { state, positionMs } = view.playback;
  const play = playSign(state);
  const named = (what: string, key: string): string => say("withKey", { what, key });
  return (
    <div className="pl-controls">
      <SeekBar
        key={props.titleId}
        positionMs={positionMs}
        durationMs={view.durationMs}
        bufferMs={view.bufferMs}
        tiles={view.tiles}
        onSeek={deeds.seek}
      />
      <div className="pl-row">
        <button
          type="button"
          onClick={deeds.toggle}
          aria-label={say(play)}
          title={named(say(play), say("space"))}
        >
          <Icon name={play} />
        </button>
        <button
          type="button"
          onClick={() => deeds.skip(-10_000)}
          aria-label={say("back10")}
          title={named(say("back10"), "j")}
        >
          <Icon name="back10" />
        </button>
        {hasNext && (
          <button
            type="button"
            onClick={deeds.next}
            aria-label={say("nextEpisode")}
            title={named(say("nextEpisode"), "n")}
          >
            <Icon name="next" />
          </button>
        )}
        <Volume {...props} />
        <span className="pl-time" dir="ltr">
          {clockText(positionMs)} <span>/ {clockText(view.durationMs)}</span>
        </span>
        <span className="pl-space" />
        <Menus {...props} />
        <WindowButtons {...props} />
      </div>
    </div>
  );
}

function Volume({ deeds, sound }: ControlsProps): ReactElement {
  const say = useWords(playerWords);
  const level = sound.muted ? 0 : sound.volume;
  return (
    <>
      <button
        type="button"
        onClick={deeds.mute}
        aria-label={say(sound.muted ? "soundOn" : "soundOff")}
        title={say("withKey", { what: say("sound"), key: "m" })}
      >
        <Icon name={sound.muted ? "silent" : "sound"} />
      </button>
      <input
        className="pl-volume"
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={level}
        aria-label={say("volume")}
        aria-valuetext={say("volumeIs", { percent: Math.round(100 * level) })}
        onChange={(event) => deeds.volume(Number(event.target.value))}
      />
    </>
  );
}

function Menus({ view, deeds, wishes, speed, look, onLook, menu, onMenu }: ControlsProps): ReactElement {
  // One function for as long as the menu does not change: a menu listens for clicks elsewhere while it is open.
  const [opens] = useState(() => {
    const of = (name: MenuName) => (open: boolean) => onMenu(open ? name : undefined);
    return { quality: of("quality"), speed: of("speed"), captions: of("captions") };
  });
  const { chosen } = view;
  return (
    <>
      <QualityMenu view={view} wishes={wishes} open={menu === "quality"} onOpen={opens.quality} />
      <CaptionMenu
        texts={chosen.texts}
        wishes={wishes}
        look={look}
        onLook={onLook}
        open={menu === "captions"}
        onOpen={opens.captions}
      />
      <SpeedMenu
        speed={speed}
        onSpeed={deeds.speed}
        sounds={chosen.sounds}
        wishes={wishes}
        open={menu === "speed"}
        onOpen={opens.speed}
      />
    </>
  );
}

function WindowButtons({ deeds, drawerOpen, whole }: ControlsProps): ReactElement {
  const say = useWords(playerWords);
  const named = (what: string, key: string): string => say("withKey", { what, key });
  return (
    <>
      <button
        type="button"
        onClick={deeds.drawer}
        aria-label={say("why")}
        aria-expanded={drawerOpen}
        title={named(say("why"), "i")}
      >
        <Icon name="drawer" />
      </button>
      {canShowPicture() && (
        <button
          type="button"
          className="pl-picture-button"
          onClick={deeds.picture}
          aria-label={say("picture")}
          title={named(say("picture"), "p")}
        >
          <Icon name="picture" />
        </button>
      )}
      <button
        type="button"
        className="pl-help-button"
        onClick={deeds.help}
        aria-label={say("help")}
        title={named(say("help"), "?")}
      >
        <Icon name="keys" />
      </button>
      <button
        type="button"
        onClick={deeds.fullscreen}
        aria-label={say(whole ? "window" : "whole")}
        title={named(say("whole"), "f")}
      >
        <Icon name={whole ? "window" : "whole"} />
      </button>
    </>
  );
}

function playSign(state: PlayerView["playback"]["state"]): "play" | "pause" | "again" {
  if (state === "ended") return "again";
  return state === "paused" ? "play" : "pause";
}
