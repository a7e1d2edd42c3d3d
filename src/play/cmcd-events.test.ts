import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CmcdReport } from "#model/cmcd.ts";
import { cmcdLines, readCmcdLines } from "#wire/cmcd.ts";
import type { Observation } from "./beacons.ts";
import {
  type CmcdEvents,
  type CmcdHappening,
  intervalMs,
  keptReports,
  newCmcdEvents,
  type Response,
  reportsPerSend,
  stepCmcdEvents,
} from "./cmcd-events.ts";

const response: Response = {
  url: "v360-1/3.m4s",
  sourceId: "north-a1",
  status: 200,
  ttfbMs: 12.4,
  ms: 340,
  cmsd: '"n";etp=3000',
};
const responded: CmcdHappening = { kind: "responded", response };
const observed: CmcdHappening = { kind: "observed" };

class Play {
  state: CmcdEvents = newCmcdEvents("s-1", "film");
  order: Partial<Observation> = {};

  step(happening: CmcdHappening, nowMs: number): readonly CmcdReport[] {
    const seen: Observation = {
      ...{ state: "playing", positionMs: 0, durationMs: 9000, bufferMs: 4000, bitrateBps: 1e6, height: 360 },
      ...{ throughputBps: 2e6, stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 300, applianceId: "a" },
      because: "",
      ...this.order,
    };
    const facts = { seen, playbackRate: 1, paceKbps: undefined };
    const now = { monotonicMs: nowMs, wallMs: 1_700_000_000_000 + nowMs };
    const { state, send } = stepCmcdEvents(this.state, happening, facts, now);
    this.state = state;
    return send;
  }

  queue(): readonly string[] {
    return this.state.queue.map(({ e, sta, sn }) => `${sn} ${e} ${sta}`);
  }
}

test("[PY155] an event at each change of state, each error, 30 s after the last word, and each response", () => {
  const play = new Play();
  play.order = { state: "start", startupMs: 0 };
  play.step(observed, 0);
  play.step(observed, 250);
  play.step(responded, 300);
  play.order = {};
  play.step(observed, 500);
  play.step(observed, 500 + intervalMs - 1);
  assert.deepEqual(play.queue(), ["0 ps s", "1 rr s", "2 ps p"]);
  play.step(observed, 500 + intervalMs);
  play.step({ kind: "failed", code: "fatal" }, 500 + intervalMs + 10);
  assert.deepEqual(play.queue().slice(3), ["3 t p", "4 e p"]);
  assert.deepEqual(play.state.queue.at(-1)?.ec, ["fatal"]);
  const { rc, ttfb, ttlb, ts, cmsdd } = play.state.queue[1] ?? {};
  assert.deepEqual([rc, ttfb, ttlb, ts, cmsdd], [200, 12, 340, 1_700_000_000_300, '"n";etp=3000']);
});

test("[PY155] no answer is told as status 0, without a first byte", () => {
  const play = new Play();
  play.step({ kind: "responded", response: { ...response, status: undefined, ttfbMs: undefined } }, 0);
  const [report] = play.state.queue;
  assert.deepEqual([report?.rc, report?.ttfb, report?.ttlb], [0, undefined, 340]);
});

test("[PY156] responses wait for each other, other events go at once, one request at a time", () => {
  const play = new Play();
  const [first] = play.step(observed, 0);
  assert.equal(first?.e, "ps");
  assert.deepEqual(play.step(responded, 100), []);
  play.order = { state: "stalled" };
  assert.deepEqual(play.step(observed, 200), [], "one is under way");
  assert.deepEqual(
    play.step({ kind: "acknowledged", upToSn: 0 }, 300).map((one) => one.sn),
    [],
    "what came meanwhile waits its turn of 5 s, or the next word",
  );
  assert.deepEqual(play.step(observed, 5299), []);
  assert.deepEqual(
    play.step(observed, 5300).map((one) => one.sn),
    [1, 2],
  );
  play.step({ kind: "unsent" }, 5400);
  assert.deepEqual(play.step(observed, 6399), [], "a pause after a failure");
  assert.deepEqual(
    play.step(observed, 6400).map((one) => one.sn),
    [1, 2],
    "under the same numbers",
  );
  play.step({ kind: "gone" }, 6500);
  play.order = {};
  assert.deepEqual([play.step(observed, 9000), play.queue()], [[], []], "whoever wants no more gets no more");
});

const happenings = fc.constantFrom<CmcdHappening["kind"]>(
  ...(["observed", "responded", "failed", "leaving", "acknowledged", "refused", "unsent"] as const),
);

test("[PY150] [PY156] numbers have no gap but where the bound was reached, and nothing is sent twice once taken", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(happenings, fc.nat({ max: 9000 })), { maxLength: 400 }), (course) => {
      const play = new Play();
      let [nowMs, underWay, taken]: [number, number | undefined, number] = [0, undefined, -1];
      for (const [kind, later] of course) {
        nowMs += later;
        const answer = kind === "acknowledged" || kind === "refused" || kind === "unsent";
        if (answer && underWay === undefined) continue;
        const upToSn = underWay ?? -1;
        if (kind === "acknowledged" || kind === "refused") taken = upToSn;
        if (answer) underWay = undefined;
        const sent = play.step(
          kind === "responded"
            ? responded
            : kind === "failed"
              ? { kind, code: "x" }
              : kind === "acknowledged" || kind === "refused"
                ? { kind, upToSn }
                : { kind },
          nowMs,
        );
        const numbers = play.state.queue.map((report) => report.sn);
        assert.deepEqual(
          numbers,
          numbers.map((_, i) => (numbers[0] ?? 0) + i),
        );
        assert.ok(numbers.length <= keptReports && sent.length <= reportsPerSend);
        assert.ok(sent.every((report) => report.sn > taken));
        if (sent.length > 0 && kind !== "leaving") {
          assert.equal(underWay, undefined, "one at a time");
          underWay = sent.at(-1)?.sn;
        }
        if (sent.length > 0) assert.equal(readCmcdLines(cmcdLines(sent)).kind, "read");
      }
    }),
    { numRuns: 40, seed: 6 },
  );
});

test("[PY156] with the page go the newest, within what a browser sends after a page", () => {
  const play = new Play();
  for (let i = 0; i < 300; i++) play.step(responded, 0);
  play.order = { state: "closed" };
  const sent = play.step({ kind: "leaving" }, 1);
  assert.equal(sent.length, reportsPerSend);
  assert.deepEqual([sent.at(-1)?.e, sent.at(-1)?.sta, sent.at(-1)?.sn], ["ps", "q", 300]);
  assert.ok(cmcdLines(sent).length < 30_000);
});
