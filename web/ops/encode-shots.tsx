// The shots of a film: the whole at a glance, a strip of pictures to pick one from, and the hull of the one that was picked.
import type { ReactElement } from "react";
import { useCallback, useMemo, useRef, useState } from "react";
import { digits, formatClock, formatDuration, formatRate } from "#web/format.ts";
import type { Tile } from "#web/player/storyboard.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsEncode } from "#wire/ops.ts";
import { download, svgText } from "./download.ts";
import { encodeWords } from "./encode-words.ts";
import { Figure } from "./figure.tsx";
import { chosenPoints, heightsOf, metricName } from "./hull.ts";
import { filmPlot, HullFigure } from "./hull-figure.tsx";
import { hullCsv, type ShotFacts, shotFacts } from "./shots.ts";
import { tileOf, useStoryboard } from "./storyboard-tiles.ts";
import { Wide } from "./wide.tsx";

interface ShotsProps {
  readonly titleId: string;
  readonly report: OpsEncode;
}

/** Cells that are drawn at once: a film of three hours has thousands of shots. */
const cellsPerPage = 48;

export function Shots({ titleId, report }: ShotsProps): ReactElement | null {
  const say = useWords(encodeWords);
  const shots = useMemo(() => shotFacts(report), [report]);
  const tiles = useStoryboard(titleId);
  const [picked, setPicked] = useState(0);
  const shot = shots[picked];
  if (shot === undefined) return null;
  const pick = (index: number): void => setPicked(Math.min(shots.length - 1, Math.max(0, index)));
  return (
    <section className="shots" aria-labelledby="shots-heading">
      <h3 id="shots-heading">{say("shots", { count: shots.length })}</h3>
      <WholeFilm shots={shots} />
      <Strip report={report} shots={shots} tiles={tiles} picked={picked} pick={pick} />
      <Picked key={titleId} report={report} shot={shot} all={shots.length} pick={pick} />
    </section>
  );
}

function WholeFilm({ shots }: { readonly shots: readonly ShotFacts[] }): ReactElement | null {
  const say = useWords(encodeWords);
  const draw = useCallback((width: number): Element => filmPlot(shots, width), [shots]);
  const dearest = shots.reduce<ShotFacts | undefined>(
    (most, shot) => ((shot.dear ?? 0) > (most?.dear ?? 0) ? shot : most),
    undefined,
  );
  if (dearest?.dear === undefined) return null;
  const values = { count: shots.length, dearest: dearest.index + 1, times: digits(dearest.dear) };
  return (
    <div>
      <p className="faint">{say("film_")}</p>
      <Figure label={say("filmFigure", values)} draw={draw} />
    </div>
  );
}

interface StripProps {
  readonly report: OpsEncode;
  readonly shots: readonly ShotFacts[];
  readonly tiles: readonly Tile[];
  readonly picked: number;
  readonly pick: (index: number) => void;
}

function Strip({ report, shots, tiles, picked, pick }: StripProps): ReactElement {
  const say = useWords(encodeWords);
  const from = Math.floor(picked / cellsPerPage) * cellsPerPage;
  const to = Math.min(shots.length, from + cellsPerPage);
  const most = useMemo(
    () => shots.reduce((high, { bits }) => bits.reduce<number>((a, b) => Math.max(a, b ?? 0), high), 0),
    [shots],
  );
  return (
    <>
      <p className="soft">{say("shotsHint")}</p>
      <ol className="strip" start={from + 1}>
        {shots.slice(from, to).map((shot) => (
          <li key={shot.index}>
            <Cell
              report={report}
              shot={shot}
              tile={tileOf(tiles, shot.startMs, shot.seconds)}
              most={most}
              isPicked={shot.index === picked}
              pick={pick}
            />
          </li>
        ))}
      </ol>
      {shots.length > cellsPerPage && (
        <p className="choice">
          <button
            type="button"
            className="quiet"
            disabled={from === 0}
            onClick={() => pick(from - cellsPerPage)}
          >
            {say("earlier")}
          </button>
          <span className="faint">{say("shown", { from: from + 1, to, all: shots.length })}</span>
          <button
            type="button"
            className="quiet"
            disabled={to === shots.length}
            onClick={() => pick(from + cellsPerPage)}
          >
            {say("later")}
          </button>
        </p>
      )}
    </>
  );
}

interface CellProps {
  readonly report: OpsEncode;
  readonly shot: ShotFacts;
  readonly tile: Tile | undefined;
  readonly most: number;
  readonly isPicked: boolean;
  readonly pick: (index: number) => void;
}

function Cell({ report, shot, tile, most, isPicked, pick }: CellProps): ReactElement {
  const say = useWords(encodeWords);
  const { width, height } = report.source;
  const rows = shot.bits.length;
  const words = shot.bits.map((bits, at) => {
    const { id } = report.ladder[at] ?? { id: "" };
    return `${id} ${bits === undefined ? "–" : formatRate(bits).replace("/s", "")}`;
  });
  return (
    <button
      type="button"
      className="cell"
      aria-pressed={isPicked}
      title={words.join("\n")}
      onClick={() => pick(shot.index)}
    >
      {tile === undefined ? (
        <svg className="thumb" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />
      ) : (
        <svg
          className="thumb"
          viewBox={`${tile.x} ${tile.y} ${tile.width} ${tile.height}`}
          aria-hidden="true"
        >
          <image href={tile.url} />
        </svg>
      )}
      <svg className="bits" viewBox={`0 0 100 ${3 * rows}`} preserveAspectRatio="none" aria-hidden="true">
        {shot.bits.map((bits, at) => (
          <rect
            key={report.ladder[at]?.id}
            className={`height-${(heightsOf(report).indexOf(report.ladder[at]?.height ?? 0) % 6) + 1}`}
            y={3 * at}
            width={most === 0 ? 0 : (100 * (bits ?? 0)) / most}
            height={2}
          />
        ))}
      </svg>
      <span>
        <b>{shot.index + 1}</b> <span className="faint">{formatDuration(1000 * shot.seconds)}</span>
      </span>
      <span className="faint number" title={say("dearHint")}>
        {shot.dear === undefined ? "–" : say("dear", { times: digits(shot.dear) })}
      </span>
    </button>
  );
}

interface PickedProps {
  readonly report: OpsEncode;
  readonly shot: ShotFacts;
  readonly all: number;
  readonly pick: (index: number) => void;
}

function Picked({ report, shot, all, pick }: PickedProps): ReactElement {
  const say = useWords(encodeWords);
  const holder = useRef<HTMLDivElement>(null);
  const number = shot.index + 1;
  const saveSvg = (): void => {
    const figure = holder.current?.querySelector("svg");
    if (figure instanceof SVGElement) download(`hull-${number}.svg`, "image/svg+xml", svgText(figure));
  };
  return (
    <div className="picked">
      <div className="choice">
        <button type="button" className="quiet" disabled={number === 1} onClick={() => pick(shot.index - 1)}>
          {say("previous")}
        </button>
        <label>
          {say("goTo")}{" "}
          <input
            type="number"
            min={1}
            max={all}
            value={number}
            onChange={(event) => pick(Number(event.target.value) - 1)}
          />
        </label>
        <button
          type="button"
          className="quiet"
          disabled={number === all}
          onClick={() => pick(shot.index + 1)}
        >
          {say("next")}
        </button>
        <span className="faint">
          {say("shotOf", { number, all })} · {formatClock(shot.startMs)} ·{" "}
          {formatDuration(1000 * shot.seconds)}
        </span>
      </div>
      <div className="side-by-side">
        <div ref={holder}>
          <Legend report={report} />
          <HullFigure report={report} shot={shot.index} />
        </div>
        <Chosen report={report} shot={shot} />
      </div>
      <p className="choice">
        <button type="button" className="quiet" onClick={saveSvg}>
          {say("asSvg")}
        </button>
        <button
          type="button"
          className="quiet"
          onClick={() => download("hulls.csv", "text/csv", hullCsv(report))}
        >
          {say("asCsv")}
        </button>
      </p>
    </div>
  );
}

function Legend({ report }: { readonly report: OpsEncode }): ReactElement {
  const say = useWords(encodeWords);
  return (
    <p className="legend">
      <span>
        <i className="key trial" /> {say("trial")}
      </span>
      {heightsOf(report).map((height, index) => (
        <span key={height}>
          <i className={`key height-${(index % 6) + 1}`} /> {say("onHull", { height })}
        </span>
      ))}
      <span>
        <i className="key ring" /> {say("chosen")}
      </span>
    </p>
  );
}

function Chosen({ report, shot }: Pick<PickedProps, "report" | "shot">): ReactElement {
  const say = useWords(encodeWords);
  const points = chosenPoints(report, shot.index);
  return (
    <Wide>
      <table>
        <caption>{say("chosenTable", { number: shot.index + 1 })}</caption>
        <thead>
          <tr>
            <th scope="col">{say("rung")}</th>
            <th scope="col" className="number">
              CRF
            </th>
            <th scope="col" className="number">
              {say("bits")}
            </th>
            <th scope="col" className="number">
              {say("rate")}
            </th>
            <th scope="col" className="number">
              {metricName(report.metric)}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.ladder.map((rung, at) => {
            const bits = shot.bits[at];
            const point = points.find(
              (one) => one.height === rung.height && one.crf === rung.crf[shot.index],
            );
            return (
              <tr key={rung.id}>
                <th scope="row">{rung.id}</th>
                <td className="number">{digits(rung.crf[shot.index] ?? Number.NaN)}</td>
                <td className="number">
                  {bits === undefined ? "–" : formatRate(bits).replace("/s", "")}{" "}
                  <span className="faint">{say(shot.isMeasured ? "measuredShot" : "expectedShot")}</span>
                </td>
                <td className="number">{bits === undefined ? "–" : formatRate(bits / shot.seconds)}</td>
                <td className="number">{point === undefined ? "–" : digits(point.quality)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
