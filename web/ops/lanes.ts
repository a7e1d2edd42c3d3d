// A worker's leases as bars of a lane that is a thousand wide.
import type { OpsLanes } from "#wire/jobs.ts";

type Lane = OpsLanes["lanes"][number];
type Time = Pick<OpsLanes, "fromMs" | "untilMs">;

export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly end: NonNullable<Lane["spans"][number]["end"]> | "open";
  readonly title: string;
  readonly kind: string;
  /** Of what is drawn. */
  readonly ms: number;
}

/** Bars that are drawn; of more, the latest. */
const mostBars = 500;
const wide = 1000;
/** Less would not be seen. */
const least = 1.5;

export function laneSpans({ spans }: Lane, time: Time): readonly Bar[] {
  const scale = wide / Math.max(1, time.untilMs - time.fromMs);
  return spans.slice(-mostBars).map((span) => {
    const [from, to] = [span.fromMs ?? time.fromMs, span.untilMs ?? time.untilMs];
    const width = Math.max(least, (to - from) * scale);
    const x = Math.min(wide - width, Math.max(0, (from - time.fromMs) * scale));
    return {
      x,
      width,
      end: span.end ?? "open",
      title: span.title,
      kind: span.kind,
      ms: Math.max(0, to - from),
    };
  });
}

/** Share of the time in which it worked on something; a worker may have several jobs at once. */
export function laneBusy({ spans }: Lane, { fromMs, untilMs }: Time): number {
  const ordered = spans
    .map((span) => [span.fromMs ?? fromMs, span.untilMs ?? untilMs] as const)
    .toSorted(([a], [b]) => a - b);
  let [busy, reached] = [0, fromMs];
  for (const [from, to] of ordered) {
    busy += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return untilMs > fromMs ? busy / (untilMs - fromMs) : 0;
}
