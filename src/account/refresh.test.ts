import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Family, type Presented, present } from "./refresh.ts";

const graceMs = 100;
const family: Family = { generation: 3, rotatedAtMs: 1000, endsAtMs: 9000 };
const at = (nowMs: number) => ({ nowMs, graceMs });

test("[AC10] a token is good once; used again it brings its successor for the grace, and then ends the device", () => {
  const next = { generation: 4, rotatedAtMs: 5000, endsAtMs: 9000 };
  assert.deepEqual(present(family, 3, at(5000)), { kind: "rotated", family: next });
  assert.deepEqual(present(next, 3, at(5100)), { kind: "repeated" });
  assert.deepEqual(present(next, 3, at(5101)), { kind: "reused" });
  assert.deepEqual(present(next, 2, at(5001)), { kind: "reused" }, "two steps behind: no tab is so late");
  assert.deepEqual(present(next, 3, at(4000)), { kind: "reused" }, "a clock put back makes no grace");
});

test("[AC12] nothing moves the end of a sign-in, and a token of tomorrow is no theft", () => {
  assert.deepEqual(present(family, 3, at(9000)), { kind: "over" });
  assert.deepEqual(present(family, 2, at(9000)), { kind: "over" });
  assert.deepEqual(present(family, 4, at(2000)), { kind: "over" });
  const rotated = present(family, 3, at(8999));
  assert.equal(rotated.kind === "rotated" && rotated.family.endsAtMs, 9000);
});

type Machine = typeof present;

/** Owner and thief hold numbers of tokens; `lost`: the answer does not arrive, so the presenter keeps its old one. */
interface Step {
  readonly who: "owner" | "thief";
  readonly does: "present" | "present-lost" | "steal" | "sign-out";
  readonly afterMs: number;
}

interface World {
  family: Family | undefined;
  readonly holds: { owner: number; thief: number | undefined };
  nowMs: number;
  /** When each token first succeeded. */
  readonly firstUse: Map<number, number>;
  ended: boolean;
}

/** The first way in which this run breaks the promise; undefined when it keeps it. */
function broken(machine: Machine, steps: readonly Step[]): string | undefined {
  const world: World = {
    family: { generation: 1, rotatedAtMs: 0, endsAtMs: 1e9 },
    holds: { owner: 1, thief: undefined },
    ...{ nowMs: 0, firstUse: new Map(), ended: false },
  };
  for (const step of steps) {
    world.nowMs += step.afterMs;
    const complaint = taken(machine, world, step) ?? forked(machine, world);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function taken(machine: Machine, world: World, { who, does }: Step): string | undefined {
  if (does === "steal") {
    world.holds.thief = world.holds.owner;
    return undefined;
  }
  if (does === "sign-out") {
    world.family = undefined;
    world.ended = true;
    return undefined;
  }
  const token = world.holds[who];
  if (token === undefined || world.family === undefined) return undefined;
  const outcome = machine(world.family, token, { nowMs: world.nowMs, graceMs });
  const first = world.firstUse.get(token);
  if (outcome.kind === "rotated" || outcome.kind === "repeated") {
    if (world.ended) return "a device that was ended went on";
    if (first !== undefined && world.nowMs - first > graceMs) return `token ${token} worked twice`;
    if (first === undefined) world.firstUse.set(token, world.nowMs);
    if (outcome.kind === "rotated") world.family = outcome.family;
    if (does === "present") world.holds[who] = world.family.generation;
    return undefined;
  }
  if (first === undefined) return `token ${token} was refused at its first use`;
  // Whoever stole it and whoever owned it: one of them has just been refused, so neither may go on.
  world.ended = true;
  if (outcome.kind === "reused") world.family = undefined;
  return undefined;
}

/** Of all tokens that were ever made, those that open lead to one and the same next one. */
function forked(machine: Machine, { family, nowMs }: World): string | undefined {
  if (family === undefined) return undefined;
  const nexts = new Set<number>();
  for (let token = 1; token <= family.generation; token++) {
    const outcome = machine(family, token, { nowMs, graceMs });
    if (outcome.kind === "rotated" && token === family.generation) continue;
    if (outcome.kind === "rotated") nexts.add(outcome.family.generation);
    if (outcome.kind === "repeated") nexts.add(family.generation);
  }
  return nexts.size > 1 || [...nexts].some((next) => next !== family.generation)
    ? `${nexts.size} live lines at once`
    : undefined;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    who: fc.constantFrom("owner" as const, "thief" as const),
    does: fc.constantFrom("present", "present", "present", "present-lost", "steal", "sign-out"),
    afterMs: fc.constantFrom(0, 1, graceMs, graceMs + 1, 5000),
  }),
  { maxLength: 40 },
);

test("[AC11] no interleaving of refresh, theft, lost answers and sign-out leaves two that go on from one token", () => {
  fc.assert(
    fc.property(steps, (run) => assert.equal(broken(present, run), undefined)),
    { seed: 20_291, numRuns: 3000 },
  );
});

const planted: Readonly<Record<string, Machine>> = {
  "takes every token that was made": (known, generation, when) =>
    generation < known.generation ? { kind: "repeated" } : present(known, generation, when),
  "a reuse is refused and nothing ends": (known, generation, when): Presented => {
    const outcome = present(known, generation, when);
    return outcome.kind === "reused" ? { kind: "over" } : outcome;
  },
  "a repeat makes a line of its own": (known, generation, when) => {
    const outcome = present(known, generation, when);
    const next = { ...known, generation: known.generation + 1 };
    return outcome.kind === "repeated" ? { kind: "rotated", family: next } : outcome;
  },
  "the grace begins anew with each repeat": (known, generation, when) =>
    generation === known.generation - 1
      ? { kind: "repeated" }
      : present(known, generation, { ...when, graceMs: 0 }),
};

for (const [bug, machine] of Object.entries(planted)) {
  test(`[AC11] the law finds a machine that is wrong: ${bug}`, () => {
    const found = fc.check(
      fc.property(steps, (run) => broken(machine, run) === undefined),
      { seed: 20_291, numRuns: 3000 },
    );
    assert.ok(found.failed);
  });
}
