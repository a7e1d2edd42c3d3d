// P(D) with the plan's cutoff, and what another one would do: computed here, by the planner's equations.
import type { ReactElement } from "react";
import { useCallback, useId, useState } from "react";
import { demandFigure } from "#draw/demand-curve.ts";
import { digits, formatShare } from "#web/format.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsPlacement } from "#wire/ops.ts";
import { Figure } from "./figure.tsx";
import { Facts } from "./panel.tsx";
import { placementWords } from "./placement-words.ts";
import { whatIf } from "./what-if.ts";
import { Wide } from "./wide.tsx";

interface PlanProps {
  readonly plan: OpsPlacement;
}

/** Rows of weights; all servers are in the table below. */
const mostRows = 12;
const steps = 1000;

export function Cutoff({ plan }: PlanProps): ReactElement | null {
  const say = useWords(placementWords);
  const [tried, setTried] = useState(plan.cutoff);
  const { theory, cutoff } = plan;
  const draw = useCallback(
    (width: number): Element =>
      theory === undefined
        ? document.createElement("div")
        : demandFigure({ ...theory, cutoff, tried }, { width }),
    [theory, cutoff, tried],
  );
  if (theory === undefined) return null;
  if (theory.method === "one-band") {
    return (
      <div>
        <h3>{say("cutoffHead")}</h3>
        <p className="soft">{say("oneBand")}</p>
      </div>
    );
  }
  const feasible =
    theory.feasible === undefined
      ? say("noFeasible")
      : say("feasibleFrom", { low: digits(theory.feasible.low), high: digits(theory.feasible.high) });
  return (
    <div>
      <h3>{say("cutoffHead")}</h3>
      <p className="legend">
        {theory.feasible !== undefined && (
          <span>
            <i className="key ours" /> {say("feasible")}
          </span>
        )}
        <span>
          <i className="key gain" /> {say("gainKey")}
        </span>
        <span>
          <i className="key throughput" /> {say("largest")}
        </span>
      </p>
      <Figure label={say("cutoffFigure", { cutoff: digits(cutoff), feasible })} draw={draw} />
      <Tried plan={plan} tried={tried} choose={setTried} />
    </div>
  );
}

interface TriedProps extends PlanProps {
  readonly tried: number;
  readonly choose: (cutoff: number) => void;
}

function Tried({ plan, tried, choose }: TriedProps): ReactElement | null {
  const say = useWords(placementWords);
  const id = useId();
  const found = whatIf(plan, tried);
  if (found === undefined) return null;
  return (
    <>
      <p className="choice">
        <label htmlFor={id}>{say("whatIf")}</label>
        <input
          id={id}
          type="range"
          min={1}
          max={steps - 1}
          value={Math.round(tried * steps)}
          aria-valuetext={digits(tried)}
          onChange={(event) => choose(Number(event.target.value) / steps)}
        />
        <output htmlFor={id}>{digits(tried)}</output>
        <button type="button" className="quiet" onClick={() => choose(plan.cutoff)}>
          {say("asPlanned")}
        </button>
      </p>
      <Facts
        facts={[
          [say("triedShare"), formatShare(found.share)],
          [say("triedGain"), formatShare(found.gain)],
          [say("triedChurn"), found.churn === undefined ? "–" : say("times", { times: digits(found.churn) })],
        ]}
      />
      <p className={found.impossible === 0 ? "soft" : "problem"} aria-live="polite">
        {found.impossible === 0 ? say("possible") : say("impossible", { count: found.impossible })}
      </p>
      <Wide>
        <table>
          <caption>{say("weightsAt", { cutoff: digits(tried) })}</caption>
          <thead>
            <tr>
              <th scope="col">{say("server")}</th>
              <th scope="col" className="number">
                {say("alpha")}
              </th>
              <th scope="col" className="number">
                {say("beta")}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.weights.slice(0, mostRows).map(({ serverId, alpha, beta }) => (
              <tr key={serverId}>
                <th scope="row">{serverId}</th>
                <td className="number">{digits(alpha)}</td>
                <td className="number">{digits(beta)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}
