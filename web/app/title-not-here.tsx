// A title that is not there, not licensed here, or for older viewers. The control plane does not tell which, so that a child's profile
// learns nothing of what there is for others: the page says what helps in each case.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { viewerWords } from "./viewer-words.ts";

export function TitleNotHere(): ReactElement {
  const say = useWords(viewerWords);
  useDocumentTitle(say("notHereTitle"));
  return (
    <div className="notice" role="alert">
      <h1>{say("notHereTitle")}</h1>
      <p>{say("notHereWhy")}</p>
      <ul className="reasons">
        <li>{say("notHereAge")}</li>
        <li>{say("notHereTerritory")}</li>
        <li>{say("notHereGone")}</li>
      </ul>
      <p className="choices">
        <Link className="button" to="/search">
          {say("searchFor")}
        </Link>
        <Link className="button second" to="/profiles">
          {say("switchProfile")}
        </Link>
        <Link className="button second" to="/">
          {say("films")}
        </Link>
      </p>
    </div>
  );
}
