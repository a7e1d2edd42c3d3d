// One film in a row: picture, name, length, and how far it was watched.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatClock, formatLength, fraction } from "#web/format.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { Poster } from "./poster.tsx";

export function Card({ item }: { readonly item: TitleCard }): ReactElement {
  const { resume } = item;
  return (
    <Link className="card" to="/title/$id" params={{ id: item.id }}>
      <Poster url={item.posterUrl} name={item.name} />
      {resume !== null && (
        <progress
          max={1}
          value={fraction(resume.positionMs, resume.durationMs)}
          aria-label={`Watched up to ${formatClock(resume.positionMs)}`}
        />
      )}
      <span className="name">{item.name}</span>
      <span className="faint">
        {formatLength(item.durationMs)} · {item.height}p
      </span>
    </Link>
  );
}
