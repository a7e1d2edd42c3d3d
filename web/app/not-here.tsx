// A page that is not there, or not for this person.
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";

export function NoSuchPage(): ReactElement {
  const say = useWords(shellWords);
  const { pathname } = useLocation();
  return <NotHere what={say("noPage", { path: pathname })} />;
}

export function NotHere({ what }: { readonly what: string }): ReactElement {
  const say = useWords(shellWords);
  return (
    <div className="notice">
      <h1>{say("nothingHere")}</h1>
      <p>{what}</p>
      <Link className="button" to="/">
        {say("toFilms")}
      </Link>
    </div>
  );
}
