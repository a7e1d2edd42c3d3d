// A place in the list, described: which rule gave it, with the numbers, and what each rule took out of the running.
import type { RankedSource, RankStep } from "#model/steering.ts";
import { becauseAbove, becauseLast, becauseOrigin, becauseSpread } from "./because.ts";
import type { Candidate } from "./choose.ts";
import type { MedCompare } from "./tiers.ts";

/** A candidate where the walk met it. */
export interface Place {
  readonly candidate: Candidate;
  /** The tier's candidates, best first, and where among them this one is. */
  readonly tiered: readonly Candidate[];
  readonly at: number;
  /** Candidates before it, in all tiers. */
  readonly above: number;
  /** Appliances left out so far, in its tier and those before. */
  readonly notHeld: number;
  readonly notWell: number;
  /** Set where another site was wanted: the place that it would have otherwise gone to the next of those above. */
  readonly spreadFrom?: number;
}

export function described(
  list: readonly Place[],
  candidates: number,
  med: MedCompare,
): readonly RankedSource[] {
  const ranked = list.map((place, i) => {
    const { candidate } = place;
    return {
      id: candidate.id,
      siteId: candidate.site.id,
      siteName: candidate.site.name,
      ...reasonOf(place, list[i - 1], list[i + 1], med),
      prefix: candidate.match?.prefix,
      asPathLength: candidate.match?.asPathLength,
      med: candidate.match?.med,
      distanceKm: candidate.distanceKm,
      steps: stepsOf(place),
    };
  });
  return [...ranked, origin(candidates)];
}

function reasonOf(
  place: Place,
  above: Place | undefined,
  below: Place | undefined,
  med: MedCompare,
): Pick<RankedSource, "rule" | "because"> {
  if (place.spreadFrom !== undefined && above !== undefined) {
    return becauseSpread(place.candidate, above.candidate);
  }
  return below === undefined
    ? becauseLast(place.candidate, above?.candidate, med)
    : becauseAbove(place.candidate, below.candidate, med);
}

/** They add up: with this one, all appliances there are. */
function stepsOf({ candidate, tiered, at, above, notHeld, notWell, spreadFrom }: Place): RankStep[] {
  const { tier } = candidate;
  const below = tiered.slice(at + 1);
  const sameDraw = below.filter((one) => one.passed === candidate.passed).length;
  const steps: RankStep[] = [
    { rule: "above", out: spreadFrom ?? above },
    { rule: "no-route", out: tier.noRoute },
    { rule: "longest-prefix", out: tier.shorterPrefix },
    { rule: "as-path", out: tier.longerPath },
    { rule: "med", out: tier.higherMed },
    { rule: "distance", out: tier.farther },
    { rule: "not-held", out: notHeld },
    { rule: "health", out: notWell },
    { rule: "spread", out: spreadFrom === undefined ? 0 : above - spreadFrom },
    { rule: "load-bound", out: below.length - sameDraw },
    { rule: "draw", out: sameDraw },
  ];
  return steps.filter(({ out }) => out > 0);
}

function origin(candidates: number): RankedSource {
  return {
    id: "origin",
    siteId: "origin",
    siteName: "Origin",
    rule: "origin-last",
    because: becauseOrigin(candidates),
    prefix: undefined,
    asPathLength: undefined,
    med: undefined,
    distanceKm: undefined,
    steps: [],
  };
}
