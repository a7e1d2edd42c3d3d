// The speaker's tables as a source of routes: read bit by bit while neighbours go on talking, they come out whole.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AdjRibIn, adjRibIn, hearUpdate, staleFamily, sweepFamily } from "#bgp/adj-rib-in.ts";
import { hopsOf } from "#bgp/attribute-store.ts";
import type { PeerStatus } from "#bgp/io/peer.ts";
import { type HeardSpeaker, SpeakerSource } from "#bgp/io/speaker-source.ts";
import { heardPrefix, prefixValue } from "#bgp/nlri.ts";
import { keyOf } from "#bgp/prefix-key.ts";
import { eachEntry } from "#bgp/prefix-table.ts";
import { RouteFeed } from "#bgp/route-feed.ts";
import { RouteLog } from "#bgp/route-log.ts";
import { attributesWith, openFilter, plainTerms, prefixNamed } from "#bgp/sample-route.ts";
import { SiteView } from "#bgp/site-view.ts";
import { announcement, withdrawal } from "#bgp/write-update.ts";
import type { HeardRoute } from "#model/route-feed.ts";
import { siteId } from "#units/id.ts";

const plain = "192.0.2.1";
const several = "192.0.2.2";
const addresses = [plain, several];
const prefixes = [
  ...Array.from({ length: 12 }, (_, n) => `10.${n}.0.0/16`),
  ...Array.from({ length: 6 }, (_, n) => `2001:db8:${n}::/48`),
  "0.0.0.0/0",
  "203.0.113.7/32",
];

type Move =
  | {
      readonly kind: "say";
      readonly to: string;
      readonly prefix: string;
      readonly path: number;
      readonly hops: number;
    }
  | { readonly kind: "stale" | "sweep-stale" | "sweep-all"; readonly to: string }
  | { readonly kind: "talk" };

const to = fc.constantFrom(...addresses);
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("say" as const),
      to,
      prefix: fc.constantFrom(...prefixes),
      path: fc.nat(2),
      /** 0 withdraws. */
      hops: fc.nat(4),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("stale" as const, "sweep-stale" as const), to }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep-all" as const), to }) },
  { weight: 15, arbitrary: fc.constant({ kind: "talk" as const }) },
);

class Box {
  readonly ribs = new Map<string, AdjRibIn>([
    [plain, adjRibIn(plainTerms, openFilter, 1)],
    [several, adjRibIn({ ...plainTerms, addPath: [4, 6] }, openFilter, 2)],
  ]);
  readonly source = new SpeakerSource(600_000);
  readonly log = new RouteLog({ stream: "s", source: this.source, partOctets: 24, mostWaiting: 8 });
  readonly feed = new RouteFeed(10_000);
  readonly past = ["[]"];
  private readonly site = new SiteView(siteId("s1"));
  private tokens = 0;

  constructor() {
    const speaker: HeardSpeaker = {
      rib: (address) => this.ribs.get(address),
      peers: () => addresses.map((address) => this.statusOf(address)),
    };
    this.source.attach(speaker);
    this.note();
  }

  /** Established, and both families told: as the speaker would say. */
  private statusOf(address: string): PeerStatus {
    const rib = this.ribs.get(address);
    assert.ok(rib !== undefined);
    const state = "Established";
    return {
      address,
      site: "s1",
      as: 1,
      state,
      prefixes: { 4: 0, 6: 0 },
      complete: [4, 6],
      counts: rib.counts,
    };
  }

  make(move: Move): void {
    if (move.kind === "talk") {
      this.talk();
      return;
    }
    const rib = this.ribs.get(move.to);
    assert.ok(rib !== undefined);
    const changed = (heard: Parameters<SpeakerSource["hooks"]["onHeard"]>[1]): void =>
      this.source.hooks.onHeard(move.to, heard);
    if (move.kind === "say") {
      const withPathId = move.to === several;
      const named = [prefixNamed(withPathId ? `${move.prefix} ${move.path}` : move.prefix)];
      const nextHop = new Uint8Array(move.prefix.includes(":") ? 16 : 4).fill(1);
      const hops = Array.from({ length: move.hops }, (_, i) => 64_500 + i + move.path);
      const message =
        move.hops === 0
          ? withdrawal(named, withPathId)
          : announcement(attributesWith(hops, { nextHop, med: move.path }), named, {
              asOctets: 4,
              withPathId,
            });
      hearUpdate(rib, message, 0, message.length, changed);
    } else {
      for (const family of [4, 6] as const) {
        if (move.kind === "stale") staleFamily(rib, family);
        else sweepFamily(rib, family, move.kind === "sweep-all" ? "all" : "stale", changed);
      }
    }
    this.source.hooks.onTurn(move.to);
    this.note();
  }

  talk(): void {
    const message = this.log.next() ?? this.log.hello();
    const taking = this.feed.take(message, `t${++this.tokens}`);
    assert.ok(taking.kind === "answer");
    if (taking.commit !== undefined) for (const _ of this.feed.settle(taking.commit, this.site));
    this.log.answered(message, taking.answer);
  }

  /** What the tables hold, by a walk over every path. */
  note(): string {
    const sessions = [...this.ribs].map(([address, rib]) => {
      const best = new Map<string, HeardRoute>();
      let isStale = false;
      for (const family of [4, 6] as const) {
        isStale ||= rib.tables[family].staleCount > 0;
        eachEntry(rib.tables[family], heardPrefix(), (heard, set) => {
          const hops = hopsOf(rib.sets, set);
          const route = {
            asPathLength: hops.length,
            med: rib.sets.meds[set] ?? 0,
            neighbourAs: hops[0] ?? 0,
          };
          const key = keyOf(prefixValue(heard));
          const before = best.get(key);
          const apart = before && (route.asPathLength - before.asPathLength || route.med - before.med);
          if (apart === undefined || apart < 0) best.set(key, route);
        });
      }
      return [address, isStale ? "stale" : "up", [...best].sort()];
    });
    const text = JSON.stringify(sessions);
    if (this.past.at(-1) !== text) this.past.push(text);
    return text;
  }

  view(): string {
    return JSON.stringify(
      [...this.feed.sessions].map(([id, { state, routes }]) => [id, state, [...routes].sort()]).sort(),
    );
  }
}

test("[BG123] tables that change while they are read are told as they were at some moment, and in the end as they are", (t) => {
  const boxes: Box[] = [];
  t.after(() => {
    for (const box of boxes) box.source.close();
  });
  let snapshots = 0;
  fc.assert(
    fc.property(fc.array(moves, { minLength: 20, maxLength: 200, size: "max" }), (all) => {
      const box = new Box();
      boxes.push(box);
      let upTo = 0;
      for (const move of all) {
        box.make(move);
        upTo = box.past.indexOf(box.view(), upTo);
        assert.ok(upTo >= 0, `never was, or went back: ${box.view()}`);
        if (box.log.overflows > 0) snapshots += 1;
      }
      for (let i = 0; i < 60; i++) box.talk();
      assert.equal(box.view(), box.note());
    }),
    { seed: 20_261_126, numRuns: 150 },
  );
  assert.ok(snapshots > 0, "no log ever overflowed");
});

test("[BG123] a source is whole once every neighbour has told all it was agreed on, or after its patience", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const rib = adjRibIn(plainTerms, openFilter, 1);
  let complete: readonly (4 | 6)[] = [];
  let state: PeerStatus["state"] = "Active";
  const peers = (): readonly PeerStatus[] => [
    { address: plain, site: "s", as: 1, state, prefixes: { 4: 0, 6: 0 }, complete, counts: rib.counts },
  ];
  const open = (): SpeakerSource => {
    const source = new SpeakerSource(1000);
    source.attach({ peers, rib: () => rib });
    return source;
  };
  const first = open();
  assert.deepEqual([...first.sessions()], [], "nothing is known of who is not there");
  state = "Established";
  complete = [4];
  first.hooks.onComplete(plain, 4);
  assert.equal(first.isWhole(), false);
  complete = [4, 6];
  first.hooks.onComplete(plain, 6);
  assert.equal(first.isWhole(), true);
  assert.deepEqual([...first.sessions()], [{ id: plain, state: "up" }]);
  state = "Idle";
  const second = open();
  t.mock.timers.tick(999);
  assert.equal(second.isWhole(), false);
  t.mock.timers.tick(1);
  assert.equal(second.isWhole(), true);
});
