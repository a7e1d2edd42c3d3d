// Days of a small region, with everything that is said to hold held against every hour of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { advertised } from "#edge/fill-state.ts";
import { advertises } from "./appliance.ts";
import type { Landed } from "./hands.ts";
import { type HourFacts, Region } from "./region.ts";
import type { DayResult } from "./results.ts";
import { failed, smallScenario } from "./sample.ts";
import type { Scenario, SimEvent } from "./scenario.ts";
import { settingsOf } from "./settings-of.ts";
import { dailyCsv, plansCsv, serversCsv } from "./tables.ts";

interface Lived {
  readonly region: Region;
  readonly days: readonly DayResult[];
  readonly landed: readonly Landed[];
}

function live(scenario: Scenario, onHour?: (hour: HourFacts, region: Region) => void): Lived {
  const landed: Landed[] = [];
  const region: Region = new Region(scenario, settingsOf(scenario), {
    onHour: (hour) => onHour?.(hour, region),
    onLanded: (one) => landed.push(one),
  });
  const days: DayResult[] = [];
  for (let day = region.nextDay(); day !== undefined; day = region.nextDay()) days.push(day);
  return { region, days, landed };
}

const trouble: readonly SimEvent[] = [
  { day: 1, hour: 9, kind: "premiere", share: 0.1, startsAfterHours: 5 },
  ...failed,
  { day: 2, hour: 10, kind: "repair", serverId: "metro-s1" },
  { day: 3, hour: 0, kind: "drain", serverId: "ix-s1" },
];
const box = (region: Region, id: string) => {
  const found = region.fleet.byId.get(id);
  assert.ok(found !== undefined);
  return found;
};

test("[SI1] the same seed gives the same tables, to the byte; another gives others", () => {
  const tables = (scenario: Scenario): string => {
    const { days } = live(scenario);
    return dailyCsv(scenario, days) + serversCsv(days) + plansCsv(days);
  };
  const scenario = smallScenario({ events: trouble, days: 4 });
  assert.equal(tables(scenario), tables(scenario));
  assert.notEqual(tables({ ...scenario, seed: 2 }), tables(scenario));
});

test("[SI10] [SI13] [SI14] every hour of a region in trouble adds up, and who is dead or drained sends nothing", () => {
  let seen = 0;
  live(smallScenario({ events: trouble, days: 4 }), ({ served, boxes, startMs }, region) => {
    for (const one of served.ledgers) {
      assert.equal(one.hit + one.content + one.health + one.other, one.asked);
      assert.equal(one.home + one.elsewhere + one.origin + one.unserved, one.asked);
      seen += one.asked;
    }
    const drained = box(region, "ix-s1");
    const isDrained = startMs > smallScenario().startsAtMs + 3 * 86_400_000;
    if (isDrained) assert.equal(served.sent[drained.bit], 0);
    for (const { bit, alive, server } of boxes) {
      const sent = served.sent[bit] ?? 0;
      assert.ok(sent <= (0.95 * server.throughputBps * 3600) / 8);
      if (!alive) assert.equal(sent, 0);
    }
  });
  assert.ok(seen > 0);
});

test("[SI14] what a box serves is what its fill queue advertises", () => {
  live(smallScenario({ events: trouble, days: 3 }), ({ boxes }) => {
    for (const { fill } of boxes) {
      const whole = new Set(advertised(fill));
      for (const id of [...fill.bundles.keys(), ...fill.former.keys()])
        assert.equal(advertises(fill, id), whole.has(id), id);
    }
  });
});

test("[SI15] a box dies: its viewers lose the best site for little, and nobody is left unserved", () => {
  const { days } = live(smallScenario({ events: failed, days: 3 }));
  const last = days.at(-1)?.regions[0];
  assert.ok(last !== undefined);
  assert.equal(last.unserved, 0);
  assert.ok(last.hit > 0.6 * last.asked, `${last.hit} of ${last.asked}`);
  assert.equal(days.at(-1)?.servers.find(({ id }) => id === "metro-s1")?.sentBytes, 0);
});

test("[SI21] no hour brings more than the rate, and a shut window nothing but what is urgent", () => {
  const scenario = smallScenario({ catalogue: { ...smallScenario().catalogue, newTitlesPerDay: 0 } });
  let moved = 0;
  live(scenario, (hour) => {
    const byReader = new Map<number, number>();
    for (const one of hour.moved) byReader.set(one.reader, (byReader.get(one.reader) ?? 0) + one.bytes);
    for (const [reader, bytes] of byReader) {
      const { server, fill } = hour.boxes[reader] ?? {};
      assert.ok(server !== undefined && fill !== undefined);
      assert.ok(bytes <= (scenario.fill.rateBps[server.role] * 3600) / 8 + 8, `${bytes} in an hour`);
      const localHour = (new Date(hour.startMs).getUTCHours() + 2) % 24;
      assert.ok(localHour >= 2 && localHour < 14, `fetched at ${localHour}:00`);
      moved += bytes;
    }
  });
  assert.ok(moved > 0, "something was filled");
});

test("[SI21] what is new comes outside the window as well, and is told apart", () => {
  const { days } = live(smallScenario({ events: trouble }));
  const outside = days
    .flatMap(({ servers }) => servers)
    .reduce((sum, one) => sum + one.outsideWindowBytes, 0);
  assert.ok(outside > 0);
});

test("[SI22] bytes are kept: what lies there, what came, what went", () => {
  const scenario = smallScenario({ days: 4 });
  const lived = live(scenario);
  const fresh = new Region(scenario, settingsOf(scenario));
  for (const { id, fill } of lived.region.fleet.boxes) {
    const own = lived.days.flatMap(({ servers }) => servers.filter((one) => one.id === id));
    const removed = own.reduce((sum, one) => sum + one.removedBytes, 0);
    const came = lived.landed.filter((one) => one.box.id === id && fill.disk.has(one.key));
    const arrived = lived.landed.filter((one) => one.box.id === id);
    const sizeOf = (key: string): number => {
      const file = lived.region.demand.catalogue.numberOf(key);
      return file === undefined ? 0 : (lived.region.demand.catalogue.sizes[file] ?? 0);
    };
    const verified = arrived.reduce((sum, { key }) => sum + sizeOf(key), 0);
    const begun = box(fresh, id).fill.diskBytes;
    const hashing = [...fill.work].filter(([, work]) => work.kind === "hashing");
    const waiting = hashing.reduce((sum, [key]) => sum + sizeOf(key), 0);
    assert.equal(fill.diskBytes, begun + verified - removed - waiting, `${id}, ${came.length} came`);

    const { bytesFromPeers, bytesFromTier, bytesFromOrigin } = fill.counts;
    const told = own.reduce((sum, one) => sum + one.fill.peer + one.fill.tier + one.fill.origin, 0);
    const underWay = [...fill.work.values()].reduce(
      (sum, work) => sum + (work.kind === "fetching" ? work.file.bytes : 0),
      0,
    );
    const counted = bytesFromPeers + bytesFromTier + bytesFromOrigin;
    assert.ok(told >= counted && told <= counted + underWay, `${told}, counted ${counted}`);
  }
  assert.ok(lived.landed.length > 10);
});

test("[SI23] without a failure each file comes into a site from outside once", () => {
  // Masters that are quick enough for nobody to give them up.
  const rateBps = { storage: 2e7, flash: 1e7, global: 1e7 };
  const { landed, region, days } = live(
    smallScenario({ days: 5, fill: { ...smallScenario().fill, rateBps } }),
  );
  const outside = new Map<string, string[]>();
  for (const {
    box: { siteId, id },
    key,
    kind,
  } of landed) {
    if (kind === "peer") continue;
    const name = `${siteId} ${key}`;
    outside.set(name, [...(outside.get(name) ?? []), id]);
  }
  assert.ok(outside.size > 0);
  const servers = days.flatMap((day) => day.servers);
  const twice = servers.reduce((sum, one) => sum + one.externalTwice, 0);
  assert.equal(twice, 0);
  for (const [name, ids] of outside) assert.equal(new Set(ids).size, 1, `${name}: ${ids.join()}`);
  assert.ok(region.fleet.boxes.length === 6);
});

test("[SI24] the last verified copy of a site stays while the file is planned there", () => {
  const held = new Map<string, Set<string>>();
  let checked = 0;
  let gaveWay = 0;
  const { days } = live(smallScenario({ days: 5 }), ({ boxes }) => {
    for (const siteId of ["metro", "ix"]) {
      const own = boxes.filter((one) => one.siteId === siteId);
      const planned = new Set(own.flatMap(({ fill }) => [...fill.planned.keys()]));
      const now = new Set(own.flatMap(({ fill }) => advertised(fill)));
      for (const key of held.get(siteId) ?? []) {
        if (!planned.has(key)) continue;
        assert.ok(now.has(key), `${siteId} lost ${key}`);
        checked += 1;
      }
      held.set(siteId, now);
    }
  });
  for (const day of days) gaveWay += day.gaveWay;
  assert.equal(gaveWay, 0);
  assert.ok(checked > 1000);
});

test("[SI25] wrong bytes are thrown away, and the file comes from somebody else", () => {
  const events: readonly SimEvent[] = ["metro-s1", "metro-s2", "ix-s1", "ix-s2"].map((serverId) => ({
    ...{ day: 0, hour: 0, kind: "lie", serverId, hours: 72 },
  }));
  const { region, days } = live(smallScenario({ events }));
  const rejected = region.fleet.boxes.reduce((sum, { fill }) => sum + fill.counts.rejected, 0);
  assert.ok(rejected > 0);
  for (const { fill } of region.fleet.boxes)
    for (const id of advertised(fill)) assert.ok(fill.disk.get(id)?.proof !== "0".repeat(64));
  const origin = days.flatMap(({ servers }) => servers).reduce((sum, one) => sum + one.fill.origin, 0);
  assert.ok(origin > 0);
});

test("[SI26] while control is dark nothing is planned and nothing is deleted, and boxes go on", () => {
  const { days } = live(smallScenario({ events: [{ day: 1, hour: 0, kind: "dark", hours: 24 }] }));
  const [, dark, after] = days;
  assert.ok(dark !== undefined && after !== undefined);
  assert.ok(dark.plans.every(({ notPlanned }) => notPlanned === "control is dark"));
  assert.ok(after.plans.every(({ notPlanned }) => notPlanned === undefined));
  for (const one of dark.servers) assert.equal(one.removedBytes, 0, one.id);
  const [ledger] = dark.regions;
  assert.ok(ledger !== undefined && ledger.hit > 0.6 * ledger.asked && ledger.unserved === 0);
});

test("[SI27] a box that was without power trusts none of its files before it has hashed it", () => {
  const events: readonly SimEvent[] = [
    { day: 0, hour: 10, kind: "fail", serverId: "metro-s1" },
    { day: 0, hour: 12, kind: "repair", serverId: "metro-s1" },
  ];
  const verified: number[] = [];
  // So slow that hashing takes hours.
  const fill = { ...smallScenario().fill, verifyBps: smallScenario().fill.verifyBps / 20 };
  live(smallScenario({ events, days: 1, fill }), (_, region) => {
    verified.push(advertised(box(region, "metro-s1").fill).length);
  });
  const [before = 0, atOnce = 0, end = 0] = [verified[9], verified[12], verified[23]];
  assert.ok(atOnce < 0.9 * before, `${atOnce} after an hour, ${before} before`);
  assert.ok(end > 0.9 * before, `${end} in the end, ${before} before`);
});

test("[SI33] baselines run in the same region, with the same viewers", () => {
  const asked = (["hca", "uniform", "storage", "throughput"] as const).map((placement) => {
    const { days } = live(smallScenario({ placement, days: 2 }));
    return days.map(({ regions }) => regions.map((one) => Math.round(one.asked / 1e4)).join());
  });
  for (const one of asked) assert.deepEqual(one, asked[0]);
});
