// One film before it plays: its picture, what was measured about it, and the button.
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { toWatch } from "#web/addresses.ts";
import { formatClock, fraction } from "#web/format.ts";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import type { Home, TitleCard } from "#wire/viewer.ts";
import { factsOf, isBegun, playRoute, playWords } from "./facts.ts";
import { Poster } from "./poster.tsx";
import { useTitle } from "./use-title.ts";
import { ViewpointSelect } from "./viewpoint-select.tsx";

export function TitlePage(): ReactElement {
  const { id: titleId } = useParams({ from: "/shell/title/$id" });
  const { found, error, reload } = useTitle(titleId);
  useDocumentTitle(found?.card.name ?? "");
  if (found !== undefined) return <TitleView {...found} />;
  if (error !== undefined) return <Trouble error={error} retry={reload} />;
  return <Loading what="Fetching the film" />;
}

interface TitleViewProps {
  readonly card: TitleCard;
  readonly viewpoints: Home["viewpoints"];
}

function TitleView({ card, viewpoints }: TitleViewProps): ReactElement {
  return (
    <article className="title">
      <Poster url={card.posterUrl} name={card.name} eager />
      <div className="about">
        <h1>{card.name}</h1>
        <dl className="facts">
          {factsOf(card).map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
        {card.resume !== null && isBegun(card) && (
          <progress
            max={1}
            value={fraction(card.resume.positionMs, card.resume.durationMs)}
            aria-label={`Watched up to ${formatClock(card.resume.positionMs)}`}
          />
        )}
        <p className="choices">
          <Link className="button big" {...playRoute(card)}>
            <span aria-hidden="true">▶ </span>
            {playWords(card)}
          </Link>
          {isBegun(card) && (
            <Link className="button big second" {...toWatch(card.id, "beginning")}>
              From the beginning
            </Link>
          )}
        </p>
        <ViewpointSelect viewpoints={viewpoints} />
      </div>
    </article>
  );
}
