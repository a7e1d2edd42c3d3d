// Who is where and who serves whom: the drawing, the same as tables, and what would be without an appliance.
import type { FormEvent, ReactElement } from "react";
import { useMemo, useRef, useState } from "react";
import { formatRate, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMap } from "#wire/ops-network.ts";
import { getOpsAppliancesByIdWithout, getOpsMap, postOpsAppliancesByIdDrain } from "./client.ts";
import { type Column, Columns } from "./columns.tsx";
import { MapDrawing } from "./map-drawing.tsx";
import { type SiteNow, sitesOf } from "./map-sites.ts";
import { mapWords } from "./map-words.ts";
import { More, Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 5000;
const page = 12;

interface MapPanelProps {
  readonly email: string;
  readonly onExplain: (address: string) => void;
}

export function MapPanel({ email, onExplain }: MapPanelProps): ReactElement {
  const say = useWords(mapWords);
  const asked = getOpsMap();
  const resource = useResource({ ...asked, everyMs });
  const [picked, setPicked] = useState("");
  return (
    <>
      <Panel id="network" title={say("network")} path={asked.path} email={email} resource={resource}>
        {(map) => <NetworkMap map={map} onPick={setPicked} onExplain={onExplain} />}
      </Panel>
      {resource.value !== undefined && (
        <WithoutPanel map={resource.value} picked={picked} onPick={setPicked} email={email} />
      )}
    </>
  );
}

interface NetworkProps {
  readonly map: OpsMap;
  readonly onPick: (applianceId: string) => void;
  readonly onExplain: (address: string) => void;
}

function NetworkMap({ map, onPick, onExplain }: NetworkProps): ReactElement {
  const say = useWords(mapWords);
  const sites = useMemo(() => sitesOf(map), [map]);
  const placeless = sites.filter(({ location }) => location === null).length;
  return (
    <>
      <MapDrawing map={map} sites={sites} onPick={onPick} />
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
        {say("legend")} {placeless > 0 && say("noPlaces", { n: placeless })} {say("source")}
      </p>
      <div className="two-thirds">
        <SitesTable sites={sites} />
        <ViewersTable map={map} onExplain={onExplain} />
      </div>
    </>
  );
}

function SitesTable({ sites }: { readonly sites: readonly SiteNow[] }): ReactElement {
  const say = useWords(mapWords);
  const [limit, setLimit] = useState(page);
  const columns: readonly Column[] = [
    [say("site"), ""],
    [say("appliances"), "number"],
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
                <td className="number">{site.appliances.length}</td>
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

interface WithoutProps {
  readonly map: OpsMap;
  readonly picked: string;
  readonly onPick: (applianceId: string) => void;
  readonly email: string;
}

/** What a drain would come to is told before it is ordered. */
function WithoutPanel({ map, picked, onPick, email }: WithoutProps): ReactElement {
  const say = useWords(mapWords);
  const dialog = useRef<HTMLDialogElement>(null);
  const asked = picked === "" ? undefined : getOpsAppliancesByIdWithout(picked);
  const fallback = getOpsAppliancesByIdWithout("");
  const resource = useResource({ path: asked?.path, schema: fallback.schema });
  const [problem, setProblem] = useState("");
  const drain = (): void => {
    dialog.current?.close();
    postOpsAppliancesByIdDrain(picked)
      .then(() => setProblem(""))
      .catch((error: unknown) => setProblem(String(error)));
  };
  const pick = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onPick(String(new FormData(event.currentTarget).get("appliance") ?? "").trim());
  };
  const question = (
    <>
      <form className="steer-ask" key={picked} onSubmit={pick} aria-label={say("whatIf")}>
        <label>
          {say("choose")}{" "}
          <input
            name="appliance"
            list="map-appliances"
            defaultValue={picked}
            required
            maxLength={64}
            placeholder={say("pick")}
          />
        </label>
        <button type="submit" className="quiet">
          {say("compute")}
        </button>
      </form>
      <datalist id="map-appliances">
        {map.appliances.slice(0, 200).map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <p className="faint">{say("missing")}</p>
    </>
  );
  const id = picked;
  if (asked === undefined)
    return (
      <section className="panel" id="experiments" aria-labelledby="without-title">
        <h2 id="without-title">{say("whatIf")}</h2>
        {question}
      </section>
    );
  return (
    <Panel
      id="experiments"
      title={say("whatIf")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {({ sessions, moved, lastCopies, viewpoints }) => (
        <>
          <ul>
            <li>{say("withoutPlays", { sessions, id })}</li>
            {moved.length === 0 && <li>{say("withoutNone", { all: viewpoints })}</li>}
            {moved.map(({ viewpointId, name, to }) => (
              <li key={viewpointId}>{say("withoutMoved", { name, to })}</li>
            ))}
            <li>{say("lastCopies", { n: lastCopies })}</li>
          </ul>
          {problem !== "" && <p className="problem">{problem}</p>}
          <p>
            <button type="button" className="quiet" onClick={() => dialog.current?.showModal()}>
              {say("drainAsk", { id })}
            </button>
          </p>
          <dialog ref={dialog} className="ask" aria-labelledby="drain-title">
            <h2 id="drain-title">{say("drainTitle", { id })}</h2>
            <p>{say("withoutPlays", { sessions, id })}</p>
            <p>{say("drainWords")}</p>
            <p className="map-tools">
              <button type="button" onClick={drain}>
                {say("confirm")}
              </button>
              <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
                {say("cancel")}
              </button>
            </p>
          </dialog>
        </>
      )}
    </Panel>
  );
}
