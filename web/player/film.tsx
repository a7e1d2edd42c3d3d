// The film's element and the subtitles over it, on the page or in a window of their own.
import "./film.css";
import type { PointerEvent, ReactElement, RefObject } from "react";
import { createPortal } from "react-dom";
import { useWords } from "#web/words/say.ts";
import type { CaptionStyle } from "./caption-style.ts";
import { Captions } from "./captions.tsx";
import type { Deeds } from "./deeds.ts";
import { usePictureTrack } from "./picture-track.ts";
import { playerWords } from "./player-words.ts";
import type { PlaySession } from "./session.ts";
import type { PlayerView } from "./view.ts";

interface FilmProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly session: PlaySession | undefined;
  readonly view: PlayerView;
  readonly deeds: Deeds;
  readonly look: CaptionStyle;
  readonly tapped: () => void;
  /** In another window. */
  readonly ground: HTMLElement | undefined;
}

export function Film({ video, session, view, deeds, look, tapped, ground }: FilmProps): ReactElement {
  const say = useWords(playerWords);
  usePictureTrack(video, session?.choices.captionLines);
  const captions = session !== undefined && (
    <Captions
      video={video}
      at={session.choices.captionsAt}
      look={look}
      language={view.chosen.texts.find((track) => track.chosen)?.language}
    />
  );
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: captions are drawn by the page, in the viewer's own style */}
      <video
        ref={video}
        playsInline
        onClick={(event) => (isTouch(event) ? tapped() : deeds.toggle())}
        onDoubleClick={deeds.fullscreen}
      />
      {ground === undefined ? captions : createPortal(captions, ground)}
      {ground !== undefined && <p className="pl-away">{say("elsewhere")}</p>}
    </>
  );
}

function isTouch({ nativeEvent }: { readonly nativeEvent: MouseEvent | PointerEvent }): boolean {
  return "pointerType" in nativeEvent && nativeEvent.pointerType === "touch";
}
