// The lines of subtitles over the film, as the viewer wants them to look.
import "./captions.css";
import { type ReactElement, type RefObject, useEffect, useState } from "react";
import type { CaptionStyle } from "./caption-style.ts";

/** Fine enough for speech: a line stands for a second at least. */
const lookMs = 100;

interface CaptionsProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly at: (seconds: number) => readonly string[];
  readonly look: CaptionStyle;
  /** BCP 47; undefined: none is chosen. */
  readonly language: string | undefined;
}

export function Captions({ video, at, look, language }: CaptionsProps): ReactElement | null {
  const [text, setText] = useState("");
  const on = language !== undefined;
  useEffect(() => {
    if (!on) {
      setText("");
      return;
    }
    const show = (): void => setText(at(video.current?.currentTime ?? 0).join("\n"));
    const looking = setInterval(show, lookMs);
    return () => clearInterval(looking);
  }, [on, at, video]);
  if (text === "") return null;
  return (
    <div className="pl-captions" {...dataOf(look)} lang={language} dir="auto">
      <span>{text}</span>
    </div>
  );
}

export function CaptionSample({
  look,
  text,
}: {
  readonly look: CaptionStyle;
  readonly text: string;
}): ReactElement {
  return (
    <div className="pl-captions pl-sample" {...dataOf(look)}>
      <span>{text}</span>
    </div>
  );
}

function dataOf({ size, colour, background, edge }: CaptionStyle) {
  return { "data-size": size, "data-colour": colour, "data-background": background, "data-edge": edge };
}
