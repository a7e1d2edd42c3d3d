// The broken-segment experiment on a small river: who gets it, who survives, and what ends it.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { armOf, damages } from "#model/experiment.ts";
import { experimentReport } from "#wire/experiment.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { missing, until } from "./edge-rig.ts";
import { broken, filmId, openRiver, type River } from "./experiment-river.ts";
import { faults, type Nature, type Viewing, view } from "./experiment-viewer.ts";

const atOnce = 10;

/** Some at once: with all of them a busy machine answers so late that they turn to the origin, and meet nothing broken. */
async function together(river: River, count: number, nature: Nature): Promise<readonly Viewing[]> {
  const seen: Viewing[] = [];
  while (seen.length < count)
    seen.push(...(await Promise.all(Array.from({ length: atOnce }, () => view(river, nature)))));
  return seen;
}

/** The report once every enrolled session's last words were counted. */
async function reportOf(river: River, id: string): Promise<ReturnType<typeof experimentReport.parse>> {
  return until("every session is judged", async () => {
    const said = await river.operator.get(`/v1/ops/experiments/${id}/report`);
    const report = experimentReport.parse(said.body);
    return report.treatment.pending + report.control.pending === 0 && report;
  });
}

const order = { share: 0.5, segment: broken, stallMs: 8000, limitMs: 60_000 };

test("the broken-segment experiment", { skip: missing }, async (t) => {
  const river = await openRiver(t);
  await itsLimits(t, river);
  await itsSurvivors(t, river);
  await itsAbort(t, river);
});

async function itsLimits(t: TestContext, river: River): Promise<void> {
  await t.test(
    "[CO42] viewers may not, orders have limits, and an operator ends it before its time",
    async () => {
      for (const path of ["", "/x00000001/start", "/x00000001/abort"]) {
        const said = await river.viewer.post(`/v1/ops/experiments${path}`, {});
        assert.equal(said.code, "not-operator", path);
      }
      assert.equal((await river.operator.get("/v1/ops/experiments/x00000001")).code, "unknown-experiment");
      const tooMuch = await river.operator.post("/v1/ops/experiments", { mostSessions: 101 });
      assert.deepEqual([tooMuch.status, tooMuch.code], [400, "experiment-too-big"]);
      const misspelt = await river.operator.post("/v1/ops/experiments", { segmnt: 5 });
      assert.deepEqual([misspelt.status, misspelt.code], [400, "bad-request"]);

      const id = await river.begin({ ...order, mostSessions: 2 });
      const plays = [];
      for (let n = 0; n < 4; n++) plays.push(await river.viewer.play(filmId));
      const enrolled = plays.filter((one) => one.sessionId.startsWith(`${id}.`));
      assert.equal(enrolled.length, 2, "no more than two at once");
      assert.equal((await river.operator.post(`/v1/ops/experiments/${id}/abort`, {})).status, 200);
      const state = await river.stateOf(id);
      assert.ok(state.kind === "aborted" && state.because === "op@example.org aborted it");
      assert.equal(
        (await river.operator.post(`/v1/ops/experiments/${id}/start`, {})).code,
        "experiment-refused",
      );
    },
  );
  await t.test(
    "[CO44] [ED42] it ends by itself at its time, and its sessions see no fault from then on",
    async () => {
      const { id, play } = await enrolledBriefly(river);
      await until("it ends", async () => (await river.stateOf(id)).kind === "ended");
      const late = await view(river, "brittle", play);
      assert.deepEqual([late.end, faults(late)], ["ended", []]);
      assert.ok(!(await river.viewer.play(filmId)).sessionId.startsWith("x"), "nobody is enrolled any more");
    },
  );
}

/** A session of an experiment that lasts two seconds; longer where a machine is so busy that it was over before the play. */
async function enrolledBriefly(
  river: River,
  limitMs = 2000,
): Promise<{ readonly id: string; readonly play: PlayAnswer }> {
  const id = await river.begin({ ...order, limitMs, damages: ["not-found"] });
  const play = await river.viewer.play(filmId);
  if (play.sessionId.startsWith(`${id}.`)) return { id, play };
  await until("it was over", async () => (await river.stateOf(id)).kind === "ended", limitMs);
  assert.ok(limitMs < order.limitMs, "it takes nobody in, however long it lasts");
  return enrolledBriefly(river, 2 * limitMs);
}

async function itsSurvivors(t: TestContext, river: River): Promise<void> {
  await t.test(
    "[CO43] [ED40] our player survives, the arms are as their ids say, and nobody else sees a fault",
    async () => {
      const early = await river.viewer.play(filmId);
      const id = await river.begin(order);
      const [untouched, seen] = await Promise.all([
        view(river, "hardy", early),
        together(river, 50, "hardy"),
      ]);
      assert.deepEqual([untouched.end, faults(untouched)], ["ended", []], "who began before sees no fault");
      const met = new Set<string>();
      for (const viewing of seen) {
        const arm = armOf(viewing.sessionId, { id, share: 0.5, damages });
        const what = `${viewing.sessionId} ${JSON.stringify(arm)} ${viewing.troubles}`;
        assert.equal(viewing.end, "ended", what);
        assert.notEqual(arm.kind, "none", "with two arms of a half everyone takes part");
        if (arm.kind !== "treatment") assert.deepEqual(faults(viewing), [], what);
        else {
          met.add(arm.damage);
          assert.equal(viewing.from[broken - 1], "origin", what);
          assert.ok(viewing.troubles.length > 0, what);
        }
      }
      assert.ok(met.size >= 4, `ways that were met: ${[...met]}`);
      const report = await reportOf(river, id);
      assert.equal(report.treatment.survived + report.control.survived, 50);
      assert.equal(report.treatment.survival?.value, 1);
      assert.ok((report.difference.survival?.low ?? 0) < 0 && (report.difference.survival?.high ?? 0) > 0);
      assert.equal(report.experiment.state.kind, "running");
      await river.operator.post(`/v1/ops/experiments/${id}/abort`, {});
    },
  );
}

async function itsAbort(t: TestContext, river: River): Promise<void> {
  await t.test(
    "[CO44] players that cannot bear it are lost, and it aborts itself and breaks nothing more",
    async () => {
      const kinds = ["not-found", "unavailable", "bit-flip", "truncation"] as const;
      const id = await river.begin({ ...order, damages: kinds });
      const rule = { id, share: 0.5, damages: kinds };
      const seen = await together(river, 50, "brittle");
      const lost = seen.filter((viewing) => viewing.end === "failed");
      assert.ok(lost.length >= 5, `${lost.length} were lost`);
      for (const { sessionId } of lost) assert.equal(armOf(sessionId, rule).kind, "treatment");
      const state = await until("it aborts itself", async () => {
        const now = await river.stateOf(id);
        return now.kind === "aborted" && now;
      });
      const words = /^(\d+) of \d+ sessions went on past the broken segment, (\d+) of \2 past the whole/;
      const [, past] = words.exec(state.because) ?? assert.fail(state.because);
      // Where the machine is busy an appliance may be left for its slowness, before it sends anything broken.
      const turned = seen.filter(({ end, troubles }) => end === "ended" && troubles.length > 0);
      assert.ok(Number(past) <= turned.length, `${state.because}; ${turned.length} turned away`);
      const late = await view(river, "brittle", await river.viewer.play(filmId));
      assert.deepEqual([late.sessionId.startsWith("x"), late.end, faults(late)], [false, "ended", []]);
    },
  );
}
