// A feed as it is kept on disk: one snapshot, in the parts that it would travel in.
import type { RoutePart } from "#model/route-feed.ts";
import type { RouteFeed } from "./route-feed.ts";
import { recallToken } from "./route-feed.ts";
import { RowPacker } from "./route-rows.ts";

/** Part by part, so that whoever writes them may rest in between; the feed must not change meanwhile. */
export function* keptParts(feed: RouteFeed, partOctets: number): Generator<RoutePart, void> {
  const stream = feed.position?.stream ?? "";
  const words = [...feed.sessions].map(([id, { state }]) => ({ id, state, isAnew: false }));
  let seq = 0;
  const part = (packer: RowPacker, isLast: boolean): RoutePart => {
    seq += 1;
    const isFirst = seq === 1;
    return {
      ...{ kind: "part", base: "nothing", stream, seq, isFirst, isLast },
      token: isFirst ? recallToken : "",
      sessions: isFirst ? words : [],
      ...packer.finish(),
    };
  };
  let packer = new RowPacker();
  for (const [session, { routes }] of feed.sessions) {
    for (const [key, route] of routes) {
      packer.add({ session, key, route });
      if (packer.size < partOctets) continue;
      yield part(packer, false);
      packer = new RowPacker();
    }
  }
  yield part(packer, true);
}
