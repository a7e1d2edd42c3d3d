// One title's encode report: what was tried, what was chosen, and what it saved.
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { digits, formatBytes, formatDuration, formatLength, formatRate } from "#web/format.ts";
import { Loading } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { type Say, useWords } from "#web/words/say.ts";
import type { OpsEncode, OpsTitles } from "#wire/ops.ts";
import { getOpsTitles, getOpsTitlesByIdEncode } from "./client.ts";
import type { encodeEn } from "./encode-en.ts";
import { Shots } from "./encode-shots.tsx";
import { encodeWords } from "./encode-words.ts";
import { metricName, metricSentence, rangeWords } from "./hull.ts";
import { LadderFigure } from "./hull-figure.tsx";
import { Facts, Panel, PanelTrouble } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 10_000;
/** A report is large and only changes when the title is encoded again. */
const reportEveryMs = 60_000;

export function EncodePanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(encodeWords);
  const [chosen, setChosen] = useState<string>();
  const asked = getOpsTitles();
  const titles = useResource({ ...asked, everyMs });
  const known = titles.value?.titles ?? [];
  const title = known.find((one) => one.id === chosen) ?? known[0];
  const encode = getOpsTitlesByIdEncode(title?.id ?? "");
  const path = title === undefined ? undefined : encode.path;
  const report = useResource({ ...encode, path, everyMs: reportEveryMs });
  return (
    <Panel id="encode" title={say("report")} path={path ?? asked.path} email={email} resource={titles}>
      {() =>
        title === undefined ? (
          <p className="soft">{say("noTitle")}</p>
        ) : (
          <>
            <TitleChoice titles={known} title={title} choose={setChosen} />
            {report.error !== undefined && <PanelTrouble error={report.error} retry={report.reload} />}
            {report.value === undefined && report.error === undefined && <Loading what={say("fetching")} />}
            {report.value !== undefined && <Report key={title.id} titleId={title.id} report={report.value} />}
          </>
        )
      }
    </Panel>
  );
}

type OpsTitle = OpsTitles["titles"][number];

interface ChoiceProps {
  readonly titles: readonly OpsTitle[];
  readonly title: OpsTitle;
  readonly choose: (id: string) => void;
}

function TitleChoice({ titles, title, choose }: ChoiceProps): ReactElement {
  const say = useWords(encodeWords);
  const id = useId();
  const length = formatLength(title.durationMs);
  return (
    <p className="choice">
      <label htmlFor={id}>{say("title")}</label>
      <select id={id} value={title.id} onChange={(event) => choose(event.target.value)}>
        {titles.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      <span className="faint">
        {say("titleFacts", { length, bytes: formatBytes(title.bytes), count: title.renditions })}
      </span>
    </p>
  );
}

interface ReportProps {
  readonly titleId: string;
  readonly report: OpsEncode;
}

function Report({ titleId, report }: ReportProps): ReactElement {
  const say = useWords(encodeWords);
  const { source } = report;
  const values = { metric: metricSentence(report.metric), width: source.width, height: source.height };
  const sound = source.hasAudio ? "yes" : "no";
  return (
    <>
      <Saved report={report} />
      <p className="soft">{say("qualityIs", { ...values, fps: digits(source.fps), sound })}</p>
      <div className="side-by-side">
        <LadderTable report={report} />
        <LadderFigure report={report} />
      </div>
      <Shots titleId={titleId} report={report} />
    </>
  );
}

const baselines = [
  ["fixedLadder", "againstFixed"],
  ["fixedCrfNative", "againstNative"],
  ["perTitleHull", "againstPerTitle"],
  ["netflix2015", "againstNetflix"],
  ["peertube", "againstPeertube"],
] as const;

function Saved({ report }: { readonly report: OpsEncode }): ReactElement {
  const say = useWords(encodeWords);
  const quality = metricName(report.metric);
  const saved = baselines.flatMap(([name, words]) => {
    const rate = report.bdRatePercent[name];
    if (rate === undefined) return [];
    const older = name === "fixedLadder" ? undefined : report.bdRateFrom;
    const from = report.bdRatesFrom?.[name] ?? older ?? "trials";
    const hint = say(from === "trials" ? "fromTrials" : "fromFinished", { quality });
    return [[say(words), savedWords(say, rate), hint] as const];
  });
  const paid = (report.economics?.against ?? []).slice(0, 1).map(({ label, breakEvenPlays }) => {
    const plays = breakEvenPlays === null ? say("never") : say("plays", { count: Math.ceil(breakEvenPlays) });
    return [say("breakEven"), plays, say("breakEvenHint", { against: label })] as const;
  });
  return (
    <>
      <h3>{say("saved")}</h3>
      <Facts
        facts={[
          ...saved,
          ...paid,
          [say("encodes"), say("encodesOf", { run: report.encodesRun, reused: report.encodesReused })],
          [say("exhaustive"), String(report.encodesExhaustive)],
          [say("time"), formatDuration(report.wallSeconds * 1000)],
          [say("processors"), formatDuration(report.cpuSeconds * 1000)],
          [say("effort"), report.effort],
        ]}
      />
    </>
  );
}

/** A Bjøntegaard rate as words: negative is fewer bits at equal quality. */
function savedWords(say: Say<typeof encodeEn>, bdRatePercent: number | null): string {
  if (bdRatePercent === null) return say("incomparable");
  if (Math.abs(bdRatePercent) < 0.05) return say("same");
  return say(bdRatePercent < 0 ? "fewer" : "more", { percent: digits(Math.abs(bdRatePercent)) });
}

function LadderTable({ report }: { readonly report: OpsEncode }): ReactElement {
  const say = useWords(encodeWords);
  return (
    <Wide>
      <table>
        <caption>{say("ladder")}</caption>
        <thead>
          <tr>
            <th scope="col">{say("rung")}</th>
            <th scope="col">{say("picture")}</th>
            <th scope="col" className="number">
              {say("rate")}
            </th>
            <th scope="col" className="number">
              {metricName(report.metric)}
            </th>
            <th scope="col" className="number" title={say("crfHint")}>
              CRF
            </th>
          </tr>
        </thead>
        <tbody>
          {report.ladder.map((rung) => (
            <tr key={rung.id}>
              <th scope="row">{rung.id}</th>
              <td>
                {rung.width}×{rung.height} <span className="faint">{rung.codec}</span>
              </td>
              <td className="number">{formatRate(rung.bitrateBps)}</td>
              <td className="number">{digits(rung.quality)}</td>
              <td className="number">{rangeWords(rung.crf)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
