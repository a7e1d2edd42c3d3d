// Which files viewers asked for that no disk nearby held: each is a mistake of the plan, or a film that is not there yet.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatAgo, formatCount } from "#web/format.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { Columns } from "./columns.tsx";
import { missedFiles, missesInAll, timesOf } from "./missed.ts";
import { More } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const page = 10;
const columns = [
  ["Title", ""],
  ["File", ""],
  ["Missed", "number"],
  ["At", ""],
  ["Since", "number"],
  ["Last", "number"],
] as const;

interface MissesProps {
  readonly appliances: OpsAppliances["appliances"];
  readonly nowMs: number;
}

export function Misses({ appliances, nowMs }: MissesProps): ReactElement {
  const [limit, setLimit] = useState(page);
  const all = missesInAll(appliances);
  if (all === 0) return <p className="soft">Nobody asked an appliance for a file that it does not hold.</p>;
  const rows = missedFiles(appliances);
  return (
    <>
      <Wide>
        <table>
          <caption>{formatCount(all, "miss", "misses")} since the agents' starts</caption>
          <Columns columns={columns} />
          <tbody>
            {rows.slice(0, limit).map((row) => (
              <tr key={`${row.titleId}/${row.path}`}>
                <th scope="row">{row.titleId}</th>
                <td>{row.path}</td>
                <td className="number">{timesOf(row)}</td>
                <td>{row.applianceIds.join(", ")}</td>
                <td className="number">{formatAgo(row.sinceMs, nowMs)}</td>
                <td className="number">{formatAgo(row.lastMs, nowMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More shown={Math.min(limit, rows.length)} all={rows.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
