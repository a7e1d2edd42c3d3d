// One film before it plays: what it is, what was measured about it, its episodes, and the button.
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { toWatch } from "#web/addresses.ts";
import { formatClock, fraction } from "#web/format.ts";
import { Trouble, useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import type { Home } from "#wire/viewer.ts";
import { Episodes } from "./episodes.tsx";
import { factsOf, isBegun, playRoute, playWords } from "./facts.ts";
import { recalled } from "./left.ts";
import { lengthWords } from "./length.ts";
import { wideUrls } from "./picture.ts";
import { Poster } from "./poster.tsx";
import { Row } from "./row.tsx";
import { TitleSkeleton } from "./skeleton.tsx";
import { TitleDetails } from "./title-details.tsx";
import { TitleNotHere } from "./title-not-here.tsx";
import type { FoundTitle } from "./use-title.ts";
import { useTitle } from "./use-title.ts";
import { viewerWords } from "./viewer-words.ts";
import { ViewpointSelect } from "./viewpoint-select.tsx";
import "./title.css";

export function TitlePage(): ReactElement {
  const say = useWords(viewerWords);
  const { id: titleId } = useParams({ from: "/shell/title/$id" });
  const { found, error, reload } = useTitle(titleId);
  useDocumentTitle(found?.card.name ?? "");
  if (found !== undefined) return <TitleView {...found} />;
  if (error?.code === "unknown-title") return <TitleNotHere />;
  if (error !== undefined) return <Trouble error={error} retry={reload} />;
  return <TitleSkeleton what={say("fetchingFilm")} />;
}

function TitleView({ card, home }: NonNullable<FoundTitle["found"]>): ReactElement {
  const say = useWords(viewerWords);
  const { work } = card;
  const alike = home.rows.find(({ id }) => id === `because-${card.id}`);
  return (
    <article className="film">
      <div className="title">
        <Poster urls={wideUrls(work?.pictures ?? card.pictures, card.posterUrl)} name={card.name} eager />
        <div className="about">
          <TitleHead card={card} />
          <TitleChoices card={card} viewpoints={home.viewpoints} />
        </div>
      </div>
      {work?.series != null && (
        <Episodes series={work.series} titleId={card.id} season={work.season} next={work.next} />
      )}
      <TitleDetails page={card} />
      <section className="measured" aria-label={say("measured")}>
        <dl className="facts">
          {factsOf(card, say).map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
      </section>
      {alike !== undefined && <Row id={alike.id} title={say("moreLike")} items={alike.items.map(recalled)} />}
    </article>
  );
}

type TitleProps = Pick<NonNullable<FoundTitle["found"]>, "card">;

function TitleHead({ card }: TitleProps): ReactElement {
  const say = useWords(viewerWords);
  const { work } = card;
  const original = work !== null && work.originalName !== "" && !card.name.endsWith(work.originalName);
  return (
    <>
      <h1 dir="auto">{card.name}</h1>
      {original && <p className="faint">{say("original", { name: work.originalName })}</p>}
      <p className="meta soft">
        {work?.year != null && <span>{work.year}</span>}
        {work?.maturity != null && (
          <span className="age" title={say("fromAge", { age: work.maturity })}>
            {work.maturity}+
          </span>
        )}
        <span>{lengthWords(card.durationMs, say)}</span>
        {work?.genres.map((genre) => (
          <span key={genre} dir="auto">
            {genre}
          </span>
        ))}
      </p>
      {work !== null && work.synopsis !== "" && (
        <p className="synopsis" dir="auto">
          {work.synopsis}
        </p>
      )}
    </>
  );
}

function TitleChoices({
  card,
  viewpoints,
}: TitleProps & { readonly viewpoints: Home["viewpoints"] }): ReactElement {
  const say = useWords(viewerWords);
  return (
    <>
      {card.resume !== null && isBegun(card) && (
        <progress
          max={1}
          value={fraction(card.resume.positionMs, card.resume.durationMs)}
          aria-label={say("watchedUpTo", { clock: formatClock(card.resume.positionMs) })}
        />
      )}
      <p className="choices">
        <Link className="button big" {...playRoute(card)}>
          <span aria-hidden="true">▶ </span>
          {playWords(card, say)}
        </Link>
        {isBegun(card) && (
          <Link className="button big second" {...toWatch(card.id, "beginning")}>
            {say("fromBeginning")}
          </Link>
        )}
      </p>
      <ViewpointSelect viewpoints={viewpoints} />
    </>
  );
}
