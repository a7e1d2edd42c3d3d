// One film in a row: picture, name, length, and how far it was watched. Who rests on it sees it move.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { formatClock, fraction } from "#web/format.ts";
import { useWords } from "#web/words/say.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { lengthWords } from "./length.ts";
import { wideUrls } from "./picture.ts";
import { Poster } from "./poster.tsx";
import { Preview } from "./preview.tsx";
import { viewerWords } from "./viewer-words.ts";

interface CardProps {
  readonly item: TitleCard;
  /** Whether the Tab key stops here: a row has one such card. */
  readonly stop: boolean;
  readonly onFocus: () => void;
}

export function Card({ item, stop, onFocus }: CardProps): ReactElement {
  const say = useWords(viewerWords);
  const [rested, setRested] = useState(false);
  const { resume } = item;
  return (
    <Link
      className="card"
      to="/title/$id"
      params={{ id: item.id }}
      tabIndex={stop ? 0 : -1}
      onPointerEnter={({ pointerType }) => setRested(pointerType === "mouse")}
      onPointerLeave={() => setRested(false)}
      onFocus={({ currentTarget }) => {
        onFocus();
        setRested(currentTarget.matches(":focus-visible"));
      }}
      onBlur={() => setRested(false)}
    >
      <div className="frame">
        <Poster urls={wideUrls(item.pictures, item.posterUrl)} name={item.name} />
        {rested && <Preview titleId={item.id} />}
      </div>
      {resume !== null && (
        <progress
          max={1}
          value={fraction(resume.positionMs, resume.durationMs)}
          aria-label={say("watchedUpTo", { clock: formatClock(resume.positionMs) })}
        />
      )}
      <span className="name" dir="auto">
        {item.name}
      </span>
      <span className="faint">
        {lengthWords(item.durationMs, say)} · {item.height}p
      </span>
    </Link>
  );
}
