import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstSheet, type SavedSheet, sheetsAfter } from "./decision-book.ts";
import { inForce, type Steered, siteOf, verdictOf } from "./detours.ts";
import { type MissInput, type MissSettings, type ServedRow, takeMisses } from "./miss-job.ts";
import { addMisses, type MissFigures, type MissRecord, noMissFigures } from "./miss-record.ts";
import { type MissState, noMissState, restoredMisses, savedMisses } from "./miss-state.ts";
import { longMs, streamDefaults, windowStart } from "./stream-settings.ts";

const settings: MissSettings = { ...streamDefaults, keepMs: 3_600_000, mostDecisions: 1000, perSheet: 2 };
const start = 1_800_000_000_000;
const far = { id: "far", siteId: "elsewhere" };

function steered(sessionId: string, atMs: number, best: Steered["best"]): MissInput {
  return { kind: "steered", partition: 0, steered: { sessionId, atMs: start + atMs, best } };
}

function served(batch: number, rows: readonly Partial<ServedRow>[], source = far): MissInput {
  const whole = rows.map((row) => ({
    ...{ sessionId: "s", folder: "v1", bytes: 100, pulled: 0 },
    ...row,
    atMs: start + (row.atMs ?? 0),
  }));
  const atMs = whole.reduce((latest, row) => Math.max(latest, row.atMs), 0);
  return { kind: "served", partition: 0, atMs, told: { source, bootId: "b", batch, part: 0, rows: whole } };
}

const passed = (ms: number): MissInput => ({ kind: "heard", partition: 0, atMs: start + ms });
const wellBut = (out: "content" | "health"): Steered["best"] => [{ id: "near1", siteId: "near", out }];

function run(inputs: readonly MissInput[], from: MissState = noMissState) {
  return takeMisses(from, inputs, settings);
}

test("[QO50] a minute comes once, when the watermark has passed it by the lateness; its misses are its site's", () => {
  const inputs = [
    steered("s", 0, wellBut("content")),
    served(1, [{ atMs: 1000 }, { atMs: 30_000, bytes: 11 }]),
    served(1, [{ atMs: 40_000, bytes: 7 }], { id: "near1", siteId: "near" }),
    passed(60_000 + 134_999),
  ];
  const early = run(inputs);
  assert.deepEqual(early.records, []);
  const { records } = run([passed(60_000 + 135_000)], early.state);
  assert.deepEqual(records, [
    {
      ...{ kind: "misses", sizeMs: longMs, startMs: start, site: "near", late: "" },
      ...{ all: 118, offloaded: 118, best: 7, content: 111, health: 0, capacity: 0, other: 0, unjoined: 0 },
    },
  ]);
});

test("[QO50] what the origin sent, or an appliance pulled from it, is not offloaded; who is not known is not joined", () => {
  const origin = { id: "origin", siteId: "origin" };
  const inputs = [
    steered("s", 0, wellBut("health")),
    served(1, [{ atMs: 1 }, { atMs: 2, sessionId: "stranger", bytes: 5 }], origin),
    served(1, [{ atMs: 1, bytes: 30, pulled: 10 }]),
    passed(300_000),
  ];
  const sum = total(run(inputs).records);
  assert.deepEqual(sum, {
    ...{ all: 135, offloaded: 20, best: 0, content: 0, health: 130, capacity: 0, other: 0, unjoined: 5 },
  });
});

test("[QO51] a batch that is told again counts once, also when the one before it comes again, and in another life anew", () => {
  const first = served(1, [{ atMs: 1 }]);
  const second = served(2, [{ atMs: 2 }]);
  const { records } = run([first, first, second, first, second, passed(300_000)]);
  assert.equal(total(records).all, 200);
});

test("[QO51] what is too late for its minute is a correction of its own", () => {
  const on = run([steered("s", 0, wellBut("content")), served(1, [{ atMs: 1 }]), passed(300_000)]);
  const late = run([served(2, [{ atMs: 5, bytes: 3 }])], on.state);
  assert.deepEqual(
    late.records.map(({ startMs, site, late: by, content }) => [startMs, site, by, content]),
    [[start, "near", "far b 2/0", 3]],
  );
});

test("[QO51] a source that has fallen silent holds no minute up: time goes on by the ticks", () => {
  const tick = (ms: number): MissInput => ({ kind: "tick", nowMs: start + ms });
  const ticks = [10_000, 45_000, 300_000].map(tick);
  assert.equal(run([served(1, [{ atMs: 1 }]), ...ticks]).records.length, 1);
});

test("[QO51] what waits and what is remembered is bounded", () => {
  const few = { ...settings, mostWaiting: 3, mostDecisions: 2, perSheet: 1 };
  const rows = [0, 1, 2, 3, 4].map((i) => served(i + 1, [{ atMs: i * longMs, sessionId: `s${i}` }]));
  const decisions = [0, 1, 2, 3].map((i) => steered(`s${i}`, i, wellBut("content")));
  const { state, records } = takeMisses(noMissState, [...decisions, ...rows], few);
  assert.ok(state.waitingCount <= 3 && records.length >= 2);
  assert.deepEqual(
    state.decisions.full.map(({ entries }) => [...entries.keys()]),
    [["s2"], ["s3"]],
  );
});

test("[QO60] a play that goes on is known however many others begin, and one that nobody is served by is forgotten", () => {
  const few = { ...settings, mostDecisions: 40, perSheet: 2 };
  let state = noMissState;
  const records: MissRecord[] = [];
  for (let minute = 0; minute < 60; minute++) {
    const atMs = minute * longMs;
    const begun = minute === 0 ? ["long", "left"] : [];
    const others = Array.from({ length: 6 }, (_, i) => `other ${minute} ${i}`);
    const inputs = [...begun, ...others].map((id, i) => steered(id, atMs + i, wellBut("content")));
    const rows = minute === 59 ? ["long", "left"] : ["long"];
    const told = served(
      minute + 1,
      rows.map((sessionId) => ({ sessionId, atMs: atMs + 100 })),
    );
    const step = takeMisses(state, [...inputs, told], few);
    state = step.state;
    records.push(...step.records);
    const held = state.decisions.full.reduce((sum, { entries }) => sum + entries.size, 0);
    assert.ok(
      held <= few.mostDecisions + 2 * few.perSheet + 3 * others.length,
      `${held} in minute ${minute}`,
    );
  }
  records.push(...takeMisses(state, [passed(61 * longMs + 600_000)], few).records);
  const { content, unjoined } = total(records);
  assert.deepEqual([content, unjoined], [60 * 100, 100]);
});

/** Both logs joined at once, as plainly as can be. */
function plainly(inputs: readonly MissInput[]): ReadonlyMap<string, MissFigures> {
  const decisions = Map.groupBy(
    inputs.flatMap((one) => (one.kind === "steered" ? [one.steered] : [])).sort((a, b) => a.atMs - b.atMs),
    ({ sessionId }) => sessionId,
  );
  const sums = new Map<string, Record<keyof MissFigures, number>>();
  const seen = new Set<string>();
  for (const input of inputs) {
    if (input.kind !== "served") continue;
    const { source, batch, rows } = input.told;
    if (seen.has(`${source.id} ${batch}`)) continue;
    seen.add(`${source.id} ${batch}`);
    for (const { atMs, sessionId, folder, bytes } of rows) {
      const decision = inForce(decisions.get(sessionId) ?? [], atMs);
      const key = `${windowStart(atMs, longMs)} ${siteOf(decision, source)}`;
      const sum = sums.get(key) ?? noMissFigures();
      const verdict = verdictOf(decision, { sourceId: source.id, folder, pulled: false });
      addMisses(sum, { ...noMissFigures(), all: bytes, offloaded: bytes, [verdict]: bytes });
      sums.set(key, sum);
    }
  }
  return sums;
}

function total(records: readonly MissRecord[]): MissFigures {
  const sum = noMissFigures();
  for (const record of records) addMisses(sum, record);
  return sum;
}

/** What is wrong with a ledger; empty when nothing is. */
function complaints(records: readonly MissRecord[], inputs: readonly MissInput[]): readonly string[] {
  const found = new Map<string, Record<keyof MissFigures, number>>();
  const wrong: string[] = [];
  for (const record of records) {
    const { all, best, content, health, capacity, other, unjoined } = record;
    if (all !== best + content + health + capacity + other + unjoined) wrong.push("classes do not add up");
    const key = `${record.startMs} ${record.site}`;
    const sum = found.get(key) ?? noMissFigures();
    addMisses(sum, record);
    found.set(key, sum);
  }
  const wanted = plainly(inputs);
  if (found.size !== wanted.size) wrong.push(`${found.size} windows for ${wanted.size}`);
  for (const [key, sum] of wanted) {
    if (JSON.stringify(found.get(key)) !== JSON.stringify(sum)) wrong.push(`${key} differs`);
  }
  return wrong;
}

const near = fc.record(
  {
    out: fc.constantFrom("content" as const, "health" as const, "capacity" as const),
    lacks: fc.constant(["v1"]),
  },
  { requiredKeys: [] },
);
const anySession = fc.constantFrom("s1", "s2", "s3", "nobody");
const moment = fc.integer({ min: 0, max: 200_000 });
const anySteered = fc
  .tuple(fc.constantFrom("s1", "s2", "s3"), moment, fc.array(near, { maxLength: 3 }))
  .map(([session, atMs, best]) =>
    steered(
      session,
      atMs,
      best.map((one, i) => ({ id: `near${i}`, siteId: `site${i}`, ...one })),
    ),
  );
const anyRow = fc.record({
  sessionId: anySession,
  folder: fc.constantFrom("v1", "v2"),
  atMs: moment,
  bytes: fc.nat(1000),
});
const sources = [far, { id: "near0", siteId: "site0" }, { id: "near1", siteId: "site1" }];
const anyLog = fc
  .tuple(
    fc.array(anySteered, { maxLength: 4 }),
    fc.array(fc.array(anyRow, { maxLength: 5 }), { maxLength: 12 }),
  )
  .map(([decisions, batches]) => [
    ...new Map(
      decisions.map((one) => [
        one.kind === "steered" ? `${one.steered.sessionId} ${one.steered.atMs}` : "",
        one,
      ]),
    ).values(),
    ...batches.map((rows, i) =>
      served(Math.floor(i / sources.length) + 1, rows, sources[i % sources.length]),
    ),
  ]);
const end = passed(1_000_000);

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** Decisions wherever, batches in their order and then all of them again. */
function mixedUp(log: readonly MissInput[], draw: () => number): readonly MissInput[] {
  const decisions = log.filter(({ kind }) => kind === "steered");
  const batches = log.filter(({ kind }) => kind === "served");
  const mixed = [...batches, ...batches];
  for (const decision of decisions) mixed.splice(draw() % (mixed.length + 1), 0, decision);
  return mixed;
}

test("[QO52] told twice, in any order within the lateness, cut anywhere, saved between: the same records, byte for byte", () => {
  const patient = { ...settings, latenessMs: 300_000 };
  fc.assert(
    fc.property(anyLog, fc.array(fc.nat(99), { minLength: 60, maxLength: 60 }), (log, chances) => {
      let drawn = 0;
      const draw = (): number => chances[drawn++ % chances.length] ?? 0;
      const whole = takeMisses(noMissState, [...log, end], patient).records;
      assert.deepEqual(complaints(whole, log), []);
      const mixed = [...mixedUp(log, draw), end];
      let state = noMissState;
      let sheets: readonly SavedSheet[] = [];
      const records: MissRecord[] = [];
      for (let at = 0, to = 0; at < mixed.length; at = to) {
        to = at + 1 + (draw() % 4);
        const before = JSON.stringify(savedMisses(state));
        const step = takeMisses(state, mixed.slice(at, to), patient);
        assert.equal(
          JSON.stringify(savedMisses(state)),
          before,
          "the state that is handed in stays as it is",
        );
        const { decisions } = step.state;
        sheets = [
          ...sheets.filter(({ id }) => id >= firstSheet(decisions)),
          ...plain(sheetsAfter(decisions, sheets.at(-1)?.id ?? -1)),
        ];
        state = restoredMisses(plain(savedMisses(step.state)), sheets, patient.perSheet);
        records.push(...step.records);
      }
      assert.equal(JSON.stringify(records), JSON.stringify(whole));
    }),
    { seed: 52, numRuns: 200 },
  );
});

test("[QO52] a ledger that leaves out, counts twice or puts under another class is found out", () => {
  const log = [steered("s", 0, wellBut("content")), served(1, [{ atMs: 1 }]), served(2, [{ atMs: 70_000 }])];
  const { records } = run([...log, end]);
  const [first] = records;
  assert.ok(first !== undefined);
  assert.deepEqual(complaints(records, log), []);
  assert.notDeepEqual(complaints(records.slice(1), log), []);
  assert.notDeepEqual(complaints([...records, first], log), []);
  const swapped = { ...first, content: first.health, health: first.content };
  assert.notDeepEqual(complaints([swapped, ...records.slice(1)], log), []);
  assert.notDeepEqual(complaints([{ ...first, best: 1 }, ...records.slice(1)], log), []);
});
