// Which files viewers asked for that no disk nearby held: each is a mistake of the plan, or a film that is not there yet.
import type { ReactElement } from "react";
import { useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { useAgo } from "./ago.ts";
import { Columns } from "./columns.tsx";
import { missedFiles, missesInAll, timesOf } from "./missed.ts";
import { networkWords } from "./network-words.ts";
import { More } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const page = 10;
const columns = [
  ["title", ""],
  ["file", ""],
  ["missed", "number"],
  ["at", ""],
  ["since", "number"],
  ["last", "number"],
] as const;

interface MissesProps {
  readonly appliances: OpsAppliances["appliances"];
  readonly nowMs: number;
}

export function Misses({ appliances, nowMs }: MissesProps): ReactElement {
  const [limit, setLimit] = useState(page);
  const say = useWords(networkWords);
  const ago = useAgo();
  const all = missesInAll(appliances);
  if (all === 0) return <p className="soft">{say("nobodyMissed")}</p>;
  const rows = missedFiles(appliances);
  return (
    <>
      <Wide>
        <table>
          <caption>{say("missesSince", { n: all })}</caption>
          <Columns columns={columns.map(([id, kind]) => [say(id), kind])} />
          <tbody>
            {rows.slice(0, limit).map((row) => (
              <tr key={`${row.titleId}/${row.path}`}>
                <th scope="row">{row.titleId}</th>
                <td>{row.path}</td>
                <td className="number">{timesOf(row)}</td>
                <td>{row.applianceIds.join(", ")}</td>
                <td className="number">{ago(row.sinceMs, nowMs)}</td>
                <td className="number">{ago(row.lastMs, nowMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More shown={Math.min(limit, rows.length)} all={rows.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
