import assert from "node:assert/strict";
import { test } from "node:test";
import { liveRule } from "./live-rule.ts";
import { type Downloaded, named, type Rule } from "./rule.ts";
import { ruleNamed, rules } from "./rules.ts";
import type { Context, Film } from "./types.ts";

const film: Film = {
  ladder: {
    kbps: [500, 1000, 2000],
    heights: [270, 360, 540],
    names: ["270p", "360p", "540p"],
    ids: ["a", "b", "c"],
  },
  segments: {
    durationMs: Array.from({ length: 60 }, () => 2000),
    bits: Array.from({ length: 60 }, () => [1e6, 2e6, 4e6]),
    vmaf: undefined,
  },
};
const context = (segment: number): Context => ({
  ...{ segment, bufferMs: 20_000, maxBufferMs: 60_000, lastRung: 1, estimateKbps: 8000, latencyMs: 20 },
  ...{ minRung: 0, maxRung: 2, sinceSeek: segment },
});
const came = (segment: number): Downloaded => ({
  ...{ segment, rung: 1, bits: 2e6, ms: 270, ttfbMs: 20, bufferAtRequestMs: 18_000, bufferMs: 20_000 },
  ...{ abandonedTo: undefined, replacement: false },
});

/** Chooses always the same, and says how many segments it heard of. */
function counting(name: string, rung: number) {
  const rule: Rule<{ readonly heard: number }> = {
    name,
    start: () => ({ heard: 0 }),
    decide: (_film, state) => ({ choice: { rung, waitMs: 0 }, state }),
    explain: (_film, { heard }) => `${name} heard of ${heard}`,
    downloaded: (_film, { heard }) => ({ heard: heard + 1 }),
  };
  return named(rule);
}

test("[PY180] another rule decides from the next decision on, knowing the last segments; the one under way is the old rule's", () => {
  const [low, high] = [counting("low", 0), counting("high", 2)];
  const live = liveRule(low);
  const session = live.rule.begin(film, 60_000);
  for (const segment of [0, 1, 2]) {
    assert.equal(session.decide(context(segment)).rung, 0);
    if (segment === 2) live.change(high);
    session.downloaded(came(segment));
    assert.equal(session.name, "low");
  }
  assert.equal(live.name, "high");
  assert.equal(session.decide(context(3)).rung, 2);
  assert.equal(session.explain(context(3)), "high heard of 3");
  live.change(low);
  assert.equal(session.explain(context(3)), "low heard of 3", "back again, it begins anew");
});

test("[PY180] what happens to a copy does not reach the session, and each keeps its past", () => {
  const live = liveRule(counting("low", 0));
  const session = live.rule.begin(film, 60_000);
  session.decide(context(0));
  session.downloaded(came(0));
  const copy = session.snapshot();
  copy.downloaded(came(1));
  assert.deepEqual(
    [session.explain(context(1)), copy.explain(context(1))],
    ["low heard of 1", "low heard of 2"],
  );
});

test("[PY180] every rule that there is takes over in mid-session, and gives over to every other", () => {
  const names = rules.map(({ name }) => name);
  const live = liveRule(counting("first", 1));
  const session = live.rule.begin(film, 60_000);
  let segment = 0;
  for (const name of [...names, ...names.toReversed()]) {
    const naming = ruleNamed(name);
    assert.equal(naming.kind, "known");
    if (naming.kind === "known") live.change(naming.row.rule);
    const { rung, waitMs } = session.decide(context(segment));
    assert.ok(rung >= 0 && rung <= 2 && waitMs >= 0, name);
    assert.equal(session.name, naming.kind === "known" ? naming.row.rule.name : "");
    session.downloaded(came(segment));
    segment = (segment + 1) % 59;
  }
});
