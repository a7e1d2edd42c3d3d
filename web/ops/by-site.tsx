// Small multiples: what each site sent in the last hour and how much of it the origin was spared, then the busiest appliances.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatBytes, formatRate, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMisses } from "#wire/misses.ts";
import { getOpsMisses, getOpsSeries } from "./client.ts";
import { hourMs, type Line, linesOf, offloadOf } from "./overview-figures.ts";
import { overviewWords } from "./overview-words.ts";
import { Panel } from "./panel.tsx";
import { Spark } from "./spark.tsx";

const everyMs = 15_000;
const mostSites = 12;
const mostBoxes = 12;

export function BySitePanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsMisses({});
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="by-site" title={say("bySite")} path={asked.path} email={email} resource={resource}>
      {(value) =>
        value.sites.length === 0 ? (
          <p className="soft">{say("bySiteEmpty")}</p>
        ) : (
          <ul className="multiples">
            {value.sites.slice(0, mostSites).map((site) => (
              <SiteCell key={site.site} answer={value} site={site} />
            ))}
          </ul>
        )
      }
    </Panel>
  );
}

interface SiteProps {
  readonly answer: OpsMisses;
  readonly site: OpsMisses["sites"][number];
}

function SiteCell({ answer, site }: SiteProps): ReactElement {
  const say = useWords(overviewWords);
  const { bytes, share, missed } = offloadOf(answer, site.site);
  const known = site.windows.filter(({ startMs }) => startMs >= answer.untilMs - hourMs);
  const sent = share.points.map(({ atMs }) => ({
    atMs,
    value: known.find(({ startMs }) => startMs + answer.stepMs === atMs)?.all ?? null,
  }));
  const most = Math.max(0, ...sent.map(({ value }) => value ?? 0));
  const { content, health, other } = missed;
  return (
    <li>
      <h3>
        <bdi>{site.site}</bdi>
      </h3>
      <p className="counts">
        <span>{say("bytesSent", { bytes: formatBytes(bytes) })}</span>
        {share.whole !== null && <span>{say("offloaded", { share: formatShare(share.whole) })}</span>}
      </p>
      <Spark label={say("hourLine", { name: site.site, most: formatBytes(most) })} points={sent} />
      <p className="faint">
        {content + health + other === 0
          ? say("noMisses")
          : say("missedBecause", {
              content: formatBytes(content),
              health: formatBytes(health),
              other: formatBytes(other),
            })}
      </p>
    </li>
  );
}

export function ByAppliancePanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(overviewWords);
  const q = `name,millrace_appliance_sent_bits_per_second,:eq,(,appliance,),:by,max,${mostBoxes},:topk`;
  const asked = getOpsSeries({ q, s: "e-1h" });
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="by-appliance" title={say("byAppliance")} path={asked.path} email={email} resource={resource}>
      {(value) => {
        const lines = linesOf(value).filter(({ last }) => last !== null);
        if (lines.length === 0) return <p className="soft">{say("byApplianceEmpty")}</p>;
        return (
          <>
            <p className="faint">{say("busiest", { n: lines.length })}</p>
            <ul className="multiples">
              {lines.map((line) => (
                <BoxCell key={line.label} line={line} />
              ))}
            </ul>
          </>
        );
      }}
    </Panel>
  );
}

function BoxCell({ line: { label, last, points } }: { readonly line: Line }): ReactElement {
  const say = useWords(overviewWords);
  const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
  return (
    <li>
      <h3>
        <Link to="/ops/appliances/$id" params={{ id: label }}>
          <bdi>{label}</bdi>
        </Link>
      </h3>
      <p className="counts">
        <span>{say("sentLast", { rate: formatRate(last?.value ?? 0) })}</span>
      </p>
      <Spark label={say("hourLine", { name: label, most: formatRate(most) })} points={points} />
    </li>
  );
}
