// One measure over time, a line for each of the groups with the most plays; windows that are not closed yet are not drawn, and said.
import type { ReactElement } from "react";
import { useId, useMemo, useState } from "react";
import { digits, formatDuration, formatPercent, formatRate } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsQuality, QualityFigures } from "#wire/quality.ts";
import { Chart } from "./chart.tsx";
import type { ChartBand } from "./chart-canvas.ts";
import type { ChartLine } from "./chart-data.ts";
import { getOpsQoe } from "./client.ts";
import { Panel } from "./panel.tsx";
import { Choice, type Dimension, dimensions } from "./quality-breakdown.tsx";
import { qualityWords } from "./quality-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 15_000;
/** As many as there are colours. */
const colours = ["height-1", "height-2", "height-3", "height-4", "height-5", "height-6"] as const;
const mostLines = colours.length;
/** A hole of more than so much is one. */
const holeMs = 180_000;

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

function linesOf({ groups }: OpsQuality, measure: Drawn, unknown: string): readonly ChartLine[] {
  return groups.slice(0, mostLines).map(({ key, windows }, at) => ({
    name: key === "" ? unknown : key,
    colour: colours[at] ?? "height-1",
    points: windows.flatMap((window) => {
      const found = window[measure];
      return found === null ? [] : [{ atMs: window.startMs, value: found }];
    }),
  }));
}

/** What is not whole yet. */
function openBand({ settledUntilMs, fromMs, untilMs }: OpsQuality): readonly ChartBand[] {
  const startMs = settledUntilMs ?? fromMs;
  return startMs < untilMs ? [{ fromMs: startMs, untilMs, colour: "line" }] : [];
}

interface SeriesProps {
  readonly value: OpsQuality;
  readonly measure: Drawn;
}

function Series({ value, measure }: SeriesProps): ReactElement {
  const say = useWords(qualityWords);
  const { locale } = useLanguage();
  const groups = value.groups.slice(0, mostLines);
  const settled = value.settledUntilMs;
  const bands = useMemo(() => openBand(value), [value]);
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  const lines = useMemo(() => linesOf(value, measure, say("unknown")), [value, measure, say]);
  const write = (figures: QualityFigures): string => {
    const found = figures[measure];
    return found === null ? "–" : writes[measure](found);
  };
  if (groups.length === 0) return <p className="soft">{say("nothingYet")}</p>;
  return (
    <>
      <Chart
        label={say("seriesFigure", { measure: say(`s_${measure}`), count: groups.length })}
        lines={lines}
        write={writes[measure]}
        {...{ fromMs: value.fromMs, untilMs: value.untilMs, height: 220, holeMs, bands }}
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
