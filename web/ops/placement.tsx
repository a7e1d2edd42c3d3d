// Who stores what, and why: the plan's two knobs, each server's share, each file's band.
import type { ReactElement } from "react";
import { useState } from "react";
import { digits, formatAgo, formatBytes, formatPercent, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import { Gauge } from "./bar.tsx";
import { getOpsPlacement } from "./client.ts";
import { Facts, More, Panel } from "./panel.tsx";
import { Churn, Cutoff, Load, Rings } from "./placement-figures.tsx";
import { Why, whyId } from "./placement-why.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 10_000;
const page = 25;

export function PlacementPanel({ email }: { readonly email: string }): ReactElement {
  const placement = getOpsPlacement();
  const resource = useResource({ ...placement, everyMs });
  const [asked, setAsked] = useState("");
  return (
    <Panel id="placement" title="Placement" path={placement.path} email={email} resource={resource}>
      {(plan, atMs) =>
        plan.files.length === 0 ? (
          <p className="soft">
            No plan yet: there is no title to place. Bring one in with npm start -- film.mp4
          </p>
        ) : (
          <>
            <Summary plan={plan} nowMs={atMs} />
            <Meanings />
            <Rings plan={plan} />
            <div className="side-by-side">
              <Load plan={plan} />
              <Cutoff plan={plan} />
            </div>
            <Servers plan={plan} />
            <Churn email={email} />
            <Why email={email} fileId={asked} onAsk={setAsked} />
            <Files
              plan={plan}
              onAsk={(fileId) => {
                setAsked(fileId);
                document.getElementById(whyId)?.scrollIntoView({ block: "start" });
              }}
            />
          </>
        )
      }
    </Panel>
  );
}

function Summary({ plan, nowMs }: { readonly plan: OpsPlacement; readonly nowMs: number }): ReactElement {
  const { predicted } = plan;
  const cutoff = plan.theory?.method === "one-band" ? "none" : digits(plan.cutoff);
  return (
    <Facts
      facts={[
        ["Plan", `${plan.epoch}, ${formatAgo(plan.createdAtMs, nowMs)}`],
        ["Cutoff D", cutoff, "Share of the stored bytes above which a file counts as popular"],
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

const meanings: readonly (readonly [string, string])[] = [
  ["Density", "Plays a day: bytes served ÷ bytes stored. Files are ordered by it."],
  ["Head", "Files that every server holds, so that steering may divide their traffic as it likes."],
  ["P(D)", "Share of the traffic that the densest D of the stored bytes carry, below the head."],
  [
    "α, β",
    "A server's weight in the popular band and in the tail. αD + β(1−D) is its part of the storage, αP + β(1−P) its part of the traffic.",
  ],
  [
    "D*",
    "The feasible cutoff nearest to where P(D) − D is largest: there a file that crosses it is least likely to move.",
  ],
  ["λ", "How far traffic targets were moved towards storage until a cutoff was feasible. 0: not at all."],
  [
    "Utilisation",
    "A server's part of the predicted traffic ÷ its part of the throughput. 1 is the mean; usable throughput is 1 ÷ the highest.",
  ],
  ["Churn", "Bytes that some server must fetch because it did not hold them under the plan before."],
];

function Meanings(): ReactElement {
  return (
    <details className="admission">
      <summary>What these mean</summary>
      <dl className="failures">
        {meanings.map(([name, meaning]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">
        The plan's number is <code>millrace_placement_epoch</code> at <a href="/metrics">/metrics</a>; the
        addresses behind this panel stand in <a href="/docs">/docs</a>.
      </p>
    </details>
  );
}

function Servers({ plan }: { readonly plan: OpsPlacement }): ReactElement {
  const weights = new Map(plan.weights.map((weight) => [weight.serverId, weight]));
  const pictures = new Map(plan.pictures.servers.map((server) => [server.serverId, server]));
  return (
    <Wide>
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
            <th scope="col" className="number" title="Traffic ÷ throughput, each as a share; 1 is the mean">
              Utilisation
            </th>
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
              <td className="number">{share(pictures.get(server.serverId)?.utilisation)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : digits(value);
}

function wordsOf(file: OpsPlacement["files"][number]): string {
  return `${file.fileId} ${file.band} ${file.serverIds.join(" ")}`.toLowerCase();
}

interface FilesProps {
  readonly plan: OpsPlacement;
  readonly onAsk: (fileId: string) => void;
}

function Files({ plan, onAsk }: FilesProps): ReactElement {
  const [limit, setLimit] = useState(page);
  const [wanted, setWanted] = useState("");
  const found = plan.files.filter((file) => wordsOf(file).includes(wanted.toLowerCase()));
  return (
    <>
      <Wide>
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
              <th scope="col">Draw</th>
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
                <td className="names">
                  {file.serverIds.length === 0 ? "origin only" : file.serverIds.join(", ")}
                </td>
                <td className="soft">{file.because}</td>
                <td>
                  <button
                    type="button"
                    className="quiet"
                    aria-label={`Why is ${file.fileId} here?`}
                    onClick={() => onAsk(file.fileId)}
                  >
                    Why?
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {found.length === 0 && <p className="soft">No file matches.</p>}
      <More shown={Math.min(limit, found.length)} all={found.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
