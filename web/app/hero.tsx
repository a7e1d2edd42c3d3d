// The film the home page opens with: what was begun last, else the newest.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { getTitlesById } from "#web/client.ts";
import { formatClock, fraction } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { isBegun, playRoute, playWords } from "./facts.ts";
import { lengthWords } from "./length.ts";
import { wideUrls } from "./picture.ts";
import { Poster } from "./poster.tsx";
import { viewerWords } from "./viewer-words.ts";

export function Hero({ item }: { readonly item: TitleCard }): ReactElement {
  const say = useWords(viewerWords);
  // Its page is asked for here already: for the synopsis, and so that it opens at once.
  const work = useResource(getTitlesById(item.id)).value?.work;
  const { resume } = item;
  return (
    <section className="hero" aria-labelledby="hero-name">
      <Poster urls={wideUrls(item.pictures, item.posterUrl)} name="" eager />
      <div className="about">
        <h2 id="hero-name" dir="auto">
          {item.name}
        </h2>
        <p className="meta soft">
          {work?.year != null && <span>{work.year}</span>}
          {work?.maturity != null && <span className="age">{work.maturity}+</span>}
          <span>{lengthWords(item.durationMs, say)}</span>
          <span>{say("upTo", { height: item.height })}</span>
        </p>
        {work != null && work.synopsis !== "" && (
          <p className="synopsis" dir="auto">
            {work.synopsis}
          </p>
        )}
        {resume !== null && isBegun(item) && (
          <progress
            max={1}
            value={fraction(resume.positionMs, resume.durationMs)}
            aria-label={say("watchedUpTo", { clock: formatClock(resume.positionMs) })}
          />
        )}
        <p className="choices">
          <Link className="button big" {...playRoute(item)}>
            <span aria-hidden="true">▶ </span>
            {playWords(item, say)}
          </Link>
          <Link className="button big second" to="/title/$id" params={{ id: item.id }}>
            {say("aboutFilm")}
          </Link>
        </p>
      </div>
    </section>
  );
}
