// What each worker did when: a lane for each, with every lease from when it was taken to how it ended.
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { formatDuration, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsLanes } from "#wire/jobs.ts";
import { getOpsJobsLanes } from "./client.ts";
import { encodeWords } from "./encode-words.ts";
import { laneBusy, laneSpans } from "./lanes.ts";
import { More, Panel } from "./panel.tsx";

const everyMs = 5000;
const lanesPerPage = 24;
const spans = [15, 60, 360, 1440] as const;
const endings = ["done", "failed", "dead", "lost", "handed-back", "cancelled", "open"] as const;

export function LanesPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(encodeWords);
  const id = useId();
  const [minutes, setMinutes] = useState<number>(60);
  const asked = getOpsJobsLanes({ minutes: String(minutes) });
  const resource = useResource({ ...asked, everyMs });
  const words = (span: number): string =>
    span < 60 ? say("spanMinutes", { minutes: span }) : say("spanHours", { hours: span / 60 });
  const question = (
    <p className="choice">
      <label htmlFor={id}>{say("span")}</label>
      <select id={id} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
        {spans.map((span) => (
          <option key={span} value={span}>
            {words(span)}
          </option>
        ))}
      </select>
    </p>
  );
  return (
    <Panel
      id="lanes"
      title={say("lanes")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(value) => <Lanes value={value} />}
    </Panel>
  );
}

function Lanes({ value }: { readonly value: OpsLanes }): ReactElement {
  const say = useWords(encodeWords);
  const [limit, setLimit] = useState(lanesPerPage);
  const { lanes, fromMs, untilMs } = value;
  if (lanes.length === 0) return <p className="soft">{say("noLanes")}</p>;
  return (
    <>
      <p className="legend">
        {endings.map((end) => (
          <span key={end}>
            <i className={`key end-${end}`} /> {say(`end_${end}`)}
          </span>
        ))}
      </p>
      <ul className="lanes">
        {lanes.slice(0, limit).map((lane) => (
          <Lane key={lane.worker} lane={lane} value={value} />
        ))}
      </ul>
      <Axis fromMs={fromMs} untilMs={untilMs} />
      {value.cut && <p className="faint">{say("cut")}</p>}
      <More
        shown={Math.min(limit, lanes.length)}
        all={lanes.length}
        onMore={() => setLimit(limit + lanesPerPage)}
      />
    </>
  );
}

interface LaneProps {
  readonly lane: OpsLanes["lanes"][number];
  readonly value: OpsLanes;
}

function Lane({ lane, value }: LaneProps): ReactElement {
  const say = useWords(encodeWords);
  const busy = formatShare(laneBusy(lane, value));
  const label = say("laneName", { worker: lane.worker, count: lane.spans.length, busy });
  return (
    <li>
      <span>{lane.worker}</span>
      <svg className="lane" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={label}>
        {laneSpans(lane, value).map(({ x, width, end, title, kind, ms }) => (
          <rect key={`${x} ${title} ${kind}`} className={`end-${end}`} x={x} width={width} y={1} height={8}>
            <title>{`${title} ${kind}, ${formatDuration(ms)}: ${say(`end_${end}`)}`}</title>
          </rect>
        ))}
      </svg>
      <span className="faint number">{say("laneBusy", { busy })}</span>
    </li>
  );
}

/** Begin, middle and end by the wall. */
function Axis({ fromMs, untilMs }: Pick<OpsLanes, "fromMs" | "untilMs">): ReactElement {
  const { locale } = useLanguage();
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  return (
    <p className="lane-axis faint" aria-hidden="true">
      {[fromMs, (fromMs + untilMs) / 2, untilMs].map((atMs) => (
        <span key={atMs}>{clock.format(atMs)}</span>
      ))}
    </p>
  );
}
