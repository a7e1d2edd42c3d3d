// What befell a region, in words, and where on the pictures it stands.
import type { Scenario, SimEvent } from "./scenario.ts";

export interface Flag {
  readonly number: number;
  /** Days from the beginning of the run. */
  readonly at: number;
  readonly words: string;
}

/** In the order of time. */
export function flagsOf({ events }: Scenario): readonly Flag[] {
  return events
    .map((event) => ({ at: event.day + event.hour / 24, words: wordsOf(event) }))
    .toSorted((a, b) => a.at - b.at)
    .map((one, i) => ({ ...one, number: i + 1 }));
}

export function wordsOf(event: SimEvent): string {
  switch (event.kind) {
    case "add":
      return `${event.server.id} is added to ${event.siteId}, its disk empty`;
    case "fail":
      return `${event.serverId} loses its power`;
    case "remove":
      return `${event.serverId} is taken out of the topology`;
    case "repair":
      return `${event.serverId} is back, and reads its disk before it serves`;
    case "drain":
      return `${event.serverId} is drained`;
    case "undrain":
      return `${event.serverId} takes viewers again`;
    case "lie":
      return `${event.serverId} sends wrong bytes to whoever fetches from it, for ${event.hours} h`;
    case "premiere":
      return `a premiere for ${Math.round(100 * event.share)} % of a day's plays is published, and opens ${event.startsAfterHours} h later`;
    case "dark":
      return `control is dark for ${event.hours} h: no plan, and no word to or from boxes`;
    case "reroute":
      return `viewers of ${event.regionId} are heard another way: ${event.routes.map(({ siteId }) => siteId).join(", ")}`;
  }
}
