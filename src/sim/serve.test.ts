import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import { rankOnce } from "#steer/rank.ts";
import { steerSettings } from "#steer/settings.ts";
import { bitsPerSecond } from "#units/quantity.ts";
import { Fleet } from "./fleet.ts";
import type { HolderClass } from "./holders.ts";
import { Holders } from "./holders.ts";
import { smallScenario } from "./sample.ts";
import { type Ledger, type ServedHour, type ServeOrder, serveHour } from "./serve.ts";
import { matchOf } from "./ways.ts";

const settings = defaultsOf(steerSettings);
const scenario = smallScenario();
const fleet = new Fleet(scenario, settings);
const ways = fleet.waysOfHour().map(({ now }) => now);
/** Bits: metro-s1, metro-s2, metro-f1, coast-s1, ix-s1, ix-s2. */
const [s1, s2, f1, ix1] = [1, 2, 4, 16];

interface Case {
  readonly classes: readonly HolderClass[];
  readonly asked: readonly number[];
  readonly room?: number;
  readonly down?: readonly number[];
  readonly unwell?: readonly number[];
  readonly originRoom?: number;
}

function serve(one: Case): ServedHour {
  const order: ServeOrder = {
    flows: [
      {
        ...{ region: 0, key: "north 1", ways: ways[0] ?? [], best: ways[0]?.[0]?.mask ?? 0, carried: false },
        left: Float64Array.from(one.asked),
      },
    ],
    regions: 1,
    classes: one.classes,
    boxes: fleet.boxes.map(({ bit }) => ({
      healthy: one.unwell?.includes(bit) !== true,
      alive: one.down?.includes(bit) !== true,
      room: one.room ?? 1e12,
    })),
    originRoom: one.originRoom ?? 1e15,
    settings,
  };
  return serveHour(order);
}

const ledgerOf = (hour: ServedHour): Ledger => {
  const [ledger] = hour.ledgers;
  assert.ok(ledger !== undefined);
  return ledger;
};
const at = (mask: number): HolderClass => ({ known: mask, actual: mask });

test("[SI10] every byte is in one class and came from one place, whatever holds, fails and is full", () => {
  const mask = fc.integer({ min: 0, max: 63 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(mask, mask, fc.integer({ min: 0, max: 5e9 })), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 3e9 }),
      fc.integer({ min: 0, max: 3e9 }),
      fc.subarray([0, 1, 2, 3, 4, 5]),
      fc.subarray([0, 1, 2, 3, 4, 5]),
      (rows, room, originRoom, down, unwell) => {
        const classes = rows.map(([known, actual]) => ({ known, actual }));
        const hour = serve({ classes, asked: rows.map((row) => row[2]), room, originRoom, down, unwell });
        const one = ledgerOf(hour);
        assert.equal(
          one.asked,
          rows.reduce((sum, row) => sum + row[2], 0),
        );
        assert.equal(one.hit + one.content + one.health + one.other, one.asked);
        assert.equal(one.home + one.elsewhere + one.origin + one.unserved, one.asked);
        assert.equal(
          [...hour.sent].reduce((sum, bytes) => sum + bytes, 0),
          one.home + one.elsewhere,
        );
        for (const [bit, sent] of hour.sent.entries()) {
          assert.ok(sent <= room && Number.isInteger(sent), "[SI13] nobody sends more than it can");
          if (down.includes(bit) || unwell.includes(bit)) assert.equal(sent, 0, "[SI14]");
        }
        assert.ok(hour.originSent <= originRoom);
      },
    ),
    { seed: 10, numRuns: 300 },
  );
});

test("[SI11] why a byte did not come from the best site", () => {
  assert.equal(ledgerOf(serve({ classes: [at(s1)], asked: [100] })).hit, 100);
  const nobody = ledgerOf(serve({ classes: [at(ix1)], asked: [100] }));
  assert.deepEqual([nobody.content, nobody.elsewhere], [100, 100]);
  const dead = ledgerOf(serve({ classes: [at(s1 | ix1)], asked: [100], down: [0] }));
  assert.deepEqual([dead.health, dead.elsewhere], [100, 100]);
  const gated = ledgerOf(serve({ classes: [at(s1)], asked: [100], unwell: [0] }));
  assert.deepEqual([gated.health, gated.origin], [100, 100]);
  const full = ledgerOf(serve({ classes: [at(s1)], asked: [100], room: 30 }));
  assert.deepEqual([full.hit, full.health], [30, 70]);
  const news = ledgerOf(serve({ classes: [{ known: ix1, actual: s1 | ix1 }], asked: [100] }));
  assert.deepEqual([news.other, news.elsewhere], [100, 100]);
});

test("[SI11] sessions that go by routes of before are other misses, what the best site sends them is not", () => {
  const [north, west] = [ways[0] ?? [], ways[1] ?? []];
  const coast = 8;
  const flow = { region: 0, key: "k", ways: north, best: west[0]?.mask ?? 0, carried: true };
  const hour = serveHour({
    ...{ flows: [{ ...flow, left: Float64Array.of(50) }], regions: 1, classes: [at(s1 | coast)], settings },
    boxes: fleet.boxes.map(() => ({ healthy: true, alive: true, room: 1e9 })),
    originRoom: 1e9,
  });
  const one = ledgerOf(hour);
  assert.deepEqual([one.other, one.elsewhere, one.hit, one.content], [50, 50, 0, 0]);
});

test("[SI12] while everybody is well and has room, who serves is whom steering puts first", () => {
  const viewer = scenario.viewers[0];
  assert.ok(viewer !== undefined);
  const sites = [...new Set(fleet.boxes.map(({ appliance }) => appliance.siteId))];
  for (let mask = 1; mask < 64; mask++) {
    const hour = serve({ classes: [at(mask)], asked: [1] });
    const served = fleet.boxes.find(({ bit }) => (hour.sent[bit] ?? 0) > 0)?.id ?? "origin";
    const ranking = rankOnce({
      sites: sites.map((id) => ({
        id,
        name: id,
        kind: id === "ix" ? "exchange" : "embedded",
        location: undefined,
      })),
      appliances: fleet.boxes.map(({ appliance }) => ({
        ...{ appliance, health: "healthy", because: "", load: bitsPerSecond(0) },
      })),
      matches: viewer.routes.map(matchOf),
      viewer: undefined,
      sessionKey: `north 1 ${mask & tierOf(mask)} 0`,
      holders: new Set(fleet.boxes.filter(({ bit }) => (mask & (1 << bit)) !== 0).map(({ id }) => id)),
      settings,
    });
    assert.equal(served, ranking.ranked[0]?.id, `holders ${mask.toString(2)}`);
  }
});

/** Bits of the first tier that has a holder: the key of a session names whom it chooses among. */
function tierOf(mask: number): number {
  return ways[0]?.find((way) => (way.mask & mask) !== 0)?.mask ?? 0;
}

test("[SI13] what nobody can send is unserved, and still a miss of its class", () => {
  const one = ledgerOf(serve({ classes: [at(0)], asked: [100], originRoom: 40 }));
  assert.deepEqual([one.content, one.origin, one.unserved], [100, 40, 60]);
});

test("[SI15] what a dead box would send comes from the others that hold it", () => {
  const both = at(s1 | s2 | f1);
  const hour = serve({ classes: [both], asked: [3e9], room: 2e9, down: [0] });
  assert.equal(ledgerOf(hour).hit, 3e9);
  assert.equal(hour.sent[0], 0);
  assert.ok((hour.sent[1] ?? 0) > 0 && (hour.sent[2] ?? 0) > 0);
});

test("[SI11] classes of files keep the books of what is asked while holders change", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 9 }),
          fc.integer({ min: 0, max: 31 }),
          fc.integer({ min: 0, max: 31 }),
        ),
      ),
      (changes) => {
        const holders = new Holders(1);
        const bytes = Float64Array.from({ length: 10 }, (_, file) => 10 ** (file % 5) + file);
        holders.ask([bytes]);
        for (const [file, known, actual] of changes) holders.set(file, known, actual);
        const plain = new Float64Array(holders.classes.length);
        for (const [file, one] of bytes.entries()) {
          const { known, actual } = holders.of(file);
          const number = holders.classes.findIndex((own) => own.known === known && own.actual === actual);
          plain[number] = (plain[number] ?? 0) + one;
        }
        assert.deepEqual([...(holders.asked[0] ?? [])].slice(0, plain.length), [...plain]);
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});
