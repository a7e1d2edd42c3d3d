// The boxes: are they well, how full, how busy, and is their share of the catalogue verified.
import type { ReactElement } from "react";
import { useState } from "react";
import type { ApiError } from "#web/api.ts";
import { formatAgo, formatBytes, formatCount, formatRate } from "#web/format.ts";
import { asApiError, useResource } from "#web/use-resource.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { AdmissionLine } from "./admission.tsx";
import { Bar } from "./bar.tsx";
import { getOpsAppliances, postOpsAppliancesByIdDrain, postOpsAppliancesByIdUndrain } from "./client.ts";
import { Misses } from "./misses.tsx";
import { Panel } from "./panel.tsx";

const everyMs = 2000;
type OpsAppliance = OpsAppliances["appliances"][number];
type Report = NonNullable<OpsAppliance["report"]>;

export function AppliancesPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsAppliances();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="appliances" title="Appliances" path={asked.path} email={email} resource={resource}>
      {(value, atMs) => (
        <>
          <p className="soft">
            {healthSummary(value.appliances)} Origin at <code>{value.originBaseUrl}</code>.
          </p>
          <ul className="boxes">
            {value.appliances.map((appliance) => (
              <li key={appliance.id}>
                <Box appliance={appliance} nowMs={atMs} onDone={resource.reload} />
              </li>
            ))}
          </ul>
          <Misses appliances={value.appliances} nowMs={atMs} />
        </>
      )}
    </Panel>
  );
}

function healthSummary(appliances: readonly OpsAppliance[]): string {
  if (appliances.length === 0) return "No appliance is known: the topology file names none.";
  const healthy = appliances.filter((appliance) => appliance.health === "healthy").length;
  return `${healthy} of ${formatCount(appliances.length, "appliance is", "appliances are")} healthy.`;
}

interface BoxProps {
  readonly appliance: OpsAppliance;
  readonly nowMs: number;
  readonly onDone: () => void;
}

function Box({ appliance, nowMs, onDone }: BoxProps): ReactElement {
  const { report } = appliance;
  const seen =
    appliance.lastSeenMs === null ? "never seen" : `seen ${formatAgo(appliance.lastSeenMs, nowMs)}`;
  return (
    <article className="box">
      <header>
        <h3>{appliance.id}</h3>
        <span className={`badge ${appliance.health}`}>{appliance.health}</span>
      </header>
      <p className="faint">
        {appliance.siteName} · {appliance.role} · {seen}
      </p>
      {appliance.because !== "" && <p className="because">{appliance.because}</p>}
      {report === null ? (
        <p className="because">Its agent has not reported yet. Start it with millrace appliance.</p>
      ) : (
        <Figures appliance={appliance} report={report} />
      )}
      {report !== null && <AdmissionLine appliance={appliance} nowMs={nowMs} />}
      <DrainButton appliance={appliance} onDone={onDone} />
    </article>
  );
}

function Figures({
  appliance,
  report,
}: {
  readonly appliance: OpsAppliance;
  readonly report: Report;
}): ReactElement {
  const { load, disk, fill } = report;
  const problem = report.trouble !== "" ? report.trouble : fill.lastProblem;
  const [peers, origin] = [fill.bytesFromPeers, fill.bytesFromOrigin];
  return (
    <>
      <Bar
        name="Load"
        parts={[{ name: "load", value: load.bitsPerSecond }]}
        whole={appliance.throughputBps}
        text={`${formatRate(load.bitsPerSecond)} of ${formatRate(appliance.throughputBps)}`}
      />
      <Bar
        name="Disk"
        parts={[{ name: "used", value: disk.usedBytes }]}
        whole={disk.budgetBytes}
        text={`${formatBytes(disk.usedBytes)} of ${formatBytes(disk.budgetBytes)}`}
      />
      <Bar
        name="Verified"
        parts={[{ name: "verified", value: appliance.verifiedFiles }]}
        whole={appliance.wantedFiles}
        text={`${appliance.verifiedFiles} of ${formatCount(appliance.wantedFiles, "file", "files")}`}
      />
      <Bar
        name="Peers, origin"
        parts={[
          { name: "peers", value: peers },
          { name: "origin", value: origin },
        ]}
        whole={peers + origin}
        text={`${formatBytes(peers)}, ${formatBytes(origin)}`}
      />
      <p className="faint counts">
        {countsOf(report).map((count) => (
          <span key={count}>{count}</span>
        ))}
      </p>
      {problem !== "" && (
        <p className="problem">
          <span className="unseen">Last problem: </span>
          {problem}
        </p>
      )}
    </>
  );
}

function countsOf({ nginx, load, disk, fill, scrub, misses, tls }: Report): readonly string[] {
  return [
    `nginx ${nginx}`,
    formatCount(load.connections, "connection", "connections"),
    formatCount(load.requests, "request", "requests"),
    formatCount(load.errors, "error", "errors"),
    `${fill.queued} queued`,
    `${fill.rejected} rejected`,
    ...(disk.readMs === undefined ? [] : [`${disk.readMs.toFixed(1)} ms per read`]),
    ...(misses === undefined ? [] : [formatCount(misses.total, "miss", "misses")]),
    ...(tls?.seen === undefined
      ? []
      : [
          `kernel TLS: ${tls.seen.kernel} of ${formatCount(tls.seen.connections, "connection", "connections")}`,
        ]),
    ...(scrub === undefined || scrub.rotten === 0 ? [] : [`${scrub.rotten} rotten`]),
  ];
}

function DrainButton({ appliance, onDone }: Pick<BoxProps, "appliance" | "onDone">): ReactElement {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const wish = appliance.health === "draining" ? "undrain" : "drain";
  const send = (): void => {
    setBusy(true);
    setError(undefined);
    const order = wish === "drain" ? postOpsAppliancesByIdDrain : postOpsAppliancesByIdUndrain;
    order(appliance.id)
      .then(onDone)
      .catch((reason: unknown) => setError(asApiError(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <button type="button" className="quiet" onClick={send} disabled={busy}>
        {wish === "drain" ? "Drain" : "Put back to work"}
        <span className="unseen"> {appliance.id}</span>
      </button>
      {error !== undefined && (
        <p className="problem" role="alert">
          {error.message}
        </p>
      )}
    </>
  );
}
