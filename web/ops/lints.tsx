// What is odd about the routes that the sites hear: what to ask a neighbour about.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatCount } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsLints } from "#wire/lints.ts";
import { getOpsLints } from "./client.ts";
import { More, Panel } from "./panel.tsx";

const everyMs = 30_000;
const page = 10;

export function LintsPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsLints();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="lints" title="Lints" path={asked.path} email={email} resource={resource}>
      {(value) => <Lints value={value} />}
    </Panel>
  );
}

function Lints({ value }: { readonly value: OpsLints }): ReactElement {
  const [limit, setLimit] = useState(page);
  const { lints, leftOut, unread } = value;
  return (
    <>
      <p className="soft">{summary(value)}</p>
      <ul className="lints">
        {lints.slice(0, limit).map(({ kind, siteId, sentence, mend, examples }) => (
          <li key={`${kind} ${siteId} ${sentence}`}>
            {sentence}
            <span className="faint"> {mend}.</span>
            {examples.length > 0 && <code className="examples">{examples.join(", ")}</code>}
          </li>
        ))}
      </ul>
      <More shown={Math.min(limit, lints.length)} all={lints.length} onMore={() => setLimit(limit + page)} />
      {leftOut > 0 && <p className="faint">{formatCount(leftOut, "more is", "more are")} not listed.</p>}
      {unread.count > 0 && (
        <p className="problem">
          {formatCount(unread.count, "route names", "routes name")} no known site or no prefix:{" "}
          {unread.examples.join(", ")}
        </p>
      )}
    </>
  );
}

function summary({ lints, leftOut, routes, prefixes, sites, tooMany }: OpsLints): string {
  if (tooMany) {
    return `${formatCount(routes, "route is", "routes are")} more than control looks over while it serves (MILLRACE_LINT_ROUTES). Run millrace steer lint.`;
  }
  const over = `${formatCount(routes, "route", "routes")} to ${formatCount(prefixes, "prefix", "prefixes")} at ${formatCount(sites, "site", "sites")}`;
  const count = lints.length + leftOut;
  if (count === 0) return `Nothing odd about ${over}.`;
  return `${formatCount(count, "thing is", "things are")} odd about ${over}.`;
}
