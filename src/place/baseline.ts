// What the plan is compared with: uniform consistent hashing, which knows neither disks nor links. For measurement only.
import type { FileDemand, PlacementServer, PredictedLoad } from "#model/placement.ts";
import { unitInterval } from "#units/hash.ts";
import { predict } from "./predict.ts";
import { byText, takeStock } from "./stock.ts";

/**
 * One copy of each file on the owner of its place on a ring where every server has the same number of tokens; the
 * owner of a place is the next token. The densest files come first; whom the owner has no room for is a hole.
 *
 * 1000 tokens is Apache Traffic Router's default. Headroom as in the plan.
 */
export function uniformRing(
  order: { readonly servers: readonly PlacementServer[]; readonly files: readonly FileDemand[] },
  headroomPercent: number,
  tokens = 1000,
): PredictedLoad | { readonly kind: "refused"; readonly because: string } {
  const stock = takeStock({ ...order, minCopies: 1, headroomPercent });
  if (stock.kind === "refused") return stock;
  const { boxes, files } = stock;
  const ring = boxes
    .flatMap(({ id }, box) =>
      Array.from({ length: tokens }, (_, i) => ({ at: unitInterval(`${id}#${i}`), box })),
    )
    .sort((a, b) => a.at - b.at || a.box - b.box);
  const places = Float64Array.from(ring, (token) => token.at);
  const free = boxes.map((box) => box.room);
  const holdings = files.map((file) => {
    const owner = ring[nextToken(places, unitInterval(file.id))]?.box ?? 0;
    const left = (free[owner] ?? 0) - file.sizeBytes;
    if (left < 0) return { file, serverIds: [] };
    free[owner] = left;
    return { file, serverIds: [boxes[owner]?.id ?? ""] };
  });
  const servers = order.servers.toSorted((a, b) => byText(a.id, b.id));
  return predict({ servers, holdings, previous: new Map() });
}

/** The first token at or after a place; after the last comes the first. */
function nextToken(places: Float64Array, at: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 1) < at) low = middle + 1;
    else high = middle;
  }
  return low === places.length ? 0 : low;
}
