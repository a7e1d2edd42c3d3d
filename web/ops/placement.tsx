// Who stores what, and why: the plan's two knobs, each server's share, each file's band.
import type { ReactElement } from "react";
import { useState } from "react";
import { digits, formatBytes, formatPercent, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import { useAgo } from "./ago.ts";
import { Gauge } from "./bar.tsx";
import { getOpsPlacement } from "./client.ts";
import { Facts, More, Panel } from "./panel.tsx";
import { Cutoff } from "./placement-cutoff.tsx";
import { Churn, Load, Rings } from "./placement-figures.tsx";
import { Why, whyId } from "./placement-why.tsx";
import { placementWords } from "./placement-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 10_000;
const page = 25;

export function PlacementPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(placementWords);
  const placement = getOpsPlacement();
  const resource = useResource({ ...placement, everyMs });
  const [asked, setAsked] = useState("");
  return (
    <Panel id="placement" title={say("plan")} path={placement.path} email={email} resource={resource}>
      {(plan, atMs) =>
        plan.files.length === 0 ? (
          <p className="soft">{say("noPlan")}</p>
        ) : (
          <>
            <Summary plan={plan} nowMs={atMs} />
            <Meanings />
            <Rings plan={plan} />
            <div className="side-by-side">
              <Load plan={plan} />
              <Cutoff key={plan.epoch} plan={plan} />
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
  const say = useWords(placementWords);
  const ago = useAgo();
  const { predicted } = plan;
  const cutoff = plan.theory?.method === "one-band" ? say("none") : digits(plan.cutoff);
  return (
    <Facts
      facts={[
        [say("inForce"), `${plan.epoch}, ${ago(plan.createdAtMs, nowMs)}`],
        [say("cutoffD"), cutoff, say("cutoffHint")],
        ["λ", digits(plan.lambda), say("lambdaHint")],
        [say("busiest"), say("timesMean", { times: digits(predicted.maxUtilisation) }), say("busiestHint")],
        [say("usable"), formatShare(predicted.effectiveCapacity), say("usableHint")],
        [say("holes"), formatPercent(predicted.holePercent), say("holesHint")],
        [say("moved"), formatBytes(predicted.churnBytes), say("movedHint")],
        [say("everywhere"), String(plan.head.length)],
      ]}
    />
  );
}

const meanings = [
  ["density", "densityMeans"],
  ["head", "headMeans"],
  ["curve", "curveMeans"],
  ["alphaBeta", "alphaBetaMeans"],
  ["best", "bestMeans"],
  ["lambda", "lambdaMeans"],
  ["utilisation", "utilisationMeans"],
  ["churn", "churnMeans"],
] as const;

function Meanings(): ReactElement {
  const say = useWords(placementWords);
  return (
    <details className="admission">
      <summary>{say("meanings")}</summary>
      <dl className="failures">
        {meanings.map(([name, meaning]) => (
          <div key={name}>
            <dt>{say(name)}</dt>
            <dd>{say(meaning)}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">
        {say("alsoAt")} <code>millrace_placement_epoch</code> · <a href="/metrics">/metrics</a> ·{" "}
        <a href="/docs">/docs</a>
      </p>
    </details>
  );
}

function Servers({ plan }: { readonly plan: OpsPlacement }): ReactElement {
  const say = useWords(placementWords);
  const [limit, setLimit] = useState(page);
  const weights = new Map(plan.weights.map((weight) => [weight.serverId, weight]));
  const pictures = new Map(plan.pictures.servers.map((server) => [server.serverId, server]));
  return (
    <>
      <Wide>
        <table>
          <caption>{say("servers")}</caption>
          <thead>
            <tr>
              <th scope="col">{say("server")}</th>
              <th scope="col" className="number" title={say("alphaHint")}>
                {say("alpha")}
              </th>
              <th scope="col" className="number" title={say("betaHint")}>
                {say("beta")}
              </th>
              <th scope="col" className="number">
                {say("stored")}
              </th>
              <th scope="col">{say("load")}</th>
              <th scope="col" className="number" title={say("utilisationHint")}>
                {say("utilisation")}
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.predicted.servers.slice(0, limit).map((server) => (
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
                    label={say("trafficOf", { server: server.serverId })}
                    parts={[{ name: "traffic", value: server.trafficShare }]}
                    whole={1}
                  />
                  {say("ofTraffic", { share: formatShare(server.trafficShare) })}
                </td>
                <td className="number">{share(pictures.get(server.serverId)?.utilisation)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, plan.predicted.servers.length)}
        all={plan.predicted.servers.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
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
  const say = useWords(placementWords);
  const [wanted, setWanted] = useState("");
  const found = plan.files.filter((file) => wordsOf(file).includes(wanted.toLowerCase()));
  return (
    <>
      <Wide>
        <table>
          <caption>
            {say("files")}{" "}
            <input
              type="search"
              aria-label={say("only")}
              placeholder={say("onlyHint")}
              value={wanted}
              onChange={(event) => setWanted(event.target.value)}
            />
          </caption>
          <thead>
            <tr>
              <th scope="col">{say("file")}</th>
              <th scope="col" className="number">
                {say("size")}
              </th>
              <th scope="col" className="number">
                {say("playsADay")}
              </th>
              <th scope="col">{say("band")}</th>
              <th scope="col">{say("heldBy")}</th>
              <th scope="col">{say("because")}</th>
              <th scope="col">{say("draw")}</th>
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
                  {file.serverIds.length === 0 ? say("originOnly") : file.serverIds.join(", ")}
                </td>
                <td className="soft" lang="en" dir="auto">
                  {file.because}
                </td>
                <td>
                  <button
                    type="button"
                    className="quiet"
                    aria-label={say("whyIs", { file: file.fileId })}
                    onClick={() => onAsk(file.fileId)}
                  >
                    {say("why")}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {found.length === 0 && <p className="soft">{say("noFile")}</p>}
      <More shown={Math.min(limit, found.length)} all={found.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
