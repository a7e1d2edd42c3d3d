// Drills as they go and as they went: what is left of their time, where plays went, what steering says, and the way to end one.
import type { ReactElement } from "react";
import { useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { DrillSeen, Drills, DrillView } from "#wire/drills.ts";
import { useAct } from "./act.ts";
import { useAgo } from "./ago.ts";
import { postOpsDrillsByIdAbort } from "./client.ts";
import { type Column, Columns } from "./columns.tsx";
import { progressOf } from "./drill-order.ts";
import { noticeOf, returnOf } from "./drill-sentences.ts";
import { drillWords } from "./drill-words.ts";
import { More } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";
import { Wide } from "./wide.tsx";

const page = 5;

interface ListProps {
  readonly drills: Drills["drills"];
  readonly nowMs: number;
  readonly onAborted: () => void;
}

export function DrillList({ drills, nowMs, onAborted }: ListProps): ReactElement {
  const say = useWords(drillWords);
  const [limit, setLimit] = useState(page);
  if (drills.length === 0) return <p className="soft">{say("none")}</p>;
  return (
    <>
      <ul className="drills">
        {drills.slice(0, limit).map((drill) => (
          <li key={drill.id}>
            <OneDrill drill={drill} nowMs={nowMs} onAborted={onAborted} />
          </li>
        ))}
      </ul>
      <More
        shown={Math.min(limit, drills.length)}
        all={drills.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}

interface DrillProps {
  readonly drill: DrillView;
  readonly nowMs: number;
  readonly onAborted: () => void;
}

function OneDrill({ drill, nowMs, onAborted }: DrillProps): ReactElement {
  const say = useWords(drillWords);
  const ago = useAgo();
  const { kind, applianceId: id, state, by, startedAtMs, prefix, seen, because } = drill;
  const what = prefix === null ? say(kind) : `${say(kind)} ${prefix}`;
  return (
    <article aria-label={say("runs", { what, id })}>
      <h3>
        {say("runs", { what, id })} <span className={`drill-state ${state}`}>{say(state)}</span>
      </h3>
      <p className="faint">
        {say("byWhom", { by, ago: ago(startedAtMs, nowMs) })} <bdi>{because}</bdi>
      </p>
      {state === "running" && <Running drill={drill} what={what} nowMs={nowMs} onAborted={onAborted} />}
      {seen === null ? <p className="soft">{say("noLook")}</p> : <Seen drill={drill} seen={seen} />}
    </article>
  );
}

function Running({ drill, what, nowMs, onAborted }: DrillProps & { readonly what: string }): ReactElement {
  const say = useWords(drillWords);
  const { busy, error, act } = useAct();
  const { share, leftSeconds } = progressOf(drill, nowMs);
  const left = say("left", { n: leftSeconds });
  const abort = (): void =>
    act(async () => {
      await postOpsDrillsByIdAbort(drill.id);
      onAborted();
    });
  return (
    <>
      <p className="drill-time">
        <progress max={1} value={share} aria-label={left} />
        <span>{left}</span>
        <button
          type="button"
          className="quiet"
          disabled={busy}
          aria-label={say("abortOf", { what, id: drill.applianceId })}
          onClick={abort}
        >
          {say("abort")}
        </button>
      </p>
      <Refusal error={error} />
    </>
  );
}

interface SeenProps {
  readonly drill: DrillView;
  readonly seen: DrillSeen;
}

function Seen({ drill, seen }: SeenProps): ReactElement {
  const say = useWords(drillWords);
  const fates = ["still", "moved", "over", "failed", "unheard", "stalls"] as const;
  const columns = fates.map((fate): Column => [say(fate), "number"]);
  // What was seen last was seen while it ran.
  const isOver = drill.endedAtMs !== null;
  return (
    <>
      <Wide>
        <table>
          <caption>{drill.plays === 0 ? say("nothingServed") : say("fates", { n: drill.plays })}</caption>
          <Columns columns={[...columns, [say("newThere"), "number"]]} />
          <tbody>
            <tr>
              {fates.map((fate) => (
                <td key={fate} className="number">
                  {seen[fate]}
                </td>
              ))}
              <td className="number">{seen.begun}</td>
            </tr>
          </tbody>
        </table>
      </Wide>
      <ul className="drill-words">
        <li>
          {say(isOver ? "wasHealth" : "health", { health: say(`h_${seen.health}`) })}{" "}
          <span lang="en" dir="auto">
            {seen.because}
          </span>
        </li>
        <li>{say(...noticeOf(drill))}</li>
        {isOver && <li>{say(...returnOf(drill))}</li>}
        {seen.steered.map(({ viewpointId, name, before, now, because }) => (
          <li key={viewpointId}>
            {say(isOver ? "wasSteered" : "steered", { name, before, now })}{" "}
            <span className="faint" lang={because === null ? undefined : "en"} dir="auto">
              {because ?? say("notLeftOut")}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
