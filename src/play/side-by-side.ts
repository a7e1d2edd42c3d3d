// Two rules on the same network and the same film, by the simulator: what each would have made of it.
import type { RuleRow } from "./rules.ts";
import { metricsOf } from "./sim-metrics.ts";
import type { Trace } from "./sim-network.ts";
import { playSession, type Request } from "./sim-player.ts";
import { rowOf, type SessionRow } from "./sim-report.ts";
import { type Timeline, timelineOf } from "./sim-timeline.ts";
import type { Film } from "./types.ts";

export interface Side {
  readonly row: SessionRow;
  readonly timeline: Timeline;
}

export interface BesideOrder {
  readonly film: Film;
  readonly trace: Trace;
  readonly maxBufferMs: number;
}

/** As `millrace abr simulate` plays it, to the digit. */
export function sideOf(
  { film, trace, maxBufferMs }: BesideOrder,
  { name, rule, replacement }: RuleRow,
): Side {
  const requests: Request[] = [];
  const end = playSession({
    ...{ film, trace, rule, replacement, maxBufferMs, arithmetic: "pieces" },
    onRequest: (request) => requests.push({ ...request }),
  });
  const row = rowOf({ rule: name, trace: trace.name, metrics: metricsOf(end) });
  return { row, timeline: timelineOf(requests, trace) };
}
