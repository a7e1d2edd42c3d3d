// One decision in the rule's own words, with the figures it was held against, what each rung would have weighed, and what the rule
// would have chosen in another moment.
import type { ReactElement } from "react";
import type { Decided } from "#play/log.ts";
import { useWords } from "#web/words/say.ts";
import { clockText, rateText } from "./clock-text.ts";
import { drawerWords } from "./drawer-words.ts";
import { Icon } from "./icons.tsx";
import { arrivalOf, neighbourOf } from "./timeline-choice.ts";
import type { PlayerView } from "./view.ts";

interface DecisionProps {
  readonly view: PlayerView;
  /** Undefined: the newest. */
  readonly chosen: Decided | undefined;
  readonly onChoose: (decision: Decided | undefined) => void;
}

export function DecisionPanel({ view, chosen, onChoose }: DecisionProps): ReactElement {
  const say = useWords(drawerWords);
  const { decided } = view.log;
  const shown = chosen ?? decided.at(-1);
  return (
    <section className="pl-why">
      <h2>{shown === undefined ? say("whyNothing") : say("whyHeight", { height: `${shown.height}p` })}</h2>
      {shown === undefined && <p className="pl-because">{say("nothingYet")}</p>}
      {shown !== undefined && (
        <>
          <div className="pl-steps" dir="ltr">
            <button
              type="button"
              aria-label={say("earlier")}
              title={say("earlier")}
              onClick={() => onChoose(neighbourOf(decided, chosen, -1))}
            >
              <Icon name="back" />
            </button>
            <span className="pl-when" dir="auto">
              {say("when", { segment: shown.segment + 1, at: clockText(shown.atMs) })}
            </span>
            <button
              type="button"
              className="pl-forth"
              aria-label={say("later")}
              title={say("later")}
              onClick={() => onChoose(neighbourOf(decided, chosen, 1))}
            >
              <Icon name="back" />
            </button>
          </div>
          <p className="pl-because" lang="en" dir="auto" aria-live={chosen === undefined ? "off" : "polite"}>
            {shown.because}
          </p>
          {chosen !== undefined && (
            <button type="button" className="pl-newest" onClick={() => onChoose(undefined)}>
              {say("newest")}
            </button>
          )}
          <Figures view={view} decision={shown} />
          <Weights view={view} decision={shown} />
          <Others view={view} decision={shown} />
        </>
      )}
    </section>
  );
}

interface OneProps {
  readonly view: PlayerView;
  readonly decision: Decided;
}

function Figures({ view, decision }: OneProps): ReactElement {
  const say = useWords(drawerWords);
  const { bufferMs, maxBufferMs, grounds, estimateKbps, latencyMs, rule } = decision;
  const came = arrivalOf(view.log, decision);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    [say("rule"), rule],
    [say("bufferThen"), say("ofAtMost", { seconds: seconds(bufferMs), most: seconds(maxBufferMs) })],
    [say("map"), grounds?.mapKbps === undefined ? undefined : rateText(grounds.mapKbps)],
    [
      say("reserveThen"),
      grounds === undefined ? undefined : say("seconds", { seconds: seconds(grounds.reserveMs) }),
    ],
    [
      say("cushionThen"),
      grounds?.topMs === undefined ? undefined : say("seconds", { seconds: seconds(grounds.topMs) }),
    ],
    [say("floorThen"), grounds?.floorKbps === undefined ? undefined : rateText(grounds.floorKbps)],
    [say("estimate"), estimateKbps === undefined ? say("notMeasured") : rateText(estimateKbps)],
    [say("latency"), say("milliseconds", { ms: Math.round(latencyMs) })],
    [
      say("arrived"),
      came === undefined
        ? say("underWay")
        : say("arrivedHow", {
            size: (came.bytes / 1e6).toFixed(2),
            seconds: (came.ms / 1000).toFixed(2),
            source: came.sourceId,
          }),
    ],
  ];
  return (
    <dl className="pl-facts">
      {rows.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Weights({ view, decision }: OneProps): ReactElement | null {
  const say = useWords(drawerWords);
  const { film } = view;
  const bits = film?.segments.bits[decision.segment];
  if (film === undefined || bits === undefined) return null;
  const scores = film.segments.vmaf?.[decision.segment];
  const ms = film.segments.durationMs[decision.segment] ?? 1;
  return (
    <table className="pl-weights">
      <caption>{say("sizes")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("rung")}</th>
          <th scope="col">{say("size")}</th>
          <th scope="col">{say("rate")}</th>
          {scores !== undefined && <th scope="col">{say("vmaf")}</th>}
        </tr>
      </thead>
      <tbody>
        {bits
          .map((size, rung) => (
            <tr
              key={film.ladder.ids[rung]}
              className={rung === decision.rung ? "pl-taken" : rung > decision.maxRung ? "pl-over" : ""}
            >
              <th scope="row">
                {film.ladder.names[rung]}
                {rung === decision.rung && <small> {say("chosenRung")}</small>}
                {rung > decision.maxRung && <small> {say("overCap")}</small>}
              </th>
              <td>
                <bdi>{(size / 8e6).toFixed(2)} MB</bdi>
              </td>
              <td>
                <bdi>{rateText(size / ms)}</bdi>
              </td>
              {scores !== undefined && <td>{(scores[rung] ?? 0).toFixed(1)}</td>}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  );
}

function Others({ view, decision }: OneProps): ReactElement {
  const say = useWords(drawerWords);
  const name = (rung: number): string => view.film?.ladder.names[rung] ?? "–";
  return (
    <>
      <h3>{say("otherwise")}</h3>
      <dl className="pl-facts">
        {decision.otherwise.map(({ when, rung }) => (
          <div key={when}>
            <dt>{say(when)}</dt>
            <dd>{rung === decision.rung ? say("theSame") : name(rung)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
