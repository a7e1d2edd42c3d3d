// What each appliance hears from its neighbours, and how fresh that is.
import type { ReactElement } from "react";
import { formatAgo, formatCount, formatDuration } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import { getOpsRoutes } from "./client.ts";
import { Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 2000;
const columns = [
  ["Appliance", ""],
  ["State", ""],
  ["Neighbours", "number"],
  ["IPv4", "number"],
  ["IPv6", "number"],
  ["Stale", "number"],
  ["Last word", "number"],
  ["All told", "number"],
] as const;

type Heard = OpsRoutes["appliances"][number];

export function RoutesPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsRoutes();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="routes" title="Routes" path={asked.path} email={email} resource={resource}>
      {(value, atMs) => <Routes routes={value} nowMs={atMs} />}
    </Panel>
  );
}

function Routes({ routes, nowMs }: { readonly routes: OpsRoutes; readonly nowMs: number }): ReactElement {
  const telling = routes.appliances.filter(({ state }) => state !== "none");
  if (telling.length === 0)
    return <p className="soft">No appliance tells what it hears; steering goes by the routes file alone.</p>;
  const { waitingFor } = routes;
  return (
    <>
      {waitingFor > 0 && <p>Waiting for routes of {formatCount(waitingFor, "appliance", "appliances")}.</p>}
      <Wide>
        <table>
          <caption className="unseen">Routes that appliances hear</caption>
          <thead>
            <tr>
              {columns.map(([name, kind]) => (
                <th key={name} scope="col" className={kind}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {telling.map((heard) => (
              <HeardRow key={heard.id} heard={heard} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function HeardRow({ heard, nowMs }: { readonly heard: Heard; readonly nowMs: number }): ReactElement {
  const { id, siteId, state, because, sessions, prefixes, stalePrefixes, silentMs, lastResyncAtMs } = heard;
  return (
    <tr title={because}>
      <th scope="row">
        {id}
        <span className="faint"> at {siteId}</span>
      </th>
      <td>
        <span className="badge">{state}</span>
      </td>
      <td className="number">{sessions.length}</td>
      <td className="number">{prefixes.v4}</td>
      <td className="number">{prefixes.v6}</td>
      <td className="number">{stalePrefixes}</td>
      <td className="number">{silentMs === null ? "–" : formatDuration(silentMs)}</td>
      <td className="number">{lastResyncAtMs === null ? "–" : formatAgo(lastResyncAtMs, nowMs)}</td>
    </tr>
  );
}
