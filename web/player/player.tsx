// The player as a page part: the film, its controls, what to say when something is asked or went wrong, and the drawer.
import "./player.css";
import "./drawer.css";
import { type ReactElement, type RefObject, useEffect, useRef, useState } from "react";
import { useWords } from "#web/words/say.ts";
import { useAwake } from "./awake.ts";
import { type CaptionStyle, storeCaptions, storedCaptions } from "./caption-style.ts";
import { Controls, type MenuName } from "./controls.tsx";
import { type Deeds, useDeeds } from "./deeds.ts";
import { Drawer, type Viewpoint } from "./drawer.tsx";
import { useSound, useSpeed, useWhole } from "./element.ts";
import { Film } from "./film.tsx";
import { Icon } from "./icons.tsx";
import { KeyHelp } from "./key-help.tsx";
import { deedFor, pressOf } from "./keys.ts";
import { type NextEpisode, NextOffer } from "./next-offer.tsx";
import { Panels } from "./panels.tsx";
import { usePictureWindow } from "./picture-window.ts";
import { playerWords } from "./player-words.ts";
import { type SessionWish, useSession } from "./use-session.ts";

export interface PlayerProps extends SessionWish {
  readonly titleName: string;
  readonly viewpoints?: readonly Viewpoint[];
  readonly onExit: () => void;
  readonly onViewpoint: (viewpoint: string | undefined) => void;
  /** Undefined: nothing comes after this film. */
  readonly next?: NextEpisode | undefined;
}

/** What lies over the film or beside it. */
interface Open {
  readonly drawer: boolean;
  readonly help: boolean;
  readonly menu: MenuName | undefined;
}

export function Player(props: PlayerProps): ReactElement {
  const { titleName, viewpoint, viewpoints = [], onExit, onViewpoint, next } = props;
  const say = useWords(playerWords);
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { session, view, retry } = useSession(props, video);
  const [open, setOpen] = useState<Open>({ drawer: false, help: false, menu: undefined });
  const change = (part: Partial<Open>): void => setOpen((before) => ({ ...before, ...part }));
  const [look, setLook] = useLook();
  const picture = usePictureWindow(root, video, () => deeds);
  const deeds: Deeds = useDeeds(root, video, {
    picture: picture.toggle,
    captions: () => session?.choices.toggleText(),
    drawer: () => setOpen((before) => ({ ...before, drawer: !before.drawer })),
    next: () => next?.play(),
    help: () => change({ help: true }),
  });
  const sound = useSound(video);
  const speed = useSpeed(video);
  const whole = useWhole();
  const { awake, tapped } = useAwake(root, view.playback.state === "playing");
  useKeys(deeds, () => {
    if (open.menu !== undefined) change({ menu: undefined });
    else if (open.drawer) change({ drawer: false });
    else onExit();
  });
  const shown = awake || open.drawer || open.menu !== undefined;
  const className = `player always-dark${shown ? "" : " pl-asleep"}${open.drawer ? " pl-open" : ""}`;
  return (
    <div className={className} ref={root}>
      <Film {...{ video, session, view, deeds, look, tapped, ground: picture.ground }} />
      <header className="pl-top">
        <button type="button" onClick={onExit} aria-label={say("back")} title={`${say("back")} (Esc)`}>
          <Icon name="back" />
        </button>
        <h1>{titleName}</h1>
      </header>
      <Panels
        view={view}
        begin={(positionMs) => session?.begin(positionMs)}
        retry={retry}
        unmute={deeds.mute}
        muted={sound.muted}
      />
      {next !== undefined && <NextOffer key={props.titleId} view={view} next={next} />}
      <div className="pl-bottom">
        <Controls
          {...{
            titleId: props.titleId,
            view,
            deeds,
            sound,
            speed,
            whole,
            look,
            onLook: setLook,
            hasNext: next !== undefined,
          }}
          wishes={session?.choices}
          drawerOpen={open.drawer}
          menu={open.menu}
          onMenu={(menu) => change({ menu })}
        />
        {open.drawer && (
          <Drawer
            {...{ view, viewpoint, viewpoints, onViewpoint, wishes: session?.choices }}
            onClose={() => change({ drawer: false })}
          />
        )}
      </div>
      {open.help && <KeyHelp onClose={() => change({ help: false })} />}
    </div>
  );
}

function useLook(): readonly [CaptionStyle, (look: CaptionStyle) => void] {
  const [look, setLook] = useState(storedCaptions);
  const choose = (chosen: CaptionStyle): void => {
    setLook(chosen);
    storeCaptions(chosen);
  };
  return [look, choose];
}

/** A dialog has the keyboard to itself for as long as it stands open, and not a moment longer. */
function useKeys(deeds: Deeds, onEscape: () => void): void {
  const latest = useLatest({ onEscape });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (document.querySelector("dialog[open]") !== null) return;
      const leaving = event.key === "Escape";
      const deed = leaving ? latest.current.onEscape : deedFor(pressOf(event), deeds);
      if (deed === undefined || (leaving && document.fullscreenElement !== null)) return;
      event.preventDefault();
      deed();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [deeds, latest]);
}

function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}
