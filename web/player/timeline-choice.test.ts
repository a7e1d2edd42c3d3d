import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decided, emptyLog, type Fetched, foldLog, type PlayLog } from "#play/log.ts";
import { timelineCsv, timelineJson, traceJson } from "./export.ts";
import { arrivalOf, decisionAt, neighbourOf, readoutAt } from "./timeline-choice.ts";
import { openingView } from "./view.ts";

function decided(segment: number, atMs: number, because = "a reason"): Decided {
  return {
    ...{
      kind: "decided",
      atMs,
      segment,
      rung: segment % 2,
      height: segment % 2 === 0 ? 360 : 540,
      kbps: 900,
    },
    ...{ bufferMs: 1000 * segment, maxBufferMs: 60_000, estimateKbps: 2000, latencyMs: 20, maxRung: 1 },
    ...{ rule: "default", grounds: undefined, because, otherwise: [] },
  };
}

function fetched(segment: number, atMs: number, sourceId = "a"): Fetched {
  return {
    ...{ kind: "fetched", media: "video", segment, rendition: "v", height: 360, kbps: 900, atMs, ms: 400 },
    ...{ bytes: 100_000, throughputKbps: 2000 + segment, sourceId },
  };
}

const all = [decided(0, 0), fetched(0, 500), decided(1, 510), fetched(1, 1000, "b"), decided(2, 1010)];
const log: PlayLog = [
  ...all,
  { kind: "buffer", atMs: 750, bufferMs: 1600, positionMs: 0, stalled: false } as const,
].reduce(foldLog, emptyLog);

test("[WE85] a click chooses the decision that held at that moment", () => {
  assert.deepEqual(
    [-5, 0, 509, 510, 99_999].map((atMs) => decisionAt(log, atMs)?.segment),
    [0, 0, 0, 1, 2],
  );
  assert.equal(decisionAt(emptyLog, 3), undefined);
});

test("[WE85] left and right go from one segment to the next, from the newest on, and stop at both ends", () => {
  const { decided: list } = log;
  assert.equal(neighbourOf(list, undefined, -1)?.segment, 1);
  assert.equal(neighbourOf(list, list[1], 1)?.segment, 2);
  assert.equal(neighbourOf(list, list[2], 1)?.segment, 2);
  assert.equal(neighbourOf(list, list[0], -1)?.segment, 0);
  assert.equal(neighbourOf(list, list[2], -1e9)?.segment, 0, "Home");
  assert.equal(neighbourOf(list.slice(1), decided(0, -10), 1)?.segment, 1, "one that is no longer kept");
  assert.equal(neighbourOf([], undefined, 1), undefined);
});

test("[WE85] a decision is shown with the segment that came of it, not with one from before a seek", () => {
  const [first, second, third] = log.decided;
  assert.ok(first && second && third);
  assert.equal(arrivalOf(log, second)?.sourceId, "b");
  assert.equal(arrivalOf(log, third), undefined, "under way");
  assert.equal(arrivalOf(log, decided(0, 2000)), undefined, "asked for again after a seek");
});

test("[WE85] the pointer reads buffer, rung, throughput and source of its moment, and nothing from before there was any", () => {
  assert.deepEqual(readoutAt(log, 800), {
    atMs: 800,
    bufferMs: 1600,
    height: 540,
    throughputKbps: 2000,
    sourceId: "b",
  });
  assert.deepEqual(readoutAt(emptyLog, 5), {
    atMs: 5,
    bufferMs: undefined,
    height: undefined,
    throughputKbps: undefined,
    sourceId: undefined,
  });
});

test("[WE86] the timeline leaves the page whole: as JSON, as CSV with a row per decision, as a trace", () => {
  const awkward = foldLog(log, decided(3, 1500, 'said "no", twice'));
  const view = { ...openingView(0), log: awkward, durationMs: 9000 };
  const document = JSON.parse(timelineJson(view).text);
  assert.deepEqual([document.decided.length, document.fetched.length, document.durationMs], [4, 2, 9000]);
  const lines = timelineCsv(view).text.split("\r\n");
  assert.match(lines[0] ?? "", /^segment,atMs,rule,height,kbps,bufferMs,/);
  assert.equal(lines.length, 6);
  assert.equal(lines[2], "2,510,default,540,900,1000,,2000,20,100000,400,2001,b,a reason");
  assert.ok(lines[4]?.endsWith(',"said ""no"", twice"'));
  assert.equal(JSON.parse(traceJson(view).text).length, 2);
  assert.equal(timelineCsv({ ...view, log: emptyLog }).text, "");
});
