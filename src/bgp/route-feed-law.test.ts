// Laws of the feed: whatever is lost, doubled, late or restarted, control holds what the appliance held at some moment, and
// in the end what it holds now. And of the site view: it is what a naive look at all contributors gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RouteEvent } from "#model/network.ts";
import type { HeardRoute, RouteAnswer, RouteMessage, RoutePart } from "#model/route-feed.ts";
import { siteId } from "#units/id.ts";
import { HeardRoutes } from "./heard-routes.ts";
import { HeardTable } from "./heard-table.ts";
import type { PrefixKey } from "./prefix-key.ts";
import { RouteFeed } from "./route-feed.ts";
import { keptParts } from "./route-keep.ts";
import { RouteLog } from "./route-log.ts";
import { SiteView } from "./site-view.ts";

const seed = 20_261_126;
/** 10.0.0.0/8 and so on: few, so that they meet. */
const keys: readonly PrefixKey[] = [10, 11, 12, 13, 14, 15].map((octet) => String.fromCharCode(8, octet));
const sessionIds = ["n1", "n2"];
const partOctets = 24;
const mostWaiting = 5;

type Move =
  | { readonly kind: "route"; readonly session: string; readonly key: PrefixKey; readonly hops: number }
  | { readonly kind: "session"; readonly session: string; readonly to: "up" | "stale" | "gone" }
  | {
      readonly kind:
        | "send"
        | "talk"
        | "restart-appliance"
        | "settle"
        | "restart-control"
        | "forget-control"
        | "keep";
    }
  /** Of the messages on their way, the one at this share of them; `again` leaves a copy. */
  | { readonly kind: "deliver"; readonly at: number; readonly again: boolean }
  | { readonly kind: "lose"; readonly at: number };

const session = fc.constantFrom(...sessionIds);
const at = fc.double({ min: 0, max: 0.999, noNaN: true });
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("route" as const),
      session,
      key: fc.constantFrom(...keys),
      hops: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("session" as const),
      session,
      to: fc.constantFrom("up" as const, "stale" as const, "gone" as const),
    }),
  },
  { weight: 12, arbitrary: fc.constant({ kind: "talk" as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: "send" as const }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("deliver" as const), at, again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("lose" as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "settle" as const,
        "settle" as const,
        "keep" as const,
        "restart-appliance" as const,
        "restart-control" as const,
        "forget-control" as const,
      ),
    }),
  },
);

/** A message on its way. Its answer only reaches the agent that waits for it, and that waits for one at a time. */
interface Flight {
  readonly message: RouteMessage;
  readonly attempt: number;
}

class World {
  table = new HeardTable();
  log: RouteLog;
  feed = new RouteFeed(1000);
  site = new SiteView(siteId("s1"));
  /** The site's table as whoever hears the events has it. */
  shown = new Map<string, string>();
  kept: readonly RoutePart[] = [];
  flights: Flight[] = [];
  attempt = 0;
  streams = 0;
  tokens = 0;
  /** Every state that the appliance was ever in, in any of its lives, in order. */
  readonly past: string[] = ["[]"];
  /** The earliest of them that the view can be. */
  seenUpTo = 0;

  constructor() {
    this.log = this.freshLog();
    this.table.settle();
    this.note();
  }

  freshLog(): RouteLog {
    return new RouteLog({ stream: `s${++this.streams}`, source: this.table, partOctets, mostWaiting });
  }

  /** What the appliance holds now, from now on part of what it ever held. */
  note(): string {
    const rows = [...this.table.rows()];
    const sessions = [...this.table.sessions()].map(({ id, state }) => [
      id,
      state,
      rows
        .filter((row) => row.session === id)
        .map(({ key, route }) => [key, route.asPathLength])
        .sort(),
    ]);
    const text = JSON.stringify(sessions.sort());
    if (this.past.at(-1) !== text) this.past.push(text);
    return text;
  }

  /** The view is a state that was, and not an earlier one than was seen before. */
  check(): string {
    const view = this.view();
    const found = this.past.indexOf(view, this.seenUpTo);
    assert.ok(found >= 0, `${view} never was, or went back in time`);
    this.seenUpTo = found;
    return view;
  }

  view(): string {
    const sessions = [...this.feed.sessions].map(([id, { state, routes }]) => [
      id,
      state,
      [...routes].map(([key, { asPathLength }]) => [key, asPathLength]).sort(),
    ]);
    return JSON.stringify(sessions.sort());
  }

  make(move: Move): void {
    switch (move.kind) {
      case "route": {
        const isThere = [...this.table.sessions()].some(({ id }) => id === move.session);
        if (!isThere) this.table.setSession({ id: move.session, state: "up", routes: new Map() });
        this.note();
        this.table.put(move.session, move.key, move.hops === 0 ? undefined : heard(move.hops));
        break;
      }
      case "session":
        if (move.to === "gone") this.table.clear(move.session);
        else this.setState(move.session, move.to);
        break;
      case "send":
        this.send();
        return;
      case "talk":
        this.send();
        this.deliver(1, false);
        return;
      case "deliver":
        this.deliver(move.at, move.again);
        return;
      case "lose":
        this.flights.splice(Math.floor(move.at * this.flights.length), 1);
        return;
      case "restart-appliance":
        this.table = new HeardTable();
        this.log = this.freshLog();
        this.attempt += 1;
        break;
      case "settle":
        this.table.settle();
        break;
      case "keep":
        if (this.feed.position !== undefined) this.kept = [...keptParts(this.feed, partOctets)];
        return;
      case "restart-control":
      case "forget-control":
        this.restartControl(move.kind === "restart-control" ? this.kept : []);
        return;
    }
    this.note();
  }

  private setState(id: string, state: "up" | "stale"): void {
    const rows = [...this.table.rows()].filter((row) => row.session === id);
    this.table.setSession({ id, state, routes: new Map(rows.map(({ key, route }) => [key, route])) });
  }

  private restartControl(kept: readonly RoutePart[]): void {
    this.feed = new RouteFeed(1000);
    this.site = new SiteView(siteId("s1"));
    this.shown = new Map();
    this.seenUpTo = 0;
    if (kept.length === 0) return;
    const taking = this.feed.recall(kept);
    assert.ok(taking.kind === "answer" && taking.commit !== undefined);
    this.show(this.feed.settle(taking.commit, this.site));
  }

  send(): void {
    const message = this.log.next() ?? this.log.hello();
    this.flights.push({ message, attempt: ++this.attempt });
  }

  deliver(share: number, again: boolean): void {
    const index = Math.min(Math.floor(share * this.flights.length), this.flights.length - 1);
    const flight = this.flights[index];
    if (flight === undefined) return;
    if (!again) this.flights.splice(index, 1);
    const answer = this.hear(flight.message);
    if (answer !== undefined && flight.attempt === this.attempt) this.log.answered(flight.message, answer);
  }

  private hear(message: RouteMessage): RouteAnswer | undefined {
    const taking = this.feed.take(message, `t${++this.tokens}`);
    assert.ok(taking.kind === "answer", JSON.stringify(taking));
    if (taking.commit !== undefined) this.show(this.feed.settle(taking.commit, this.site));
    return taking.answer;
  }

  private show(steps: Iterable<RouteEvent | undefined>): void {
    for (const event of steps) if (event !== undefined) showEvent(this.shown, event);
  }
}

function heard(asPathLength: number): HeardRoute {
  return { asPathLength, med: 0, neighbourAs: 1 };
}

function showEvent(shown: Map<string, string>, event: RouteEvent): void {
  if (event.kind === "withdraw") shown.delete(event.prefix);
  else
    shown.set(event.route.prefix, `${event.route.asPath.length} ${event.route.med} ${event.route.asPath[0]}`);
}

/** What the site's table should be, from the view. */
function bestOf(contributors: Iterable<HeardRoutes>): Map<string, string> {
  const best = new Map<PrefixKey, HeardRoute>();
  for (const routes of contributors) {
    for (const [key, route] of routes) {
      const before = best.get(key);
      const order = (r: HeardRoute): readonly number[] => [r.asPathLength, r.med, r.neighbourAs];
      if (before === undefined || `${order(route).map(padded)}` < `${order(before).map(padded)}`)
        best.set(key, route);
    }
  }
  return new Map(
    [...best].map(([key, { asPathLength, med, neighbourAs }]) => [
      `${key.charCodeAt(1)}.0.0.0/8`,
      `${asPathLength} ${med} ${neighbourAs}`,
    ]),
  );
}

function padded(number: number): string {
  return `${number}`.padStart(5, "0");
}

test("[BG107] any loss, doubling, reordering and restart: the view is always one past state, never goes back, and converges", () => {
  const views = new Set<string>();
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(moves, { minLength: 20, maxLength: 200, size: "max" }), (all) => {
      const world = new World();
      for (const move of all) {
        world.make(move);
        views.add(world.check());
        seen.add(world.feed.state);
        const routes = [...world.feed.sessions.values()].map((fed) => fed.routes);
        assert.deepEqual(sorted(world.shown), sorted(bestOf(routes)));
      }
      world.table.settle();
      for (let i = 0; i < 60; i++) {
        world.make({ kind: "talk" });
      }
      assert.equal(world.view(), world.note());
      assert.equal(world.feed.state, "live");
    }),
    { seed, numRuns: 600 },
  );
  assert.ok(views.size > 1000, `only ${views.size} views: the worlds are too calm`);
  assert.deepEqual([...seen].sort(), ["behind", "live", "none", "recalled", "waiting"]);
});

test("[BG110] a site's route is the best of what any of its contributors has, whatever comes and goes", () => {
  const routes = fc.dictionary(
    fc.constantFrom("0", "1", "2", "3", "4", "5"),
    fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
  );
  const steps = fc.array(fc.record({ contributor: fc.nat(3), routes: fc.option(routes) }), {
    maxLength: 20,
    size: "max",
  });
  fc.assert(
    fc.property(steps, (all) => {
      const site = new SiteView(siteId("s1"));
      const contributors = new Map<number, HeardRoutes>();
      const shown = new Map<string, string>();
      for (const step of all) {
        const before = contributors.get(step.contributor);
        const after = step.routes === null ? undefined : routesOf(step.routes);
        for (const event of site.replace(before, after)) if (event !== undefined) showEvent(shown, event);
        if (after === undefined) contributors.delete(step.contributor);
        else contributors.set(step.contributor, after);
        assert.deepEqual(sorted(shown), sorted(bestOf(contributors.values())));
      }
    }),
    { seed },
  );
});

function routesOf(record: Record<string, readonly [number, number, number]>): HeardRoutes {
  const routes = new HeardRoutes();
  for (const [index, [hops, med, neighbour]] of Object.entries(record)) {
    const route = { asPathLength: hops + 1, med, neighbourAs: neighbour + 1 };
    routes.set(keys[Number(index)] ?? "", route);
  }
  return routes;
}

function sorted(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].sort();
}
