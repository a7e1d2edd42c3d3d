// The plan's pictures: who owns what, how each server is loaded, where the cutoff lies, what plans moved.
import type { ReactElement } from "react";
import { useCallback } from "react";
import { churnFigure } from "#draw/churn.ts";
import { drawnServers, loadFigure } from "#draw/load.ts";
import { ringFigure } from "#draw/ring.ts";
import { digits, formatBytes, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { type Say, useWords } from "#web/words/say.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import type { OpsPlacementChurn } from "#wire/ops-placement.ts";
import { getOpsPlacementChurn } from "./client.ts";
import { Figure } from "./figure.tsx";
import { CopyCurl, PanelTrouble } from "./panel.tsx";
import type { placementEn } from "./placement-en.ts";
import { placementWords } from "./placement-words.ts";

interface PlanProps {
  readonly plan: OpsPlacement;
}

const kinds = ["fast", "even", "large"] as const;

/** The hash circle as uniform hashing would divide it, beside this plan's bands. */
export function Rings({ plan }: PlanProps): ReactElement | null {
  const say = useWords(placementWords);
  const { servers, uniform, bands } = plan.pictures;
  const drawUniform = useCallback(
    (width: number): Element =>
      ringFigure({ circles: [{ name: say("circle"), arcs: uniform.arcs }], servers }, { width }),
    [uniform, servers, say],
  );
  const drawBands = useCallback(
    (width: number): Element => {
      const circles = bands.map((band, i) => ({ name: bandName(say, i, bands.length), arcs: band.arcs }));
      return ringFigure({ circles, servers }, { width });
    },
    [bands, servers, say],
  );
  if (servers.length === 0) return null;
  const words = bands.map(({ from, to, traffic }, i) => {
    const values = { band: bandName(say, i, bands.length), from: digits(from), to: digits(to) };
    if (traffic === undefined) return say("bandDepths", values);
    return say("bandCarries", { ...values, share: formatShare(traffic) });
  });
  const present = kinds.filter((kind) => servers.some((one) => one.kind === kind));
  return (
    <>
      <div className="side-by-side">
        <div>
          <h3>{say("uniform")}</h3>
          <Figure
            label={say("uniformFigure", { tokens: uniform.tokensEach, servers: servers.length })}
            draw={drawUniform}
          />
          <p className="soft">{say("uniformMeans", { tokens: uniform.tokensEach })}</p>
        </div>
        <div>
          <h3>{say("thisPlan")}</h3>
          <Figure label={say("planFigure", { bands: words.join("; ") })} draw={drawBands} />
          <p className="soft">
            {say(bands.length === 1 ? "belowHead" : "belowHeadInside", { bands: words.join("; ") })}
          </p>
        </div>
      </div>
      <p className="legend">
        {present.map((kind) => (
          <span key={kind}>
            <i className={`key ${kind}`} /> {say(`kind_${kind}`)}
          </span>
        ))}
      </p>
    </>
  );
}

function bandName(say: Say<typeof placementEn>, index: number, bands: number): string {
  if (bands === 1) return say("wholeCatalogue");
  if (bands === 2) return say(index === 0 ? "popularBand" : "tail");
  return say("bandNumber", { number: index + 1 });
}

/** A server is well loaded when its traffic bar is as long as its throughput bar. */
export function Load({ plan }: PlanProps): ReactElement | null {
  const say = useWords(placementWords);
  const { servers } = plan.pictures;
  const draw = useCallback((width: number): Element => loadFigure(servers, { width }), [servers]);
  if (servers.length === 0) return null;
  const left = servers.length - drawnServers(servers).length;
  return (
    <div>
      <h3>{say("loadHead")}</h3>
      <p className="legend">
        <span>
          <i className="key storage" /> {say("ofStored")}
        </span>
        <span>
          <i className="key traffic" /> {say("ofPredicted")}
        </span>
        <span>
          <i className="key throughput" /> {say("ofThroughput")}
        </span>
        <span className="faint">{say("atTheEnd")}</span>
      </p>
      <Figure label={say("loadFigure")} draw={draw} />
      {left > 0 && <p className="faint">{say("busiestDrawn", { left })}</p>}
    </div>
  );
}

const churnEveryMs = 60_000;

/** Of its own: plans that moved files are kept long after the one in force. */
export function Churn({ email }: { readonly email: string }): ReactElement {
  const say = useWords(placementWords);
  const asked = getOpsPlacementChurn();
  const { value, error, reload } = useResource({ ...asked, everyMs: churnEveryMs });
  return (
    <div>
      <h3>
        {say("churnByDay")} <CopyCurl path={asked.path} email={email} />
      </h3>
      {error !== undefined && value === undefined && <PanelTrouble error={error} retry={reload} />}
      {value !== undefined && <ChurnDays days={value.days} />}
    </div>
  );
}

function ChurnDays({ days }: OpsPlacementChurn): ReactElement {
  const say = useWords(placementWords);
  const draw = useCallback(
    (width: number): Element =>
      churnFigure(
        days.map(({ startMs, bytes }) => ({ label: new Date(startMs).toISOString().slice(0, 10), bytes })),
        { width },
      ),
    [days],
  );
  if (days.length === 0) {
    return <p className="soft">{say("nothingMoved")}</p>;
  }
  const moved = days.reduce((sum, day) => sum + day.bytes, 0);
  const plans = days.reduce((sum, day) => sum + day.plans, 0);
  const words = say("movedIn", { bytes: formatBytes(moved), days: days.length, plans });
  return (
    <>
      <Figure label={say("churnFigure", { words })} draw={draw} />
      <p className="soft">{say("churnMeaning", { words })}</p>
    </>
  );
}
