// Quality by one dimension, two or three, of sessions that are over: measures of sums, and how single sessions are spread around them.
import type { BreakdownQuery as KeptQuery, QoeBreakdown } from "#data/ports-qoe.ts";
import { measured } from "#qoe/figures.ts";
import { type BreakdownQuery, mostBreakdownDays, type OpsQualityBreakdown } from "#wire/quality.ts";

const dayMs = 86_400_000;

export type BreakdownAsked =
  | { readonly kind: "asked"; readonly query: KeptQuery }
  | { readonly kind: "too-long"; readonly most: string };

/** The latest day where no time is named; a dimension that is named again counts once. */
export function breakdownAsked(
  { by, from, to, limit, ...more }: BreakdownQuery,
  nowMs: number,
): BreakdownAsked {
  const untilMs = to ?? nowMs;
  const fromMs = from ?? Math.max(0, untilMs - dayMs);
  if (untilMs - fromMs > mostBreakdownDays * dayMs) {
    return { kind: "too-long", most: `${mostBreakdownDays} days` };
  }
  const [and, also] = new Set([more.and, more.also].filter((one) => one !== undefined && one !== by));
  return { kind: "asked", query: { by, and, also, fromMs, untilMs, limit } };
}

const noStarts = new Map<number, number>();

export function breakdownOf(asked: KeptQuery, { groups, leftOut }: QoeBreakdown): OpsQualityBreakdown {
  const { by, and, also, fromMs, untilMs } = asked;
  return {
    ...{ by, and: and ?? null, also: also ?? null, fromMs, untilMs, leftOut },
    groups: groups.map((group) => {
      const of = measured(group, noStarts);
      const { key, other, third, sessions, plays, stalled, startup, stallRatio, bitrate } = group;
      return {
        ...{ key, other, third, sessions, plays, stalled, startup },
        startFailureRatio: of.startFailureRatio ?? null,
        exitRatio: of.exitRatio ?? null,
        failureRatio: of.failureRatio ?? null,
        stallRatio: of.stallRatio ?? null,
        bitrate: of.bitrate ?? null,
        height: of.height ?? null,
        ...{ stallRatioOfSessions: stallRatio, bitrateOfSessions: bitrate },
      };
    }),
  };
}
