// A lint as a sentence, and what to do about it.
import type { Lint } from "./lint.ts";

export interface LintWords {
  readonly sentence: string;
  readonly mend: string;
}

const unwanted = {
  "default-route": "a default route, which says nothing of where viewers are",
  special: "special networks (private, documentation, multicast and the like), which are no viewer's",
  "too-short": "prefixes too short to tell where viewers are",
  "too-long": "prefixes longer than a listener should accept",
} as const;

export function lintWords(lint: Lint): LintWords {
  switch (lint.kind) {
    case "servers-differ": {
      const what = `${lint.count} of the ${lint.of} IPv${lint.family} ${plural(lint.of)} that site ${lint.siteId} hears`;
      return {
        sentence: `${lint.serverId} does not hear ${what}: viewers there are sent elsewhere when they land on it.`,
        mend:
          lint.count === lint.of
            ? "Look at its BGP session"
            : "Have the router announce the same to every server of the site",
      };
    }
    case "far-more-specific": {
      const why = lint.by === "distance" ? "is farther from their viewers" : "has a longer AS path to them";
      return {
        sentence: `Site ${lint.siteId} wins ${lint.count} ${plural(lint.count)} by length although it ${why} than site ${lint.nearerSiteId}, which hears only what is around them.`,
        mend: `Announce the same lengths to both, or withdraw the longer ones at ${lint.siteId}`,
      };
    }
    case "no-backup":
      return {
        sentence: `${lint.count} of ${lint.of} IPv${lint.family} ${plural(lint.of)} of site ${lint.siteId} are heard at no exchange: when it is down, only the origin is left.`,
        mend: "Announce them, or a prefix around them, over peering or transit too",
      };
    case "unacceptable":
      return {
        sentence: `Site ${lint.siteId} hears ${unwanted[lint.what]} (${lint.count}).`,
        mend: "Have the neighbour filter them out",
      };
    case "hears-nothing":
      return {
        sentence: `Site ${lint.siteId} hears nothing: no viewer is steered to it by route.`,
        mend: "Look at its BGP sessions, or at the routes file",
      };
  }
}

function plural(count: number): string {
  return count === 1 ? "prefix" : "prefixes";
}

/** Examples as text: "203.0.113.0/24 (5 hops against 3 hops of 203.0.112.0/22)". */
export function exampleWords(lint: Lint): readonly string[] {
  if (lint.kind === "hears-nothing") return [];
  if (lint.kind !== "far-more-specific") return lint.examples;
  const unit = lint.by === "distance" ? "km" : "hops";
  const number = (value: number): string => `${Math.round(value)}`;
  return lint.examples.map(
    ({ prefix, covering, far, near }) =>
      `${prefix} (${number(far)} ${unit} against ${number(near)} ${unit} of ${covering})`,
  );
}
