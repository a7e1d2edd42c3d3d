// The head: files that every box holds, so that steering can divide their traffic as it likes. And the hot files
// behind it, which are held by as many boxes as their traffic needs.
import type { Boxes } from "./columns.ts";
import type { Ranked } from "./ranked.ts";
import type { PlaceSettings } from "./settings.ts";

export const hot = 1;
const roomy = 2;

export interface Head {
  /** By rank. `hot`: too much traffic for few boxes. `roomy`: the whole catalogue fits, and this much more besides. */
  readonly why: Uint8Array;
  readonly files: number;
  /** On each box. */
  readonly bytes: number;
  /** Of these the hot ones. */
  readonly hotBytes: number;
  readonly traffic: number;
}

/** Up to so many boxes a hot file is held by all of them; among more, only if it is hot enough for so many. */
const fewBoxes = 16;
/** Part of all room left free beside the head, so that the rest can follow its weights and rarely spills. */
const slackPart = 0.1;

interface HeadOrder {
  readonly ranked: Ranked;
  readonly boxes: Boxes;
  readonly minCopies: number;
  readonly settings: PlaceSettings;
  /** Whether the file of a rank was in yesterday's head. */
  readonly wasHead: (rank: number) => boolean;
}

/** Traffic of a file above which it is hot: a part of what the slowest box may send. */
export function hotTraffic({ ranked, boxes, settings }: Omit<HeadOrder, "wasHead" | "minCopies">): number {
  const largest = boxes.room.reduce((a, b) => Math.max(a, b));
  let total = 0;
  for (let at = 0; at < ranked.count; at++) {
    if ((ranked.size[at] ?? 0) <= largest) total += ranked.traffic[at] ?? 0;
  }
  const throughput = boxes.throughput.reduce((a, b) => a + b);
  const slowest = boxes.throughput.reduce((a, b) => Math.min(a, b)) / throughput;
  return (settings.headTrafficPercent / 100) * slowest * total;
}

/** What hot files may take of each box. */
export function hotBytes(boxes: Boxes, settings: PlaceSettings): number {
  return (settings.headBytesPercent / 100) * boxes.room.reduce((a, b) => Math.min(a, b));
}

/**
 * Takes files in density order while one of two reasons holds:
 * - hot: its traffic is more than τ of the slowest box's part, and the head stays within its part of the smallest box;
 *   among many boxes both bounds tighten, since a copy on each costs more than it helps;
 * - room: with it on every box there is still room for `minCopies` of everything else.
 *
 * What was in the head yesterday stays until it falls below the bound by the margin.
 *
 * A single copy of one hot file would cap the whole cluster at the throughput of its holder. Source: placement
 * research §1.4, measured there: 0.35–0.66 of the cluster without a head, 1.00 with one.
 */
export function chooseHead(order: HeadOrder): Head {
  const { ranked, boxes, settings, wasHead } = order;
  const many = Math.max(1, boxes.count / fewBoxes);
  const enough = hotTraffic(order) * many;
  const kept = enough * (1 - settings.bandMarginPercent / 100);
  const bound = hotBytes(boxes, settings) / many;
  const largest = boxes.room.reduce((a, b) => Math.max(a, b));
  const fits = roominess(order, largest);
  const why = new Uint8Array(ranked.count);
  const sum = { files: 0, bytes: 0, hotBytes: 0, traffic: 0 };
  let largestLeft = 0;
  for (let at = 0; at < ranked.count; at++) {
    const size = ranked.size[at] ?? 0;
    if (size > largest) continue;
    const traffic = ranked.traffic[at] ?? 0;
    const isHot = traffic > enough || (traffic > kept && wasHead(at));
    if (isHot && sum.bytes + size <= bound) {
      why[at] = hot;
      sum.hotBytes += size;
    } else if (fits(sum.bytes + size, at, largestLeft)) why[at] = roomy;
    else {
      largestLeft = Math.max(largestLeft, size);
      continue;
    }
    sum.files += 1;
    sum.bytes += size;
    sum.traffic += traffic;
  }
  return { why, ...sum };
}

/** The same head without what only room put there. */
export function hotPart(head: Head, ranked: Ranked): Head {
  const why = head.why.map((reason) => (reason === hot ? hot : 0));
  const sum = { files: 0, bytes: 0, hotBytes: head.hotBytes, traffic: 0 };
  for (let at = 0; at < ranked.count; at++) {
    if (why[at] !== hot) continue;
    sum.files += 1;
    sum.bytes += ranked.size[at] ?? 0;
    sum.traffic += ranked.traffic[at] ?? 0;
  }
  return { why, ...sum };
}

/** Whether a head of so many bytes leaves room for the rest: in sum, and for its largest file. */
function roominess(
  { ranked, boxes, minCopies }: HeadOrder,
  largest: number,
): (headBytes: number, rank: number, largestLeft: number) => boolean {
  let all = 0;
  for (const size of ranked.size) if (size <= largest) all += size;
  const room = boxes.room.reduce((a, b) => a + b) * (1 - slackPart);
  const smallest = boxes.room.reduce((a, b) => Math.min(a, b));
  const copies = Math.min(minCopies, boxes.count);
  if (all <= smallest) return () => true;
  if (copies * all > room) return () => false;
  const largestAfter = new Float64Array(ranked.count + 1);
  for (let at = ranked.count - 1; at >= 0; at--) {
    const size = ranked.size[at] ?? 0;
    largestAfter[at] = Math.max(largestAfter[at + 1] ?? 0, size <= largest ? size : 0);
  }
  return (headBytes, rank, largestLeft) =>
    headBytes <= smallest &&
    boxes.count * headBytes + copies * (all - headBytes) <= room &&
    Math.max(largestLeft, largestAfter[rank + 1] ?? 0) <= largest - headBytes;
}
