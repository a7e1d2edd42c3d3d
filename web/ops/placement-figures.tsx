// The plan's pictures: who owns what, how each server is loaded, where the cutoff lies, what plans moved.
import type { ReactElement } from "react";
import { useCallback } from "react";
import { churnFigure } from "#draw/churn.ts";
import { demandFigure } from "#draw/demand-curve.ts";
import { drawnServers, loadFigure } from "#draw/load.ts";
import { ringFigure } from "#draw/ring.ts";
import { digits, formatBytes, formatCount, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import type { OpsPlacementChurn } from "#wire/ops-placement.ts";
import { getOpsPlacementChurn } from "./client.ts";
import { Figure } from "./figure.tsx";
import { CopyCurl, PanelTrouble } from "./panel.tsx";

interface PlanProps {
  readonly plan: OpsPlacement;
}

const kinds = {
  fast: "fast: more of the throughput than of the storage",
  even: "even: about as much of both",
  large: "large: more of the storage than of the throughput",
} as const;

/** The hash circle as uniform hashing would divide it, beside this plan's bands. */
export function Rings({ plan }: PlanProps): ReactElement | null {
  const { servers, uniform, bands } = plan.pictures;
  const drawUniform = useCallback(
    (width: number): Element =>
      ringFigure({ circles: [{ name: "the circle", arcs: uniform.arcs }], servers }, { width }),
    [uniform, servers],
  );
  const drawBands = useCallback(
    (width: number): Element => {
      const circles = bands.map((band, i) => ({ name: bandName(i, bands.length), arcs: band.arcs }));
      return ringFigure({ circles, servers }, { width });
    },
    [bands, servers],
  );
  if (servers.length === 0) return null;
  const words = bands.map(({ from, to, traffic }, i) => {
    const carries = traffic === undefined ? "" : ` with ${formatShare(traffic)} of its traffic`;
    return `${bandName(i, bands.length)}, depths ${digits(from)} to ${digits(to)}${carries}`;
  });
  const present = (["fast", "even", "large"] as const).filter((kind) =>
    servers.some((one) => one.kind === kind),
  );
  return (
    <>
      <div className="side-by-side">
        <div>
          <h3>Uniform consistent hashing</h3>
          <Figure
            label={`Hash circle with ${uniform.tokensEach} tokens for each of ${servers.length} servers`}
            draw={drawUniform}
          />
          <p className="soft">
            {uniform.tokensEach} tokens a server: each owns about as much as any other, whatever its disk and
            its link.
          </p>
        </div>
        <div>
          <h3>This plan</h3>
          <Figure label={`Weights of the servers in each band: ${words.join("; ")}`} draw={drawBands} />
          <p className="soft">
            {bands.length === 1 ? "Below the head" : "Below the head, from the inside"}: {words.join("; ")}.
          </p>
        </div>
      </div>
      <p className="legend">
        {present.map((kind) => (
          <span key={kind}>
            <i className={`key ${kind}`} /> {kinds[kind]}
          </span>
        ))}
      </p>
    </>
  );
}

function bandName(index: number, bands: number): string {
  if (bands === 1) return "the whole catalogue";
  if (bands === 2) return index === 0 ? "the popular band" : "the tail";
  return `band ${index + 1}`;
}

/** A server is well loaded when its traffic bar is as long as its throughput bar. */
export function Load({ plan }: PlanProps): ReactElement | null {
  const { servers } = plan.pictures;
  const draw = useCallback((width: number): Element => loadFigure(servers, { width }), [servers]);
  if (servers.length === 0) return null;
  const left = servers.length - drawnServers(servers).length;
  return (
    <div>
      <h3>Load</h3>
      <p className="legend">
        <span>
          <i className="key storage" /> of the bytes stored
        </span>
        <span>
          <i className="key traffic" /> of the predicted traffic
        </span>
        <span>
          <i className="key throughput" /> of the throughput there is
        </span>
        <span className="faint">at the end: traffic ÷ throughput, 1 is the mean</span>
      </p>
      <Figure
        label="Share of storage, traffic and throughput of each server; the table below has the numbers"
        draw={draw}
      />
      {left > 0 && <p className="faint">The busiest are drawn, {left} are left out.</p>}
    </div>
  );
}

export function Cutoff({ plan }: PlanProps): ReactElement | null {
  const { theory, cutoff } = plan;
  const draw = useCallback(
    (width: number): Element =>
      theory === undefined ? nothing() : demandFigure({ ...theory, cutoff }, { width }),
    [theory, cutoff],
  );
  if (theory === undefined) return null;
  if (theory.method === "one-band") {
    return (
      <div>
        <h3>Cutoff</h3>
        <p className="soft">None: all files below the head are drawn alike.</p>
      </div>
    );
  }
  const feasible =
    theory.feasible === undefined
      ? "no cutoff is feasible without relaxation"
      : `feasible from ${digits(theory.feasible.low)} to ${digits(theory.feasible.high)}`;
  return (
    <div>
      <h3>Cutoff</h3>
      <p className="legend">
        {theory.feasible !== undefined && (
          <span>
            <i className="key ours" /> feasible: no weight is negative
          </span>
        )}
        <span>
          <i className="key gain" /> P(D) − D at the cutoff: the larger, the less a crossing moves
        </span>
        <span>
          <i className="key throughput" /> where it is largest
        </span>
      </p>
      <Figure
        label={`Share of traffic over share of stored bytes; cutoff at ${digits(cutoff)}, ${feasible}`}
        draw={draw}
      />
    </div>
  );
}

function nothing(): Element {
  return document.createElement("div");
}

const churnEveryMs = 60_000;

/** Of its own: plans that moved files are kept long after the one in force. */
export function Churn({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsPlacementChurn();
  const { value, error, reload } = useResource({ ...asked, everyMs: churnEveryMs });
  return (
    <div>
      <h3>
        Churn by day <CopyCurl path={asked.path} email={email} />
      </h3>
      {error !== undefined && value === undefined && <PanelTrouble error={error} retry={reload} />}
      {value !== undefined && <ChurnDays days={value.days} />}
    </div>
  );
}

function ChurnDays({ days }: OpsPlacementChurn): ReactElement {
  const draw = useCallback(
    (width: number): Element =>
      churnFigure(
        days.map(({ startMs, bytes }) => ({ label: new Date(startMs).toISOString().slice(0, 10), bytes })),
        { width },
      ),
    [days],
  );
  if (days.length === 0) {
    return <p className="soft">No plan after the first yet: nothing has moved.</p>;
  }
  const moved = days.reduce((sum, day) => sum + day.bytes, 0);
  const plans = days.reduce((sum, day) => sum + day.plans, 0);
  const words = `${formatBytes(moved)} in ${formatCount(days.length, "day", "days")} by ${formatCount(plans, "plan", "plans")}`;
  return (
    <>
      <Figure label={`Bytes that plans moved by day: ${words}`} draw={draw} />
      <p className="soft">
        {words}; days are UTC, and the first plan, which fills empty disks, does not count.
      </p>
    </>
  );
}
