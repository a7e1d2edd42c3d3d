// The lower-left convex hull of one shot's trials: the only points that a constant slope can ever choose.
// Source: Shoham & Gersho, Efficient bit allocation for an arbitrary set of quantizers (1988); Netflix, Dynamic optimizer (2018).

export interface HullPoint {
  readonly bits: number;
  /** Summed over the shot's frames; lower is better. */
  readonly distortion: number;
}

/** Vertices by rising bits: distortion falls strictly, and each step buys less per bit than the one before. */
export function convexHull<T extends HullPoint>(points: readonly T[]): readonly T[] {
  const order = [...points].sort((a, b) => a.bits - b.bits || a.distortion - b.distortion);
  const hull: T[] = [];
  for (const point of order) {
    const last = hull.at(-1);
    if (last !== undefined && point.distortion >= last.distortion) continue;
    while (hull.length >= 2 && !isWorthMore(hull.at(-2), hull.at(-1), point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

/** Distortion saved per bit from one point to a dearer one. */
export function slopeBetween(cheap: HullPoint, dear: HullPoint): number {
  return (cheap.distortion - dear.distortion) / (dear.bits - cheap.bits);
}

function isWorthMore(before: HullPoint | undefined, last: HullPoint | undefined, next: HullPoint): boolean {
  if (before === undefined || last === undefined) return true;
  return slopeBetween(before, last) > slopeBetween(last, next);
}
