// The bar on top of every page but the player.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import type { Me } from "#wire/viewer.ts";

interface HeaderProps {
  readonly me: Me;
  readonly onSignOut: () => void;
}

export function Header({ me, onSignOut }: HeaderProps): ReactElement {
  const say = useWords(shellWords);
  return (
    <header className="bar">
      <Link className="brand" to="/">
        <Mark />
        <span>{say("brand")}</span>
      </Link>
      <nav aria-label={say("pages")}>
        <Link to="/">{say("films")}</Link>
        {me.role !== "viewer" && <Link to="/ops">{say("operator")}</Link>}
      </nav>
      <span className="who" title={me.email}>
        {me.profileName}
      </span>
      <button type="button" className="quiet" onClick={onSignOut}>
        {say("signOut")}
      </button>
    </header>
  );
}

export function Mark(): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 21c4-5 8-5 12 0s8 5 12 0" />
      <path d="M4 12c4-5 8-5 12 0s8 5 12 0" opacity="0.55" />
    </svg>
  );
}
