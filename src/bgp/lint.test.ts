import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { specialNetworks } from "#model/special-networks.ts";
import { covers, type IpPrefix, prefixOf, readPrefix, writePrefix } from "./address.ts";
import { type Lint, type LintOrder, lintRoutes, type RouteLints } from "./lint.ts";
import type { HeardRoute, LintSite } from "./lint-view.ts";
import { exampleWords, lintWords } from "./lint-words.ts";

function site(id: string, kind: LintSite["kind"] = "exchange", ...serverIds: readonly string[]): LintSite {
  return { id, kind, serverIds };
}

function route(siteId: string, prefix: string, asPathLength = 1, serverId?: string): HeardRoute {
  return { siteId, prefix, asPathLength, serverId };
}

function lints(
  sites: readonly LintSite[],
  routes: readonly HeardRoute[],
  more: Partial<LintOrder> = {},
): readonly Lint[] {
  return lintRoutes({ sites, routes, ...more }).lints;
}

function ofKind<K extends Lint["kind"]>(all: readonly Lint[], kind: K): readonly Lint[] {
  return all.filter((lint) => lint.kind === kind);
}

test("[BG90] servers of one site that hear different prefixes are named, with what each lacks, by family", () => {
  const found = lints(
    [site("a", "exchange", "s1", "s2", "s3"), site("b", "exchange", "t1", "t2")],
    [
      route("a", "62.0.0.0/16", 1, "s1"),
      route("a", "62.1.0.0/16", 1, "s1"),
      route("a", "2a00::/32", 1, "s1"),
      route("a", "62.0.0.0/16", 1, "s2"),
      route("a", "2a00::/32", 1, "s2"),
      route("a", "62.9.0.0/16"),
      route("b", "62.2.0.0/16"),
    ],
  );
  assert.deepEqual(ofKind(found, "servers-differ"), [
    {
      kind: "servers-differ",
      siteId: "a",
      serverId: "s2",
      family: 4,
      count: 1,
      of: 3,
      examples: ["62.1.0.0/16"],
    },
    {
      kind: "servers-differ",
      siteId: "a",
      serverId: "s3",
      family: 4,
      count: 2,
      of: 3,
      examples: ["62.0.0.0/16", "62.1.0.0/16"],
    },
    {
      kind: "servers-differ",
      siteId: "a",
      serverId: "s3",
      family: 6,
      count: 1,
      of: 1,
      examples: ["2a00::/32"],
    },
  ]);
});

test("[BG91] a longer prefix at a far site that beats a nearer site's shorter one is told, by AS path", () => {
  const sites = [site("far"), site("near"), site("both")];
  const found = lints(sites, [
    route("far", "62.115.4.0/24", 4),
    route("near", "62.115.4.0/22", 2),
    route("near", "62.0.0.0/8", 1),
    // It hears both, so its viewers are not lost to it.
    route("both", "62.115.4.0/22", 1),
    route("both", "62.115.4.0/24", 4),
  ]);
  assert.deepEqual(ofKind(found, "far-more-specific"), [
    {
      kind: "far-more-specific",
      siteId: "far",
      nearerSiteId: "near",
      by: "as-path",
      count: 1,
      examples: [{ prefix: "62.115.4.0/24", covering: "62.115.4.0/22", far: 4, near: 2 }],
    },
  ]);
  const even = [route("far", "62.115.4.0/24", 2), route("near", "62.115.4.0/22", 2)];
  assert.deepEqual(ofKind(lints(sites, even), "far-more-specific"), []);
});

test("[BG91] where geography knows the viewers of a prefix, distance decides instead", () => {
  const km = new Map([
    ["far", 900],
    ["near", 100],
    ["beside", 880],
  ]);
  const nearness = (prefix: string) =>
    prefix === "62.115.4.0/24" ? (siteId: string) => km.get(siteId) : undefined;
  const sites = [site("far"), site("near"), site("beside"), site("nowhere")];
  const routes = (path: number) => [
    route("far", "62.115.4.0/24", path),
    route("nowhere", "62.115.4.0/22", 1),
    route("beside", "62.115.4.0/22", 1),
    route("near", "62.115.0.0/16", 9),
  ];
  const [found] = ofKind(lints(sites, routes(1), { nearness }), "far-more-specific");
  assert.deepEqual(found?.kind === "far-more-specific" && [found.nearerSiteId, found.by, found.examples[0]], [
    "near",
    "distance",
    { prefix: "62.115.4.0/24", covering: "62.115.0.0/16", far: 900, near: 100 },
  ]);
  // 20 km less is within what a table of towns can tell.
  const close = routes(9).filter(({ siteId }) => siteId !== "near");
  assert.deepEqual(ofKind(lints(sites, close, { nearness }), "far-more-specific"), []);
});

test("[BG92] what only embedded sites hear, with nothing around it at an exchange, has no backup", () => {
  const found = lints(
    [site("isp", "embedded"), site("ix")],
    [
      route("isp", "62.0.0.0/16"),
      route("isp", "62.1.0.0/16"),
      route("isp", "62.2.2.0/24"),
      route("isp", "2a00::/32"),
      route("ix", "62.0.0.0/16"),
      route("ix", "62.2.0.0/16"),
      // Inside is not around.
      route("ix", "62.1.1.0/24"),
    ],
  );
  assert.deepEqual(ofKind(found, "no-backup"), [
    { kind: "no-backup", siteId: "isp", family: 4, count: 1, of: 3, examples: ["62.1.0.0/16"] },
    { kind: "no-backup", siteId: "isp", family: 6, count: 1, of: 1, examples: ["2a00::/32"] },
  ]);
});

test("[BG93] a default route, special networks and lengths out of range are told by site", () => {
  const found = lints(
    [site("a")],
    [
      "0.0.0.0/0",
      "::/0",
      "10.1.0.0/16",
      "2001:db8:1::/48",
      "62.0.0.0/7",
      "62.0.0.0/25",
      "2a00::/49",
      "62.0.0.0/24",
    ].map((prefix) => route("a", prefix)),
  );
  assert.deepEqual(
    found.map(
      (lint) => lint.kind === "unacceptable" && `${lint.what} ${lint.count} ${lint.examples.join(" ")}`,
    ),
    [
      "default-route 2 0.0.0.0/0 ::/0",
      "special 2 10.1.0.0/16: private use (RFC 1918) 2001:db8:1::/48: documentation (RFC 3849)",
      "too-short 1 62.0.0.0/7",
      "too-long 2 62.0.0.0/25 2a00::/49",
    ],
  );
});

test("[BG94] a site that hears nothing is told", () => {
  assert.deepEqual(lints([site("a"), site("b")], [route("a", "62.0.0.0/16")]), [
    { kind: "hears-nothing", siteId: "b" },
  ]);
  assert.deepEqual(lints([], []), []);
});

test("[BG96] examples and lints have an end, and what is left out or could not be read is counted", () => {
  const sites = Array.from({ length: 300 }, (_, i) => site(`s${i}`));
  const found = lintRoutes({
    sites,
    routes: [
      ...Array.from({ length: 50 }, (_, i) => route("s0", `10.${i}.0.0/16`)),
      route("nobody", "62.0.0.0/16"),
      route("s0", "62.0.0.0"),
      route("s0", "\u001b[31m/8"),
    ],
  });
  assert.deepEqual([found.lints.length, found.leftOut], [200, 100]);
  assert.deepEqual([found.unread.count, found.unread.examples.length, found.routes], [3, 3, 50]);
  const many = lints(
    sites.slice(0, 1),
    Array.from({ length: 50 }, (_, i) => route("s0", `10.${i}.0.0/16`)),
  );
  const [special] = many;
  assert.ok(special?.kind === "unacceptable" && special.count === 50 && special.examples.length === 5);
});

test("[BG97] each lint is a sentence with its numbers, says what to do, and shows its examples", () => {
  const all: readonly Lint[] = [
    {
      kind: "servers-differ",
      siteId: "a",
      serverId: "s1",
      family: 4,
      count: 3,
      of: 9,
      examples: ["62.0.0.0/16"],
    },
    {
      kind: "servers-differ",
      siteId: "a",
      serverId: "s1",
      family: 6,
      count: 9,
      of: 9,
      examples: ["2a00::/32"],
    },
    {
      kind: "far-more-specific",
      siteId: "far",
      nearerSiteId: "near",
      by: "distance",
      count: 1,
      examples: [{ prefix: "62.0.0.0/24", covering: "62.0.0.0/22", far: 900.4, near: 80 }],
    },
    { kind: "no-backup", siteId: "a", family: 4, count: 1, of: 2, examples: ["62.0.0.0/16"] },
    { kind: "unacceptable", siteId: "a", what: "special", count: 1, examples: ["10.0.0.0/8"] },
    { kind: "hears-nothing", siteId: "a" },
  ];
  for (const lint of all) {
    const { sentence, mend } = lintWords(lint);
    assert.match(sentence, /\.$/);
    assert.ok(sentence.includes(lint.siteId) && mend !== "");
    assert.equal(exampleWords(lint).length, lint.kind === "hears-nothing" ? 0 : 1);
  }
  assert.match(lintWords(all[1] ?? assert.fail()).mend, /BGP session/);
  assert.deepEqual(exampleWords(all[2] ?? assert.fail()), [
    "62.0.0.0/24 (900 km against 80 km of 62.0.0.0/22)",
  ]);
});

/** Prefixes that nest, of both families, some special. */
const anyPrefix = fc
  .tuple(
    fc.constantFrom<4 | 6>(4, 6),
    fc.nat(7),
    fc.nat(3),
    fc.constantFrom(0, 2, 3, 8, 16, 24, 25, 31, 32, 48, 49, 64, 65, 128),
  )
  .map(([family, top, bottom, length]): string => {
    const bits = family === 4 ? 32 : 128;
    const value = (BigInt(top + 1) << BigInt(bits - 3 - 5)) | BigInt(bottom);
    return writePrefix(prefixOf({ family, value }, Math.min(length, bits)));
  });
const anyServer = fc.constantFrom("x1", "x2", undefined);
const anyRoute = fc.record({
  siteId: fc.constantFrom("p", "q", "r"),
  serverId: anyServer,
  prefix: anyPrefix,
  asPathLength: fc.nat(4),
});
const somewhere: readonly LintSite[] = [
  site("p", "embedded", "x1", "x2"),
  site("q", "exchange", "x1", "x2"),
  site("r", "embedded"),
];

function parsed(text: string): IpPrefix {
  const reading = readPrefix(text);
  if (reading.kind === "refused") assert.fail(reading.because);
  return reading.prefix;
}

function isInside(inner: string, outer: string): boolean {
  const [a, b] = [parsed(inner), parsed(outer)];
  return a.length > b.length && covers(b, a);
}

/** What the definitions say, word by word, as sets and counts: quadratic, and without any order. */
function plainly(routes: readonly HeardRoute[]): ReadonlyMap<string, number> {
  const prefixes = [...new Set(routes.map(({ prefix }) => prefix))];
  const hears = (siteId: string, prefix: string): number[] =>
    routes.filter((row) => row.siteId === siteId && row.prefix === prefix).map((row) => row.asPathLength);
  const found = new Map<string, number>();
  const add = (key: string): void => void found.set(key, (found.get(key) ?? 0) + 1);
  for (const { id } of somewhere) {
    const own = prefixes.filter((prefix) => hears(id, prefix).length > 0);
    if (own.length === 0) add(`hears-nothing ${id}`);
    const named = routes.filter((row) => row.siteId === id).flatMap(({ serverId }) => serverId ?? []);
    const servers = new Set([...(somewhere.find((entry) => entry.id === id)?.serverIds ?? []), ...named]);
    for (const prefix of own) {
      const { family, length } = parsed(prefix);
      const rows = routes.filter((row) => row.siteId === id && row.prefix === prefix);
      for (const server of servers.size > 1 ? servers : []) {
        if (!rows.some(({ serverId }) => serverId === undefined || serverId === server))
          add(`servers-differ ${id} ${server} ${family}`);
      }
      const around = prefixes.filter((other) => other === prefix || isInside(prefix, other));
      if (!around.some((other) => hears("q", other).length > 0)) add(`no-backup ${id} ${family}`);
      const special = specialNetworks.some((net) => net.prefix === prefix || isInside(prefix, net.prefix));
      const [shortest, longest] = family === 4 ? [8, 24] : [16, 48];
      if (length === 0) add(`unacceptable ${id} default-route`);
      else if (special) add(`unacceptable ${id} special`);
      else if (length < shortest) add(`unacceptable ${id} too-short`);
      else if (length > longest) add(`unacceptable ${id} too-long`);
    }
  }
  for (const prefix of prefixes) {
    const best = (siteId: string, of: string): number => Math.min(...hears(siteId, of));
    const ids = somewhere.map(({ id }) => id);
    const winner = ids.toSorted((a, b) => best(a, prefix) - best(b, prefix))[0] ?? "";
    const outers = prefixes
      .filter((other) => isInside(prefix, other))
      .sort((a, b) => parsed(b).length - parsed(a).length);
    const others = ids.filter((id) => hears(id, prefix).length === 0);
    const pairs = outers.flatMap((outer) =>
      others
        .filter((id) => best(id, outer) < best(winner, prefix))
        .toSorted((a, b) => best(a, outer) - best(b, outer)),
    );
    if (pairs[0] !== undefined) add(`far-more-specific ${winner} ${pairs[0]}`);
  }
  return found;
}

function counted({ lints: all }: RouteLints): ReadonlyMap<string, number> {
  return new Map(all.map((lint) => [keyOf(lint), lint.kind === "hears-nothing" ? 1 : lint.count]));
}

function keyOf(lint: Lint): string {
  switch (lint.kind) {
    case "servers-differ":
      return `servers-differ ${lint.siteId} ${lint.serverId} ${lint.family}`;
    case "far-more-specific":
      return `far-more-specific ${lint.siteId} ${lint.nearerSiteId}`;
    case "no-backup":
      return `no-backup ${lint.siteId} ${lint.family}`;
    case "unacceptable":
      return `unacceptable ${lint.siteId} ${lint.what}`;
    case "hears-nothing":
      return `hears-nothing ${lint.siteId}`;
  }
}

test("[BG95] the lints of any routes are those of the plain definitions, in whatever order the routes come", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(anyRoute, { maxLength: 30 }), (routes) => {
      const answer = lintRoutes({ sites: somewhere, routes });
      assert.deepEqual(
        Object.fromEntries([...counted(answer)].sort()),
        Object.fromEntries([...plainly(routes)].sort()),
      );
      const other = lintRoutes({ sites: somewhere, routes: routes.toReversed() });
      assert.deepEqual(other.lints, answer.lints);
      found += answer.lints.length;
    }),
    { seed: 90, numRuns: 400 },
  );
  assert.ok(found > 2000, `only ${found} lints were compared`);
});
