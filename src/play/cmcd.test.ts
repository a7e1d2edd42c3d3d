import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PlayState } from "#model/beacon.ts";
import type { CmcdReport } from "#model/cmcd.ts";
import { cmcdLines, cmcdQuery, cmcdText, mostReports, readCmcdLines, readCmcdQuery } from "#wire/cmcd.ts";
import type { Observation } from "./beacons.ts";
import { type CmcdFacts, type CmcdObject, newTelling, told, toldWithRequest } from "./cmcd.ts";
import { hinted } from "./cmsd.ts";

const seen = (order: Partial<Observation> = {}): Observation => ({
  state: "playing",
  positionMs: 1000,
  durationMs: 30_000,
  bufferMs: 8040,
  bitrateBps: 1e6,
  height: 360,
  throughputBps: 5_020_000,
  stallCount: 0,
  stallMs: 0,
  switchCount: 0,
  startupMs: 300,
  applianceId: "north-a1",
  because: "buffer 8.0 s",
  ...order,
});
const facts = (order: Partial<Observation> = {}, more: Partial<CmcdFacts> = {}): CmcdFacts => ({
  seen: seen(order),
  playbackRate: 1,
  paceKbps: undefined,
  ...more,
});
const segment: CmcdObject = { media: "video", kbps: 600, topKbps: 900, durationMs: 2000 };
const said = (order: Partial<Observation>, more: Partial<CmcdFacts> = {}): CmcdReport =>
  toldWithRequest(newTelling("s-1", "film"), facts(order, more), segment).report;

const odd = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e7 }), fc.constantFrom(Number.NaN, -1, 0, 1e300));
const states = fc.constantFrom<PlayState>(
  ...(["start", "playing", "paused", "seeking", "stalled", "ended", "failed", "closed"] as const),
);
const anyFacts: fc.Arbitrary<CmcdFacts> = fc
  .record({
    ...{ state: states, bufferMs: odd, throughputBps: odd, startupMs: odd, stallMs: odd },
    stallCount: fc.nat({ max: 5 }),
    playbackRate: fc.constantFrom(0, 0.5, 1, 2),
    paceKbps: fc.option(odd, { nil: undefined }),
  })
  .map(({ playbackRate, paceKbps, ...order }) => facts(order, { playbackRate, paceKbps }));
const objects: fc.Arbitrary<CmcdObject> = fc.record({
  media: fc.constantFrom("video", "audio", "init"),
  ...{ kbps: odd, topKbps: odd, durationMs: odd },
});

test("[PY150] session and film stay, and numbers rise by 1 from 0, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyFacts, objects), { maxLength: 30 }), (course) => {
      let telling = newTelling("s-1", "film");
      for (const [i, [moment, object]] of course.entries()) {
        const done = toldWithRequest(telling, moment, object);
        telling = done.telling;
        assert.deepEqual([done.report.sid, done.report.cid, done.report.sn], ["s-1", "film", i]);
      }
    }),
    { seed: 1 },
  );
});

test("[PY151] urgent until the first frame, after a seek and in a stall; else with a deadline", () => {
  for (const order of [
    { startupMs: 0, state: "start" },
    { state: "seeking" },
    { state: "stalled" },
  ] as const) {
    const { su, dl } = said(order);
    assert.deepEqual([su, dl], [true, undefined], order.state);
  }
  assert.deepEqual([said({}).su, said({}).dl], [undefined, 8040]);
  assert.equal(said({}, { playbackRate: 2 }).dl, 4020);
  assert.equal(said({}, { playbackRate: 0 }).dl, undefined);
});

test("[PY152] a stall and the delay of the start are told once", () => {
  let telling = newTelling("s-1", "film");
  const next = (order: Partial<Observation>): readonly unknown[] => {
    const done = told(telling, facts(order));
    telling = done.telling;
    return [done.report.bs, done.report.msd];
  };
  assert.deepEqual(next({ startupMs: 0, state: "start" }), [undefined, undefined]);
  assert.deepEqual(next({ startupMs: 333.4 }), [undefined, 333]);
  assert.deepEqual(next({ stallCount: 1 }), [true, undefined]);
  assert.deepEqual(next({ stallCount: 1 }), [undefined, undefined]);
  assert.deepEqual(next({ stallCount: 3 }), [true, undefined]);
  assert.deepEqual(next({ stallCount: 3 }), [undefined, undefined]);
});

test("[PY153] the pace is told while there is one, and nothing that was not measured", () => {
  assert.equal(said({}, { paceKbps: 1533 }).rtp, 1533);
  const bare = said({ throughputBps: 0, startupMs: 0 });
  for (const key of ["rtp", "mtp", "msd", "bs", "pr"]) assert.ok(!Object.hasOwn(bare, key), key);
  const sound = toldWithRequest(newTelling("s", "f"), facts(), {
    ...segment,
    media: "audio",
    kbps: 0,
  }).report;
  assert.deepEqual([sound.ot, sound.br, sound.tb, sound.d], ["a", undefined, undefined, 2000]);
});

const hundred = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value / 100) * 100;

test("[PY154] the text is sorted, rounded and of version 2, and is read back as what was said", () => {
  fc.assert(
    fc.property(anyFacts, objects, (moment, object) => {
      const { report } = toldWithRequest(newTelling("s-1", "film"), moment, object);
      const text = cmcdText(report);
      const keys = text.split(",").map((field) => field.split("=")[0] ?? "");
      assert.deepEqual(keys, keys.toSorted(), text);
      assert.ok(keys.includes("v") && text.length < 400, text);
      const read = readCmcdQuery(cmcdQuery(report).slice(1));
      assert.ok(read, text);
      assert.deepEqual([read.sid, read.cid, read.sn, read.v], ["s-1", "film", 0, 2]);
      assert.deepEqual([read.sta, read.ot, read.su, read.bs], [report.sta, report.ot, report.su, report.bs]);
      for (const key of ["bl", "dl", "mtp", "rtp"] as const)
        assert.equal(read[key], hundred(report[key]), key);
      for (const key of ["br", "tb", "d", "msd"] as const) assert.equal(read[key], report[key], key);
    }),
    { seed: 2 },
  );
  assert.equal(
    cmcdText(said({}, { paceKbps: 1533 })),
    'bl=(8000;v),br=(600;v),cid="film",d=2000,dl=8000,msd=300,mtp=(5000),ot=v,rtp=1500,sf=d,sid="s-1",sn=0,st=v,sta=p,tb=(900;v),v=2',
  );
});

test("[PY154] unknown keys are left out; the malformed and the too much are refused with line and key", () => {
  const good = 'e=t,sid="s-1",sn=1,ts=1700000000000,v=2';
  const read = readCmcdLines(`${good},com.example-x=3,zz=?0\n\n${good}\n`);
  assert.deepEqual(read, {
    kind: "read",
    events: [good, good].map(() => ({ e: "t", sid: "s-1", sn: 1, ts: 1_700_000_000_000, v: 2 })),
  });
  const bad = [
    ["", /^body: no report/],
    [
      Array.from({ length: mostReports + 1 }, () => good).join("\n"),
      /^body: 201 reports, at most 200 wanted/,
    ],
    [`${good}\n%%%((`, /^line 2: /],
    [`${good}\n${good},url="${"x".repeat(5000)}"`, /^line 2: longer than 4096/],
    [good.replace("v=2", "v=1"), /^line 1, v: /],
    [good.replace("sn=1", "sn=-1"), /^line 1, sn: /],
    [good.replace('"s-1"', '"../x"'), /^line 1, sid: /],
    [`${good},bl=("x";v)`, /^line 1, bl: /],
  ] as const;
  for (const [body, wanted] of bad) {
    const said = readCmcdLines(body);
    assert.equal(said.kind, "unreadable", body.slice(0, 60));
    assert.match(said.kind === "unreadable" ? `${said.where}: ${said.what}` : "", wanted);
  }
  for (const query of ["", "x=1", "CMCD=", "CMCD=%25((", "CMCD=bl%3D2000", `CMCD=${"a".repeat(5000)}`]) {
    assert.equal(readCmcdQuery(query), undefined, query.slice(0, 40));
  }
});

test("[PY154] noise never throws, and is never taken for a report", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (noise) => {
      assert.equal(readCmcdQuery(`CMCD=${encodeURIComponent(noise)}`), undefined);
      assert.equal(readCmcdLines(noise).kind, "unreadable");
    }),
    { seed: 3 },
  );
});

test("[PY154] signs that a structured field cannot hold do not spoil the line", () => {
  const { report } = told(newTelling("s-1", "film"), facts());
  const line = { ...report, e: "rr", ts: 1, cmsdd: 'é"n";mb=3\n', url: "v1/ü.m4s" } as const;
  const read = readCmcdLines(cmcdLines([line, line]));
  assert.equal(read.kind === "read" && read.events.length, 2);
});

test("[PY159] a server's estimate takes at most half, never adds, and is forgotten", () => {
  const hint = (etpKbps: number | undefined) => ({ etpKbps, duress: false, atMs: 1000 });
  assert.equal(hinted(4000, hint(3000), 2000), 3000);
  assert.equal(hinted(4000, hint(100), 2000), 2000);
  assert.equal(hinted(4000, hint(9000), 2000), 4000);
  assert.equal(hinted(4000, hint(0), 2000), 4000);
  assert.equal(hinted(4000, hint(3000), 9001), 4000);
  assert.equal(hinted(undefined, hint(3000), 2000), undefined);
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), odd, fc.nat(), (own, etp, nowMs) => {
      const estimate = hinted(own, hint(etp), nowMs);
      assert.ok(estimate !== undefined && estimate <= own && estimate >= own / 2, `${estimate}`);
    }),
    { seed: 4 },
  );
});
