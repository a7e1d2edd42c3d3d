import assert from "node:assert/strict";
import { test } from "node:test";
import { type IpAddress, readAddress } from "#bgp/address.ts";
import { emptyTable, fold, lookup, type RouteTable } from "#bgp/route-table.ts";
import type { RouteEvent } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { LiveTable } from "./live-table.ts";

function announce(site: string, prefix: string, hops: number): RouteEvent {
  const asPath = Array.from({ length: hops }, (_, i) => 64_500 + i);
  return { kind: "announce", route: { siteId: siteId(site), prefix, asPath, med: 0 } };
}

function address(text: string): IpAddress {
  const reading = readAddress(text);
  if (reading.kind === "refused") assert.fail(reading.because);
  return reading.address;
}

function tableOf(...events: RouteEvent[]): RouteTable {
  return fold(emptyTable, events).table;
}

const viewer = address("203.0.113.9");
const events = [
  announce("b", "203.0.113.0/24", 2),
  announce("a", "203.0.112.0/22", 1),
  announce("c", "2001:db8::/32", 1),
  announce("b", "203.0.113.0/24", 1),
];

async function living(
  first: RouteTable,
  use: (live: LiveTable, trouble: Error[]) => Promise<void>,
): Promise<void> {
  const trouble: Error[] = [];
  const live = new LiveTable({ first, quietMs: 1, onTrouble: (error) => trouble.push(error) });
  try {
    await use(live, trouble);
  } finally {
    await live.close();
  }
}

test("[BG74] lookups are answered by the table before, until the next takes its place", async () => {
  await living(tableOf(announce("z", "203.0.113.0/24", 3)), async (live) => {
    const before = live.current;
    assert.deepEqual(live.take([...events, announce("d", "203.0.113.0", 1)]), [
      { index: 4, because: 'site d: "203.0.113.0" is not a prefix such as 203.0.113.0/24 or 2001:db8::/32' },
    ]);
    assert.equal(live.current, before);
    await live.settled();
    const expected = tableOf(announce("z", "203.0.113.0/24", 3), ...events);
    assert.deepEqual({ ...live.current, routes: expected.routes }, expected);
    assert.deepEqual(
      lookup(before, viewer).map((match) => match.siteId),
      ["z"],
    );
  });
});

test("[BG75] events that come during a build are in the next table", async () => {
  await living(emptyTable, async (live) => {
    const all: RouteEvent[] = [];
    for (let i = 0; i < 40; i++) {
      const some = [announce(`s${i % 3}`, `10.${i}.0.0/16`, 1), announce("a", "203.0.113.0/24", (i % 5) + 1)];
      all.push(...some);
      live.take(some);
      // Other turns of the loop, so that builds begin and end in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await live.settled();
    const expected = tableOf(...all);
    assert.deepEqual({ ...live.current, routes: expected.routes }, expected);
  });
});

test("[BG76] when no table can be built, the last one stays and the reason is told", async () => {
  const first = tableOf(announce("z", "203.0.113.0/24", 3));
  const lengths = new Uint8Array(1);
  // A column that was given away cannot be handed to the worker.
  lengths.buffer.transfer();
  const broken = { ...first, routes: { ...first.routes, run4: { ...first.routes.run4, lengths } } };
  await living(broken, async (live, trouble) => {
    live.take(events);
    await assert.rejects(live.settled());
    assert.equal(trouble.length, 1);
    assert.equal(live.current, broken);
    live.take(events);
    await assert.rejects(live.settled());
  });
});
