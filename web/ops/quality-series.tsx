// One measure over time, a line for each of the groups with the most plays; windows that are not closed yet are not drawn, and said.
import type { ReactElement } from "react";
import { useCallback, useId, useState } from "react";
import { linesFigure } from "#draw/lines.ts";
import { digits, formatDuration, formatPercent, formatRate } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsQuality, QualityFigures } from "#wire/quality.ts";
import { getOpsQoe } from "./client.ts";
import { Figure } from "./figure.tsx";
import { Panel } from "./panel.tsx";
import { Choice, type Dimension, dimensions } from "./quality-breakdown.tsx";
import { qualityWords } from "./quality-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 15_000;
/** As many as there are colours. */
const mostLines = 6;

const drawn = [
  "startupMedian",
  "startupSlow",
  "stallRatio",
  "startFailureRatio",
  "bitrate",
  "plays",
] as const;
type Drawn = (typeof drawn)[number];

const writes: Readonly<Record<Drawn, (value: number) => string>> = {
  startupMedian: formatDuration,
  startupSlow: formatDuration,
  stallRatio: (ratio) => formatPercent(100 * ratio),
  startFailureRatio: (ratio) => formatPercent(100 * ratio),
  bitrate: formatRate,
  plays: digits,
};

export function SeriesPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(qualityWords);
  const id = useId();
  const [by, setBy] = useState<Dimension>("appliance");
  const [measure, setMeasure] = useState<Drawn>("startupMedian");
  const asked = getOpsQoe({ by, step: "60" });
  const resource = useResource({ ...asked, everyMs });
  const pick = (text: string): void => setMeasure(drawn.find((one) => one === text) ?? measure);
  const question = (
    <p className="choice">
      <Choice label={say("by")} value={by} choose={setBy} among={dimensions} />
      <label htmlFor={id}>{say("measure")}</label>
      <select id={id} value={measure} onChange={(event) => pick(event.target.value)}>
        {drawn.map((one) => (
          <option key={one} value={one}>
            {say(`s_${one}`)}
          </option>
        ))}
      </select>
      <a href={`#def-${measure}`}>{say("meaning")}</a>
    </p>
  );
  return (
    <Panel
      id="over-time"
      title={say("overTime")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(value) => <Series value={value} measure={measure} />}
    </Panel>
  );
}

interface SeriesProps {
  readonly value: OpsQuality;
  readonly measure: Drawn;
}

function Series({ value, measure }: SeriesProps): ReactElement {
  const say = useWords(qualityWords);
  const { locale } = useLanguage();
  const groups = value.groups.slice(0, mostLines);
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  const draw = useCallback(
    (width: number): Element =>
      linesFigure(
        value.groups.slice(0, mostLines).map(({ key, windows }) => ({
          name: key,
          points: windows.flatMap((window) => {
            const found = window[measure];
            return found === null ? [] : [{ atMs: window.startMs, value: found }];
          }),
        })),
        {
          fromMs: value.fromMs,
          untilMs: value.untilMs,
          settledUntilMs: value.settledUntilMs ?? value.fromMs,
        },
        writes[measure],
        { width },
      ),
    [value, measure],
  );
  const write = (figures: QualityFigures): string => {
    const found = figures[measure];
    return found === null ? "–" : writes[measure](found);
  };
  if (groups.length === 0) return <p className="soft">{say("nothingYet")}</p>;
  const settled = value.settledUntilMs;
  return (
    <>
      <p className="legend">
        {groups.map(({ key }, at) => (
          <span key={key}>
            <i className={`key height-${at + 1}`} /> {key === "" ? say("unknown") : key}
          </span>
        ))}
      </p>
      <Figure
        label={say("seriesFigure", { measure: say(`s_${measure}`), count: groups.length })}
        draw={draw}
      />
      <p className="soft">
        {settled === null
          ? say("noneSettled")
          : say("soFar", { until: clock.format(settled), now: clock.format(value.untilMs) })}{" "}
        <span lang="en" dir="auto">
          {value.waitingFor}
        </span>{" "}
        {groups.some(({ whole }) => whole.estimates > 0) && say("estimates")}
      </p>
      <Wide>
        <table>
          <caption className="unseen">{say("overTime")}</caption>
          <thead>
            <tr>
              <th scope="col">{say(value.by)}</th>
              <th scope="col" className="number">
                {say("m_plays")}
              </th>
              <th scope="col" className="number">
                {say("wholeSoFar", { measure: say(`s_${measure}`) })}
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map(({ key, whole }) => (
              <tr key={key}>
                <th scope="row">{key === "" ? say("unknown") : key}</th>
                <td className="number">{whole.plays}</td>
                <td className="number">{write(whole)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}
