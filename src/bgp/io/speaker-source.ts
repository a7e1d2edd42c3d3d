// What the speaker's neighbours announce, as the feed to control wants it. Read from their tables when it is asked for, so
// that a full table is in memory once.
import { type AdjRibIn, bestSet, countOf } from "#bgp/adj-rib-in.ts";
import { hopsOf } from "#bgp/attribute-store.ts";
import { families } from "#bgp/family.ts";
import { type HeardPrefix, heardPrefix } from "#bgp/nlri.ts";
import { familyOf, keyOfWords, type PrefixKey, wordsOfKey } from "#bgp/prefix-key.ts";
import { entries } from "#bgp/prefix-table.ts";
import type { RouteListener, RouteSource, SessionNow, SourceRow } from "#bgp/route-source.ts";
import type { HeardRoute } from "#model/route-feed.ts";
import type { PeerStatus } from "./peer.ts";
import type { SpeakerOrder } from "./speaker.ts";

/** What is read of whoever keeps tables of routes: the speaker, or a collector of what others hear. */
export interface HeardSpeaker {
  peers(): readonly Pick<PeerStatus, "address" | "state" | "complete">[];
  rib(address: string): AdjRibIn | undefined;
}

export class SpeakerSource implements RouteSource {
  /** Given to the speaker when it is opened. */
  readonly hooks: Required<Pick<SpeakerOrder, "onHeard" | "onTurn" | "onComplete">>;
  private speaker: HeardSpeaker | undefined;
  private listener: RouteListener | undefined;
  private readonly told = new Map<string, SessionNow["state"]>();
  private whole = false;
  private readonly timer: NodeJS.Timeout;

  /** After `wholeMs` nobody is waited for any more. */
  constructor(wholeMs: number) {
    this.timer = setTimeout(() => this.settle(), wholeMs);
    this.hooks = {
      onHeard: (address, { family, words, length }) =>
        this.listener?.changed(address, keyOfWords(family, words, length)),
      onTurn: (address) => this.turn(address),
      onComplete: () => {
        if (this.allComplete()) this.settle();
      },
    };
  }

  /** The speaker that was opened with the hooks. */
  attach(speaker: HeardSpeaker): void {
    this.speaker = speaker;
    for (const { address } of speaker.peers()) this.turn(address);
    if (this.allComplete()) this.settle();
  }

  close(): void {
    clearTimeout(this.timer);
  }

  isWhole(): boolean {
    return this.whole;
  }

  *sessions(): Iterable<SessionNow> {
    for (const { address } of this.speaker?.peers() ?? []) {
      const state = this.stateOf(address);
      if (state !== undefined) yield { id: address, state };
    }
  }

  route(session: string, key: PrefixKey): HeardRoute | undefined {
    const rib = this.speaker?.rib(session);
    if (rib === undefined) return undefined;
    const heard = heardPrefix();
    heard.family = familyOf(key);
    heard.length = wordsOfKey(key, heard.words);
    return routeOf(rib, heard);
  }

  *rows(): Iterable<SourceRow> {
    for (const { address } of this.speaker?.peers() ?? []) {
      const rib = this.speaker?.rib(address);
      if (rib !== undefined) yield* rowsOf(address, rib);
    }
  }

  listen(listener: RouteListener): void {
    this.listener = listener;
  }

  private turn(address: string): void {
    if (this.speaker === undefined) return;
    const state = this.stateOf(address);
    if (state === this.told.get(address)) return;
    if (state === undefined) this.told.delete(address);
    else this.told.set(address, state);
    this.listener?.worded(address);
  }

  /** Undefined while nothing is known of a neighbour. */
  private stateOf(address: string): SessionNow["state"] | undefined {
    const rib = this.speaker?.rib(address);
    if (rib === undefined) return undefined;
    if (families.some((family) => rib.tables[family].staleCount > 0)) return "stale";
    if (families.some((family) => countOf(rib, family) > 0)) return "up";
    const peer = this.speaker?.peers().find((other) => other.address === address);
    return peer?.state === "Established" ? "up" : undefined;
  }

  private allComplete(): boolean {
    const peers = this.speaker?.peers() ?? [];
    return (
      peers.length > 0 &&
      peers.every(({ address, state, complete }) => {
        const agreed = this.speaker?.rib(address)?.terms.families ?? [];
        return state === "Established" && agreed.every((family) => complete.includes(family));
      })
    );
  }

  private settle(): void {
    if (this.whole) return;
    this.whole = true;
    clearTimeout(this.timer);
    this.listener?.settled();
  }
}

/** Once per path: of a prefix with several, each time its best. */
function* rowsOf(address: string, rib: AdjRibIn): Iterable<SourceRow> {
  const scratch = heardPrefix();
  for (const family of families) {
    for (const { heard } of entries(rib.tables[family], scratch)) {
      const route = routeOf(rib, heard);
      const { words, length } = heard;
      if (route !== undefined) yield { session: address, key: keyOfWords(family, words, length), route };
    }
  }
}

function routeOf(rib: AdjRibIn, heard: HeardPrefix): HeardRoute | undefined {
  const set = bestSet(rib, heard);
  if (set === undefined) return undefined;
  const { sets } = rib;
  const asPathLength = sets.pathLengths[set] ?? 0;
  return { asPathLength, med: sets.meds[set] ?? 0, neighbourAs: hopsOf(sets, set)[0] ?? 0 };
}
