// Sites of the map with what their appliances can send and do send, and the part of the world that shows them all.
import type { OpsMap } from "#wire/ops-network.ts";

export interface SiteNow {
  readonly id: string;
  readonly name: string;
  readonly location: OpsMap["sites"][number]["location"];
  readonly appliances: readonly OpsMap["appliances"][number][];
  readonly throughputBps: number;
  readonly bitsPerSecond: number;
  readonly sessions: number;
}

/** Those that can send the most first. */
export function sitesOf({ sites, appliances, flows }: OpsMap): readonly SiteNow[] {
  const bySite = Map.groupBy(appliances, ({ siteId }) => siteId);
  const played = new Map<string, number>();
  for (const { applianceId, sessions } of flows)
    played.set(applianceId, (played.get(applianceId) ?? 0) + sessions);
  return sites
    .map(({ id, name, location }) => {
      const own = bySite.get(id) ?? [];
      return {
        ...{ id, name, location, appliances: own },
        throughputBps: own.reduce((sum, one) => sum + one.throughputBps, 0),
        bitsPerSecond: own.reduce((sum, one) => sum + one.bitsPerSecond, 0),
        sessions: own.reduce((sum, one) => sum + (played.get(one.id) ?? 0), 0),
      };
    })
    .toSorted((a, b) => b.throughputBps - a.throughputBps);
}

/** In fifths of what it can send; 0 while it can send nothing. */
export function loadClass({
  bitsPerSecond,
  throughputBps,
}: Pick<SiteNow, "bitsPerSecond" | "throughputBps">): number {
  if (!(throughputBps > 0)) return 0;
  return Math.min(4, Math.floor((5 * bitsPerSecond) / throughputBps));
}

/** The appliance that a press on the site picks: its first, and from one of its own the next, round and round. */
export function nextOf({ appliances }: Pick<SiteNow, "appliances">, picked: string): string | undefined {
  const at = appliances.findIndex(({ id }) => id === picked);
  return appliances[(at + 1) % appliances.length]?.id;
}

export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Twice as wide as high, around all points with some room, and never so close that coasts say nothing. */
export function frameOf(points: readonly (readonly [number, number])[], whole: Frame): Frame {
  if (points.length === 0) return whole;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const width = Math.min(whole.width, Math.max(whole.width / 10, 1.6 * (right - left), 3.2 * (bottom - top)));
  return { x: (left + right) / 2 - width / 2, y: (top + bottom) / 2 - width / 4, width };
}
