// The first page: rows of films, what was begun first.
import type { ReactElement } from "react";
import { getHome } from "#web/client.ts";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { Hero } from "./hero.tsx";
import { recalled } from "./left.ts";
import { Row } from "./row.tsx";
import { useSignedIn } from "./session.ts";

export function HomePage(): ReactElement {
  const { me } = useSignedIn();
  const home = useResource(getHome());
  useDocumentTitle("");
  if (home.value === undefined) {
    if (home.error !== undefined) return <Trouble error={home.error} retry={home.reload} />;
    return <Loading what="Fetching the films" />;
  }
  const rows = home.value.rows
    .filter((row) => row.items.length > 0)
    .map((row) => ({ ...row, items: row.items.map(recalled) }));
  const first = rows[0]?.items[0];
  if (first === undefined) return <NoTitleYet operator={me.role !== "viewer"} />;
  return (
    <div className="rows">
      <h1 className="unseen">Films</h1>
      <Hero item={first} />
      {rows.map((row) => (
        <Row key={row.id} id={row.id} title={row.title} items={row.items} />
      ))}
    </div>
  );
}

function NoTitleYet({ operator }: { readonly operator: boolean }): ReactElement {
  return (
    <div className="notice">
      <h1>No title yet</h1>
      <p>Bring one in from the terminal:</p>
      <pre>
        <code>npm start -- film.mp4</code>
      </pre>
      {operator && <p className="soft">It appears here once it is encoded and published.</p>}
    </div>
  );
}
