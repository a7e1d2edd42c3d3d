// The desk where routes come in: nothing shows half, nothing kept is believed that is not whole.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { readAddress, readPrefix } from "#bgp/address.ts";
import { HeardRoutes } from "#bgp/heard-routes.ts";
import { HeardTable } from "#bgp/heard-table.ts";
import { readSessions } from "#bgp/io/heard-file.ts";
import { keyOf } from "#bgp/prefix-key.ts";
import { RouteLog } from "#bgp/route-log.ts";
import { type CompiledTable, lookup } from "#bgp/route-table.ts";
import { SiteView } from "#bgp/site-view.ts";
import { defaultsOf } from "#config/setting.ts";
import { type Network, readNetwork } from "#control/network.ts";
import { routeSettings } from "#control/route-settings.ts";
import { systemClock } from "#io/clock.ts";
import { type Log, openLog } from "#io/log.ts";
import { smallRoutes, smallSites } from "#test/fixtures/small-network.ts";
import { applianceId, siteId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import { RouteDesk } from "./route-desk.ts";
import { SettlingTables } from "./route-tables.ts";

const a1 = { id: applianceId("a1"), siteId: siteId("isp-a") };

function network(): Network {
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  assert.ok(reading.kind === "read");
  return reading.network;
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-desk-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function open(
  t: TestContext,
  folder: string | undefined,
  logger: Log = openLog("desk", "silent"),
  settings: Partial<Record<keyof typeof routeSettings, number>> = {},
): Promise<RouteDesk> {
  let tokens = 0;
  const desk = new RouteDesk({
    settings: { ...defaultsOf(routeSettings), settleMs: 0, keepMs: 10, ...settings },
    ...{ folder, logger, file: smallRoutes, clock: systemClock },
    newToken: () => `t${++tokens}`,
  });
  await desk.recall(network);
  t.after(() => desk.close());
  return desk;
}

/** Says everything that a source has to say. */
async function tellAll(desk: RouteDesk, log: RouteLog): Promise<void> {
  const hello = log.hello();
  log.answered(hello, await desk.take(a1, hello));
  for (let part = log.next(); part !== undefined; part = log.next())
    log.answered(part, await desk.take(a1, part));
}

function logOf(source: HeardTable, partOctets = 4096): RouteLog {
  return new RouteLog({ stream: "s", source, partOctets, mostWaiting: 1e6 });
}

/** `count` prefixes of 24 bits from 10.0.0.0 on. */
function tableOf(count: number, hops: number): HeardTable {
  const table = new HeardTable();
  const asPath = Array.from({ length: hops }, (_, i) => 64_500 + i);
  const routes = Array.from({ length: count }, (_, i) => ({
    prefix: `10.${i >> 8}.${i & 255}.0/24`,
    asPath,
  }));
  table.set(readSessions(JSON.stringify({ sessions: [{ id: "n1", routes }] })));
  return table;
}

function hopsTo(desk: RouteDesk, address: string): number | undefined {
  const reading = readAddress(address);
  assert.ok(reading.kind === "address");
  return lookup(desk.table, reading.address).find((match) => match.siteId === "isp-a")?.asPathLength;
}

test("[BG118] while thousands of routes change, lookups go on and see all of it or nothing", async (t) => {
  const desk = await open(t, undefined);
  const count = 40_000;
  const ends = ["10.0.0.1", `10.${(count - 1) >> 8}.${(count - 1) & 255}.1`];
  let looks = 0;
  for (const hops of [1, 2]) {
    let isDone = false;
    const log = logOf(tableOf(count, hops));
    const telling = tellAll(desk, log).then(() => {
      isDone = true;
    });
    while (!isDone) {
      const [first, last] = ends.map((end) => hopsTo(desk, end));
      assert.equal(first, last);
      looks += 1;
      await turn();
    }
    await telling;
    while (hopsTo(desk, "10.0.0.1") !== hops) {
      assert.equal(hopsTo(desk, "10.0.0.1"), hopsTo(desk, ends[1] ?? ""));
      await turn();
    }
  }
  assert.ok(looks > 10, `only ${looks} looks in between`);
});

test("[BG106] after a restart the kept routes answer at once; the file of a moved appliance does not", async (t) => {
  const folder = join(await folderOf(t), "routes");
  const desk = await open(t, folder);
  await tellAll(desk, logOf(tableOf(300, 2)));
  await desk.close();
  const again = await open(t, folder);
  assert.equal(hopsTo(again, "10.1.20.1"), 2);
  assert.equal(again.ops(network()).appliances.find(({ id }) => id === "a1")?.state, "recalled");
  await tellAll(again, logOf(tableOf(300, 3)));
  await again.close();
  const path = join(folder, "a1.routes");
  await writeFile(join(folder, "x1.routes"), await readFile(path, "utf8"));
  const third = await open(t, folder);
  assert.equal(hopsTo(third, "10.1.20.1"), 3);
  assert.equal(third.ops(network()).appliances.find(({ id }) => id === "x1")?.state, "none");
});

test("[BG119] a kept file that is torn or altered anywhere is told and left out, and replaced by the next", async (t) => {
  const folder = await folderOf(t);
  const desk = await open(t, folder);
  await tellAll(desk, logOf(tableOf(100, 2)));
  await desk.close();
  const path = join(folder, "a1.routes");
  const whole = await readFile(path);
  const logPath = join(folder, "desk.log");
  const damages = [
    ...[0, 1, 100, whole.length >> 1, whole.length - 2].map((at) => () => truncate(path, at)),
    ...[10, whole.length >> 1, whole.length - 20].map((at) => async () => {
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await writeFile(path, altered);
    }),
    () => writeFile(path, "{}\n"),
  ];
  for (const [number, damage] of damages.entries()) {
    await writeFile(path, whole);
    await damage();
    const log = openLog("desk", "error", logPath);
    const next = await open(t, folder, log);
    assert.equal(hopsTo(next, "10.0.20.1"), undefined, `damage ${number}`);
    await next.close();
    log.flush();
    const told = (await readFile(logPath, "utf8")).split("kept-routes-unreadable").length - 1;
    assert.equal(told, number + 1, `damage ${number} is told`);
  }
  const mended = await open(t, folder);
  await tellAll(mended, logOf(tableOf(100, 4)));
  await mended.close();
  const last = await open(t, folder);
  assert.equal(hopsTo(last, "10.0.20.1"), 4);
});

test("[BG119] routes that cannot be written to disk count all the same", async (t) => {
  const folder = await folderOf(t);
  await mkdir(join(folder, "a1.routes"));
  const desk = await open(t, folder);
  await tellAll(desk, logOf(tableOf(10, 2)));
  await desk.close();
  assert.equal(desk.ops(network()).appliances.find(({ id }) => id === "a1")?.prefixes.v4, 10);
});

test("[BG120] changes wait for more of their kind, but not for ever, and what belongs together shows together", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 0;
  const clock = { wallMs: () => milliseconds(nowMs), monoMs: () => milliseconds(nowMs) };
  const onTrouble = (error: Error): void => assert.fail(error);
  const tables = new SettlingTables({ settleMs: 200, settleMostMs: 1000, clock, onTrouble });
  tables.flush();
  tables.open();
  t.after(() => tables.close());
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    t.mock.timers.tick(ms);
    for (let i = 0; i < 5; i++) await turn();
  };
  const announce = (prefix: string): void => {
    tables.hold();
    const route = { siteId: siteId("s1"), prefix, asPath: [1], med: 0 };
    tables.take([{ kind: "announce", route }]);
    tables.release();
  };
  /** The next table comes from another thread. */
  const replaced = async (earlier: CompiledTable): Promise<CompiledTable> => {
    while (tables.current === earlier) await turn();
    return tables.current;
  };
  const none = tables.current;
  announce("10.0.0.0/8");
  await pass(199);
  assert.equal(tables.current, none);
  await pass(1);
  const before = await replaced(none);
  for (let i = 0; i < 9; i++) {
    announce(`10.${i}.0.0/16`);
    await pass(100);
    assert.equal(tables.current, before, `${i}: more keep coming`);
  }
  await pass(100);
  const third = await replaced(before);
  tables.hold();
  tables.take([{ kind: "withdraw", siteId: siteId("s1"), prefix: "10.0.0.0/8" }]);
  await pass(5000);
  assert.equal(tables.current, third, "it is not whole yet");
  tables.release();
  const last = await replaced(third);
  const eight = readAddress("10.200.0.1");
  assert.ok(eight.kind === "address");
  assert.deepEqual(lookup(last, eight.address), []);
});

test("[BG130] made anew from all that the sites hear, a table stays in force until the next is whole", async (t) => {
  const onTrouble = (error: Error): void => assert.fail(error);
  const tables = new SettlingTables({ settleMs: 0, settleMostMs: 0, clock: systemClock, onTrouble });
  t.after(() => tables.close());
  const site = new SiteView(siteId("s1"));
  const [heard, more] = [new HeardRoutes(), new HeardRoutes()];
  for (const routes of [heard, more]) assert.deepEqual([...site.replace(undefined, routes)], []);
  for (const [routes, text, asPathLength] of [
    [heard, "10.0.0.0/8", 3],
    [more, "10.0.0.0/8", 2],
    [more, "2001:db8::/32", 1],
  ] as const) {
    const reading = readPrefix(text);
    assert.ok(reading.kind === "prefix");
    const event = site.change(routes, keyOf(reading.prefix), { asPathLength, med: 0, neighbourAs: 1 });
    if (event !== undefined) tables.take([event]);
  }
  tables.flush();
  tables.open();
  const before = tables.current;
  tables.startAnew();
  assert.equal(tables.current, before);
  const all = [...site.all()].filter((event) => event !== undefined);
  assert.equal(all.length, 2);
  tables.take(all);
  while (tables.current === before) await turn();
  for (const text of ["10.1.2.3", "2001:db8::1"]) {
    const reading = readAddress(text);
    assert.ok(reading.kind === "address");
    assert.deepEqual(lookup(tables.current, reading.address), lookup(before, reading.address));
    assert.equal(lookup(before, reading.address).length, 1);
  }
});

test("[BG162] a table made anew shows what is told then, though changes were waiting; nothing at all shows at once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const clock = { wallMs: () => milliseconds(0), monoMs: () => milliseconds(nowMs) };
  let nowMs = 0;
  const onTrouble = (error: Error): void => assert.fail(error);
  const tables = new SettlingTables({ settleMs: 200, settleMostMs: 1000, clock, onTrouble });
  t.after(() => tables.close());
  const announce = (prefix: string): void => {
    const route = { siteId: siteId("s1"), prefix, asPath: [1], med: 0 };
    tables.take([{ kind: "announce", route }]);
  };
  const sitesAt = (address: string): number => {
    const reading = readAddress(address);
    assert.ok(reading.kind === "address");
    return lookup(tables.current, reading.address).length;
  };
  announce("10.0.0.0/8");
  tables.flush();
  tables.open();
  announce("172.16.0.0/12");
  tables.startAnew();
  assert.deepEqual([sitesAt("10.1.1.1"), sitesAt("192.168.1.1")], [1, 0], "the last one is in force");
  announce("192.168.0.0/16");
  nowMs += 200;
  t.mock.timers.tick(200);
  const end = performance.now() + 20_000;
  while (sitesAt("192.168.1.1") === 0) {
    assert.ok(performance.now() < end, "no table was made");
    await turn();
  }
  assert.equal(sitesAt("10.1.1.1"), 0);
  tables.startAnew();
  tables.clear();
  assert.equal(sitesAt("192.168.1.1"), 0);
});

test("[CO427] a withdrawn prefix stays away whatever its appliance tells anew, less specific routes and others at the site count on", async (t) => {
  const desk = await open(t, undefined);
  const heardOf = (session: string, prefix: string, hops: number) => {
    const table = new HeardTable();
    const asPath = Array.from({ length: hops }, (_, i) => 64_500 + i);
    const wide = { prefix: "10.0.0.0/8", asPath: [64_500, 64_501, 64_502, 64_503] };
    const routes = [{ prefix, asPath }, wide];
    table.set(readSessions(JSON.stringify({ sessions: [{ id: session, routes }] })));
    return logOf(table);
  };
  const until = async (hops: number) => {
    const deadline = performance.now() + 20_000;
    while (hopsTo(desk, "10.0.0.1") !== hops) {
      assert.ok(performance.now() < deadline, `${hopsTo(desk, "10.0.0.1")} hops, not ${hops}`);
      await turn();
    }
  };
  await tellAll(desk, heardOf("n1", "10.0.0.0/24", 2));
  await until(2);
  assert.equal(desk.announced(a1, "10.0.0.0/24"), "10.0.0.0/24");
  assert.equal(desk.announced(a1, "10.0.1.0/24"), undefined);
  assert.equal(desk.announced(a1, "203.0.113.0/24"), "203.0.113.0/24", "the routes file says it of the site");
  await desk.hush("d00c0ffee", a1, "10.0.0.0/24");
  await until(4);
  await tellAll(desk, heardOf("n1", "10.0.0.0/24", 1));
  const a2 = { id: applianceId("a2"), siteId: siteId("isp-a") };
  const log = heardOf("n2", "10.0.0.0/24", 3);
  const hello = log.hello();
  log.answered(hello, await desk.take(a2, hello));
  for (let part = log.next(); part !== undefined; part = log.next())
    log.answered(part, await desk.take(a2, part));
  await until(3);
  await desk.unhush("d00c0ffee");
  await until(1);
});
