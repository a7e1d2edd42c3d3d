// Who has been watching lately, and how it went.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatAgo, formatClock, formatDuration, formatRate } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsSessions } from "#wire/ops.ts";
import { getOpsSessions } from "./client.ts";
import { Columns } from "./columns.tsx";
import { More, Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 2000;
const page = 25;
const columns = [
  ["Viewer", ""],
  ["Title", ""],
  ["State", ""],
  ["Position", "number"],
  ["Start-up", "number"],
  ["Stalls", "number"],
  ["Switches", "number"],
  ["Picture", "number"],
  ["Appliance", ""],
  ["Seen", "number"],
] as const;

type OpsSession = OpsSessions["sessions"][number];

export function SessionsPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsSessions({});
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="sessions" title="Sessions" path={asked.path} email={email} resource={resource}>
      {(value, atMs) => <Sessions sessions={value.sessions} nowMs={atMs} />}
    </Panel>
  );
}

interface SessionsProps {
  readonly sessions: readonly OpsSession[];
  readonly nowMs: number;
}

function Sessions({ sessions, nowMs }: SessionsProps): ReactElement {
  const [limit, setLimit] = useState(page);
  if (sessions.length === 0) return <p className="soft">Nobody has watched anything yet.</p>;
  return (
    <>
      <Wide>
        <table>
          <caption className="unseen">Recent sessions</caption>
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

function SessionRow({
  session,
  nowMs,
}: {
  readonly session: OpsSession;
  readonly nowMs: number;
}): ReactElement {
  const stalls =
    session.stallCount === 0 ? "none" : `${session.stallCount} · ${formatDuration(session.stallMs)}`;
  return (
    <tr title={`Session ${session.sessionId}`}>
      <th scope="row">
        {session.email}
        {session.viewpoint !== "" && <span className="faint"> in {session.viewpoint}</span>}
      </th>
      <td>{session.titleId}</td>
      <td>
        <span className={`badge ${session.state}`}>{session.state}</span>
      </td>
      <td className="number">{formatClock(session.positionMs)}</td>
      <td className="number">{session.startupMs === 0 ? "–" : formatDuration(session.startupMs)}</td>
      <td className="number">{stalls}</td>
      <td className="number">{session.switchCount}</td>
      <td className="number">
        {session.height === 0 ? "–" : `${session.height}p · ${formatRate(session.bitrateBps)}`}
      </td>
      <td>{session.applianceId === "" ? "–" : session.applianceId}</td>
      <td className="number">{formatAgo(session.lastSeenMs, nowMs)}</td>
    </tr>
  );
}
