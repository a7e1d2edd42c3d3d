// Sessions that are over, by one label, two or three: their figures summed up, and how they are spread.
import { type RawBuilder, sql } from "kysely";
import type { BreakdownQuery, KeptFigures, QoeBreakdown } from "#data/ports-qoe.ts";
import type { Database } from "./database-access.ts";
import { figureColumn } from "./qoe-rows.ts";

interface Row extends KeptFigures {
  readonly key: string;
  readonly other: string;
  readonly third: string;
  readonly sessions: number;
  readonly stalled: number;
  readonly startupMedian: number | null;
  readonly startupSlow: number | null;
  readonly stallMedian: number | null;
  readonly stallSlow: number | null;
  readonly rateMedian: number | null;
  readonly rateSlow: number | null;
  readonly all: number;
}

const startup = sql`case when starts > 0 then startup_ms * 1.0 / starts end`;
const stalls = sql`case when stall_ms + play_ms > 0 then stall_ms * 1.0 / (stall_ms + play_ms) end`;
const rate = sql`case when play_ms > 0 then played_bits * 1000.0 / play_ms end`;

function percentile(share: number, of: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`percentile_disc(${sql.lit(share)}) within group (order by (${of})::double precision)`;
}

export async function breakdown(database: Database, query: BreakdownQuery): Promise<QoeBreakdown> {
  const { by, and, also, fromMs, untilMs, limit } = query;
  const added = Object.entries(figureColumn).map(
    ([name, column]) => sql`sum(${sql.ref(column)})::bigint as ${sql.ref(name)}`,
  );
  const [other, third] = [and, also].map((one) => (one === undefined ? sql`''::text` : sql.ref(one)));
  const { rows } = await database.use((db) =>
    sql<Row>`select ${sql.ref(by)} as key, ${other} as other, ${third} as third, count(*)::bigint as sessions,
        sum(case when stalls > 0 then 1 else 0 end)::bigint as stalled, ${sql.join(added)},
        ${percentile(0.5, startup)} as "startupMedian", ${percentile(0.95, startup)} as "startupSlow",
        ${percentile(0.5, stalls)} as "stallMedian", ${percentile(0.95, stalls)} as "stallSlow",
        ${percentile(0.5, rate)} as "rateMedian", ${percentile(0.05, rate)} as "rateSlow",
        count(*) over ()::bigint as "all"
      from qoe_session where start_ms >= ${fromMs} and start_ms < ${untilMs}
      group by 1, 2, 3 order by sum(plays) desc, 1, 2, 3 limit ${limit}`.execute(db),
  );
  const groups = rows.map((row) => ({
    ...row,
    startup: { median: row.startupMedian, slow: row.startupSlow },
    stallRatio: { median: row.stallMedian, slow: row.stallSlow },
    bitrate: { median: row.rateMedian, slow: row.rateSlow },
  }));
  return { groups, leftOut: Math.max(0, (rows[0]?.all ?? 0) - rows.length) };
}
