// The operator's console: one address per question. Each panel asks its own endpoint, so one that fails leaves the others alone.
import "./fleet.css";
import "./ops.css";
import "./tables.css";
import { Link, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Suspense } from "react";
import { NotHere } from "#web/app/not-here.tsx";
import { useSignedIn } from "#web/app/session.ts";
import { Loading, useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import { opsWords } from "./ops-words.ts";

/** In the order of a title's way: made, placed, served, watched, paid for. */
const pages = [
  ["/ops", "overview"],
  ["/ops/map", "map"],
  ["/ops/appliances", "appliances"],
  ["/ops/placement", "placement"],
  ["/ops/encode", "encode"],
  ["/ops/sessions", "sessions"],
  ["/ops/quality", "qoe"],
  ["/ops/catalogue", "catalogue"],
  ["/ops/money", "money"],
  ["/ops/settings", "settings"],
] as const;

export function OpsPage(): ReactElement {
  const shell = useWords(shellWords);
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(shell("operator"));
  if (me.role === "viewer") return <NotHere what={shell("operatorsOnly")} />;
  return (
    <div className="ops">
      <nav className="ops-nav" aria-label={say("pages")}>
        {pages.map(([to, name]) => (
          <Link key={to} to={to} activeOptions={{ exact: to === "/ops" }}>
            {say(name)}
          </Link>
        ))}
      </nav>
      <div className="ops-page">
        <Suspense fallback={<Loading what={shell("opening")} />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}
