// The episodes of a series, a season at a time, each with how far it was watched.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { formatClock, fraction } from "#web/format.ts";
import type { Say } from "#web/words/say.ts";
import { useWords } from "#web/words/say.ts";
import type { WorkPage } from "#wire/catalog.ts";
import { isBegun, playRoute, playWords } from "./facts.ts";
import { lengthWords } from "./length.ts";
import type { viewerEn } from "./viewer-en.ts";
import { viewerWords } from "./viewer-words.ts";

type Series = NonNullable<WorkPage["series"]>;
type Season = Series["seasons"][number];

interface EpisodesProps {
  readonly series: Series;
  /** Of the page: its episode is marked. */
  readonly titleId: string;
  readonly season: number | null;
  readonly next: WorkPage["next"];
}

export function Episodes({ series, titleId, season, next }: EpisodesProps): ReactElement {
  const say = useWords(viewerWords);
  const [chosen, choose] = useState<number>();
  const id = useId();
  const number = chosen ?? season ?? series.seasons[0]?.number;
  const shown = series.seasons.find((one) => one.number === number) ?? series.seasons[0];
  return (
    <section className="episodes" aria-labelledby={`${id}-heading`}>
      <header>
        <h2 id={`${id}-heading`}>{say("episodes")}</h2>
        {series.seasons.length > 1 && (
          <select
            aria-label={say("episodes")}
            value={shown?.number}
            onChange={(event) => choose(Number(event.target.value))}
          >
            {series.seasons.map((one) => (
              <option key={one.number} value={one.number}>
                {seasonWords(one, say)}
              </option>
            ))}
          </select>
        )}
        {next !== null && (
          <Link className="next" to="/title/$id" params={{ id: next.titleId }}>
            {say("nextEpisode", { name: next.name })}
          </Link>
        )}
      </header>
      <ol>
        {shown?.episodes.map((episode) => (
          <EpisodeLine key={episode.id} episode={episode} here={episode.titleId === titleId} />
        ))}
      </ol>
    </section>
  );
}

function seasonWords({ number, name }: Season, say: Say<typeof viewerEn>): string {
  return name === "" ? say("season", { number }) : say("seasonNamed", { number, name });
}

interface LineProps {
  readonly episode: Season["episodes"][number];
  readonly here: boolean;
}

function EpisodeLine({ episode, here }: LineProps): ReactElement {
  const say = useWords(viewerWords);
  const { titleId, resume = null } = episode;
  const play = playWords({ resume }, say);
  return (
    <li className={here ? "here" : undefined} aria-current={here ? "true" : undefined}>
      <span className="number">{episode.number}</span>
      <div>
        <Link className="name" to="/title/$id" params={{ id: titleId }} dir="auto">
          {episode.name}
        </Link>
        <span className="faint"> {lengthWords(episode.durationMs, say)}</span>
        {episode.synopsis !== "" && (
          <p className="soft" dir="auto">
            {episode.synopsis}
          </p>
        )}
        {resume !== null && isBegun({ resume }) && (
          <progress
            max={1}
            value={fraction(resume.positionMs, resume.durationMs)}
            aria-label={say("watchedUpTo", { clock: formatClock(resume.positionMs) })}
          />
        )}
      </div>
      <Link
        className="button second"
        {...playRoute({ id: titleId, resume })}
        aria-label={`${play}: ${episode.name}`}
      >
        {play}
      </Link>
    </li>
  );
}
