// Who watches and how it goes, found by title, network, device, appliance and state.
import { Link } from "@tanstack/react-router";
import type { FormEvent, ReactElement } from "react";
import { useId, useState } from "react";
import { formatClock, formatDuration, formatRate } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsSessions } from "#wire/ops.ts";
import { useAgo } from "./ago.ts";
import { getOpsSessions } from "./client.ts";
import { Columns } from "./columns.tsx";
import { More, Panel } from "./panel.tsx";
import { sessionsWords } from "./sessions-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 5000;
const page = 25;
const most = "500";

type OpsSession = OpsSessions["sessions"][number];
const filters = ["title", "network", "device", "appliance"] as const;
const states = ["playing", "stalled", "paused", "seeking", "start", "ended", "failed", "closed"] as const;
type Wishes = Readonly<Partial<Record<(typeof filters)[number] | "state", string>>>;

export function SessionsPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(sessionsWords);
  const [wishes, setWishes] = useState<Wishes>({});
  const asked = getOpsSessions({ ...wishes, limit: most });
  const resource = useResource({ ...asked, everyMs, keepsLast: true });
  const question = <Filters wishes={wishes} seen={resource.value?.sessions ?? []} ask={setWishes} />;
  return (
    <Panel
      id="sessions"
      title={say("recent")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {({ sessions }, atMs) => (
        <Sessions sessions={sessions} nowMs={atMs} isAsked={Object.keys(wishes).length > 0} />
      )}
    </Panel>
  );
}

interface FiltersProps {
  readonly wishes: Wishes;
  readonly seen: readonly OpsSession[];
  readonly ask: (wishes: Wishes) => void;
}

const nameIn = {
  title: (one: OpsSession) => one.titleId,
  network: (one: OpsSession) => one.network,
  device: (one: OpsSession) => one.device,
  appliance: (one: OpsSession) => one.applianceId,
} as const;

/** What is seen is offered; anything else may be written. */
function Filters({ wishes, seen, ask }: FiltersProps): ReactElement {
  const say = useWords(sessionsWords);
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const entries = [...filters, "state" as const].flatMap((name) => {
      const value = String(given.get(name) ?? "").trim();
      return value === "" ? [] : [[name, value] as const];
    });
    ask(Object.fromEntries(entries));
  };
  return (
    <form className="steer-ask" onSubmit={submit} onReset={() => ask({})} aria-label={say("filters")}>
      {filters.map((name) => (
        <label key={name}>
          {say(name)}{" "}
          <input name={name} defaultValue={wishes[name]} list={`${id}-${name}`} maxLength={128} size={14} />
          <datalist id={`${id}-${name}`}>
            {[...new Set(seen.map(nameIn[name]))]
              .filter(Boolean)
              .slice(0, 50)
              .map((value) => (
                <option key={value}>{value}</option>
              ))}
          </datalist>
        </label>
      ))}
      <label>
        {say("state")}{" "}
        <select name="state" defaultValue={wishes.state ?? ""}>
          <option value="">{say("any")}</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {state}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="quiet">
        {say("filter")}
      </button>
      <button type="reset" className="quiet">
        {say("clear")}
      </button>
    </form>
  );
}

interface SessionsProps {
  readonly sessions: readonly OpsSession[];
  readonly nowMs: number;
  readonly isAsked: boolean;
}

function Sessions({ sessions, nowMs, isAsked }: SessionsProps): ReactElement {
  const say = useWords(sessionsWords);
  const [limit, setLimit] = useState(page);
  if (sessions.length === 0) return <p className="soft">{say(isAsked ? "noMatch" : "nobody")}</p>;
  const columns = [
    [say("viewer"), ""],
    [say("title"), ""],
    [say("state"), ""],
    [say("position"), "number"],
    [say("startup"), "number"],
    [say("stalls"), "number"],
    [say("picture"), "number"],
    [say("appliance"), ""],
    [say("network"), ""],
    [say("device"), ""],
    [say("seen"), "number"],
  ] as const;
  return (
    <>
      <Wide>
        <table>
          <caption className="unseen">{say("recent")}</caption>
          <Columns columns={columns} />
          <tbody>
            {sessions.slice(0, limit).map((session) => (
              <SessionRow key={session.sessionId} session={session} nowMs={nowMs} />
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, sessions.length)}
        all={sessions.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}

interface RowProps {
  readonly session: OpsSession;
  readonly nowMs: number;
}

function SessionRow({ session, nowMs }: RowProps): ReactElement {
  const say = useWords(sessionsWords);
  const ago = useAgo();
  const stalls =
    session.stallCount === 0 ? say("none") : `${session.stallCount} · ${formatDuration(session.stallMs)}`;
  const known = (value: string): string => (value === "" ? "–" : value);
  return (
    <tr>
      <th scope="row">
        <Link to="/ops/sessions/$id" params={{ id: session.sessionId }}>
          {session.email}
        </Link>
        {session.viewpoint !== "" && <span className="faint"> {session.viewpoint}</span>}
      </th>
      <td>{session.titleId}</td>
      <td>
        <span className={`badge ${session.state}`}>{session.state}</span>
      </td>
      <td className="number">{formatClock(session.positionMs)}</td>
      <td className="number">{session.startupMs === 0 ? "–" : formatDuration(session.startupMs)}</td>
      <td className="number">{stalls}</td>
      <td className="number">
        {session.height === 0 ? "–" : `${session.height}p · ${formatRate(session.bitrateBps)}`}
      </td>
      <td>{known(session.applianceId)}</td>
      <td>{known(session.network)}</td>
      <td>{known(session.device)}</td>
      <td className="number">{ago(session.lastSeenMs, nowMs)}</td>
    </tr>
  );
}
