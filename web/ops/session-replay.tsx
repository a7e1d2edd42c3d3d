// The timeline of one session: who and where, what the figures draw, and each moment with the rule's own words for it.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useCallback, useId, useMemo, useState } from "react";
import type { Sheet } from "#draw/looks.ts";
import { margins, type PlayTimeline, rateFigure, ribbonFigure } from "#draw/play-timeline.ts";
import { digits, formatClock, formatDuration, formatRate } from "#web/format.ts";
import { sourceColour } from "#web/player/colours.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsTimeline } from "#wire/ops-sessions.ts";
import { Chart } from "./chart.tsx";
import { getOpsSessionsByIdTimeline } from "./client.ts";
import { Columns } from "./columns.tsx";
import { Figure } from "./figure.tsx";
import { Facts, More, Panel } from "./panel.tsx";
import { bufferOf, isOver, replayOf, sourcesOf } from "./replay.ts";
import { sessionsWords } from "./sessions-words.ts";
import { Wide } from "./wide.tsx";

/** Each answer is read from the log anew. */
const everyMs = 15_000;

interface ReplayProps {
  readonly id: string;
  readonly email: string;
}

export function SessionReplay({ id, email }: ReplayProps): ReactElement {
  const say = useWords(sessionsWords);
  const asked = getOpsSessionsByIdTimeline(id);
  const [isLive, setLive] = useState(true);
  const resource = useResource({ ...asked, ...(isLive && { everyMs }) });
  if (resource.value !== undefined && isLive && isOver(resource.value)) setLive(false);
  return (
    <>
      <p>
        <Link to="/ops/sessions">{say("allSessions")}</Link>
      </p>
      <Panel id="replay" title={say("replay")} path={asked.path} email={email} resource={resource}>
        {(timeline) => <Timeline timeline={timeline} />}
      </Panel>
    </>
  );
}

function Timeline({ timeline }: { readonly timeline: OpsTimeline }): ReactElement {
  const say = useWords(sessionsWords);
  const [picked, setPicked] = useState<number>();
  const last = timeline.beacons.length - 1;
  const at = Math.min(picked ?? last, last);
  return (
    <>
      <Who timeline={timeline} />
      <Honest timeline={timeline} />
      {last < 0 ? (
        <p className="soft">{say("nothingHeard")}</p>
      ) : (
        <>
          <Drawings timeline={timeline} at={at} />
          <Moment timeline={timeline} at={at} pick={setPicked} />
          <Stalls timeline={timeline} />
          <Decisions timeline={timeline} />
        </>
      )}
    </>
  );
}

function Who({ timeline }: { readonly timeline: OpsTimeline }): ReactElement {
  const say = useWords(sessionsWords);
  const { locale } = useLanguage();
  const { session } = timeline;
  const started = new Date(session.startedAtMs).toLocaleString(locale);
  const stalls =
    session.stallCount === 0 ? say("none") : `${session.stallCount} · ${formatDuration(session.stallMs)}`;
  const known = (value: string): string => (value === "" ? "–" : value);
  return (
    <Facts
      facts={[
        [say("viewer"), session.email],
        [say("title"), session.titleId],
        [say("state"), session.state],
        [say("started"), started],
        [say("network"), known(session.network)],
        [say("region"), known(session.region)],
        [say("device"), known(session.device)],
        [say("startup"), session.startupMs === 0 ? "–" : formatDuration(session.startupMs)],
        [say("stalls"), stalls],
        [say("switches"), String(session.switchCount)],
      ]}
    />
  );
}

/** What the picture cannot show stands before it. */
function Honest({ timeline }: { readonly timeline: OpsTimeline }): ReactElement | null {
  const say = useWords(sessionsWords);
  const { log, gaps, leftOut, stallsLeftOut, gapsLeftOut } = timeline;
  const lost = gaps.reduce((sum, { afterSeq, beforeSeq }) => sum + beforeSeq - afterSeq - 1, 0);
  const words = [
    ...(log.read === "begins-later" ? [say("beginsLater")] : []),
    ...(log.read === "too-many" ? [say("tooMany", { records: log.records })] : []),
    ...(lost > 0 ? [say("lost", { lost, gaps: gaps.length })] : []),
    ...(leftOut > 0 ? [say("leftOut", { leftOut })] : []),
    ...(stallsLeftOut > 0 ? [say("stallsLeftOut", { leftOut: stallsLeftOut })] : []),
    ...(gapsLeftOut > 0 ? [say("gapsLeftOut", { leftOut: gapsLeftOut })] : []),
  ];
  if (words.length === 0) return null;
  return <p className="stale">{words.join(" ")}</p>;
}

function writeSeconds(seconds: number): string {
  return `${digits(seconds)} s`;
}

interface AtProps {
  readonly timeline: OpsTimeline;
  readonly at: number;
}

function Drawings({ timeline, at }: AtProps): ReactElement {
  const say = useWords(sessionsWords);
  const used = sourcesOf(timeline);
  const buffer = useMemo(() => bufferOf(replayOf(timeline, at)), [timeline, at]);
  const { beacons, stalls } = timeline;
  const values = { count: beacons.length, stalls: stalls.length };
  return (
    <div className="replay">
      <p className="legend">
        {(["buffer", "rung", "throughput", "stall", "unknown"] as const).map((name) => (
          <span key={name}>
            <i className={`key of-${name}`} /> {say(`of_${name}`)}
          </span>
        ))}
        {used.map((id) => (
          <span key={id}>
            <Dot colour={sourceColour(id, used)} /> <bdi>{id}</bdi>
          </span>
        ))}
      </p>
      <Chart
        {...buffer}
        {...{ label: say("bufferFigure", values), write: writeSeconds, writeAt: formatClock }}
        {...{ height: 150, area: true, valueRoom: margins.marginLeft }}
      />
      <Drawing timeline={timeline} at={at} figure={rateFigure} label={say("rateFigure", values)} />
      <Drawing
        timeline={timeline}
        at={at}
        figure={ribbonFigure}
        label={say("ribbonFigure", { sources: used.join(", ") })}
      />
    </div>
  );
}

/** A colour that is only known when the page runs: an attribute, which needs no style of its own. */
function Dot({ colour }: { readonly colour: string }): ReactElement {
  return (
    <svg className="dot" viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="5" fill={colour} />
    </svg>
  );
}

interface DrawingProps extends AtProps {
  readonly figure: (play: PlayTimeline, sheet: Sheet) => Element;
  readonly label: string;
}

function Drawing({ timeline, at, figure, label }: DrawingProps): ReactElement {
  const draw = useCallback(
    (width: number): Element => figure(replayOf(timeline, at), { width }),
    [timeline, at, figure],
  );
  return <Figure label={label} draw={draw} />;
}

function Moment({
  timeline,
  at,
  pick,
}: AtProps & { readonly pick: (at: number) => void }): ReactElement | null {
  const say = useWords(sessionsWords);
  const id = useId();
  const { beacons, session } = timeline;
  const moment = beacons[at];
  if (moment === undefined) return null;
  const since = formatClock(moment.atMs - session.startedAtMs);
  return (
    <section className="moment" aria-label={say("moment")}>
      <p className="choice">
        <label htmlFor={id}>{say("moment")}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={beacons.length - 1}
          value={at}
          aria-valuetext={since}
          onChange={(event) => pick(Number(event.target.value))}
        />
        <output htmlFor={id}>{since}</output>
      </p>
      <Facts
        facts={[
          [say("state"), moment.state],
          [say("position"), formatClock(moment.positionMs)],
          [say("of_buffer"), formatDuration(moment.bufferMs)],
          [
            say("of_rung"),
            moment.height === 0 ? "–" : `${moment.height}p · ${formatRate(moment.bitrateBps)}`,
          ],
          [say("of_throughput"), moment.throughputBps === 0 ? "–" : formatRate(moment.throughputBps)],
          [say("appliance"), moment.applianceId === "" ? "–" : moment.applianceId],
        ]}
      />
      {moment.because !== "" && (
        <p className="soft" lang="en" dir="auto">
          {moment.because}
        </p>
      )}
    </section>
  );
}

function Stalls({ timeline }: { readonly timeline: OpsTimeline }): ReactElement | null {
  const say = useWords(sessionsWords);
  const { stalls, session } = timeline;
  if (stalls.length === 0) return null;
  const columns = [
    [say("since"), "number"],
    [say("lasted"), "number"],
    [say("appliance"), ""],
    [say("cause"), ""],
  ] as const;
  return (
    <Wide>
      <table>
        <caption>{say("stalls")}</caption>
        <Columns columns={columns} />
        <tbody>
          {stalls.slice(0, 50).map(({ fromMs, untilMs, applianceId, cause }, nth) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may begin and end in one moment, when beacons come late together
            <tr key={nth}>
              <th scope="row" className="number">
                {formatClock(fromMs - session.startedAtMs)}
              </th>
              <td className="number">{untilMs === null ? "–" : formatDuration(untilMs - fromMs)}</td>
              <td>{applianceId === "" ? "–" : applianceId}</td>
              <td>{say(`cause_${cause}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

const rowsPerPage = 20;

/** Where something changed: the state, the rung, the source, or the rule's words. */
function Decisions({ timeline }: { readonly timeline: OpsTimeline }): ReactElement {
  const say = useWords(sessionsWords);
  const [limit, setLimit] = useState(rowsPerPage);
  const { beacons, session } = timeline;
  const changes = beacons.filter((one, at) => {
    const before = beacons[at - 1];
    return (
      before?.state !== one.state || before.height !== one.height || before.applianceId !== one.applianceId
    );
  });
  const columns = [
    [say("since"), "number"],
    [say("state"), ""],
    [say("of_rung"), ""],
    [say("appliance"), ""],
    [say("because"), ""],
  ] as const;
  return (
    <>
      <Wide>
        <table>
          <caption>{say("changes")}</caption>
          <Columns columns={columns} />
          <tbody>
            {changes.slice(0, limit).map((one) => (
              <tr key={one.seq}>
                <th scope="row" className="number">
                  {formatClock(one.atMs - session.startedAtMs)}
                </th>
                <td>
                  <span className={`badge ${one.state}`}>{one.state}</span>
                </td>
                <td>{one.height === 0 ? "–" : `${one.height}p`}</td>
                <td>{one.applianceId === "" ? "–" : one.applianceId}</td>
                <td className="soft" lang="en" dir="auto">
                  {one.because}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, changes.length)}
        all={changes.length}
        onMore={() => setLimit(limit + rowsPerPage)}
      />
    </>
  );
}
