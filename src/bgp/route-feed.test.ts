// The feed of routes from an appliance to control, both ends together: what is held is always what was true at some moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HeardRoute, RouteAnswer, RouteMessage, RoutePart } from "#model/route-feed.ts";
import { siteId } from "#units/id.ts";
import { readPrefix } from "./address.ts";
import { HeardRoutes } from "./heard-routes.ts";
import { type HeardSession, HeardTable } from "./heard-table.ts";
import { familyOf, keyAt, keyOf, type PrefixKey, prefixOfKey } from "./prefix-key.ts";
import { RouteFeed } from "./route-feed.ts";
import { keptParts } from "./route-keep.ts";
import { RouteLog } from "./route-log.ts";
import { RowPacker, unpack } from "./route-rows.ts";
import { SiteView } from "./site-view.ts";

const seed = 20_261_126;

function key(prefix: string): PrefixKey {
  const reading = readPrefix(prefix);
  assert.ok(reading.kind === "prefix", prefix);
  return keyOf(reading.prefix);
}

function route(asPathLength: number, med = 0, neighbourAs = 64_500): HeardRoute {
  return { asPathLength, med, neighbourAs };
}

function session(id: string, routes: Record<string, HeardRoute>, state: "up" | "stale" = "up"): HeardSession {
  return {
    id,
    state,
    routes: new Map(Object.entries(routes).map(([prefix, heard]) => [key(prefix), heard])),
  };
}

/** Everything a table or a feed holds, as text. */
function textOf(
  sessions: Iterable<readonly [string, string, Iterable<readonly [PrefixKey, HeardRoute]>]>,
): string {
  return JSON.stringify(
    [...sessions].map(([id, state, routes]) => [id, state, [...routes].sort()] as const).sort(),
  );
}

function tableText(table: HeardTable): string {
  const rows = [...table.rows()];
  return textOf(
    [...table.sessions()].map(({ id, state }) => [
      id,
      state,
      rows.filter((row) => row.session === id).map((row) => [row.key, row.route] as const),
    ]),
  );
}

function feedText(feed: RouteFeed): string {
  return textOf([...feed.sessions].map(([id, { state, routes }]) => [id, state, routes]));
}

/** Both ends with nothing lost between them. */
class Line {
  readonly table = new HeardTable();
  readonly site = new SiteView(siteId("s1"));
  feed = new RouteFeed(1000);
  log: RouteLog;
  tokens = 0;

  constructor(partOctets = 1000, mostWaiting = 100) {
    this.log = new RouteLog({ stream: "one", source: this.table, partOctets, mostWaiting });
  }

  tell(message: RouteMessage): RouteAnswer {
    const taking = this.feed.take(message, `t${++this.tokens}`);
    assert.ok(taking.kind === "answer", JSON.stringify(taking));
    if (taking.commit !== undefined) for (const _ of this.feed.settle(taking.commit, this.site));
    return taking.answer;
  }

  /** Until there is nothing to say; the parts that were sent. */
  run(): readonly RoutePart[] {
    const sent: RoutePart[] = [];
    const hello = this.log.hello();
    this.log.answered(hello, this.tell(hello));
    for (let part = this.log.next(); part !== undefined; part = this.log.next()) {
      sent.push(part);
      this.log.answered(part, this.tell(part));
    }
    return sent;
  }
}

const prefixes = fc.oneof(
  fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, 2n ** 32n - 1n), length: fc.nat(32) }),
  fc.record({ family: fc.constant(6 as const), value: fc.bigInt(0n, 2n ** 128n - 1n), length: fc.nat(128) }),
);

test("[BG100] a prefix's key is read back as the same prefix, and equal prefixes have one key", () => {
  fc.assert(
    fc.property(prefixes, ({ family, value, length }) => {
      const hostBits = BigInt((family === 4 ? 32 : 128) - length);
      const prefix = { family, value: (value >> hostBits) << hostBits, length };
      const written = keyOf(prefix);
      assert.deepEqual(prefixOfKey(written), prefix);
      assert.equal(familyOf(written), family);
      const isMapped = family === 6 && length >= 96 && value >> 32n === 0xffffn;
      assert.equal(keyAt(`x${written}y`, 1), isMapped ? undefined : written);
    }),
    { seed },
  );
  assert.equal(key("::ffff:192.0.2.0/120"), key("192.0.2.0/24"));
});

test("[BG100] rows are read back as they were packed; damaged ones are refused as a whole", () => {
  const packer = new RowPacker();
  const changes = Array.from({ length: 400 }, (_, i) => ({
    session: `n${i % 3}`,
    key: key(i % 2 === 0 ? `10.${i >> 8}.${i & 255}.0/24` : `2001:db8:${i.toString(16)}::/48`),
    route: route(1 + (i % 300), i, 64_000 + i),
  }));
  for (const change of changes) packer.add(change);
  packer.add({ session: "n0", key: key("0.0.0.0/0"), route: undefined });
  const packed = packer.finish();
  const unpacked = unpack(packed);
  assert.ok(unpacked.kind === "rows");
  assert.deepEqual(
    new Set(unpacked.changes.map((change) => JSON.stringify(change))),
    new Set(
      [...changes, { session: "n0", key: key("0.0.0.0/0"), route: undefined }].map((c) => JSON.stringify(c)),
    ),
  );
  const damaged: readonly (readonly [string, string, RegExp])[] = [
    ["not base64!", "", /not base64/],
    [btoa("\x05\x18\x0a\x00\x00"), "", /attributes 5, of which there are 1/],
    [btoa("\x00\x18\x0a\x00"), "", /cannot be read/],
    [btoa("\x00\x21\x0a\x00\x00\x00\x00"), "", /cannot be read/],
    [btoa("\x00\x08"), "", /cannot be read/],
    [btoa("\xff\xff\xff\xff\xff\xff"), "", /attributes/],
    ["", btoa("\x07\x01"), /withdrawn prefix at octet 0/],
  ];
  for (const [announced, withdrawn, because] of damaged) {
    const refused = unpack({ attributes: [[1, 0, 1]], rows: [{ session: "n", announced, withdrawn }] });
    assert.ok(refused.kind === "refused", announced);
    assert.match(refused.because, because);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
      const text = btoa(String.fromCharCode(...octets));
      unpack({ attributes: [[1, 0, 1]], rows: [{ session: "n", announced: text, withdrawn: text }] });
    }),
    { seed },
  );
});

test("[BG101] a snapshot first, then only what changed, numbered without a gap", () => {
  const line = new Line(20);
  line.table.set([
    session("n1", { "10.0.0.0/8": route(1), "10.1.0.0/16": route(2), "2001:db8::/32": route(3) }),
  ]);
  const snapshot = line.run();
  assert.ok(snapshot.length > 2, "it came in parts");
  assert.deepEqual(
    [snapshot[0]?.base, snapshot[0]?.isFirst, snapshot.at(-1)?.isLast],
    ["nothing", true, true],
  );
  assert.equal(feedText(line.feed), tableText(line.table));
  line.table.put("n1", key("10.0.0.0/8"), undefined);
  line.table.put("n1", key("10.2.0.0/16"), route(4));
  const [group, ...more] = line.run();
  assert.deepEqual([group?.base, group?.isFirst, group?.isLast, more.length], ["before", true, true, 0]);
  assert.equal(feedText(line.feed), tableText(line.table));
  assert.deepEqual(
    [...snapshot, group].map((part) => part?.seq),
    Array.from({ length: snapshot.length + 1 }, (_, i) => i + 1),
  );
});

test("[BG102] a prefix that flaps while nobody listens costs one row", () => {
  const line = new Line();
  line.table.set([session("n1", { "10.0.0.0/8": route(1) })]);
  line.run();
  for (let i = 0; i < 1000; i++)
    line.table.put("n1", key("10.0.0.0/8"), i % 2 === 0 ? undefined : route(i % 7));
  assert.equal(line.log.pending, 2);
  const [part] = line.run();
  assert.ok(part !== undefined);
  const unpacked = unpack(part);
  assert.equal(unpacked.kind === "rows" && unpacked.changes.length, 1);
  assert.equal(feedText(line.feed), tableText(line.table));
});

test("[BG102] more changes than may wait are forgotten, and a snapshot takes their place", () => {
  const line = new Line(1000, 3);
  line.table.set([session("n1", {})]);
  line.run();
  for (let i = 0; i < 50; i++) line.table.put("n1", key(`10.${i}.0.0/16`), route(1));
  assert.ok(line.log.pending <= 4);
  assert.equal(line.log.overflows, 1);
  const parts = line.run();
  assert.equal(parts[0]?.base, "nothing");
  assert.equal(feedText(line.feed), tableText(line.table));
  assert.equal(line.log.overflows, 0);
});

test("[BG103] no snapshot is begun before every neighbour has told its table", () => {
  const line = new Line();
  line.table.setSession(session("n1", { "10.0.0.0/8": route(1) }));
  assert.deepEqual(line.run(), []);
  assert.equal(line.feed.state, "waiting");
  line.table.settle();
  assert.equal(line.run().length, 2);
  assert.equal(line.feed.state, "live");
});

test("[BG103] routes that change while the snapshot is sent follow as its end, before any of it is seen", () => {
  const line = new Line(8);
  line.table.set([session("n1", { "10.0.0.0/8": route(1), "11.0.0.0/8": route(1), "12.0.0.0/8": route(1) })]);
  const hello = line.log.hello();
  line.log.answered(hello, line.tell(hello));
  const first = line.log.next();
  assert.ok(first !== undefined && !first.isLast);
  line.log.answered(first, line.tell(first));
  line.table.put("n1", key("10.0.0.0/8"), undefined);
  line.table.put("n1", key("13.0.0.0/8"), route(5));
  line.table.clear("n1");
  line.table.set([session("n2", { "14.0.0.0/8": route(1) })]);
  assert.equal(line.feed.sessions.size, 0, "nothing of it is seen");
  line.run();
  assert.equal(feedText(line.feed), tableText(line.table));
});

test("[BG104] a repeated part is harmless; one out of order, or of an unknown stream, is answered with a resync", () => {
  const line = new Line();
  line.table.set([session("n1", { "10.0.0.0/8": route(1) })]);
  const snapshot = line.run();
  line.table.put("n1", key("11.0.0.0/8"), route(1));
  const [change] = line.run();
  assert.ok(change !== undefined);
  const before = feedText(line.feed);
  for (const part of [...snapshot, change]) {
    assert.deepEqual(line.tell(part), { kind: "taken", seq: change.seq });
  }
  assert.equal(line.tell({ ...change, seq: change.seq + 2 }).kind, "resync");
  assert.equal(line.tell({ ...change, stream: "two", seq: change.seq + 1 }).kind, "resync");
  assert.equal(line.tell({ ...change, seq: change.seq + 1, isFirst: false }).kind, "resync");
  const [begin] = snapshot;
  assert.ok(begin !== undefined);
  assert.equal(
    line.tell({ ...begin, seq: change.seq + 1 }).kind,
    "resync",
    "a token is good for one snapshot",
  );
  assert.equal(feedText(line.feed), before);
});

test("[BG104] a part that cannot be read, or one route too many, is refused and changes nothing", () => {
  const line = new Line();
  line.table.set([session("n1", { "10.0.0.0/8": route(1) })]);
  line.run();
  line.table.put("n1", key("11.0.0.0/8"), route(1));
  const part = line.log.next();
  assert.ok(part !== undefined);
  const broken = { ...part, rows: [{ session: "n1", announced: btoa("\x09"), withdrawn: "" }] };
  assert.equal(line.feed.take(broken, "t").kind, "refused");
  assert.equal(line.feed.sessions.get("n1")?.routes.size, 1);
  const small = new Line();
  small.feed = new RouteFeed(2);
  small.table.set([session("n1", { "10.0.0.0/8": route(1), "11.0.0.0/8": route(1) })]);
  small.run();
  small.table.put("n1", key("12.0.0.0/8"), route(1));
  const third = small.log.next();
  assert.ok(third !== undefined);
  const refused = small.feed.take(third, "t");
  assert.ok(refused.kind === "refused");
  assert.match(refused.because, /more than 2 routes/);
});

test("[BG163] parts and sessions that bring no route are refused past a limit, in one group or in many", () => {
  for (const isLast of [false, true]) {
    const line = new Line();
    line.table.set([session("n1", { "10.0.0.0/8": route(1) })]);
    const [first] = line.run();
    assert.ok(first !== undefined);
    let refused: string | undefined;
    let seq = line.feed.position?.seq ?? 0;
    for (let sent = 0; refused === undefined && sent < 1000; sent++) {
      const sessions = Array.from({ length: 250 }, (_, i) => ({
        ...{ id: `s${sent}-${i}`, state: "up" as const, isAnew: false },
      }));
      const isFirst = isLast || sent === 0;
      const part = { ...first, seq: ++seq, base: "before" as const, token: "", isFirst, isLast };
      const taking = line.feed.take({ ...part, sessions, attributes: [], rows: [] }, "t");
      if (taking.kind === "refused") refused = taking.because;
      else if (taking.commit !== undefined) for (const _ of line.feed.settle(taking.commit, line.site));
    }
    assert.match(refused ?? "", /more than 100000 parts/);
    assert.ok(line.feed.sessions.size <= 100_000);
    assert.equal(line.feed.sessions.get("n1")?.routes.size, 1);
  }
});

test("[BG105] a stale session keeps its routes; gone, they go with one word", () => {
  const line = new Line();
  line.table.set([session("n1", { "10.0.0.0/8": route(1), "11.0.0.0/8": route(1) }), session("n2", {})]);
  line.run();
  line.table.setSession(session("n1", { "10.0.0.0/8": route(1), "11.0.0.0/8": route(1) }, "stale"));
  line.run();
  const held = line.feed.sessions.get("n1");
  assert.deepEqual([held?.state, held?.routes.counts], ["stale", { v4: 2, v6: 0 }]);
  assert.deepEqual(line.site.best(key("10.0.0.0/8")), route(1));
  line.table.clear("n1");
  const [part] = line.run();
  assert.deepEqual(part?.sessions, [{ id: "n1", state: "gone", isAnew: true }]);
  assert.deepEqual(part?.rows, []);
  assert.equal(line.site.best(key("10.0.0.0/8")), undefined);
});

test("[BG106] what was kept answers after a restart, and only a snapshot replaces it", () => {
  const line = new Line();
  line.table.set([
    session("n1", { "10.0.0.0/8": route(1), "2001:db8::/32": route(2) }),
    session("n2", {}, "stale"),
  ]);
  line.run();
  const kept = [...keptParts(line.feed, 8)];
  assert.ok(kept.length > 1);
  const before = feedText(line.feed);
  line.feed = new RouteFeed(1000);
  const recalled = line.feed.recall(kept);
  assert.ok(recalled.kind === "answer" && recalled.commit !== undefined);
  for (const _ of line.feed.settle(recalled.commit, new SiteView(siteId("s1"))));
  assert.deepEqual([feedText(line.feed), line.feed.state], [before, "recalled"]);
  line.table.put("n1", key("10.0.0.0/8"), undefined);
  const part = line.log.next();
  assert.ok(part !== undefined);
  const answer = line.tell(part);
  assert.equal(answer.kind, "resync", "a change alone is not believed");
  assert.equal(feedText(line.feed), before);
  line.log.answered(part, answer);
  line.run();
  assert.deepEqual([feedText(line.feed), line.feed.state], [tableText(line.table), "live"]);
  for (const cut of [[], kept.slice(0, -1), kept.slice(1)]) {
    assert.equal(new RouteFeed(1000).recall(cut).kind, "refused");
  }
});

test("[BG115] prefixes are counted per family, whatever is set again or taken away twice", () => {
  const routes = new HeardRoutes();
  for (const prefix of ["10.0.0.0/8", "2001:db8::/32", "2001:db8::/48", "2001:db8::/32"])
    routes.set(key(prefix), route(1));
  assert.deepEqual(routes.counts, { v4: 1, v6: 2 });
  for (const prefix of ["2001:db8::/32", "2001:db8::/32", "11.0.0.0/8", "10.0.0.0/8"])
    routes.delete(key(prefix));
  assert.deepEqual(routes.counts, { v4: 0, v6: 1 });
});
