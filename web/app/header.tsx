// The bar on top of every page but the player.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import type { Me } from "#wire/viewer.ts";
import { Mark } from "./mark.tsx";
import { ProfileMenu } from "./profile-menu.tsx";
import { SearchField } from "./search-field.tsx";
import "./header.css";

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
        <Link to="/" activeOptions={{ exact: true }}>
          {say("films")}
        </Link>
        {me.role !== "viewer" && <Link to="/ops">{say("operator")}</Link>}
      </nav>
      <SearchField />
      <ProfileMenu me={me} onSignOut={onSignOut} />
    </header>
  );
}
