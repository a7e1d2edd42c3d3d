// The popularity curve P(x): which share of the traffic the most popular x of the stored bytes carries.
// Files lie along x in density order (plays = bytes served ÷ bytes stored), so P is concave, P(0)=0 and P(1)=1.
import type { Ranked } from "./ranked.ts";

/** Vertices of the curve; between two of them it is straight. */
export interface Curve {
  readonly depth: Float64Array;
  readonly share: Float64Array;
}

/** The curve of files already in density order. Without bytes or without traffic it is the diagonal. */
export function popularityCurve(
  files: readonly { readonly sizeBytes: number; readonly traffic: number }[],
): Curve {
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const totalTraffic = files.reduce((sum, file) => sum + file.traffic, 0);
  if (totalBytes === 0 || totalTraffic === 0) {
    return { depth: Float64Array.of(0, 1), share: Float64Array.of(0, 1) };
  }
  const depth = new Float64Array(files.length + 1);
  const share = new Float64Array(files.length + 1);
  let seenBytes = 0;
  let seenTraffic = 0;
  files.forEach((file, i) => {
    seenBytes += file.sizeBytes;
    seenTraffic += file.traffic;
    depth[i + 1] = seenBytes / totalBytes;
    share[i + 1] = seenTraffic / totalTraffic;
  });
  depth[files.length] = 1;
  share[files.length] = 1;
  return { depth, share };
}

/**
 * Admitted ranks by plays per stored copy, most first: their own order, but for hot files, whose copies share the
 * plays. Only in this order is the curve of stored bytes concave.
 */
export function storedOrder(
  ranked: Ranked,
  admitted: Uint8Array,
  copies: Uint16Array,
  usual: number,
): Uint32Array {
  const density = (rank: number): number => (ranked.plays[rank] ?? 0) / (copies[rank] ?? 1);
  const hot: number[] = [];
  let count = 0;
  for (let at = 0; at < ranked.count; at++) {
    if (admitted[at] !== 1) continue;
    count += 1;
    if (copies[at] !== usual) hot.push(at);
  }
  hot.sort((a, b) => density(b) - density(a) || a - b);
  const order = new Uint32Array(count);
  let [used, placed] = [0, 0];
  for (let at = 0; at < ranked.count; at++) {
    if (admitted[at] !== 1 || copies[at] !== usual) continue;
    for (let next = hot[used]; next !== undefined; next = hot[++used]) {
      const lead = density(next) - density(at);
      if (lead < 0 || (lead === 0 && next > at)) break;
      order[placed++] = next;
    }
    order[placed++] = at;
  }
  for (; used < hot.length; used++) order[placed++] = hot[used] ?? 0;
  return order;
}

/** The curve of ranked files in that order, each as often as it has copies. */
export function curveOf(ranked: Ranked, order: Uint32Array, copies: Uint16Array): Curve {
  const count = order.length;
  let [totalBytes, totalTraffic] = [0, 0];
  for (const at of order) {
    totalBytes += (ranked.size[at] ?? 0) * (copies[at] ?? 1);
    totalTraffic += ranked.traffic[at] ?? 0;
  }
  if (totalBytes === 0 || totalTraffic === 0) return popularityCurve([]);
  const depth = new Float64Array(count + 1);
  const share = new Float64Array(count + 1);
  let [seen, seenBytes, seenTraffic] = [0, 0, 0];
  for (const at of order) {
    seen += 1;
    seenBytes += (ranked.size[at] ?? 0) * (copies[at] ?? 1);
    seenTraffic += ranked.traffic[at] ?? 0;
    depth[seen] = seenBytes / totalBytes;
    share[seen] = seenTraffic / totalTraffic;
  }
  depth[count] = 1;
  share[count] = 1;
  return { depth, share };
}

/** P(x), straight between vertices. */
export function shareAt(curve: Curve, x: number): number {
  let low = 0;
  let high = curve.depth.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((curve.depth[middle] ?? 1) <= x) low = middle;
    else high = middle;
  }
  const [x0, x1] = [curve.depth[low] ?? 0, curve.depth[high] ?? 1];
  const [p0, p1] = [curve.share[low] ?? 0, curve.share[high] ?? 1];
  return x1 === x0 ? p1 : p0 + ((p1 - p0) * (x - x0)) / (x1 - x0);
}

/**
 * D° = argmax P(D) − D, a vertex because P is concave. The first of equal ones.
 *
 * A file that crosses D changes boxes with probability ½Σ|t−s| ÷ (P(D)−D), so here crossings are cheapest.
 * Source: placement research §1.3 (derived).
 */
export function cheapestCutoff(curve: Curve): number {
  let best = 0;
  let gain = 0;
  for (let i = 0; i < curve.depth.length; i++) {
    const here = (curve.share[i] ?? 0) - (curve.depth[i] ?? 0);
    if (here > gain + 1e-15) {
      best = curve.depth[i] ?? 0;
      gain = here;
    }
  }
  return best;
}
