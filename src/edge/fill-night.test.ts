import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond } from "#units/quantity.ts";
import type { Source, WantedBundle } from "./fill-state.ts";
import { wakeAt } from "./fill-time.ts";
import { bundle, FillWorld, hashOf, night, nightOf, worldAt } from "./fill-world.ts";

const minute = 60_000;
const hour = 60 * minute;
test("[ED192] before the window nothing is fetched, though checks go on; at its opening the fill begins", () => {
  const world = new FillWorld(1000);
  world.disk.set("t1/v/0.m4s", { bytes: 100, sha256: hashOf("t1/v/0.m4s") });
  world.tell(nightOf(bundle("t1", "v", 2, 100)));
  world.begin();
  world.carryOutAll();
  assert.deepEqual(world.log, ["inspect t1/v/0.m4s"]);
  assert.equal(wakeAt(world.state, world.moment()), 2 * hour);
  world.pass(2 * hour - 1);
  assert.equal(world.fetchedFrom.length, 0);
  world.pass(1);
  assert.deepEqual(world.fetchedFrom, ["t1/v/1.m4s peer-1"]);
});

test("[ED192] at its end what is under way is stopped once and kept, and goes on by range the next night", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 2, 100)], at: 3 });
  const [fetch] = world.open;
  assert.ok(fetch?.kind === "fetch");
  world.partials.set(fetch.name, { bytes: 60, sha256: hashOf("t1/v/0.m4s") });
  world.pass(hour);
  world.pass(100);
  const cancels = world.log.filter((line) => line.startsWith("cancel"));
  assert.deepEqual(cancels, ["cancel t1/v/0.m4s", "cancel t1/v/1.m4s"]);
  for (const command of world.open.filter(({ kind }) => kind === "cancel"))
    world.carryOut(world.open.indexOf(command));
  assert.deepEqual([world.open.length, world.partials.size], [0, 1]);
  assert.equal(wakeAt(world.state, world.moment()), 23 * hour);
  world.pass(22 * hour);
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  assert.equal(world.state.counts.bytesFromPeers, 140, "60 bytes were there");
  assert.equal(world.state.rests.size, 0, "nobody is to blame");
});

test("[ED192] a file that arrived, or whose download is stopped, is hashed, admitted and told outside the window as well", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100)], at: 3 });
  world.carryOut(0);
  world.pass(2 * hour);
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t1/v"]);
  world.tell(nightOf(bundle("t2", "v", 0, 0)));
  world.rot("t1/v/0.m4s");
  world.carryOutAll();
  assert.ok(world.log.includes("quarantine t1/v/0.m4s"), "set aside by day");
});

test("[ED192] deletions go on by day", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100), bundle("t2", "v", 1, 100)], at: 3 });
  world.carryOutAll();
  world.pass(2 * hour);
  world.tell(nightOf(bundle("t1", "v", 1, 100)));
  world.tell({ kind: "reported", version: world.state.version });
  world.carryOutAll();
  assert.deepEqual([...world.disk.keys()], ["t1/v/0.m4s"]);
});

test("[ED191] a clock that jumps out of the window and back stops the fill for as long, and no longer", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100)], at: 3 });
  world.wallAhead += 8 * hour;
  world.pass(100);
  world.carryOut(1);
  assert.deepEqual(
    [world.state.isOpen, world.log.at(-1), world.open.length],
    [false, "cancel t1/v/0.m4s", 0],
  );
  world.wallAhead -= 8 * hour;
  world.pass(100);
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t1/v"]);
});

test("[ED193] the rate is the lower of the plan's and the box's own, and a new one counts at once", () => {
  const world = new FillWorld(1000, { cap: bitsPerSecond(5e6) });
  world.wallAhead = 3 * hour;
  world.tell(nightOf(bundle("t1", "v", 1, 100)));
  assert.equal(world.state.rate, 5e6);
  world.tell({ kind: "desired", bundles: [], fill: { ...night, rateBps: 2e6 } });
  assert.equal(world.state.rate, 2e6);
  assert.equal(new FillWorld(1000).state.rate, Number.POSITIVE_INFINITY, "0 is no cap");
});

test("[ED194] by day urgent files alone are fetched, in a lane that narrows as viewers come, and shuts", () => {
  const urgent = bundle("t2", "v", 1, 100, { urgent: true });
  const fill = { ...night, rateBps: 1e9 };
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100), urgent], fill });
  assert.deepEqual(world.fetchedFrom, ["t2/v/0.m4s peer-1"]);
  assert.equal(world.state.rate, 2.5e8, "a quarter of 1 Gbit/s");
  world.tell({ kind: "load", bitsPerSecond: 8e8 });
  assert.equal(world.state.rate, 5e7);
  world.tell({ kind: "load", bitsPerSecond: 8.5e8 });
  assert.deepEqual([world.state.rate, world.log.at(-1)], [0, "cancel t2/v/0.m4s"]);
  world.carryOutAll();
  assert.equal(world.fetchedFrom.length, 1, "and nothing begins in a lane that is shut");
  world.tell({ kind: "load", bitsPerSecond: 0 });
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t2/v"]);
});

test("[ED195] urgent files first, then as the plan has them, whatever had to wait meanwhile", () => {
  const bundles = [1, 2, 3, 4, 5].map((n) => bundle(`t${n}`, "v", 1, 100, n === 4 ? { urgent: true } : {}));
  const world = worldAt({ bundles, at: 2 });
  world.habits.set("peer-1", "refuses").set("origin", "refuses");
  for (let i = 0; i < 40; i += 1) world.carryOut(0);
  const first = world.fetchedFrom.slice(0, 5).map((line) => line.slice(0, 2));
  assert.deepEqual(first, ["t4", "t1", "t2", "t4", "t1"], "three at a time, each source once");
  world.habits.clear();
  world.pass(10_000);
  const asked = world.fetchedFrom.length;
  world.carryOutAll();
  const order = world.fetchedFrom.slice(asked - 3).map((line) => line.slice(0, 2));
  assert.deepEqual(order, ["t4", "t1", "t2", "t3", "t5"]);
});

test("[ED195] an urgent file that comes with a new plan takes the slot of the ordinary download that began last", () => {
  const old = [1, 2, 3, 4].map((n) => bundle(`t${n}`, "v", 1, 100));
  const world = worldAt({ bundles: old, at: 2 });
  const urgent = [5, 6].map((n) => bundle(`t${n}`, "v", 1, 100, { urgent: true }));
  world.tell(nightOf(...old, ...urgent));
  world.pass(100);
  assert.deepEqual(world.log.slice(3), ["cancel t3/v/0.m4s"], "one at a time");
  world.carryOut(world.open.findIndex(({ kind }) => kind === "cancel"));
  assert.deepEqual(world.log.slice(5), ["cancel t2/v/0.m4s"]);
  assert.equal(world.fetchedFrom.at(-1), "t5/v/0.m4s peer-1");
  world.carryOutAll();
  assert.equal(world.advertised().length, 6);
});

const peer: Source = { sourceId: "peer-1", kind: "peer", baseUrl: "http://peer" };
const tier: Source = { sourceId: "tier-1", kind: "tier", baseUrl: "http://tier", afterMs: 5 * minute };
const origin: Source = { sourceId: "origin", kind: "origin", baseUrl: "http://origin", afterMs: 60 * minute };

test("[ED196] tier and origin are asked only after their waits, in open windows alone", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100, { sources: [tier, origin] })], at: 3.95 });
  world.habits.set("tier-1", "refuses");
  assert.equal(world.fetchedFrom.length, 0);
  assert.equal(wakeAt(world.state, world.moment()), 0.05 * hour, "the window closes before the wait is over");
  world.pass(0.05 * hour);
  world.pass(22 * hour);
  assert.equal(
    wakeAt(world.state, world.moment()) - world.now,
    2 * minute,
    "three of five minutes are waited",
  );
  world.pass(2 * minute);
  assert.deepEqual(world.fetchedFrom, ["t1/v/0.m4s tier-1"]);
  for (let i = 0; i < 54; i += 1) {
    world.carryOutAll();
    world.pass(minute);
  }
  assert.ok(
    world.fetchedFrom.every((line) => line.endsWith("tier-1")),
    `${world.fetchedFrom.length} times the tier`,
  );
  world.pass(minute);
  world.carryOutAll();
  assert.deepEqual([world.advertised(), world.state.counts.bytesFromOrigin], [["t1/v"], 100]);
});

test("[ED196] an urgent file waits by all time, an ordinary one behind it is not held up", () => {
  const urgent = bundle("t1", "v", 1, 100, { sources: [tier], urgent: true });
  const world = worldAt({ bundles: [urgent, bundle("t2", "v", 1, 100)], at: 12 });
  world.pass(5 * minute - 1);
  assert.deepEqual(world.fetchedFrom, []);
  world.pass(1);
  assert.deepEqual(world.fetchedFrom, ["t1/v/0.m4s tier-1"]);
  world.carryOut(0);
  assert.equal(world.state.counts.bytesFromTier, 100, "counted by itself");
});

test("[ED196] the wait outlives new plans that want the same content, and begins anew with other content", () => {
  const waiting = (): WantedBundle => bundle("t1", "v", 1, 100, { sources: [tier] });
  const world = worldAt({ bundles: [waiting()], at: 2 });
  world.pass(4 * minute);
  world.tell(nightOf(bundle("t0", "v", 1, 0), waiting()));
  world.pass(minute);
  assert.ok(world.fetchedFrom.includes("t1/v/0.m4s tier-1"));
  const again = worldAt({ bundles: [waiting()], at: 2 });
  again.pass(4 * minute);
  const [file] = waiting().files;
  assert.ok(file !== undefined);
  const other = [{ ...file, sha256: hashOf("other") }];
  again.tell(nightOf({ ...waiting(), files: other }));
  again.pass(minute);
  assert.deepEqual(again.fetchedFrom, []);
  again.tell(nightOf({ ...waiting(), files: other, urgent: true }));
  again.pass(4 * minute);
  assert.equal(again.fetchedFrom.length, 1, "what was waited as an ordinary file counts for the urgent one");
});

test("[ED197] a peer that has not the file yet rests and is asked again; the one that is verified meanwhile is used at once", () => {
  const second: Source = { sourceId: "peer-2", kind: "peer", baseUrl: "http://peer-2" };
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100, { sources: [peer, origin] })], at: 2 });
  world.habits.set("peer-1", "refuses");
  world.carryOutAll();
  world.pass(100);
  world.carryOutAll();
  assert.deepEqual(world.fetchedFrom, ["t1/v/0.m4s peer-1", "t1/v/0.m4s peer-1"]);
  world.tell(nightOf(bundle("t1", "v", 1, 100, { sources: [peer, origin] })));
  assert.equal(world.fetchedFrom.length, 2, "the same words are no news");
  world.tell(nightOf(bundle("t1", "v", 1, 100, { sources: [peer, second, origin] })));
  assert.deepEqual(world.fetchedFrom.slice(2), ["t1/v/0.m4s peer-2"]);
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t1/v"]);
});

test("[ED197] a source that is down is not asked anew with each plan, but at another address it is", () => {
  const sources = [peer, origin];
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100, { sources })], at: 2 });
  world.habits.set("peer-1", "is-down");
  world.carryOutAll();
  world.tell(nightOf(bundle("t1", "v", 1, 100, { sources }), bundle("t2", "v", 1, 100, { sources })));
  assert.equal(world.fetchedFrom.length, 1);
  const moved = [{ ...peer, baseUrl: "http://peer:81" }, origin];
  world.tell(
    nightOf(bundle("t1", "v", 1, 100, { sources: moved }), bundle("t2", "v", 1, 100, { sources: moved })),
  );
  assert.equal(world.fetchedFrom.length, 3);
});

test("[ED198] what was verified and is lost is fetched by day once a viewer misses it; what was never here is not", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 2, 100)], at: 3 });
  world.carryOutAll();
  world.pass(4 * hour);
  world.tell(nightOf(bundle("t1", "v", 2, 100), bundle("t2", "v", 1, 100)));
  world.rot("t1/v/0.m4s");
  world.rot("t1/v/1.m4s");
  world.carryOutAll();
  const before = world.fetchedFrom.length;
  world.tell({ kind: "missed", keys: ["t2/v/0.m4s", "t9/v/0.m4s", "t1/v/1.m4s"] });
  world.tell({ kind: "missed", keys: ["t1/v/1.m4s"] });
  world.carryOutAll();
  assert.deepEqual(world.fetchedFrom.slice(before), ["t1/v/1.m4s peer-1"]);
  world.rot("t1/v/1.m4s");
  world.carryOutAll();
  assert.equal(world.fetchedFrom.length, before + 1, "lost again, it waits for the next one who asks");
});

test("[ED204] always open where the box says so; in a zone that is not known, urgent files alone", () => {
  const always = new FillWorld(1000, { window: "always" });
  always.tell(nightOf(bundle("t1", "v", 1, 100)));
  always.begin();
  assert.equal(always.fetchedFrom.length, 1);
  const window = { zone: "Mars/Olympus", opensAtMinute: 0, hours: 24 };
  const bundles = [bundle("t1", "v", 1, 100), bundle("t2", "v", 1, 100, { urgent: true })];
  const lost = worldAt({ bundles, at: 3, fill: { ...night, window } });
  assert.deepEqual(lost.fetchedFrom, ["t2/v/0.m4s peer-1"]);
  assert.match(lost.state.problem, /time zone "Mars\/Olympus" is not known here/);
  lost.tell(nightOf(...bundles));
  assert.equal(lost.fetchedFrom.length, 2, "a plan that is understood opens it");
});

test("[ED199] one step looks at a bounded number of files, and asks to be called at once while there is more", () => {
  const world = new FillWorld(1e9);
  const hidden = [bundle("t1", "v", 1000, 10, { sources: [tier] }), bundle("t2", "v", 1, 10)];
  world.tell({ kind: "desired", bundles: hidden });
  world.begin();
  let calls = 0;
  while (wakeAt(world.state, world.moment()) === world.now) {
    world.tell({ kind: "tick" });
    calls += 1;
  }
  assert.ok(calls >= 10 && calls < 40, `${calls} calls for a thousand that wait`);
  assert.deepEqual(world.fetchedFrom, ["t2/v/0.m4s peer-1"]);
});

test("[ED206] a plan in the middle of a fill stops only what it does not want as it was", () => {
  const bundles = [1, 2, 3].map((n) => bundle(`t${n}`, "v", 1, 100));
  const world = worldAt({ bundles, at: 2 });
  const names = world.open.flatMap((command) => (command.kind === "fetch" ? [command.name] : []));
  for (const name of names) world.partials.set(name, { bytes: 50, sha256: "whatever" });
  const [first, second] = bundles;
  assert.ok(first !== undefined && second !== undefined);
  const other = second.files.map((file) => ({ ...file, sha256: hashOf("packed anew") }));
  world.tell(nightOf(first, { ...second, files: other }));
  world.tell(nightOf(first, { ...second, files: other }));
  const told = world.log.slice(3).filter((line) => line.startsWith("cancel"));
  assert.deepEqual(told, ["cancel t2/v/0.m4s", "cancel t3/v/0.m4s"], "once each");
  for (const command of world.open.filter(({ kind }) => kind === "cancel"))
    world.carryOut(world.open.indexOf(command));
  const discarded = world.log.filter((line) => line.startsWith("discard"));
  assert.deepEqual(
    discarded,
    names.slice(1).map((name) => `discard ${name}`),
  );
  assert.equal(world.open[0]?.kind, "fetch", "of the first, which goes on");
});

test("[ED205] a file that the disk refuses rests for longer each time, and holds up no other", () => {
  const world = worldAt({ bundles: [bundle("t1", "v", 1, 100), bundle("t2", "v", 1, 100)], at: 2 });
  for (const pause of [100, 200, 400]) {
    const at = world.open.findIndex((command) => command.kind === "fetch");
    world.open.splice(at, 1);
    world.tell({ kind: "broke", key: "t1/v/0.m4s", detail: "EIO" });
    world.carryOutAll();
    assert.deepEqual(world.advertised(), ["t2/v"]);
    assert.equal(wakeAt(world.state, world.moment()) - world.now, pause);
    world.pass(pause);
  }
  world.carryOutAll();
  assert.deepEqual(world.advertised(), ["t1/v", "t2/v"]);
});
