// One appliance as a card of the list.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatBytes, formatRate } from "#web/format.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { AdmissionLine } from "./admission.tsx";
import { useAgo } from "./ago.ts";
import { Bar } from "./bar.tsx";
import { DrainButton } from "./drain-button.tsx";
import { networkWords } from "./network-words.ts";

type OpsAppliance = OpsAppliances["appliances"][number];
type Report = NonNullable<OpsAppliance["report"]>;
type Say = ReturnType<typeof useWords<typeof networkWords.en>>;

interface BoxProps {
  readonly appliance: OpsAppliance;
  readonly nowMs: number;
  readonly onDone: () => void;
}

export function ApplianceBox({ appliance, nowMs, onDone }: BoxProps): ReactElement {
  const { id, report, health, lastSeenMs } = appliance;
  const say = useWords(networkWords);
  const ago = useAgo();
  const seen = lastSeenMs === null ? say("neverSeen") : say("seen", { ago: ago(lastSeenMs, nowMs) });
  return (
    <article className="box">
      <header>
        <h3>
          <Link to="/ops/appliances/$id" params={{ id }} dir="auto">
            {id}
          </Link>
        </h3>
        <span className={`badge ${health}`}>{say(health)}</span>
      </header>
      <p className="faint">
        <bdi>{appliance.siteName}</bdi> · {say(appliance.role)} · {seen}
      </p>
      {appliance.because !== "" && (
        <p className="because" lang="en" dir="auto">
          {appliance.because}
        </p>
      )}
      {report === null ? (
        <p className="because">{say("notReported")}</p>
      ) : (
        <Figures appliance={appliance} report={report} />
      )}
      {report !== null && <AdmissionLine appliance={appliance} nowMs={nowMs} />}
      <DrainButton appliance={appliance} onDone={onDone} />
    </article>
  );
}

interface FiguresProps {
  readonly appliance: OpsAppliance;
  readonly report: Report;
}

export function Figures({ appliance, report }: FiguresProps): ReactElement {
  const say = useWords(networkWords);
  const { fill } = report;
  const problem = report.trouble !== "" ? report.trouble : fill.lastProblem;
  return (
    <>
      <Bars appliance={appliance} report={report} />
      <p className="faint counts">
        {countsOf(report, say).map((count) => (
          <span key={count}>{count}</span>
        ))}
      </p>
      {problem !== "" && (
        <p className="problem">
          <span className="unseen">{say("lastProblem")}</span>
          <span lang="en" dir="auto">
            {problem}
          </span>
        </p>
      )}
    </>
  );
}

export function Bars({ appliance, report }: FiguresProps): ReactElement {
  const say = useWords(networkWords);
  const { load, disk, fill } = report;
  const [peers, origin] = [fill.bytesFromPeers, fill.bytesFromOrigin];
  return (
    <>
      <Bar
        name={say("load")}
        parts={[{ name: "load", value: load.bitsPerSecond }]}
        whole={appliance.throughputBps}
        text={say("of", {
          part: formatRate(load.bitsPerSecond),
          whole: formatRate(appliance.throughputBps),
        })}
      />
      <Bar
        name={say("disk")}
        parts={[{ name: "used", value: disk.usedBytes }]}
        whole={disk.budgetBytes}
        text={say("of", { part: formatBytes(disk.usedBytes), whole: formatBytes(disk.budgetBytes) })}
      />
      <Bar
        name={say("verified")}
        parts={[{ name: "verified", value: appliance.verifiedFiles }]}
        whole={appliance.wantedFiles}
        text={say("filesOf", { part: appliance.verifiedFiles, whole: appliance.wantedFiles })}
      />
      <Bar
        name={say("peersOrigin")}
        parts={[
          { name: "peers", value: peers },
          { name: "origin", value: origin },
        ]}
        whole={peers + origin}
        text={say("both", { peers: formatBytes(peers), origin: formatBytes(origin) })}
      />
    </>
  );
}

function countsOf({ nginx, load, disk, fill, scrub, misses, tls }: Report, say: Say): readonly string[] {
  const seen = tls?.seen;
  return [
    `nginx ${nginx}`,
    say("connections", { n: load.connections }),
    say("requests", { n: load.requests }),
    say("errors", { n: load.errors }),
    say("queued", { n: fill.queued }),
    say("rejected", { n: fill.rejected }),
    ...(disk.readMs === undefined ? [] : [say("perRead", { ms: disk.readMs.toFixed(1) })]),
    ...(misses === undefined ? [] : [say("misses", { n: misses.total })]),
    ...(seen === undefined ? [] : [say("kernelTls", { kernel: seen.kernel, n: seen.connections })]),
    ...(scrub === undefined || scrub.rotten === 0 ? [] : [say("rotten", { n: scrub.rotten })]),
  ];
}
