// Why an entry stands where it stands, in a sentence with the numbers that decided.
import type { RankRule } from "#model/steering.ts";
import type { Candidate } from "./choose.ts";
import type { MedCompare } from "./tiers.ts";

export interface RankReason {
  readonly rule: RankRule;
  readonly because: string;
}

/** The first rule by which `upper` stands above `lower`; their numbers, most important first. */
export function becauseAbove(upper: Candidate, lower: Candidate, med: MedCompare): RankReason {
  const { rule, mine, theirs } = decisive(upper, lower, med);
  return { rule, because: `${capital(mine)}; the next, ${lower.id}, ${theirs}.` };
}

/** The last appliance names the rule that put it under the one above it: below it is only the origin. */
export function becauseLast(entry: Candidate, above: Candidate | undefined, med: MedCompare): RankReason {
  if (above !== undefined) {
    const { rule, mine, theirs } = decisive(above, entry, med);
    return { rule, because: `It ${theirs}; ${above.id} above it: ${mine}. Below is only the origin.` };
  }
  if (entry.match !== undefined) {
    const { prefix, asPathLength, med } = entry.match;
    return {
      rule: "longest-prefix",
      because: `The only appliance left: ${entry.site.name} heard ${prefix}, AS path ${hops(asPathLength)}, MED ${med}.`,
    };
  }
  return {
    rule: "distance",
    because: `The only appliance left, ${kilometresText(entry)}; no site heard a route.`,
  };
}

/** It is in the list for being elsewhere than all above it. */
export function becauseSpread(entry: Candidate, above: Candidate): RankReason {
  const heard = entry.match === undefined ? "heard no route" : `heard ${entry.match.prefix}`;
  return {
    rule: "spread",
    because: `All above it stand at ${above.site.name}; ${entry.site.name} (${heard}, ${kilometresText(entry)}) is the best elsewhere.`,
  };
}

export function becauseOrigin(appliances: number): string {
  return appliances === 0
    ? "No appliance may serve this viewer; the origin holds every file."
    : "The origin holds every file and is asked last, so that it is spared.";
}

interface Decision {
  readonly rule: RankRule;
  /** Of the upper one, as a clause of its own. */
  readonly mine: string;
  /** Of the lower one, behind its name. */
  readonly theirs: string;
}

function decisive(upper: Candidate, lower: Candidate, med: MedCompare): Decision {
  const [a, b] = [upper.match, lower.match];
  if (a !== undefined && b !== undefined) {
    if (a.prefixLength !== b.prefixLength) {
      return {
        rule: "longest-prefix",
        mine: `prefix ${a.prefix} is ${a.prefixLength} bits long`,
        theirs: `has ${b.prefix} with ${b.prefixLength}`,
      };
    }
    if (a.asPathLength !== b.asPathLength) {
      return { rule: "as-path", mine: `AS path ${hops(a.asPathLength)}`, theirs: `needs ${b.asPathLength}` };
    }
    const comparable = med === "always" || a.neighbourAs === b.neighbourAs;
    if (comparable && a.med < b.med) return { rule: "med", mine: `MED ${a.med}`, theirs: `has ${b.med}` };
  }
  if (a !== undefined && b === undefined) {
    return { rule: "longest-prefix", mine: `${upper.site.name} heard ${a.prefix}`, theirs: "heard no route" };
  }
  if (nearer(upper, lower)) {
    return {
      rule: "distance",
      mine: `${upper.site.name} is ${kilometresText(upper)}`,
      theirs: `is ${kilometresText(lower)}`,
    };
  }
  if (a !== undefined && b !== undefined && med === "same-neighbour" && upper.tier !== lower.tier) {
    return {
      rule: "med",
      mine: `MED ${a.med}, the lowest left of AS ${a.neighbourAs}`,
      theirs: `stands behind a lower MED than its ${b.med} of its own neighbour, AS ${b.neighbourAs}`,
    };
  }
  return shared(upper, lower);
}

function nearer(upper: Candidate, lower: Candidate): boolean {
  return (upper.distanceKm ?? Number.POSITIVE_INFINITY) < (lower.distanceKm ?? Number.POSITIVE_INFINITY);
}

/** Equal in everything the network knows: the load bound, free throughput, or the session's draw against it. */
function shared(upper: Candidate, lower: Candidate): Decision {
  if (upper.passed === 0 && lower.passed === 1) {
    return {
      rule: "load-bound",
      mine: `${percent(upper.used)} used, below its tier's bound of ${percent(upper.bound)}`,
      theirs: `is used ${percent(lower.used)} and passed over`,
    };
  }
  const byLoad = upper.free > lower.free;
  return {
    rule: byLoad ? "load" : "tie-break",
    mine: byLoad
      ? `${megabits(upper.free)} free, and this session drew it`
      : `equal by every rule, this session drew it with ${megabits(upper.free)} free`,
    theirs: `has ${megabits(lower.free)} free`,
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function hops(count: number): string {
  return count === 1 ? "1 hop" : `${count} hops`;
}

function kilometresText(entry: Candidate): string {
  return entry.distanceKm === undefined
    ? "at an unknown distance"
    : `${Math.round(entry.distanceKm)} km away`;
}

function megabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}
