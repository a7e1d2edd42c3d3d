// One title's encode report: what was tried, what was chosen, and what it saved.
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { digits, formatBytes, formatCount, formatDuration, formatLength, formatRate } from "#web/format.ts";
import { Loading } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import type { OpsEncode, OpsTitles } from "#wire/ops.ts";
import { getOpsTitles, getOpsTitlesByIdEncode } from "./client.ts";
import { heightsOf, metricName, metricSentence, rangeWords, savedWords } from "./hull.ts";
import { HullFigure, LadderFigure } from "./hull-figure.tsx";
import { Facts, More, Panel, PanelTrouble } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 10_000;
/** A report is large and only changes when the title is encoded again. */
const reportEveryMs = 60_000;
const shotsPerPage = 12;

export function EncodePanel({ email }: { readonly email: string }): ReactElement {
  const [chosen, setChosen] = useState<string>();
  const asked = getOpsTitles();
  const titles = useResource({ ...asked, everyMs });
  const known = titles.value?.titles ?? [];
  const title = known.find((one) => one.id === chosen) ?? known[0];
  const encode = getOpsTitlesByIdEncode(title?.id ?? "");
  const path = title === undefined ? undefined : encode.path;
  const report = useResource({ ...encode, path, everyMs: reportEveryMs });
  return (
    <Panel id="encode" title="Encode" path={path ?? asked.path} email={email} resource={titles}>
      {() =>
        title === undefined ? (
          <p className="soft">No title yet. Bring one in with npm start -- film.mp4</p>
        ) : (
          <>
            <TitleChoice titles={known} title={title} choose={setChosen} />
            {report.error !== undefined && <PanelTrouble error={report.error} retry={report.reload} />}
            {report.value === undefined && report.error === undefined && (
              <Loading what="Fetching the report" />
            )}
            {report.value !== undefined && <Report key={title.id} report={report.value} />}
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
  const id = useId();
  return (
    <p className="choice">
      <label htmlFor={id}>Title</label>
      <select id={id} value={title.id} onChange={(event) => choose(event.target.value)}>
        {titles.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      <span className="faint">
        {formatLength(title.durationMs)} · {formatBytes(title.bytes)} in{" "}
        {formatCount(title.renditions, "rendition", "renditions")}
      </span>
    </p>
  );
}

function Report({ report }: { readonly report: OpsEncode }): ReactElement {
  const quality = metricName(report.metric);
  return (
    <>
      <Facts
        facts={[
          [
            "Against every height at one CRF",
            savedWords(report.bdRatePercent.fixedLadder),
            `Predicted, at equal ${quality}`,
          ],
          [
            "Against one CRF, native size",
            savedWords(report.bdRatePercent.fixedCrfNative),
            `At equal ${quality}`,
          ],
          [
            "Against one hull per title",
            savedWords(report.bdRatePercent.perTitleHull),
            `At equal ${quality}`,
          ],
          ["Encodes", `${report.encodesRun} run, ${report.encodesReused} reused`],
          ["An exhaustive grid", formatCount(report.encodesExhaustive, "encode", "encodes")],
          ["Time", `${formatDuration(report.wallSeconds * 1000)} wall`],
          ["Processors", `${formatDuration(report.cpuSeconds * 1000)} CPU`],
          ["Effort", report.effort],
        ]}
      />
      <p className="soft">
        Quality is {metricSentence(report.metric)}. Source {report.source.width}×{report.source.height},{" "}
        {digits(report.source.fps)} frames a second, {report.source.hasAudio ? "with" : "without"} sound.
      </p>
      <div className="side-by-side">
        <LadderTable report={report} />
        <LadderFigure report={report} />
      </div>
      <Hulls report={report} />
    </>
  );
}

function LadderTable({ report }: { readonly report: OpsEncode }): ReactElement {
  return (
    <Wide>
      <table>
        <caption>Ladder</caption>
        <thead>
          <tr>
            <th scope="col">Rung</th>
            <th scope="col">Picture</th>
            <th scope="col" className="number">
              Rate
            </th>
            <th scope="col" className="number">
              {metricName(report.metric)}
            </th>
            <th scope="col" className="number" title="Lowest and highest CRF over the shots">
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

function Hulls({ report }: { readonly report: OpsEncode }): ReactElement {
  const [limit, setLimit] = useState(shotsPerPage);
  const shots = report.shots.slice(0, limit).map((shot, index) => ({ index, startFrame: shot.startFrame }));
  return (
    <>
      <h3>Hull of each shot</h3>
      <p className="legend">
        <span>
          <i className="key trial" /> trial
        </span>
        {heightsOf(report).map((height, index) => (
          <span key={height}>
            <i className={`key height-${(index % 6) + 1}`} /> {height}p on the hull
          </span>
        ))}
        <span>
          <i className="key ring" /> chosen for a rung
        </span>
      </p>
      <ul className="hulls">
        {shots.map(({ index, startFrame }) => (
          <li key={startFrame}>
            <HullFigure report={report} shot={index} />
          </li>
        ))}
      </ul>
      <More shown={shots.length} all={report.shots.length} onMore={() => setLimit(limit + shotsPerPage)} />
    </>
  );
}
