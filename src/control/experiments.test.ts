// Who takes part in an experiment, and what an order may ask for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { armOf } from "#model/experiment.ts";
import type { SessionSummary } from "#model/playback.ts";
import type { Experiment } from "#qoe/experiment.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { Fault } from "#units/fault.ts";
import { experimentReport } from "#wire/experiment.ts";
import { catalogueOf } from "./catalogue.ts";
import {
  brokenNow,
  emptyLaboratory,
  enrolled,
  gather,
  type Laboratory,
  orderOf,
  recalledLaboratory,
  recordOf,
  recounted,
  reportOf,
  started,
  stepped,
  withExperiment,
} from "./experiments.ts";
import { controlSettings } from "./settings.ts";

const settings = { ...defaultsOf(controlSettings), experimentSharePercent: 50 };
const small = smallTitle("film");
const film = { ...small, package: { ...small.package, segmentMs: Array.from({ length: 60 }, () => 4000) } };
const created: Experiment = {
  id: "x00c0ffee",
  createdAtMs: 500,
  order: orderOf({}, settings),
  state: { kind: "created" },
};
const idle = withExperiment(emptyLaboratory, created);
const running = withExperiment(idle, started(idle, created.id, 1000));
const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

const opened = { accountId: "a", profileId: "p", titleId: "film", viewpoint: "", startedAtMs: 2000 };

/** As many plays as said, one after another. */
function plays(laboratory: Laboratory, count: number, nowMs = 2000): { ids: string[]; after: Laboratory } {
  let after = laboratory;
  const ids = Array.from({ length: count }, (_, n) => {
    const one = enrolled(after, `play-${n}`, film, nowMs, () => "a1");
    after = one.laboratory;
    return one.sessionId;
  });
  return { ids, after };
}

test("[CO40] without a running experiment nobody is enrolled and appliances are told nothing", () => {
  for (const laboratory of [emptyLaboratory, idle]) {
    assert.deepEqual(plays(laboratory, 1).ids, ["play-0"]);
    assert.equal(brokenNow(laboratory, "a1", 2000), undefined);
  }
  assert.equal(brokenNow(running, "a1", 2000)?.endsAtMs, 1000 + 3_600_000);
  assert.equal(brokenNow(running, "a1", 1000 + 3_600_000), undefined, "also before anyone looked after it");
  const aborted = withExperiment(running, stepped(running, created.id, { kind: "abort", because: "" }, 1500));
  assert.equal(brokenNow(aborted, "a1", 1600), undefined);
});

test("[CO41] at most as many sessions as asked for are under way at once, and those that end make room", () => {
  const { ids, after } = plays(running, 500);
  const rule = { ...created.order, id: created.id };
  const taking = ids.filter((id) => armOf(id, rule).kind !== "none");
  assert.equal(taking.length, settings.experimentSessions);
  assert.equal(after.underWay.size, settings.experimentSessions);
  // A minute later the database knows ten of them; the others never came to be.
  const known = new Map([...after.underWay].slice(0, 10));
  assert.equal(recounted(after, known, 2000 + 59_999).underWay.size, settings.experimentSessions);
  const later = recounted(after, known, 2000 + 60_000);
  assert.equal(later.underWay.size, 10);
  assert.equal(plays(later, 500).after.underWay.size, settings.experimentSessions);
});

test("[CO41] a title that does not have the segment, or is too old to say, takes no part", () => {
  const { segmentMs, ...old } = film.package;
  for (const title of [{ package: old }, { package: { ...old, segmentMs: segmentMs.slice(0, 49) } }])
    assert.equal(enrolled(running, "play-0", title, 2000, () => "a1").sessionId, "play-0");
  const share = { ...created, order: { ...created.order, share: 0.001 } };
  const rare = withExperiment(idle, started(withExperiment(idle, share), created.id, 1000));
  const { ids } = plays(rare, 1000);
  assert.ok(ids.filter((id) => id.startsWith("x")).length < 20, "and most sessions of the others neither");
});

test("[CO431] an experiment of one appliance is told to it alone, and takes in sessions that begin there alone", () => {
  const own = { ...created, order: orderOf({ applianceId: "a1" }, settings) };
  const only = withExperiment(idle, started(withExperiment(idle, own), created.id, 1000));
  assert.equal(brokenNow(only, "a1", 2000)?.id, created.id);
  assert.equal(brokenNow(only, "a2", 2000), undefined);
  const idFrom = (first: string | undefined) =>
    Array.from({ length: 20 }, (_, n) => enrolled(only, `play-${n}`, film, 2000, () => first).sessionId);
  assert.ok(idFrom("a1").some((id) => id.startsWith(created.id)));
  for (const first of ["a2", undefined])
    assert.deepEqual(
      idFrom(first).filter((id) => id.startsWith("x")),
      [],
    );
});

test("[CO42] an order may ask for less than the settings, not for more, and one experiment runs at a time", () => {
  const order = orderOf(
    { share: 0.1, limitMs: 5000, mostSessions: 2, damages: ["stall", "stall"] },
    settings,
  );
  assert.deepEqual([order.share, order.limitMs, order.mostSessions], [0.1, 5000, 2]);
  assert.deepEqual(order.damages, ["stall"]);
  for (const body of [{ share: 0.11 }, { limitMs: 3_600_001 }, { mostSessions: 101 }]) {
    const few = { ...settings, experimentSharePercent: 10 };
    assert.throws(() => orderOf(body, few), isFault("experiment-too-big"), JSON.stringify(body));
  }
  const second = { ...created, id: "x00000002" };
  const both = withExperiment(running, second);
  assert.throws(() => started(both, second.id, 2000), isFault("experiment-refused"));
  assert.throws(() => started(both, created.id, 2000), isFault("experiment-refused"));
  assert.throws(() => started(both, "x00000003", 2000), isFault("unknown-experiment"));
});

test("[CO43] experiments are remembered, fifty of them and whichever runs, and unreadable ones are named", async () => {
  const stores = memoryStores();
  const state = running.experiments[0];
  assert.ok(state !== undefined);
  await stores.experiments.save({ id: state.id, createdAtMs: 500, value: recordOf(state) });
  await stores.experiments.save({ id: "x00000bad", createdAtMs: 600, value: { id: "x00000bad" } });
  const { ids } = plays(running, 3);
  for (const id of ids) await stores.playback.open({ ...opened, id });
  const { laboratory, unreadable } = await recalledLaboratory(
    { stores, settings },
    catalogueOf([film]),
    4000,
  );
  assert.deepEqual(laboratory.experiments, [state]);
  assert.deepEqual([...laboratory.underWay.keys()].sort(), [...ids].sort(), "who was let in counts on");
  assert.deepEqual(unreadable, ["x00000bad"]);
  let many = running;
  for (let n = 0; n < 60; n++)
    many = withExperiment(many, { ...created, id: `x000001${10 + n}`, createdAtMs: 1000 + n });
  assert.equal(many.experiments.length, 51);
  assert.ok(many.experiments.some((one) => one.state.kind === "running"));
});

test("[CO43] the report adds up what beacons said of enrolled sessions, and is as its schema says", async () => {
  const stores = memoryStores();
  const { ids } = plays(running, 40);
  for (const [n, id] of [...ids, "stranger"].entries()) {
    await stores.playback.open({ ...opened, id });
    const summary: SessionSummary = {
      sessionId: id,
      lastSeenMs: 3000,
      lastSeq: 1,
      state: n === 0 ? "playing" : "closed",
      positionMs: n === 0 ? 0 : 210_000,
      startupMs: 100,
      stallCount: 0,
      stallMs: 0,
      switchCount: n % 3,
      bitrateBps: 1,
      height: 1,
      applianceId: "a1",
    };
    await stores.playback.apply({ group: "g", offset: n, summaries: [summary], bookmarks: [] });
  }
  const experiment = running.experiments[0];
  assert.ok(experiment !== undefined);
  const gathered = await gather({ stores, settings }, catalogueOf([film]), experiment, 4000);
  const report = experimentReport.parse(reportOf(experiment, gathered));
  assert.equal(report.underWay, 1);
  assert.equal(report.treatment.sessions + report.control.sessions, 40);
  assert.equal(report.treatment.survived + report.control.survived, 39);
  assert.equal(report.treatment.survival?.value, 1);
  assert.ok((report.difference.survival?.low ?? 0) < 0 && (report.difference.switchCount?.high ?? 0) > 0);
  const empty = reportOf(experiment, { outcomes: [], underWay: new Map() });
  assert.equal(experimentReport.parse(empty).treatment.survival, null);
});
