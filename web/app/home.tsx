// The first page: rows of films, what was begun first.
import type { ReactElement } from "react";
import { getHome } from "#web/client.ts";
import { Trouble, useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import type { Say } from "#web/words/say.ts";
import { useWords } from "#web/words/say.ts";
import type { Home } from "#wire/viewer.ts";
import { Hero } from "./hero.tsx";
import { recalled } from "./left.ts";
import { Row } from "./row.tsx";
import { useSignedIn } from "./session.ts";
import { HomeSkeleton } from "./skeleton.tsx";
import type { viewerEn } from "./viewer-en.ts";
import { viewerWords } from "./viewer-words.ts";
import "./home.css";

export function HomePage(): ReactElement {
  const say = useWords(viewerWords);
  const { me } = useSignedIn();
  const home = useResource(getHome());
  useDocumentTitle("");
  if (home.value === undefined) {
    if (home.error !== undefined) return <Trouble error={home.error} retry={home.reload} />;
    return <HomeSkeleton what={say("fetchingFilms")} />;
  }
  const rows = home.value.rows
    .filter((row) => row.items.length > 0)
    .map((row) => ({ ...row, items: row.items.map(recalled) }));
  const first = rows[0]?.items[0];
  if (first === undefined) return <NoTitleYet operator={me.role !== "viewer"} />;
  return (
    <div className="rows">
      <h1 className="unseen">{say("films")}</h1>
      <Hero item={first} />
      {home.value.degraded === true && <p className="less soft">{say("lessToday")}</p>}
      {rows.map((row) => (
        <Row key={row.id} id={row.id} title={rowTitle(row, say)} items={row.items} />
      ))}
    </div>
  );
}

/** In the page's language where the row says what it is about; a genre keeps the catalogue's own word. */
export function rowTitle(row: Home["rows"][number], say: Say<typeof viewerEn>): string {
  const { id, about } = row;
  if (id === "continue") return say("rowContinue");
  if (id === "for-you") return say("rowForYou");
  if (id === "newest") return say("rowNewest");
  if (id === "popular") return about === undefined ? say("rowPopular") : say("rowPopularIn", { about });
  if (id.startsWith("because-") && about !== undefined) return say("rowBecause", { about });
  return row.title;
}

function NoTitleYet({ operator }: { readonly operator: boolean }): ReactElement {
  const say = useWords(viewerWords);
  return (
    <div className="notice">
      <h1>{say("noTitle")}</h1>
      <p>{say("bringOne")}</p>
      <pre dir="ltr">
        <code>npm start -- film.mp4</code>
      </pre>
      {operator && <p className="soft">{say("appearsHere")}</p>}
    </div>
  );
}
