import assert from "node:assert/strict";
import { test } from "node:test";
import {
  longestDryMs,
  longestOfflineMs,
  type Moment,
  newRetrieval,
  type Retrieval,
  type RetrievalCommand,
  type RetrievalEvent,
  stepRetrieval,
  type Verdict,
  type Wanted,
} from "./retrieval.ts";

const lower = [
  { rendition: "v240", bits: 1_000_000 },
  { rendition: "v480", bits: 4_000_000 },
];
const wanted: Wanted = {
  media: "video",
  rendition: "v1080",
  segment: 4,
  segmentMs: 4000,
  bits: 20_000_000,
  lower,
  lowestKbps: 250,
  steps: 0,
  skippable: true,
};
const calm: Omit<Moment, "nowMs"> = {
  bufferMs: 30_000,
  order: ["a", "b", "origin"],
  online: true,
  arrivedMs: -1,
  latencyMs: 40,
  chance: 0.5,
  seeking: false,
};

/** One retrieval, led by hand: `say` at a time, and what it wants then. */
class Course {
  state: Retrieval;
  nowMs = 0;
  readonly asked: string[] = [];

  constructor(change: Partial<Wanted> = {}) {
    this.state = newRetrieval({ ...wanted, ...change }, 0);
  }

  say(event: RetrievalEvent, change: Partial<Moment> = {}): readonly RetrievalCommand[] {
    const { state, commands } = stepRetrieval(this.state, event, { ...calm, nowMs: this.nowMs, ...change });
    this.state = state;
    this.asked.push(...commands.filter((one) => one.kind === "ask").map((one) => one.sourceId));
    return commands;
  }

  /** Ticks of 100 ms until something is wanted, or the time is over. */
  wait(ms: number, change: Partial<Moment> = {}): readonly RetrievalCommand[] {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs += 100;
      const commands = this.say({ kind: "tick" }, change);
      if (commands.length > 0) return commands;
    }
    return [];
  }

  fails(verdict: Verdict, times: number, change: Partial<Moment> = {}): readonly RetrievalCommand[] {
    let commands: readonly RetrievalCommand[] = [];
    for (let i = 0; i < times; i++)
      commands = this.say({ kind: "failed", verdict, because: verdict }, change);
    return commands;
  }
}

const begun = (change: Partial<Wanted> = {}): Course => {
  const course = new Course(change);
  course.say({ kind: "begin" });
  return course;
};
const kinds = (commands: readonly RetrievalCommand[]): readonly string[] => commands.map((one) => one.kind);
const loweredTo = (commands: readonly RetrievalCommand[]): string | undefined =>
  commands.find((one) => one.kind === "lower")?.rendition;

test("[PY102] a round asks each source once in failover's order, and the first right answer ends it", () => {
  const course = begun();
  assert.deepEqual(kinds(course.fails("corrupt", 1)), ["judge", "ask"]);
  course.fails("unreachable", 1);
  assert.deepEqual(course.asked, ["a", "b", "origin"]);
  assert.deepEqual(course.say({ kind: "served" }), [{ kind: "deliver" }]);
  assert.deepEqual(course.say({ kind: "tick" }), [], "and then nothing more");
});

test("[PY102] each failure is judged, with what the source did", () => {
  const course = begun();
  const because = "answered HTTP 503";
  const [judge] = course.say({ kind: "failed", verdict: "refused", because });
  assert.deepEqual(judge, { kind: "judge", startedMs: 0, sourceId: "a", verdict: "refused", because });
});

test("[PY101] a source that says nothing is left within a segment's time, before its answer and in the middle of it", () => {
  const course = begun();
  assert.deepEqual(kinds(course.wait(5000)), ["cancel", "judge", "ask"]);
  assert.equal(course.nowMs, wanted.segmentMs);
  course.nowMs += 500;
  course.say({ kind: "answered" });
  course.say({ kind: "bits", arrived: 18_000_000 });
  const [, judge] = course.wait(5000);
  assert.equal(judge?.kind === "judge" ? judge.because : "", "silent for 4.0 s");
  assert.equal(course.nowMs, wanted.segmentMs + 500 + 4000);
});

test("[PY103] wrong wherever it lies: the next lower rung, the lowest, then the segment is skipped", () => {
  assert.equal(loweredTo(begun().fails("corrupt", 3)), "v480");
  assert.equal(
    loweredTo(begun({ rendition: "v480", lower: lower.slice(0, 1), steps: 1 }).fails("lacking", 3)),
    "v240",
  );
  const atLowest = { rendition: "v240", lower: [], steps: 2 };
  assert.deepEqual(kinds(begun(atLowest).fails("corrupt", 3)), ["judge", "skip"]);
  assert.deepEqual(kinds(begun({ ...atLowest, skippable: false }).fails("corrupt", 3)), ["judge", "give-up"]);
  assert.deepEqual(
    kinds(begun({ steps: 2 }).fails("corrupt", 3)),
    ["judge", "skip"],
    "not through the whole ladder",
  );
});

test("[PY103] a dead source beside broken copies does not make it an outage", () => {
  const course = begun();
  course.fails("unreachable", 1);
  assert.equal(loweredTo(course.fails("corrupt", 2)), "v480");
});

test("[PY103] nobody sends this file while others arrive: it is the file, and to lose it takes a second round", () => {
  const others = { arrivedMs: 10 };
  assert.equal(loweredTo(begun().fails("unreachable", 3, others)), "v480");
  const last = begun({ lower: [], steps: 2 });
  assert.deepEqual(kinds(last.fails("unreachable", 3, others)), ["judge", "outage"]);
  assert.deepEqual(kinds(last.wait(5000)), ["ask"]);
  assert.deepEqual(
    kinds(last.fails("unreachable", 3, others)),
    ["judge", "outage"],
    "that was before this round",
  );
  assert.deepEqual(kinds(last.wait(5000)), ["ask"]);
  assert.deepEqual(kinds(last.fails("unreachable", 3, { arrivedMs: last.nowMs })), ["judge", "skip"]);
});

test("[PY103] sources that refuse get another round with fresh signatures, and are waited for before a segment is lost", () => {
  const course = begun();
  assert.deepEqual(kinds(course.fails("refused", 3)), ["judge", "renew"]);
  assert.deepEqual(kinds(course.wait(5000)), ["ask"]);
  assert.equal(course.nowMs, 2000);
  assert.equal(loweredTo(course.fails("refused", 3)), "v480");
  const last = begun({ lower: [], steps: 2 });
  for (let round = 0; round < 4; round++) {
    assert.deepEqual(kinds(last.fails("refused", 3)), ["judge", "renew"]);
    assert.deepEqual(kinds(last.wait(10_000)), ["ask"]);
  }
  assert.deepEqual(kinds(last.fails("refused", 3, { bufferMs: 7000 })), ["judge", "skip"]);
});

test("[PY104] nobody answers: rounds after pauses that double, and neither a lower rung nor a skip", () => {
  const course = begun();
  const pauses: number[] = [];
  for (let round = 0; round < 7; round++) {
    const commands = course.fails("unreachable", 3);
    assert.deepEqual(kinds(commands), ["judge", "outage"]);
    const from = course.nowMs;
    assert.deepEqual(kinds(course.wait(20_000)), ["ask"]);
    pauses.push(course.nowMs - from);
  }
  assert.deepEqual(
    pauses,
    [400, 800, 1500, 3000, 5700, 5700, 5700],
    "three quarters of each, to the next look",
  );
  assert.deepEqual(course.asked.slice(0, 6), ["a", "b", "origin", "a", "b", "origin"]);
});

test("[PY104] the pause is spread by chance and short with little buffer", () => {
  const pauseOf = (change: Partial<Moment>): number => {
    const course = begun();
    for (let round = 0; round < 6; round++) {
      course.fails("unreachable", 3);
      course.wait(20_000);
    }
    const outage = course.fails("unreachable", 3, change).find((one) => one.kind === "outage");
    return outage?.pauseMs ?? 0;
  };
  assert.equal(pauseOf({ chance: 0, bufferMs: 60_000 }), 4000);
  assert.equal(pauseOf({ chance: 0.999, bufferMs: 60_000 }), 7996);
  assert.equal(pauseOf({ chance: 0.999, bufferMs: 2000 }), 999.5);
});

test("[PY104] the film is given up 30 s after the picture stood still, and 300 s without the browser's network", () => {
  for (const [online, longestMs] of [
    [true, longestDryMs],
    [false, longestOfflineMs],
  ] as const) {
    const course = begun();
    const dry = { bufferMs: 0, online };
    let commands: readonly RetrievalCommand[] = [];
    while (!kinds(commands).includes("give-up")) {
      assert.ok(course.nowMs <= longestMs + 3000, `${course.nowMs} ms and no end`);
      commands = kinds(commands).includes("ask")
        ? course.fails("unreachable", 1, dry)
        : course.wait(20_000, dry);
    }
    assert.ok(course.nowMs >= longestMs - 3000, `given up after ${course.nowMs} ms`);
  }
});

test("[PY104] an answer that trickles without an end ends with the patience of a still picture", () => {
  const course = begun({ bits: undefined, lower: [] });
  course.say({ kind: "answered" });
  let commands: readonly RetrievalCommand[] = [];
  while (commands.length === 0 && course.nowMs < 60_000) {
    course.nowMs += 500;
    course.say({ kind: "bits", arrived: course.nowMs * 300 }, { bufferMs: 0 });
    commands = course.say({ kind: "tick" }, { bufferMs: 0 });
  }
  assert.deepEqual(kinds(commands), ["cancel", "judge", "give-up"]);
  assert.equal(course.nowMs, longestDryMs);
});

const trickle = (course: Course, kbps: number, ms: number, change: Partial<Moment> = {}) => {
  course.say({ kind: "answered" });
  const fromMs = course.nowMs;
  while (course.nowMs < fromMs + ms) {
    course.nowMs += 100;
    course.say({ kind: "bits", arrived: kbps * (course.nowMs - fromMs) }, change);
    const commands = course.say({ kind: "tick" }, change);
    if (commands.length > 0) return commands;
  }
  return [];
};

test("[PY105] a source that crawls is left for the next within a segment's time, and the last one goes on", () => {
  const course = begun({ lower: [] });
  const [, judge] = trickle(course, 10, 10_000);
  assert.equal(judge?.kind === "judge" ? judge.because : "", "sent only 10 kbit/s");
  assert.ok(course.nowMs <= wanted.segmentMs, `${course.nowMs} ms`);
  trickle(course, 10, 10_000);
  assert.deepEqual(trickle(course, 10, 20_000), [], "of the last one 10 kbit/s are better than none");
  assert.deepEqual(course.asked, ["a", "b", "origin"]);
});

test("[PY105] a crawl that would stall the picture costs its source the request, not the viewer the rung", () => {
  const course = begun();
  assert.deepEqual(kinds(trickle(course, 10, 10_000, { bufferMs: 8000 })), ["cancel", "judge", "ask"]);
  assert.ok(course.nowMs <= 700, `${course.nowMs} ms`);
});

test("[PY106] a network that breaks down under a request lowers the rung, once it would stall the picture", () => {
  assert.deepEqual(trickle(begun(), 1000, 3000, { bufferMs: 60_000 }), []);
  const course = begun();
  const commands = trickle(course, 1000, 3000, { bufferMs: 15_000 });
  assert.deepEqual(kinds(commands), ["cancel", "lower"]);
  const lowered = commands.find((one) => one.kind === "lower");
  assert.equal(lowered?.rendition, "v480");
  assert.equal(lowered?.kbps, 1000);
  assert.match(
    lowered?.because ?? "",
    /^1000 kbit\/s would bring the rest in 19\.\d s, and 15\.0 s lie ready$/,
  );
});

test("[PY106] nothing is lowered while the viewer seeks", () => {
  assert.deepEqual(trickle(begun(), 1000, 3000, { bufferMs: 0, seeking: true }), []);
});

test("[PY107] a sleep of an hour is no silence, and what broke off in it is asked for again at the same source", () => {
  const course = begun();
  course.wait(1000);
  course.nowMs += 3_600_000;
  assert.deepEqual(course.say({ kind: "tick" }), []);
  assert.deepEqual(course.say({ kind: "failed", verdict: "unreachable", because: "broke off" }), [
    { kind: "ask", sourceId: "a" },
  ]);
  assert.deepEqual(kinds(course.fails("unreachable", 1)), ["judge", "ask"], "awake, it is blamed");
});

test("[PY107] a tab that is looked at once a minute comes to an end too", () => {
  const course = begun();
  for (let look = 0; look < 600 && !course.state.over; look++) {
    course.nowMs += 60_000;
    course.say({ kind: "tick" }, { bufferMs: 0 });
  }
  assert.ok(course.state.over);
});

test("[PY108] without network no source is blamed, and its return ends the pause at once", () => {
  const course = begun();
  const commands = course.fails("unreachable", 1, { online: false });
  assert.deepEqual(kinds(commands), ["outage"]);
  course.nowMs += 10;
  assert.deepEqual(course.say({ kind: "online" }), [{ kind: "ask", sourceId: "a" }]);
  assert.deepEqual(course.say({ kind: "online" }), [], "a request under way goes on");
});
