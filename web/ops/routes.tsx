// What each appliance hears from its neighbours, and how fresh that is.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatDuration } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import { useAgo } from "./ago.ts";
import { getOpsRoutes } from "./client.ts";
import { type Column, Columns } from "./columns.tsx";
import { networkWords } from "./network-words.ts";
import { More, Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 3000;
const page = 40;
const columns = [
  ["appliance", ""],
  ["state", ""],
  ["neighbours", "number"],
  ["stale", "number"],
  ["lastWord", "number"],
  ["allTold", "number"],
] as const;

const families: readonly Column[] = [
  ["IPv4", "number"],
  ["IPv6", "number"],
];

type Heard = OpsRoutes["appliances"][number];

export function RoutesPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsRoutes();
  const say = useWords(networkWords);
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="routes" title={say("routes")} path={asked.path} email={email} resource={resource}>
      {(value, atMs) => <Routes routes={value} nowMs={atMs} />}
    </Panel>
  );
}

function Routes({ routes, nowMs }: { readonly routes: OpsRoutes; readonly nowMs: number }): ReactElement {
  const say = useWords(networkWords);
  const [limit, setLimit] = useState(page);
  const telling = routes.appliances.filter(({ state }) => state !== "none");
  if (telling.length === 0) return <p className="soft">{say("nobodyTells")}</p>;
  const { waitingFor } = routes;
  const named = ([id, kind]: (typeof columns)[number]): Column => [say(id), kind];
  return (
    <>
      {waitingFor > 0 && <p>{say("waitingFor", { n: waitingFor })}</p>}
      <Wide>
        <table>
          <caption className="unseen">{say("routesHeard")}</caption>
          <Columns
            columns={[...columns.slice(0, 3).map(named), ...families, ...columns.slice(3).map(named)]}
          />
          <tbody>
            {telling.slice(0, limit).map((heard) => (
              <HeardRow key={heard.id} heard={heard} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, telling.length)}
        all={telling.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}

function HeardRow({ heard, nowMs }: { readonly heard: Heard; readonly nowMs: number }): ReactElement {
  const { id, siteId, state, because, sessions, prefixes, stalePrefixes, silentMs, lastResyncAtMs } = heard;
  const say = useWords(networkWords);
  const ago = useAgo();
  return (
    <tr title={because}>
      <th scope="row">
        {id}
        <span className="faint">{say("atSite", { site: siteId })}</span>
      </th>
      <td>
        <span className="badge" lang="en">
          {state}
        </span>
      </td>
      <td className="number">{sessions.length}</td>
      <td className="number">{prefixes.v4.toLocaleString("en")}</td>
      <td className="number">{prefixes.v6.toLocaleString("en")}</td>
      <td className="number">{stalePrefixes}</td>
      <td className="number">{silentMs === null ? "–" : formatDuration(silentMs)}</td>
      <td className="number">{lastResyncAtMs === null ? "–" : ago(lastResyncAtMs, nowMs)}</td>
    </tr>
  );
}
