import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { writePrefix } from "./address.ts";
import {
  type AdjRibIn,
  adjRibIn,
  bestSet,
  changeTerms,
  countOf,
  type Heard,
  hearUpdate,
  staleFamily,
  sweepFamily,
} from "./adj-rib-in.ts";
import { hopsOf } from "./attribute-store.ts";
import type { RouteFilter } from "./filter.ts";
import { heardPrefix, type PathPrefix, prefixValue, setPrefix } from "./nlri.ts";
import { eachEntry, mostPaths } from "./prefix-table.ts";
import { attributesWith, openFilter, plainTerms, prefixNamed } from "./sample-route.ts";
import type { UpdateTerms } from "./update.ts";
import { announcement, withdrawal } from "./write-update.ts";

const withPaths: UpdateTerms = { ...plainTerms, addPath: [4, 6] };

function ribOf(terms = plainTerms, filter: RouteFilter = openFilter): AdjRibIn {
  return adjRibIn(terms, filter, 7);
}

function take(rib: AdjRibIn, message: Uint8Array, changed: string[] = []): Heard {
  return hearUpdate(rib, message, 0, message.length, (heard) =>
    changed.push(writePrefix(prefixValue(heard))),
  );
}

/** "announce 203.0.113.0/24 7 via 1 2 3 med 5": prefix, path id, hops. Returns the prefixes that changed. */
function announce(
  rib: AdjRibIn,
  prefixes: readonly string[],
  hops: readonly number[],
  med?: number,
): string[] {
  const changed: string[] = [];
  const wire = { asOctets: rib.terms.asOctets, withPathId: rib.terms.addPath.length > 0 };
  const named = prefixes.map(prefixNamed);
  const isV6 = named[0]?.prefix.family === 6;
  const nextHop = new Uint8Array(isV6 ? 16 : 4).fill(1);
  const heard = take(rib, announcement(attributesWith(hops, { med, nextHop }), named, wire), changed);
  assert.equal(heard.kind, "heard");
  return changed;
}

function withdraw(rib: AdjRibIn, ...prefixes: readonly string[]): string[] {
  const changed: string[] = [];
  take(rib, withdrawal(prefixes.map(prefixNamed), rib.terms.addPath.length > 0), changed);
  return changed;
}

function content(rib: AdjRibIn): readonly string[] {
  const lines: string[] = [];
  for (const family of [4, 6] as const) {
    eachEntry(rib.tables[family], heardPrefix(), (heard, set) => {
      const path = heard.pathId === 0 ? "" : ` ${heard.pathId}`;
      lines.push(`${writePrefix(prefixValue(heard))}${path} via ${hopsOf(rib.sets, set).join(" ")}`);
    });
  }
  return lines.sort();
}

function best(rib: AdjRibIn, prefix: string): readonly number[] | undefined {
  const set = bestSet(rib, setPrefix(heardPrefix(), prefixNamed(prefix).prefix));
  return set === undefined ? undefined : hopsOf(rib.sets, set);
}

interface Step {
  readonly kind: "announce" | "withdraw";
  readonly prefixes: readonly PathPrefix[];
  readonly hops: readonly number[];
}

function stepsOf(family: 4 | 6, withPathId: boolean): fc.Arbitrary<Step[]> {
  const prefix = fc
    .tuple(fc.nat(40), fc.constantFrom(8, 16, 24, 32), withPathId ? fc.nat(3) : fc.constant(0))
    .map(([top, length, pathId]): PathPrefix => {
      const value = BigInt(top + 1) << BigInt(family === 4 ? 24 : 120);
      return { prefix: { family, value, length }, pathId };
    });
  return fc.array(
    fc.record({
      kind: fc.constantFrom("announce" as const, "announce" as const, "withdraw" as const),
      prefixes: fc.array(prefix, { minLength: 1, maxLength: 40 }),
      hops: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 30 },
  );
}

function run(rib: AdjRibIn, { kind, prefixes, hops }: Step): void {
  const withPathId = rib.terms.addPath.length > 0;
  const nextHop = new Uint8Array(prefixes[0]?.prefix.family === 6 ? 16 : 4);
  const message =
    kind === "announce"
      ? announcement(attributesWith(hops, { nextHop }), prefixes, { asOctets: 4, withPathId })
      : withdrawal(prefixes, withPathId);
  assert.equal(take(rib, message).kind, "heard");
}

test("[BG36] the table equals a plain map after any announcements and withdrawals", () => {
  let compared = 0;
  const any = fc
    .tuple(fc.constantFrom<4 | 6>(4, 6), fc.boolean())
    .chain(([family, withPathId]) => stepsOf(family, withPathId).map((steps) => ({ withPathId, steps })));
  fc.assert(
    fc.property(any, ({ withPathId, steps }) => {
      const rib = ribOf(withPathId ? withPaths : plainTerms);
      const naive = new Map<string, string>();
      for (const step of steps) {
        run(rib, step);
        for (const { prefix, pathId } of step.prefixes) {
          const key = `${writePrefix(prefix)}${pathId === 0 ? "" : ` ${pathId}`}`;
          if (step.kind === "announce") naive.set(key, `${key} via ${step.hops.join(" ")}`);
          else naive.delete(key);
        }
        assert.deepEqual(content(rib), [...naive.values()].sort());
        assert.equal(countOf(rib, 4) + countOf(rib, 6), naive.size);
        const sets = new Set([...naive.values()].map((line) => line.split(" via ")[1]));
        assert.equal(
          rib.sets.index.used,
          sets.size,
          "each attribute set is kept once, and no longer than needed",
        );
        compared += naive.size;
      }
    }),
    { numRuns: 150, seed: 41 },
  );
  assert.ok(compared > 10_000, `only ${compared} routes were compared`);
});

test("[BG35] announced and then withdrawn is as if it had never been said", () => {
  fc.assert(
    fc.property(stepsOf(4, true), stepsOf(4, true), (before, more) => {
      const rib = ribOf(withPaths);
      for (const step of before) run(rib, step);
      const was = content(rib);
      // Other first octets than `before` can have.
      const strangers = more.map((step) => ({
        ...step,
        prefixes: step.prefixes.map(({ prefix, pathId }) => ({
          prefix: { ...prefix, value: prefix.value + (100n << 24n) },
          pathId,
        })),
      }));
      for (const step of strangers) run(rib, { ...step, kind: "announce" });
      for (const step of strangers) run(rib, { ...step, kind: "withdraw" });
      assert.deepEqual(content(rib), was);
    }),
    { numRuns: 150, seed: 42 },
  );
  const rib = ribOf();
  assert.deepEqual(announce(rib, ["203.0.113.0/24"], [1]), ["203.0.113.0/24"]);
  assert.deepEqual(announce(rib, ["203.0.113.0/24"], [1]), [], "the same again changes nothing");
  assert.deepEqual(withdraw(rib, "203.0.113.0/24", "198.51.100.0/24"), ["203.0.113.0/24"]);
  assert.deepEqual([rib.sets.index.used, rib.sets.arenaDead - rib.sets.arenaUsed], [0, 0]);
});

test("[BG37] attribute sets that come and go leave no room taken", () => {
  const rib = ribOf();
  for (let turn = 0; turn < 20_000; turn++) announce(rib, [`9.${turn % 100}.0.0/16`], [turn + 1, 2, 3]);
  assert.equal(rib.sets.index.used, 100);
  assert.ok(rib.sets.arena.length < 50_000, `${rib.sets.arena.length} octets for 100 sets`);
  assert.ok(rib.sets.made < 200, `${rib.sets.made} numbers for 100 sets`);
  assert.deepEqual(best(rib, "9.99.0.0/16"), [20_000, 2, 3]);
  for (let i = 0; i < 100; i++) withdraw(rib, `9.${i}.0.0/16`);
  assert.deepEqual(content(rib), []);
});

test("[BG38] of a prefix's paths the shortest is best, then the one of lowest MED, in whatever order they come", () => {
  const paths: readonly (readonly [string, readonly number[], number | undefined])[] = [
    ["9.0.0.0/8 1", [1, 2, 3], undefined],
    ["9.0.0.0/8 2", [1, 2], 20],
    ["9.0.0.0/8 3", [3, 2], 10],
    ["9.0.0.0/8 4", [4, 2], 10],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray([...paths], { minLength: paths.length }), (order) => {
      const rib = ribOf(withPaths);
      for (const [prefix, hops, med] of order) announce(rib, [prefix], hops, med);
      assert.deepEqual(best(rib, "9.0.0.0/8"), [3, 2]);
      withdraw(rib, "9.0.0.0/8 3", "9.0.0.0/8 4");
      assert.deepEqual(best(rib, "9.0.0.0/8"), [1, 2]);
      withdraw(rib, "9.0.0.0/8 2", "9.0.0.0/8 1");
      assert.equal(best(rib, "9.0.0.0/8"), undefined);
    }),
    { seed: 43 },
  );
});

test("[BG43] one prefix takes a bounded number of paths", () => {
  const rib = ribOf(withPaths);
  for (let path = 1; path <= mostPaths + 5; path++) announce(rib, [`9.0.0.0/8 ${path}`], [path]);
  assert.deepEqual([countOf(rib, 4), rib.counts.rejected["too-many-paths"]], [mostPaths, 5]);
  announce(rib, ["9.0.0.0/8 1"], [7, 7]);
  assert.equal(rib.counts.rejected["too-many-paths"], 5, "a path that is there may still change");
});

test("[BG39] what was stale and is not said again goes, what is said again stays", () => {
  const rib = ribOf();
  announce(rib, ["9.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"], [1]);
  announce(rib, ["2a00::/16"], [1]);
  staleFamily(rib, 4);
  assert.deepEqual(announce(rib, ["9.0.0.0/8"], [1]), [], "known already: nothing changed");
  assert.deepEqual(announce(rib, ["11.0.0.0/8"], [2]), ["11.0.0.0/8"]);
  const gone: string[] = [];
  sweepFamily(rib, 4, "stale", (heard) => gone.push(writePrefix(prefixValue(heard))));
  assert.deepEqual(gone, ["12.0.0.0/8"]);
  sweepFamily(rib, 4, "stale", () => assert.fail("a second End-of-RIB finds nothing"));
  assert.deepEqual(content(rib), ["11.0.0.0/8 via 2", "2a00::/16 via 1", "9.0.0.0/8 via 1"]);
  sweepFamily(rib, 4, "all", () => undefined);
  assert.deepEqual(content(rib), ["2a00::/16 via 1"]);
  announce(rib, ["9.0.0.0/8"], [3]);
  assert.deepEqual(best(rib, "9.0.0.0/8"), [3], "an emptied table works as a new one");
});

test("[BG29] prefixes of a message with a broken attribute are withdrawn, and counted", () => {
  const rib = ribOf();
  announce(rib, ["9.0.0.0/8"], [1]);
  const good = announcement(attributesWith([1, 2]), [prefixNamed("9.0.0.0/8")], {
    asOctets: 4,
    withPathId: false,
  });
  // ORIGIN is the first attribute, its value the first of its octets after three.
  good[19 + 4 + 3] = 9;
  const heard = take(rib, good);
  assert.equal(heard.kind === "heard" && heard.flaw, "ORIGIN is malformed");
  assert.deepEqual([content(rib), rib.counts.treatedAsWithdraw], [[], 1]);
  const broken = announcement(attributesWith([1]), [], { asOctets: 4, withPathId: false });
  broken[19 + 4 + 3] = 9;
  assert.equal(take(rib, broken).kind, "broken");
});

test("[BG40] what the filters refuse is counted by reason, and takes the place of what was there", () => {
  const strict: RouteFilter = {
    ...openFilter,
    allowsPrivate: false,
    allowsDefaultRoute: false,
    lengths: { 4: { shortest: 8, longest: 24 }, 6: { shortest: 16, longest: 48 } },
  };
  const rib = ribOf(plainTerms, strict);
  announce(rib, ["9.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8", "9.9.9.0/25", "8.0.0.0/7"], [1]);
  announce(rib, ["2a00::/12", "2a00::/49", "2001:db8::/32", "2a00:1::/32", "::/0"], [1]);
  assert.deepEqual(content(rib), ["2a00:1::/32 via 1", "9.0.0.0/8 via 1"]);
  const { rejected } = rib.counts;
  assert.deepEqual(
    { ...rejected },
    {
      "default-route": 2,
      bogon: 2,
      "too-short": 2,
      "too-long": 2,
      "own-as": 0,
      "first-as": 0,
      "too-many-paths": 0,
    },
  );
  assert.deepEqual(announce(rib, ["9.0.0.0/8"], [1, 64_999, 3]), ["9.0.0.0/8"]);
  assert.deepEqual([content(rib), rejected["own-as"]], [["2a00:1::/32 via 1"], 1]);
});

test("[BG39] a session that reads attributes otherwise begins with an empty table", () => {
  const rib = ribOf();
  announce(rib, ["9.0.0.0/8"], [1]);
  changeTerms(rib, { ...plainTerms, addPath: [4] }, () => assert.fail("path ids alone change no attributes"));
  assert.equal(countOf(rib, 4), 1);
  const gone: string[] = [];
  changeTerms(rib, { ...plainTerms, asOctets: 2 }, (heard) => gone.push(writePrefix(prefixValue(heard))));
  assert.deepEqual([gone, countOf(rib, 4), rib.sets.index.used], [["9.0.0.0/8"], 0, 0]);
});

test("[BG31] the table stands whatever octets come, and holds nothing that is lost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 })), {
        maxLength: 20,
      }),
      (steps) => {
        const rib = ribOf();
        for (const [which, changes] of steps) {
          const message = announcement(attributesWith([which + 1]), [prefixNamed(`9.${which}.0.0/16`)], {
            asOctets: 4,
            withPathId: false,
          });
          for (const [at, octet] of changes) message[19 + (at % (message.length - 19))] = octet;
          take(rib, message);
        }
        const used = new Set<number>();
        eachEntry(rib.tables[4], heardPrefix(), (_, set) => used.add(set));
        eachEntry(rib.tables[6], heardPrefix(), (_, set) => used.add(set));
        assert.equal(rib.sets.index.used, used.size);
      },
    ),
    { numRuns: 500, seed: 44 },
  );
});
