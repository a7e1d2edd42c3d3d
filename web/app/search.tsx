// What a search finds, while it is typed: the answer before stays until the next one is there, and a stale request is given up.
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { getHome, getSearch } from "#web/client.ts";
import { Trouble, useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import type { Say } from "#web/words/say.ts";
import { useWords } from "#web/words/say.ts";
import type { SearchAnswer } from "#wire/catalog.ts";
import { searchAnswer } from "#wire/catalog.ts";
import { wideUrls } from "./picture.ts";
import { Poster } from "./poster.tsx";
import type { viewerEn } from "./viewer-en.ts";
import { viewerWords } from "./viewer-words.ts";

/** The control plane answers with so many at most. */
const most = 20;

export function SearchPage(): ReactElement {
  const say = useWords(viewerWords);
  const { q = "" } = useSearch({ from: "/shell/search" });
  const query = q.trim();
  const { value, error, reload } = useResource({
    path: query === "" ? undefined : getSearch({ q: query }).path,
    schema: searchAnswer,
  });
  const [kept, keep] = useState<SearchAnswer>();
  if (value !== undefined && value !== kept) keep(value);
  useDocumentTitle(query === "" ? say("search") : query);
  const short = error?.code === "search-too-short";
  const shown = query === "" || short ? undefined : (value ?? kept);
  return (
    <div className="search">
      <h1 className="unseen">{say("search")}</h1>
      <p role="status" className="soft">
        {query === "" && say("searchHelp")}
        {short && say("searchShort")}
        {error === undefined && query !== "" && statusWords(value, say)}
      </p>
      {error !== undefined && !short && <Trouble error={error} retry={reload} />}
      {shown?.degraded === true && <p className="faint">{say("searchPlain")}</p>}
      {shown !== undefined && error === undefined && <Hits answer={shown} stale={value === undefined} />}
    </div>
  );
}

function statusWords(answer: SearchAnswer | undefined, say: Say<typeof viewerEn>): string {
  if (answer === undefined) return `${say("searching")} …`;
  const { query, hits } = answer;
  const count = hits.length;
  return say(count === most ? "foundMost" : "found", { count, query });
}

function Hits({ answer, stale }: { readonly answer: SearchAnswer; readonly stale: boolean }): ReactElement {
  const say = useWords(viewerWords);
  // Frames of films that the catalogue has no picture of: the home page knows them.
  const rows = useResource(getHome()).value?.rows ?? [];
  const frames = new Map(
    rows.flatMap(({ items }) => items.map(({ id, posterUrl }) => [id, posterUrl] as const)),
  );
  if (answer.hits.length === 0) {
    return (
      <div className="nothing">
        <p>{say("nothingHelp")}</p>
        <Link className="button second" to="/">
          {say("films")}
        </Link>
      </div>
    );
  }
  return (
    <ul className={stale ? "hits stale" : "hits"}>
      {answer.hits.map((hit) => (
        <li key={hit.id}>
          <Link
            className="card"
            to="/title/$id"
            params={{ id: hit.kind === "series" ? hit.id : (hit.titleId ?? hit.id) }}
          >
            <Poster urls={wideUrls(hit.pictures, frames.get(hit.titleId ?? ""))} name={hit.name} />
            <span className="name" dir="auto">
              {hit.name}
            </span>
            <span className="faint">{hitWords(hit, say)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Why it was found, where its name does not say so. */
function hitWords({ kind, year, match }: SearchAnswer["hits"][number], say: Say<typeof viewerEn>): string {
  const { field, text } = match;
  const why = {
    ...{ name: "", "original-name": say("byOriginal", { text }), person: say("byPerson", { text }) },
    ...{ genre: say("byGenre", { text }), episode: say("byEpisode", { text }) },
  }[field];
  return [year === null ? "" : String(year), kind === "series" ? say("kindSeries") : "", why]
    .filter((part) => part !== "")
    .join(" · ");
}
