// Whole plays in simulated time: the machines of retrieval and failover with the rule and the estimate, against sources that
// misbehave.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { brokeDown, estimateKbps, newEstimator, observe } from "./estimator.ts";
import { type Failover, type FailoverEvent, newFailover, sourcesFor, stepFailover } from "./failover.ts";
import { windowMs } from "./patience.ts";
import {
  newRetrieval,
  type Retrieval,
  type RetrievalCommand,
  type RetrievalEvent,
  stepRetrieval,
  type Verdict,
  type Wanted,
} from "./retrieval.ts";
import { named, type RuleSession } from "./rule.ts";
import { defaultRule } from "./rule-default.ts";
import { foldTroubles, maySkip, noTroubles, stepsFor, type Troubles } from "./troubles.ts";
import type { Film } from "./types.ts";

const ids = ["v240", "v480", "v720", "v1080"];
const kbpsOf = [300, 1000, 2500, 5000];
const segmentMs = 4000;
const count = 40;
const film: Film = {
  ladder: { kbps: kbpsOf, heights: [240, 480, 720, 1080], names: ["240p", "480p", "720p", "1080p"], ids },
  segments: {
    durationMs: Array.from({ length: count }, () => segmentMs),
    bits: Array.from({ length: count }, () => kbpsOf.map((kbps) => kbps * segmentMs)),
    vmaf: undefined,
  },
};
const names = ["a", "b", "origin"];
const maxBufferMs = 60_000;
const tickMs = 50;
const ttfbMs = 50;

/** How a source takes a request that is made now: at a rate that may change, not at all, or wrongly after a while. */
type Manner =
  | { readonly kind: "sends"; readonly kbps: (nowMs: number) => number; readonly lateMs?: number }
  | { readonly kind: "silent" }
  | { readonly kind: "fails"; readonly verdict: Verdict; readonly afterMs: number };
type World = (sourceId: string, segment: number, rung: number, nowMs: number) => Manner;

interface Play {
  nowMs: number;
  bufferMs: number;
  stalledMs: number;
  started: boolean;
  failover: Failover;
  troubles: Troubles;
  estimator: ReturnType<typeof newEstimator>;
  readonly rule: RuleSession;
  readonly rungs: number[];
  readonly skipped: number[];
  asks: number;
  online: boolean;
  end: "played" | "given-up";
}

function newPlay(bufferMs: number): Play {
  const sources = Object.fromEntries(
    ids.map((id) => [id, names.map((sourceId) => ({ sourceId, baseUrl: "" }))]),
  );
  return {
    nowMs: 0,
    bufferMs,
    stalledMs: 0,
    started: bufferMs > 0,
    failover: newFailover(sources, names),
    troubles: noTroubles,
    estimator: newEstimator(),
    rule: named(defaultRule).begin(film, maxBufferMs),
    rungs: [],
    skipped: [],
    asks: 0,
    online: true,
    end: "played",
  };
}

function pass(play: Play, ms: number): void {
  const drained = Math.min(play.bufferMs, ms);
  if (play.started) play.bufferMs -= drained;
  if (play.started && drained < ms) play.stalledMs += ms - drained;
  play.nowMs += ms;
}

type Outcome = number | "served" | "skipped" | "given-up";

interface UnderWay {
  readonly sourceId: string;
  readonly startedMs: number;
  readonly bufferAtRequestMs: number;
  readonly manner: Manner;
  bits: number;
}

/** One segment in one rung: what came of it, or the rung to try instead. */
class Fetching {
  readonly #play: Play;
  readonly #world: World;
  readonly #rung: number;
  readonly #wanted: Wanted;
  #state: Retrieval;
  #transfer: UnderWay | undefined;
  #outcome: Outcome | undefined;

  constructor(play: Play, world: World, segment: number, rung: number) {
    this.#play = play;
    this.#world = world;
    this.#rung = rung;
    this.#wanted = {
      media: "video",
      rendition: ids[rung] ?? "",
      segment,
      segmentMs,
      bits: film.segments.bits[segment]?.[rung] ?? 0,
      lower: ids.slice(0, rung).map((rendition, i) => ({ rendition, bits: (kbpsOf[i] ?? 0) * segmentMs })),
      lowestKbps: kbpsOf[0] ?? 0,
      steps: stepsFor(play.troubles, "video", segment),
      skippable: maySkip(play.troubles, "video", segment),
    };
    this.#state = newRetrieval(this.#wanted, play.nowMs);
  }

  run(): Outcome {
    this.#say({ kind: "begin" });
    while (this.#outcome === undefined) {
      pass(this.#play, tickMs);
      if (this.#transfer !== undefined) this.#carry(this.#transfer);
      if (this.#outcome === undefined) this.#say({ kind: "tick" });
      assert.ok(this.#play.nowMs < 10_000_000, "no end");
    }
    return this.#outcome;
  }

  #say(event: RetrievalEvent): void {
    const { nowMs, bufferMs, online, failover } = this.#play;
    const { rendition, segment } = this.#wanted;
    const order = sourcesFor(failover, { rendition, file: `${segment}`, nowMs, bufferMs });
    const world = { nowMs, bufferMs, online, arrivedMs: -1, latencyMs: ttfbMs, chance: 0.5, seeking: false };
    const moment = { ...world, order: order.map((source) => source.sourceId) };
    const { state, commands } = stepRetrieval(this.#state, event, moment);
    this.#state = state;
    for (const command of commands) this.#obey(command);
  }

  #obey(command: RetrievalCommand): void {
    const play = this.#play;
    const { segment, rendition } = this.#wanted;
    const fold = (event: FailoverEvent): void => {
      play.failover = stepFailover(play.failover, event, play.nowMs).state;
    };
    switch (command.kind) {
      case "ask": {
        play.asks += 1;
        const { sourceId } = command;
        const manner = this.#world(sourceId, segment, this.#rung, play.nowMs);
        const bufferAtRequestMs = play.bufferMs;
        this.#transfer = { sourceId, startedMs: play.nowMs, bufferAtRequestMs, manner, bits: 0 };
        return;
      }
      case "cancel":
        this.#transfer = undefined;
        return;
      case "judge": {
        const { sourceId, because, startedMs, verdict } = command;
        const kind = verdict === "corrupt" || verdict === "lacking" ? verdict : "failed";
        fold({ kind, sourceId, because, startedMs, rendition, file: `${segment}` });
        return;
      }
      case "outage":
        fold(command);
        return;
      case "lower":
        if (command.kbps !== undefined) play.estimator = brokeDown(play.estimator, command.kbps, windowMs);
        else play.troubles = foldTroubles(play.troubles, "video", segment, { kind: "stepped" });
        this.#outcome = ids.indexOf(command.rendition);
        return;
      case "skip":
        play.troubles = foldTroubles(play.troubles, "video", segment, { kind: "skipped" });
        this.#outcome = "skipped";
        return;
      case "give-up":
        this.#outcome = "given-up";
        return;
      case "deliver":
        this.#outcome = "served";
        return;
      case "renew":
        return;
    }
  }

  #carry(under: UnderWay): void {
    const play = this.#play;
    const { manner, startedMs, sourceId } = under;
    const ms = play.nowMs - startedMs;
    if (manner.kind === "fails" && ms >= manner.afterMs) {
      this.#transfer = undefined;
      this.#say({ kind: "failed", verdict: manner.verdict, because: manner.verdict });
    }
    if (manner.kind !== "sends" || ms <= (manner.lateMs ?? ttfbMs)) return;
    const more = manner.kbps(play.nowMs) * tickMs;
    under.bits += more;
    if (more > 0) this.#say({ kind: "bits", arrived: under.bits });
    if (this.#transfer !== under || under.bits < (this.#wanted.bits ?? 0)) return;
    this.#transfer = undefined;
    const { rendition, segment } = this.#wanted;
    const served = { kind: "served", sourceId, rendition, file: `${segment}`, startedMs } as const;
    play.failover = stepFailover(play.failover, served, play.nowMs).state;
    play.estimator = observe(play.estimator, { bits: under.bits, ms, ttfbMs, origin: "network" });
    play.rule.downloaded({
      ...{
        segment,
        rung: this.#rung,
        bits: under.bits,
        ms,
        ttfbMs,
        abandonedTo: undefined,
        replacement: false,
      },
      ...{ bufferAtRequestMs: under.bufferAtRequestMs, bufferMs: play.bufferMs + segmentMs },
    });
    this.#say({ kind: "served" });
  }
}

interface Course {
  readonly world: World;
  readonly bufferMs?: number;
  readonly segments?: number;
  readonly before?: (play: Play, segment: number) => void;
}

function playThrough({ world, bufferMs = 0, segments = count, before }: Course): Play {
  const play = newPlay(bufferMs);
  for (let segment = 0; segment < segments; segment++) {
    while (play.bufferMs > maxBufferMs - segmentMs) pass(play, tickMs);
    before?.(play, segment);
    const context = {
      segment,
      bufferMs: play.bufferMs,
      maxBufferMs,
      lastRung: play.rungs.at(-1),
      estimateKbps: estimateKbps(play.estimator),
      latencyMs: ttfbMs,
      minRung: 0,
      maxRung: 3,
      sinceSeek: segment,
    };
    let outcome: Outcome = play.rule.decide(context).rung;
    while (typeof outcome === "number") {
      const rung: number = outcome;
      outcome = new Fetching(play, world, segment, rung).run();
      if (outcome === "served") play.rungs.push(rung);
    }
    if (outcome === "given-up") {
      play.end = "given-up";
      return play;
    }
    if (outcome === "skipped") play.skipped.push(segment);
    else play.bufferMs += segmentMs;
    play.started = true;
  }
  return play;
}

const steady = (kbps: number): Manner => ({ kind: "sends", kbps: () => kbps });

test("[PY118] 30 s without any network at 60 s of buffer do not stall", () => {
  const [fromMs, untilMs] = [20_000, 50_000];
  const world: World = (_, _segment, _rung, nowMs) => {
    if (nowMs >= fromMs && nowMs < untilMs) return { kind: "fails", verdict: "unreachable", afterMs: 5 };
    return { kind: "sends", kbps: (atMs) => (atMs >= fromMs && atMs < untilMs ? 0 : 20_000) };
  };
  for (const knows of [false, true]) {
    const before = (play: Play): void => {
      play.online = !(knows && play.nowMs >= fromMs && play.nowMs < untilMs);
    };
    const play = playThrough({ world, bufferMs: 56_000, before });
    assert.equal(play.end, "played");
    assert.equal(play.stalledMs, 0);
    assert.deepEqual(play.skipped, []);
    assert.equal(play.rungs.length, count);
    assert.deepEqual(
      Object.values(play.failover.health).filter((one) => !one.proven),
      [],
      "nobody is blamed",
    );
  }
});

test("[PY118] 20 → 1 Mbit/s in the middle of a segment with 15 s of buffer stalls less than 1 s", () => {
  for (let dropAtMs = 100; dropAtMs <= 900; dropAtMs += 100) {
    let dropped = Number.POSITIVE_INFINITY;
    const before = (play: Play, segment: number): void => {
      if (segment !== 10) return;
      play.bufferMs = 15_000;
      dropped = play.nowMs + dropAtMs;
    };
    const world: World = () => ({ kind: "sends", kbps: (atMs) => (atMs < dropped ? 20_000 : 1000) });
    const play = playThrough({ world, bufferMs: 30_000, before });
    assert.equal(play.end, "played");
    assert.ok(play.stalledMs < 1000, `dropped after ${dropAtMs} ms: stalled for ${play.stalledMs} ms`);
  }
});

test("[PY101] [PY105] [PY118] a first source that is silent, slow, refusing or broken costs no stall at 15 s of buffer", () => {
  const manners: readonly Manner[] = [
    { kind: "silent" },
    steady(10),
    { kind: "fails", verdict: "refused", afterMs: 20 },
    { kind: "fails", verdict: "corrupt", afterMs: 500 },
    { kind: "fails", verdict: "unreachable", afterMs: 1 },
  ];
  for (const manner of manners) {
    const world: World = (sourceId, segment) => (sourceId === "a" && segment >= 5 ? manner : steady(8000));
    const before = (play: Play, segment: number): void => {
      if (segment === 5) play.bufferMs = 15_000;
    };
    const play = playThrough({ world, bufferMs: 15_000, before });
    assert.equal(play.end, "played");
    assert.equal(play.stalledMs, 0, JSON.stringify(manner));
    assert.equal(play.rungs.length, count, "every segment is served, one time each");
  }
});

test("[PY101] [PY118] a segment that every source keeps for 8 s before it sends is had all the same, without a stall", () => {
  const world: World = (_, segment) =>
    segment === 20 ? { kind: "sends", kbps: () => 8000, lateMs: 8000 } : steady(8000);
  const play = playThrough({ world, bufferMs: 56_000 });
  assert.deepEqual([play.end, play.skipped, play.stalledMs], ["played", [], 0]);
});

test("[PY103] one segment broken in all rungs everywhere is skipped; two in a row end the film", () => {
  const broken =
    (from: number, to: number): World =>
    (_, segment) =>
      segment >= from && segment <= to ? { kind: "fails", verdict: "corrupt", afterMs: 100 } : steady(8000);
  const one = playThrough({ world: broken(7, 7) });
  assert.deepEqual([one.end, one.skipped], ["played", [7]]);
  const two = playThrough({ world: broken(7, 8) });
  assert.deepEqual([two.end, two.skipped], ["given-up", [7]]);
});

const manners: fc.Arbitrary<Manner> = fc.oneof(
  fc.constantFrom<Manner>({ kind: "silent" }, steady(5), steady(400), steady(8000), steady(20_000)),
  fc.record({
    kind: fc.constant("fails" as const),
    verdict: fc.constantFrom<Verdict>("unreachable", "refused", "lacking", "corrupt"),
    afterMs: fc.integer({ min: 0, max: 3000 }),
  }),
);

test("[PY109] whatever the sources do, the play ends, within a bounded number of requests, and never skips two in a row", () => {
  const table = fc.array(manners, { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(table, (course) => {
      let turn = 0;
      const world: World = () => course[turn++ % course.length] ?? { kind: "silent" };
      const segments = 8;
      const play = playThrough({ world, segments });
      const ended = play.rungs.length + play.skipped.length;
      assert.ok(play.end === "given-up" || ended === segments, `${play.end} after ${ended}`);
      const close = play.skipped.some((segment, i) => segment - (play.skipped[i - 1] ?? -9) === 1);
      assert.ok(!close, `skipped ${play.skipped}`);
      // A rung of 3 sources, 12 refusals, and the rounds of 30 dry seconds at one to two a second.
      assert.ok(play.asks <= segments * 4 * 3 * 80, `${play.asks} requests`);
    }),
    { numRuns: 100, seed: 14 },
  );
});
