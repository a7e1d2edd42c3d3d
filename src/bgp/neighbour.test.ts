import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Route, RouteEvent } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { livingOctets } from "./attribute-store.ts";
import type { AddPath } from "./capability.ts";
import { noCapabilities } from "./capability.ts";
import { joined, keepaliveMessage, longLimit, messageOf, updateType } from "./message.ts";
import { handle, hear, type Neighbour, neighbour, stillThere } from "./neighbour.ts";
import { writeOpen } from "./open.ts";
import { attributesWith, openFilter, prefixNamed, sampleTerms } from "./sample-route.ts";
import { type SessionTerms, stateName } from "./session-state.ts";
import { eachRoute, routeEvent, type SiteRibs } from "./site-routes.ts";
import { announcement, endOfRib, withdrawal } from "./write-update.ts";

/** A site with some sessions, all established, and what it told of its routes. */
function siteWith(count: number, addPath: readonly AddPath[] = [], given: Partial<SessionTerms> = {}): Site {
  const events: RouteEvent[] = [];
  const sent: string[] = [];
  const site: { siteId: SiteRibs["siteId"]; ribs: Neighbour["rib"][] } = {
    siteId: siteId("isp-a"),
    ribs: [],
  };
  const peers = Array.from({ length: count }, (_, i) => {
    const terms = { ...sampleTerms, ...given, addPath: addPath.map(({ family }) => family) };
    const peer = neighbour(terms, openFilter, 7 + i, {
      connect: () => assert.fail("passive"),
      abandon: () => undefined,
      send: (link, message) => sent.push(`${message[18]} on ${link}`),
      close: (link) => sent.push(`close ${link}`),
      note: () => undefined,
      changed: (heard) => events.push(routeEvent(site, heard)),
      complete: (family) => sent.push(`complete ${family}`),
    });
    site.ribs.push(peer.rib);
    return peer;
  });
  for (const peer of peers) {
    handle(peer, { kind: "start" }, 0);
    handle(peer, { kind: "connected", link: 1, direction: "in" }, 0);
    const capabilities = {
      ...noCapabilities,
      families: [4, 6] as const,
      enhancedRefresh: true,
      fourOctetAs: 64_500,
      addPath,
      extendedMessage: true,
    };
    const open = writeOpen({ as: 64_500, holdSeconds: 90, routerId: 5, capabilities });
    hear(peer, 1, joined([open, keepaliveMessage]), 0);
    assert.equal(stateName(peer.state), "Established");
  }
  return { site, peers, events, sent };
}

interface Site {
  readonly site: SiteRibs;
  readonly peers: readonly Neighbour[];
  readonly events: RouteEvent[];
  readonly sent: string[];
}

function routesOf(site: SiteRibs): readonly Route[] {
  const routes: Route[] = [];
  eachRoute(site, (route) => routes.push(route));
  return routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

/** The plain way from events to a table. */
function folded(events: readonly RouteEvent[]): readonly Route[] {
  const table = new Map<string, Route>();
  for (const event of events) {
    if (event.kind === "announce") table.set(event.route.prefix, event.route);
    else table.delete(event.prefix);
  }
  return [...table.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

function say(
  peer: Neighbour | undefined,
  prefixes: readonly string[],
  hops: readonly number[],
  med?: number,
): void {
  assert.ok(peer !== undefined);
  const named = prefixes.map(prefixNamed);
  const nextHop = new Uint8Array(named[0]?.prefix.family === 6 ? 16 : 4);
  const withPathId = peer.rib.terms.addPath.length > 0;
  hear(peer, 1, announcement(attributesWith(hops, { med, nextHop }), named, { asOctets: 4, withPathId }), 1);
}

/** A refresh that says nothing again. */
function forgetAll(self: Neighbour): void {
  for (const family of [4, 6] as const) {
    for (const what of ["begin", "end"] as const) handle(self, { kind: "refresh", link: 1, family, what }, 1);
  }
}

test("[BG58] the sessions of a site are one voice: a route is gone when none has it, and the best is told", () => {
  const { peers, events } = siteWith(2);
  const [one, two] = peers;
  say(one, ["9.0.0.0/8"], [64_500, 1]);
  say(two, ["9.0.0.0/8"], [64_500, 1, 2]);
  assert.deepEqual(
    events.map((event) => event.kind === "announce" && event.route.asPath),
    [
      [64_500, 1],
      [64_500, 1],
    ],
  );
  events.length = 0;
  hear(one ?? assert.fail(), 1, withdrawal([prefixNamed("9.0.0.0/8")], false), 2);
  const left = { siteId: siteId("isp-a"), prefix: "9.0.0.0/8", asPath: [64_500, 1, 2], med: 0 };
  assert.deepEqual(events, [{ kind: "announce", route: left }]);
  events.length = 0;
  handle(
    two ?? assert.fail(),
    { kind: "broken", link: 1, error: { code: 3, subcode: 1, data: new Uint8Array(0), because: "" } },
    3,
  );
  assert.deepEqual(events, [{ kind: "withdraw", siteId: siteId("isp-a"), prefix: "9.0.0.0/8" }]);
});

test("[BG59] the events of a site, folded, are its routes, whatever its sessions say", () => {
  const prefix = fc
    .tuple(fc.nat(6), fc.constantFrom(8, 16), fc.nat(2))
    .map(([a, b, path]) => `${a + 11}.0.0.0/${b} ${path}`);
  const v6 = fc.tuple(fc.nat(6), fc.nat(2)).map(([a, path]) => `2a0${a}::/16 ${path}`);
  const saying = fc.record({
    peer: fc.nat(1),
    what: fc.constantFrom("announce", "announce", "withdraw", "lost"),
    prefixes: fc.oneof(
      fc.array(prefix, { minLength: 1, maxLength: 6 }),
      fc.array(v6, { minLength: 1, maxLength: 6 }),
    ),
    hops: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    med: fc.option(fc.nat(3), { nil: undefined }),
  });
  let compared = 0;
  fc.assert(
    fc.property(fc.array(saying, { maxLength: 25 }), fc.boolean(), (sayings, isAddPath) => {
      const addPath: AddPath[] = isAddPath
        ? [
            { family: 4, direction: "both" },
            { family: 6, direction: "both" },
          ]
        : [];
      const { site, peers, events } = siteWith(2, addPath);
      for (const { peer, what, prefixes, hops, med } of sayings) {
        const self = peers[peer] ?? assert.fail();
        const named = isAddPath ? prefixes : prefixes.map((text) => text.split(" ")[0] ?? "");
        if (what === "announce") say(self, named, hops, med);
        else if (what === "withdraw") hear(self, 1, withdrawal(named.map(prefixNamed), isAddPath), 1);
        else forgetAll(self);
        const routes = routesOf(site);
        assert.deepEqual(routes, folded(events));
        compared += routes.length;
      }
      for (const peer of peers) {
        handle(peer, { kind: "stop", subcode: 2, sentence: "" }, 1);
        assert.deepEqual(routesOf(site), folded(events));
      }
      assert.deepEqual(folded(events), []);
    }),
    { numRuns: 400, seed: 52 },
  );
  assert.ok(compared > 5000, `only ${compared} routes were compared`);
});

test("[BG59] with and without add-path the same best routes are told", () => {
  const many = siteWith(1, [{ family: 4, direction: "both" }]);
  say(many.peers[0], ["9.0.0.0/8 1"], [64_500, 1, 2]);
  say(many.peers[0], ["9.0.0.0/8 2", "11.0.0.0/8 1"], [64_500, 1]);
  const one = siteWith(1);
  say(one.peers[0], ["9.0.0.0/8", "11.0.0.0/8"], [64_500, 1]);
  assert.deepEqual(routesOf(many.site), routesOf(one.site));
});

test("[BG33] a long message is taken by a session that agreed on it", () => {
  const { peers, site } = siteWith(1);
  const prefixes = Array.from({ length: 5000 }, (_, i) => prefixNamed(`9.${i >> 8}.${i & 255}.0/24`));
  const message = announcement(attributesWith([64_500]), prefixes, { asOctets: 4, withPathId: false });
  assert.ok(message.length > 4096 && message.length < longLimit);
  const self = peers[0] ?? assert.fail();
  hear(self, 1, message.subarray(0, 10_000), 1);
  hear(self, 1, message.subarray(10_000), 1);
  assert.equal(routesOf(site).length, 5000);
});

test("[BG54] nothing is heard after the connection was given up, nor UPDATE messages before it is established", () => {
  const { peers, site, sent } = siteWith(1);
  const self = peers[0] ?? assert.fail();
  sent.length = 0;
  const good = announcement(attributesWith([64_500]), [prefixNamed("9.0.0.0/8")], {
    asOctets: 4,
    withPathId: false,
  });
  hear(self, 1, joined([endOfRib(4), messageOf(updateType, Uint8Array.of(9, 9, 0, 0)), good]), 1);
  assert.deepEqual(sent, ["complete 4", "3 on 1", "close 1"]);
  hear(self, 1, good, 1);
  assert.deepEqual(routesOf(site), []);
  stillThere(self, 1, 2);
  handle(self, { kind: "tick" }, 10_000);
  handle(self, { kind: "connected", link: 2, direction: "in" }, 10_000);
  sent.length = 0;
  hear(self, 2, good, 10_000);
  assert.deepEqual(sent, ["3 on 2", "close 2"]);
  assert.deepEqual(routesOf(site), []);
});

test("[BG161] a neighbour whose every prefix brings attributes of its own is stopped while it is small", () => {
  const { peers, sent } = siteWith(1, [], { mostAttributeOctets: 65_536 });
  const [peer] = peers;
  assert.ok(peer !== undefined);
  let said = 0;
  while (stateName(peer.state) === "Established" && said < 1000) {
    const communities = Array.from({ length: 200 }, (_, i) => (said << 8) | i);
    const prefix = prefixNamed(`9.${said >> 8}.${said & 255}.0/24`);
    const wire = { asOctets: 4, withPathId: false } as const;
    // Withdrawn routes take no room.
    if (said < 100) hear(peer, 1, announcement(attributesWith([64_500], { communities }), [prefix], wire), 0);
    if (said < 100) hear(peer, 1, withdrawal([prefix], false), 0);
    else hear(peer, 1, announcement(attributesWith([64_500], { communities }), [prefix], wire), 1);
    said += 1;
  }
  assert.ok(said > 150 && said < 200, `${said} prefixes of some 830 octets`);
  assert.ok(sent.includes("3 on 1") && sent.includes("close 1"));
  assert.equal(livingOctets(peer.rib.sets), 0);
});
