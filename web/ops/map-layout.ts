// Sites as the discs that are drawn: those that would lie on each other are one disc, until the map is closer.
import type { Frame, SiteNow } from "./map-sites.ts";

export interface Disc {
  /** Of its first site; stays while the map does. */
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Those that can send the most first. */
  readonly sites: readonly SiteNow[];
  readonly throughputBps: number;
  readonly bitsPerSecond: number;
}

interface PlacedSite {
  readonly site: SiteNow;
  readonly at: readonly [number, number];
}

/** Discs are so many times the frame's width apart, or one: 1/32 of a map 800 pixels wide are 25 pixels. */
const cells = 32;
/** Nearer than so much of a cell, two discs would cover each other. */
const apartCells = 0.9;

/**
 * The discs of all sites that the frame shows, with a cell's room around it. A grid that is anchored in the world and not in the frame:
 * what is one disc stays one while the map is only moved. At most (cells + 3) · (cells / 2 + 3) discs, however many sites there are.
 */
export function discsOf(placed: readonly PlacedSite[], frame: Frame): readonly Disc[] {
  // Powers of two, so that turning the wheel a little does not deal all discs anew.
  const size = 2 ** Math.round(Math.log2(frame.width / cells));
  const isSeen = ({ at: [x, y] }: PlacedSite): boolean =>
    x >= frame.x - size &&
    x <= frame.x + frame.width + size &&
    y >= frame.y - size &&
    y <= frame.y + frame.width / 2 + size;
  const groups = Map.groupBy(
    placed.filter(isSeen),
    ({ at: [x, y] }) => `${Math.floor(x / size)} ${Math.floor(y / size)}`,
  );
  const discs = [...groups.values()].flatMap((group) => discOf(group));
  return apart(discs, apartCells * size);
}

/** Neighbours over a cell's edge: the larger one takes the smaller ones in, and stays where it is. */
function apart(discs: readonly Disc[], distance: number): readonly Disc[] {
  const left = new Set(discs.toSorted((a, b) => b.throughputBps - a.throughputBps || (a.id < b.id ? -1 : 1)));
  const taken: Disc[] = [];
  for (const disc of left) {
    left.delete(disc);
    const near = [...left].filter(({ x, y }) => Math.hypot(x - disc.x, y - disc.y) < distance);
    for (const one of near) left.delete(one);
    const all = [disc, ...near];
    taken.push({
      ...disc,
      sites: all.flatMap(({ sites }) => sites),
      throughputBps: all.reduce((sum, one) => sum + one.throughputBps, 0),
      bitsPerSecond: all.reduce((sum, one) => sum + one.bitsPerSecond, 0),
    });
  }
  return taken;
}

function discOf(group: readonly PlacedSite[]): readonly Disc[] {
  const [first] = group;
  if (first === undefined) return [];
  const sum = (of: (one: PlacedSite) => number): number => group.reduce((total, one) => total + of(one), 0);
  return [
    {
      id: first.site.id,
      x: sum(({ at }) => at[0]) / group.length,
      y: sum(({ at }) => at[1]) / group.length,
      sites: group.map(({ site }) => site),
      throughputBps: sum(({ site }) => site.throughputBps),
      bitsPerSecond: sum(({ site }) => site.bitsPerSecond),
    },
  ];
}
