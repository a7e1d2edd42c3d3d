// The bar on top of every page but the player.
import type { ReactElement } from "react";
import type { Route } from "#web/router.ts";
import { Link } from "#web/router.ts";
import type { Me } from "#wire/viewer.ts";

interface HeaderProps {
  readonly me: Me;
  readonly route: Route;
  readonly onSignOut: () => void;
}

export function Header({ me, route, onSignOut }: HeaderProps): ReactElement {
  return (
    <header className="bar">
      <Link className="brand" to={{ kind: "home" }}>
        <Mark />
        <span>Millrace</span>
      </Link>
      <nav aria-label="Pages">
        <Link to={{ kind: "home" }} aria-current={route.kind === "home" ? "page" : undefined}>
          Films
        </Link>
        {me.role !== "viewer" && (
          <Link to={{ kind: "ops" }} aria-current={route.kind === "ops" ? "page" : undefined}>
            Operator
          </Link>
        )}
      </nav>
      <span className="who" title={me.email}>
        {me.profileName}
      </span>
      <button type="button" className="quiet" onClick={onSignOut}>
        Sign out
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
