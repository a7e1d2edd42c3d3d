// Who is where and who serves whom: the drawing, and the same as tables.
import type { ReactElement } from "react";
import { useMemo, useState } from "react";
import { formatRate, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsExplain } from "#wire/ops.ts";
import type { OpsMap } from "#wire/ops-network.ts";
import { getOpsMap } from "./client.ts";
import { type Column, Columns } from "./columns.tsx";
import { DrillPanel } from "./drill-panel.tsx";
import { MapDrawing } from "./map-drawing.tsx";
import { type SiteNow, sitesOf } from "./map-sites.ts";
import { mapWords } from "./map-words.ts";
import { More, Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";
import { WithoutPanel } from "./without-panel.tsx";

const everyMs = 5000;
const page = 12;
const boxesOfSite = 6;

interface MapPanelProps {
  readonly email: string;
  readonly onExplain: (address: string) => void;
  readonly explained: OpsExplain | undefined;
}

export function MapPanel({ email, onExplain, explained }: MapPanelProps): ReactElement {
  const say = useWords(mapWords);
  const asked = getOpsMap();
  const resource = useResource({ ...asked, everyMs });
  const [picked, setPicked] = useState("");
  return (
    <>
      <Panel id="network" title={say("network")} path={asked.path} email={email} resource={resource}>
        {(map) => <NetworkMap {...{ map, picked, onExplain, explained }} onPick={setPicked} />}
      </Panel>
      {resource.value !== undefined && (
        <WithoutPanel
          map={resource.value}
          picked={picked}
          onPick={setPicked}
          email={email}
          onChange={resource.reload}
        />
      )}
      <DrillPanel email={email} onChange={resource.reload} />
    </>
  );
}

interface NetworkProps {
  readonly map: OpsMap;
  readonly picked: string;
  readonly onPick: (applianceId: string) => void;
  readonly onExplain: (address: string) => void;
  readonly explained: OpsExplain | undefined;
}

function NetworkMap({ map, picked, onPick, onExplain, explained }: NetworkProps): ReactElement {
  const say = useWords(mapWords);
  const sites = useMemo(() => sitesOf(map), [map]);
  const placeless = sites.filter(({ location }) => location === null).length;
  return (
    <>
      <MapDrawing {...{ map, sites, picked, onPick, explained }} />
      <p className="legend">
        {[0, 1, 2, 3, 4].map((fifth) => (
          <span key={fifth}>
            <svg className="load-key" viewBox="0 0 10 10" aria-hidden="true">
              <circle className={`disc load-${fifth}`} cx={5} cy={5} r={4} />
            </svg>{" "}
            <bdi>
              {20 * fifth}–{20 * fifth + 20} %
            </bdi>
          </span>
        ))}
      </p>
      <p className="faint">
        {say("legend")} <Cut sinceMs={map.sessionsSinceMs} />{" "}
        {placeless > 0 && say("noPlaces", { n: placeless })} {say("source")}
      </p>
      <div className="two-thirds">
        <SitesTable sites={sites} picked={picked} onPick={onPick} />
        <ViewersTable map={map} onExplain={onExplain} />
      </div>
    </>
  );
}

type PickProps = Pick<NetworkProps, "picked" | "onPick">;

/** Plays that are not counted are not left unsaid. */
function Cut({ sinceMs }: { readonly sinceMs: number | null }): ReactElement | null {
  const say = useWords(mapWords);
  const { locale } = useLanguage();
  if (sinceMs === null) return null;
  const time = new Date(sinceMs).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  return <span className="stale">{say("playsSince", { time })}</span>;
}

function SitesTable({ sites, ...pick }: PickProps & { readonly sites: readonly SiteNow[] }): ReactElement {
  const say = useWords(mapWords);
  const [limit, setLimit] = useState(page);
  const columns: readonly Column[] = [
    [say("site"), ""],
    [say("appliances"), ""],
    [say("canSend"), "number"],
    [say("sends"), "number"],
    [say("load"), "number"],
    [say("plays"), "number"],
  ];
  return (
    <div>
      <Wide>
        <table>
          <caption>{say("sites")}</caption>
          <Columns columns={columns} />
          <tbody>
            {sites.slice(0, limit).map((site) => (
              <tr key={site.id}>
                <th scope="row">
                  <bdi>{site.name}</bdi>
                </th>
                <td>
                  <BoxButtons boxes={site.appliances} {...pick} />
                </td>
                <td className="number">{formatRate(site.throughputBps)}</td>
                <td className="number">{formatRate(site.bitsPerSecond)}</td>
                <td className="number">{formatShare(site.bitsPerSecond / site.throughputBps)}</td>
                <td className="number">{site.sessions}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More shown={Math.min(limit, sites.length)} all={sites.length} onMore={() => setLimit(limit + page)} />
    </div>
  );
}

function BoxButtons({
  boxes,
  picked,
  onPick,
}: PickProps & { readonly boxes: SiteNow["appliances"] }): ReactElement {
  const say = useWords(mapWords);
  const [limit, setLimit] = useState(boxesOfSite);
  return (
    <div className="map-boxes">
      {boxes.slice(0, limit).map(({ id }) => (
        <button
          key={id}
          type="button"
          className="quiet"
          aria-pressed={id === picked}
          aria-label={say("without", { id })}
          onClick={() => onPick(id)}
        >
          <bdi>{id}</bdi>
        </button>
      ))}
      <More shown={limit} all={boxes.length} onMore={() => setLimit(limit + page)} />
    </div>
  );
}

function ViewersTable({ map, onExplain }: Pick<NetworkProps, "map" | "onExplain">): ReactElement {
  const say = useWords(mapWords);
  const [limit, setLimit] = useState(page);
  const columns: readonly Column[] = [
    [say("viewpoint"), ""],
    [say("first"), ""],
    [say("plays"), "number"],
    [say("explain"), ""],
  ];
  const { viewpoints, flows } = map;
  return (
    <div>
      <Wide>
        <table>
          <caption>{say("viewers")}</caption>
          <Columns columns={columns} />
          <tbody>
            {viewpoints.slice(0, limit).map(({ id, name, address, ranked }) => (
              <tr key={id}>
                <th scope="row">
                  <bdi>{name}</bdi>
                </th>
                <td>{ranked[0]}</td>
                <td className="number">
                  {flows.reduce((sum, one) => sum + (one.viewpointId === id ? one.sessions : 0), 0)}
                </td>
                <td>
                  <button
                    type="button"
                    className="quiet"
                    onClick={() => onExplain(address)}
                    aria-label={say("explainFor", { name })}
                  >
                    {say("explain")}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, viewpoints.length)}
        all={viewpoints.length}
        onMore={() => setLimit(limit + page)}
      />
    </div>
  );
}
