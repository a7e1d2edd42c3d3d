// Who stores what, and why: the plan's two knobs, each server's share, each file's band.
import * as Plot from "@observablehq/plot";
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { endpoints } from "#web/endpoints.ts";
import { digits, formatAgo, formatBytes, formatPercent, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import { opsPlacement } from "#wire/ops.ts";
import { Gauge } from "./bar.tsx";
import { Figure } from "./figure.tsx";
import { Facts, More, Panel } from "./panel.tsx";

const everyMs = 10_000;
const page = 25;

export function PlacementPanel({ email }: { readonly email: string }): ReactElement {
  const path = endpoints.opsPlacement;
  const resource = useResource({ path, schema: opsPlacement, everyMs });
  return (
    <Panel id="placement" title="Placement" path={path} email={email} resource={resource}>
      {(plan, atMs) =>
        plan.files.length === 0 ? (
          <p className="soft">
            No plan yet: there is no title to place. Bring one in with npm start -- film.mp4
          </p>
        ) : (
          <>
            <Summary plan={plan} nowMs={atMs} />
            <Shares plan={plan} />
            <Servers plan={plan} />
            <Files plan={plan} />
          </>
        )
      }
    </Panel>
  );
}

function Summary({ plan, nowMs }: { readonly plan: OpsPlacement; readonly nowMs: number }): ReactElement {
  const { predicted } = plan;
  return (
    <Facts
      facts={[
        ["Plan", `${plan.epoch}, ${formatAgo(plan.createdAtMs, nowMs)}`],
        ["Cutoff D", digits(plan.cutoff), "Share of the stored bytes above which a file counts as popular"],
        ["λ", digits(plan.lambda), "0: load and disk both fit exactly; 1: traffic simply follows storage"],
        ["Busiest server", `${digits(predicted.maxUtilisation)} × mean`, "Predicted; 1 is perfect balance"],
        ["Usable throughput", formatShare(predicted.effectiveCapacity), "Until the first server saturates"],
        ["Traffic in holes", formatPercent(predicted.holePercent), "Share whose file no server holds"],
        [
          "Moved by this plan",
          formatBytes(predicted.churnBytes),
          "Bytes to fetch that the plan before had elsewhere",
        ],
        ["Held everywhere", String(plan.head.length)],
      ]}
    />
  );
}

/** Storage share against traffic share: where they differ, the cutoff has moved popular files. */
function Shares({ plan }: { readonly plan: OpsPlacement }): ReactElement {
  const { servers } = plan.predicted;
  const draw = useCallback(
    (width: number): Element =>
      Plot.plot({
        className: "plot",
        width,
        height: 56 + 34 * servers.length,
        marginLeft: Math.min(150, 0.3 * width),
        marginRight: 24,
        x: { percent: true, label: "share of the network (%)", grid: true, zero: true, ticks: 5 },
        y: { label: null, domain: servers.map((server) => server.serverId), padding: 0.6 },
        color: {
          domain: ["storage", "traffic"],
          range: ["var(--buffer)", "var(--throughput)"],
        },
        marks: [
          Plot.ruleY(servers, {
            y: "serverId",
            x1: "storageShare",
            x2: "trafficShare",
            stroke: "var(--line-strong)",
          }),
          Plot.dot(servers, {
            y: "serverId",
            x: "storageShare",
            r: 5,
            symbol: "square",
            fill: "var(--buffer)",
          }),
          Plot.dot(servers, { y: "serverId", x: "trafficShare", r: 5, fill: "var(--throughput)" }),
        ],
      }),
    [servers],
  );
  return (
    <div className="shares">
      <h3>
        <span className="key storage" /> Storage share and <span className="key traffic" /> predicted traffic
        share
      </h3>
      <Figure
        label="Storage share and predicted traffic share of each server; the table below has the numbers"
        draw={draw}
      />
    </div>
  );
}

function Servers({ plan }: { readonly plan: OpsPlacement }): ReactElement {
  const weights = new Map(plan.weights.map((weight) => [weight.serverId, weight]));
  return (
    <div className="wide">
      <table>
        <caption>Servers</caption>
        <thead>
          <tr>
            <th scope="col">Server</th>
            <th scope="col" className="number" title="Share of the popular band">
              α popular
            </th>
            <th scope="col" className="number" title="Share of the tail">
              β tail
            </th>
            <th scope="col" className="number">
              Stored
            </th>
            <th scope="col">Predicted load</th>
          </tr>
        </thead>
        <tbody>
          {plan.predicted.servers.map((server) => (
            <tr key={server.serverId}>
              <th scope="row">{server.serverId}</th>
              <td className="number">{share(weights.get(server.serverId)?.alpha)}</td>
              <td className="number">{share(weights.get(server.serverId)?.beta)}</td>
              <td className="number">
                {formatBytes(server.bytes)}{" "}
                <span className="faint">({formatShare(server.storageShare)})</span>
              </td>
              <td>
                <Gauge
                  label={`traffic share of ${server.serverId}`}
                  parts={[{ name: "traffic", value: server.trafficShare }]}
                  whole={1}
                />
                {formatShare(server.trafficShare)} of traffic
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : digits(value);
}

function wordsOf(file: OpsPlacement["files"][number]): string {
  return `${file.fileId} ${file.band} ${file.serverIds.join(" ")}`.toLowerCase();
}

function Files({ plan }: { readonly plan: OpsPlacement }): ReactElement {
  const [limit, setLimit] = useState(page);
  const [wanted, setWanted] = useState("");
  const found = plan.files.filter((file) => wordsOf(file).includes(wanted.toLowerCase()));
  return (
    <>
      <div className="wide">
        <table>
          <caption>
            Files{" "}
            <input
              type="search"
              aria-label="Only files, bands or servers with"
              placeholder="title, band or server"
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          </caption>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col" className="number">
                Size
              </th>
              <th scope="col" className="number">
                Plays a day
              </th>
              <th scope="col">Band</th>
              <th scope="col">Held by</th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map((file) => (
              <tr key={file.fileId}>
                <th scope="row">{file.fileId}</th>
                <td className="number">{formatBytes(file.sizeBytes)}</td>
                <td className="number">{digits(file.playsPerDay)}</td>
                <td>
                  <span className={`badge ${file.band}`}>{file.band}</span>
                </td>
                <td>{file.serverIds.length === 0 ? "origin only" : file.serverIds.join(", ")}</td>
                <td className="soft">{file.because}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <p className="soft">No file matches.</p>}
      <More shown={Math.min(limit, found.length)} all={found.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
