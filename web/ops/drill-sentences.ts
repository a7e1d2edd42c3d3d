// Which sentence tells whether steering noticed a drill, and whether all was as before after it.
import { formatDuration } from "#web/format.ts";
import type { DrillView } from "#wire/drills.ts";

type Seen = Pick<DrillView, "kind" | "noticedAfterMs" | "backAfterMs" | "endedAtMs" | "firstAt">;
type Id = "noticed" | "notNoticed" | "wasNotNoticed" | "notSeen" | "back" | "notBack" | "notSeenBack";
type Sentence = readonly [Id, { time: string }];

export function noticeOf(drill: Seen): Sentence {
  const { noticedAfterMs, endedAtMs } = drill;
  if (noticedAfterMs !== null) return ["noticed", { time: formatDuration(noticedAfterMs) }];
  if (isUnseen(drill)) return ["notSeen", { time: "" }];
  return [endedAtMs === null ? "notNoticed" : "wasNotNoticed", { time: "" }];
}

export function returnOf(drill: Seen): Sentence {
  const { backAfterMs } = drill;
  if (backAfterMs !== null) return ["back", { time: formatDuration(backAfterMs) }];
  return [isUnseen(drill) ? "notSeenBack" : "notBack", { time: "" }];
}

/** A withdrawn prefix leaves the appliance well: only steering's answers at viewpoints show it. */
function isUnseen({ kind, firstAt }: Seen): boolean {
  return kind === "withdraw" && firstAt === 0;
}
