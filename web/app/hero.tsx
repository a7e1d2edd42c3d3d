// The film the home page opens with: what was begun last, else the newest.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatClock, formatLength, fraction } from "#web/format.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { isBegun, playRoute, playWords } from "./facts.ts";
import { Poster } from "./poster.tsx";

export function Hero({ item }: { readonly item: TitleCard }): ReactElement {
  const { resume } = item;
  return (
    <section className="hero" aria-labelledby="hero-name">
      <Poster url={item.posterUrl} name="" eager />
      <div className="about">
        <h2 id="hero-name">{item.name}</h2>
        <p className="soft">
          {formatLength(item.durationMs)} · up to {item.height}p
        </p>
        {resume !== null && isBegun(item) && (
          <progress
            max={1}
            value={fraction(resume.positionMs, resume.durationMs)}
            aria-label={`Watched up to ${formatClock(resume.positionMs)}`}
          />
        )}
        <p className="choices">
          <Link className="button big" {...playRoute(item)}>
            <span aria-hidden="true">▶ </span>
            {playWords(item)}
          </Link>
          <Link className="button big second" to="/title/$id" params={{ id: item.id }}>
            About this film
          </Link>
        </p>
      </div>
    </section>
  );
}
