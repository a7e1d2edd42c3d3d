// Two rules side by side on the network that this play met, simulated in the page.
import { type ReactElement, useEffect, useId, useRef, useState } from "react";
import { bufferGoalFor } from "#play/buffer-goal.ts";
import { recordedPeriods } from "#play/recorded.ts";
import { type RuleRow, rules } from "#play/rules.ts";
import { type Side, sideOf } from "#play/side-by-side.ts";
import { sessionChart } from "#play/sim-chart.ts";
import { traceOf } from "#play/sim-network.ts";
import type { SessionRow } from "#play/sim-report.ts";
import type { Film, Ladder } from "#play/types.ts";
import { useWords } from "#web/words/say.ts";
import { rateText } from "./clock-text.ts";
import { drawerWords } from "./drawer-words.ts";
import type { PlayerView } from "./view.ts";

interface Compared {
  readonly film: Film;
  readonly maxBufferMs: number;
  readonly sides: readonly [Side, Side];
}

export function Beside({ view }: { readonly view: PlayerView }): ReactElement {
  const say = useWords(drawerWords);
  const [names, setNames] = useState<readonly [string, string]>(["default", "bba-2"]);
  const [busy, setBusy] = useState(false);
  const [compared, setCompared] = useState<Compared | undefined>();
  const recordedMs = recordedPeriods(view.log.fetched).reduce((sum, { durationMs }) => sum + durationMs, 0);
  const run = (): void => {
    setBusy(true);
    // The page says so first: predictive rules think for a while over a long film.
    setTimeout(() => {
      setCompared(compare(view, names));
      setBusy(false);
    });
  };
  const [first, second] = names;
  return (
    <section className="pl-beside">
      <h2>{say("beside")}</h2>
      <p className="pl-quiet">
        {recordedMs === 0
          ? say("besideNothing")
          : say("besideMeans", { seconds: (recordedMs / 1000).toFixed(0) })}
      </p>
      <div className="pl-pair">
        <RuleSelect label={say("first")} value={first} onChoose={(name) => setNames([name, second])} />
        <RuleSelect label={say("second")} value={second} onChoose={(name) => setNames([first, name])} />
        <button type="button" className="pl-main" disabled={busy || recordedMs === 0} onClick={run}>
          {say(busy ? "comparing" : "compare")}
        </button>
      </div>
      {compared !== undefined && <Outcome {...compared} />}
    </section>
  );
}

/** Undefined without a recorded network. */
function compare({ film, log }: PlayerView, names: readonly [string, string]): Compared | undefined {
  const made = traceOf("recorded", recordedPeriods(log.fetched));
  const [one, other] = names.map((name) => rules.find((row) => row.name === name));
  if (film === undefined || made.kind === "refused" || one === undefined || other === undefined)
    return undefined;
  const maxBufferMs = bufferGoalFor(film).aheadMs;
  const side = (row: RuleRow): Side => sideOf({ film, trace: made.trace, maxBufferMs }, row);
  return { film, maxBufferMs, sides: [side(one), side(other)] };
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChoose: (name: string) => void;
}

function RuleSelect({ label, value, onChoose }: SelectProps): ReactElement {
  const id = useId();
  return (
    <span className="pl-seat">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        {rules.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </span>
  );
}

function Outcome({ film, maxBufferMs, sides }: Compared): ReactElement {
  const say = useWords(drawerWords);
  const figures: readonly (readonly [name: string, of: (row: SessionRow) => string])[] = [
    [say("startup"), (row) => say("seconds", { seconds: (row.startupMs / 1000).toFixed(2) })],
    [
      say("rebuffer"),
      (row) => say("rebufferIs", { seconds: row.rebufferSeconds.toFixed(2), count: row.rebufferEvents }),
    ],
    [say("meanRate"), (row) => rateText(row.meanBitrateBps / 1000)],
    [say("meanVmaf"), (row) => (row.meanQuality === null ? "–" : row.meanQuality.toFixed(2))],
    [say("switchCount"), (row) => String(row.switches)],
  ];
  return (
    <>
      <table className="pl-weights">
        <thead>
          <tr>
            <th scope="col">{say("figure")}</th>
            {sides.map(({ row }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: both sides may be the same rule
              <th scope="col" key={index}>
                {row.rule}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map(([name, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {sides.map(({ row }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: both sides may be the same rule
                <td key={index}>
                  <bdi>{of(row)}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="pl-charts">
        {sides.map((side, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: both sides may be the same rule
          <figure key={index}>
            <figcaption>{side.row.rule}</figcaption>
            <Chart side={side} ladder={film.ladder} maxBufferMs={maxBufferMs} />
          </figure>
        ))}
      </div>
      <p className="pl-quiet">{say("legendBeside")}</p>
    </>
  );
}

interface ChartProps {
  readonly side: Side;
  readonly ladder: Ladder;
  readonly maxBufferMs: number;
}

/** The simulator's own drawing: its texts are numbers, and words of its own. */
function Chart({ side, ladder, maxBufferMs }: ChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const text = sessionChart(side.timeline, ladder, maxBufferMs);
    const drawn = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    if (drawn !== null) place.current?.replaceChildren(document.importNode(drawn, true));
  }, [side, ladder, maxBufferMs]);
  return <div className="pl-chart" dir="ltr" ref={place} />;
}
