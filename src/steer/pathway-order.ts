// From a ranking to pathways: in which order a player of someone else's should take its sources, and how soon it should ask again.
import type { Ranking } from "#model/steering.ts";
import { unitInterval } from "#units/hash.ts";
import { type Seconds, seconds } from "#units/quantity.ts";
import type { SteerSettings } from "./settings.ts";

export interface PathwayOrder {
  /** As things are now, among those that hold the whole title. */
  readonly now: Ranking;
  /** As it would be if every one of them were well. */
  readonly ideal: Ranking;
  /** Left out for nothing but their load. */
  readonly overloaded: ReadonlySet<string>;
  /** What the player says that it uses. */
  readonly used: readonly string[];
  /** What the player's own manifest names. */
  readonly listed: readonly string[];
  /** So many appliances are offered. */
  readonly most: number;
}

/** How far things are from what they should be; it sets how soon a player asks again. */
export type SteeringState = "healthy" | "degraded" | "incident";

export interface OrderedPathways {
  /** Best first. The origin stands after all that are well, the overloaded stand behind it. */
  readonly ids: readonly string[];
  readonly state: SteeringState;
  /** One sentence, for the log. */
  readonly because: string;
}

export function orderPathways(order: PathwayOrder): OrderedPathways {
  const well = wellOf(order);
  const ideal = idsOf(order.ideal);
  // Better than nothing, should the origin fail too; and only behind it, because more viewers are what they cannot bear.
  const overloaded = ideal.filter((id) => order.overloaded.has(id) && !well.includes(id));
  return { ids: [...well, ...overloaded], ...stateOf(order, well, ideal) };
}

function stateOf(
  { used, most }: PathwayOrder,
  well: readonly string[],
  ideal: readonly string[],
): Pick<OrderedPathways, "state" | "because"> {
  const appliances = ideal.filter((id) => id !== origin);
  if (appliances.length > 0 && !well.some((id) => id !== origin)) {
    return { state: "incident", because: `None of ${appliances.length} appliances is well.` };
  }
  const lost = used.find((id) => appliances.includes(id) && !well.includes(id));
  if (lost !== undefined)
    return { state: "incident", because: `The player uses ${lost}, which is not well.` };
  const missed = appliances.slice(0, most).find((id) => !well.includes(id));
  if (missed !== undefined) return { state: "degraded", because: `${missed} is not well.` };
  return { state: "healthy", because: "Every appliance that would be offered is well." };
}

const origin = "origin";

/**
 * Ranked, and before the origin those of the player's own manifest that are as well as the others but stand below the end of the
 * list: among many equals all of them may, and the player would be sent to the origin although they can serve it.
 */
function wellOf({ now, listed }: PathwayOrder): readonly string[] {
  const below = new Set(now.eliminated.filter(({ by }) => by === "list-full").map(({ id }) => id));
  const ids = idsOf(now).filter((id) => id !== origin);
  return [...ids, ...listed.filter((id) => below.has(id)), origin];
}

function idsOf(ranking: Ranking): readonly string[] {
  return ranking.ranked.map((source) => source.id);
}

/** Ten percent either way: players that began together do not ask together for long. */
const jitter = 0.1;

/**
 * When a player should ask again: whole seconds, at least 1.
 *
 * Spread evenly over ±10 % by session and epoch, so that the same question has the same answer.
 */
export function timeToLive(
  state: SteeringState,
  key: { readonly sessionKey: string; readonly epoch: number },
  settings: SteerSettings,
): Seconds {
  const base = {
    healthy: settings.ttlSeconds,
    degraded: settings.degradedTtlSeconds,
    incident: settings.incidentTtlSeconds,
  }[state];
  const place = unitInterval(`ttl\n${key.sessionKey}\n${key.epoch}`);
  return seconds(Math.max(1, Math.round(base * (1 - jitter + 2 * jitter * place))));
}
