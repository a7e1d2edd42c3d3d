import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Route, RouteEvent, RouteMatch } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { covers, type IpAddress, prefixOf, readAddress, readPrefix, writePrefix } from "./address.ts";
import { apply, byPreference, emptyTable, fold, lookup, type RouteTable } from "./route-table.ts";

function route(site: string, prefix: string, hops: number, med = 0): Route {
  return { siteId: siteId(site), prefix, asPath: Array.from({ length: hops }, (_, i) => 64_500 + i), med };
}

function announce(...given: Parameters<typeof route>): RouteEvent {
  return { kind: "announce", route: route(...given) };
}

function tableOf(...events: RouteEvent[]): RouteTable {
  const folded = fold(emptyTable, events);
  assert.deepEqual(folded.refused, []);
  return folded.table;
}

function prefixOfEvent(event: RouteEvent): string {
  return event.kind === "announce" ? event.route.prefix : event.prefix;
}

function sites(table: RouteTable, text: string): string[] {
  const reading = readAddress(text);
  if (reading.kind === "refused") assert.fail(reading.because);
  return lookup(table, reading.address).map((match) => `${match.siteId} ${match.prefix}`);
}

/** Addresses and prefixes that share many leading bits, so that they nest. */
const anyFamily = fc.constantFrom<4 | 6>(4, 6);
const anyAddress = fc.tuple(anyFamily, fc.nat(15), fc.nat(15)).map(([family, top, bottom]): IpAddress => {
  const bits = BigInt(family === 4 ? 32 : 128);
  return { family, value: (BigInt(top) << (bits - 4n)) | BigInt(bottom) };
});
const anyPrefix = fc
  .tuple(anyAddress, fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 24, 28, 30, 31, 32, 64, 124, 127, 128))
  .map(([address, length]) =>
    writePrefix(prefixOf(address, Math.min(length, address.family === 4 ? 32 : 128))),
  );
const anySite = fc.constantFrom("a", "b", "c");
const anyEvent = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(anySite, anyPrefix, fc.nat(4), fc.nat(3)).map((given) => announce(...given)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anySite, anyPrefix)
      .map(([site, prefix]): RouteEvent => ({ kind: "withdraw", siteId: siteId(site), prefix })),
  },
);

/** The plain way: keep the routes in a list, look at each. */
function naive(events: readonly RouteEvent[], address: IpAddress): RouteMatch[] {
  const kept = new Map<string, RouteMatch>();
  for (const event of events) {
    const { siteId: site, prefix: text } = event.kind === "announce" ? event.route : event;
    const reading = readPrefix(text);
    if (reading.kind === "refused") continue;
    const key = `${site} ${writePrefix(reading.prefix)}`;
    kept.delete(key);
    if (event.kind === "withdraw" || !covers(reading.prefix, address)) continue;
    const { asPath, med } = event.route;
    const { length } = reading.prefix;
    const prefix = writePrefix(reading.prefix);
    const neighbourAs = asPath[0] ?? 0;
    kept.set(key, {
      siteId: site,
      prefix,
      prefixLength: length,
      asPathLength: asPath.length,
      med,
      neighbourAs,
    });
  }
  const all = [...kept.values()].sort(byPreference);
  return all.filter((match, i) => all.findIndex((other) => other.siteId === match.siteId) === i);
}

test("[BG5] lookup equals a naive scan over all routes", () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 40 }),
      fc.array(anyAddress, { minLength: 5 }),
      (events, keys) => {
        const { table } = fold(emptyTable, events);
        for (const key of keys) {
          const expected = naive(events, key);
          assert.deepEqual(lookup(table, key), expected);
          found += expected.length;
        }
      },
    ),
    { numRuns: 500, seed: 21 },
  );
  assert.ok(found > 1000, `only ${found} matches were compared`);
});

test("[BG5] the longest prefix wins inside a site, then prefix, path and MED order the sites", () => {
  const table = tableOf(
    announce("far", "203.0.113.0/24", 5),
    announce("far", "0.0.0.0/0", 1),
    announce("near", "203.0.112.0/22", 1),
    announce("twin-b", "203.0.112.0/22", 2, 10),
    announce("twin-a", "203.0.112.0/22", 2, 20),
  );
  assert.deepEqual(sites(table, "203.0.113.9"), [
    "far 203.0.113.0/24",
    "near 203.0.112.0/22",
    "twin-b 203.0.112.0/22",
    "twin-a 203.0.112.0/22",
  ]);
  assert.deepEqual(sites(table, "192.0.2.1"), ["far 0.0.0.0/0"]);
  assert.deepEqual(sites(table, "2001:db8::1"), []);
  assert.deepEqual(sites(table, "::ffff:192.0.2.1"), ["far 0.0.0.0/0"]);
});

test("[BG6] announcing again replaces, and announce then withdraw leaves no trace", () => {
  const before = tableOf(announce("a", "203.0.113.0/24", 3));
  const replaced = tableOf(announce("a", "203.0.113.0/24", 3), announce("a", "203.0.113.99/24", 1));
  const [match] = lookup(replaced, { family: 4, value: 0xcb007101n });
  assert.equal(match?.asPathLength, 1);
  const applied = fold(before, [
    announce("b", "203.0.113.128/25", 1),
    { kind: "withdraw", siteId: siteId("b"), prefix: "203.0.113.128/25" },
    { kind: "withdraw", siteId: siteId("a"), prefix: "192.0.2.0/24" },
  ]);
  assert.deepEqual(applied.table, before);
});

test("[BG7] events for different prefixes may come in any order", () => {
  const prefixes = ["0.0.0.0/0", "203.0.113.0/24", "203.0.113.0/25", "2001:db8::/32"];
  const events = prefixes.map((prefix, i) => announce("a", prefix, i));
  const addresses: IpAddress[] = [
    { family: 4, value: 0xcb007101n },
    { family: 6, value: 0x20010db8n << 96n },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      const [one, other] = [tableOf(...events), tableOf(...shuffled)];
      for (const address of addresses) assert.deepEqual(lookup(other, address), lookup(one, address));
    }),
    { seed: 22 },
  );
});

test("[BG8] an event whose prefix cannot be read is refused by number", () => {
  const folded = fold(emptyTable, [announce("a", "203.0.113.0/24", 1), announce("b", "203.0.113.0", 1)]);
  assert.deepEqual(folded.refused, [
    {
      index: 1,
      because: 'site b: "203.0.113.0" is not a prefix such as 203.0.113.0/24 or 2001:db8::/32',
    },
  ]);
  assert.deepEqual(folded.table, tableOf(announce("a", "203.0.113.0/24", 1)));
});

test("[BG8] numbers that no BGP message carries are refused", () => {
  const strange = [
    announce("a", "203.0.113.0/24", 1, 2 ** 32),
    announce("a", "203.0.113.0/24", 1, 0.5),
    announce("a", "203.0.113.0/24", 70_000),
  ];
  const { table, refused } = fold(emptyTable, strange);
  assert.deepEqual(
    refused.map(({ because }) => because.replace(/^site a, \S+: /, "")),
    [
      "MED 4294967296 is not a whole number of 32 bits",
      "MED 0.5 is not a whole number of 32 bits",
      "an AS path of 70000 is too long",
    ],
  );
  assert.deepEqual(sites(table, "203.0.113.1"), []);
});

test("[BG73] whatever the batches, the table is the one that all events at once make", () => {
  const batches = fc.array(fc.array(anyEvent, { maxLength: 15 }), { maxLength: 6 });
  fc.assert(
    fc.property(batches, (parts) => {
      const stepwise = parts.reduce((table, events) => fold(table, events).table, emptyTable);
      assert.deepEqual(stepwise, fold(emptyTable, parts.flat()).table);
    }),
    { seed: 23 },
  );
});

test("[BG73] many events are sorted another way, and to the same end", () => {
  const events = Array.from({ length: 6000 }, (_, i): RouteEvent => {
    const prefix = i % 3 === 0 ? `2001:db8:${(i % 500).toString(16)}::/48` : `10.${i % 250}.${i % 7}.0/24`;
    if (i % 5 === 0) return { kind: "withdraw", siteId: siteId(`s${i % 9}`), prefix };
    return announce(`s${i % 9}`, prefix, i % 4, i % 11);
  });
  const halves = [events.slice(0, 3000), events.slice(3000)];
  const stepwise = halves.reduce((table, half) => fold(table, half).table, emptyTable);
  assert.deepEqual(stepwise, fold(emptyTable, events).table);
  const address: IpAddress = { family: 4, value: 0x0a070001n };
  assert.deepEqual(lookup(stepwise, address), naive(events, address));
});

test("[BG72] inherited routes are not copied, and equal lists are one", () => {
  const everywhere = Array.from({ length: 50 }, (_, i) => announce(`s${i}`, "0.0.0.0/0", 2));
  const own = Array.from({ length: 1000 }, (_, i) =>
    announce("s7", `10.${i >> 8}.${i & 255}.0/24`, 1, i % 3),
  );
  const { chains } = tableOf(...everywhere, ...own);
  // None, the default's, and s7's with three MEDs.
  assert.equal(chains.parents.length, 5);
  assert.equal(chains.sites.length, 53);
  const distinct = tableOf(
    ...everywhere,
    ...own.map((event, i) => announce("s7", prefixOfEvent(event), 1, i)),
  );
  assert.equal(distinct.chains.parents.length, 1002);
  assert.equal(distinct.chains.sites.length, 1050);
});

test("[BG9] a table made earlier still answers as it did", () => {
  const before = tableOf(announce("a", "203.0.113.0/24", 1));
  assert.equal(apply(before, announce("a", "203.0.113.0/25", 9)).kind, "applied");
  assert.deepEqual(sites(before, "203.0.113.1"), ["a 203.0.113.0/24"]);
});
