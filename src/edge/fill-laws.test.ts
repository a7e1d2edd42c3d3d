import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FillCommand, Source, WantedBundle } from "./fill-state.ts";
import { mayFetch, waited, wakeAt } from "./fill-time.ts";
import { bundle, type FillWorld, nightOf, worldAt } from "./fill-world.ts";

const minute = 60_000;
const hour = 60 * minute;
const peer: Source = { sourceId: "peer-1", kind: "peer", baseUrl: "http://peer" };
const tier: Source = { sourceId: "tier-1", kind: "tier", baseUrl: "http://tier", afterMs: 5 * minute };
const origin: Source = { sourceId: "origin", kind: "origin", baseUrl: "http://origin", afterMs: 60 * minute };

const eventful = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("carry" as const), index: fc.nat(20) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(40 * minute) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("jump" as const), ms: fc.integer({ min: -9, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("load" as const), mbps: fc.nat(1000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("habit" as const), down: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rot" as const), index: fc.nat(20) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("plan" as const), from: fc.nat(6), urgent: fc.nat(8) }),
    },
  ),
  { minLength: 20, maxLength: 150 },
);

type Move = typeof eventful extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

function titles(from: number, urgent: number): WantedBundle[] {
  const waits = [peer, tier, origin];
  return [0, 1, 2, 3].map((i) => {
    const n = from + i;
    return bundle(`t${n}`, "v", 1 + (n % 3), 50, {
      urgent: n === urgent,
      sources: n % 2 === 0 ? waits : [peer],
    });
  });
}

function make(world: FillWorld, move: Move): void {
  switch (move.kind) {
    case "carry":
      world.carryOut(move.index);
      return;
    case "time":
      world.pass(move.ms);
      return;
    case "jump":
      world.wallAhead += move.ms * hour;
      world.tell({ kind: "tick" });
      return;
    case "load":
      world.tell({ kind: "load", bitsPerSecond: move.mbps * 1e6 });
      return;
    case "habit":
      world.habits.set("peer-1", move.down ? "refuses" : "honest");
      return;
    case "rot": {
      const key = [...world.disk.keys()][move.index] ?? "";
      world.rot(key);
      world.tell({ kind: "missed", keys: [key] });
      return;
    }
    case "plan":
      world.tell(nightOf(...titles(move.from, move.urgent)));
      return;
  }
}

/** Fetches under way that were not told to stop. */
function goingOn(world: FillWorld): readonly Extract<FillCommand, { kind: "fetch" }>[] {
  const told = new Set(world.open.flatMap((command) => (command.kind === "cancel" ? [command.key] : [])));
  return world.open.flatMap((command) =>
    command.kind === "fetch" && !told.has(command.file.key) ? [command] : [],
  );
}

test("[ED192] [ED196] law: whatever happens, nothing goes on by day but what is urgent, no source is asked too early, and all is filled at last", () => {
  const law = fc.property(eventful, (moves) => {
    const world = worldAt({ bundles: titles(0, 9), at: 1.9, budget: 2000 });
    for (const move of moves) {
      make(world, move);
      for (const { file, source } of goingOn(world)) {
        const wanted = world.state.planned.get(file.key);
        assert.ok(wanted !== undefined && mayFetch(world.state, wanted), `${file.key} goes on by day`);
        assert.ok(
          waited(world.state, wanted) >= (source.afterMs ?? 0),
          `${file.key} is asked of ${source.sourceId} after ${world.now} ms`,
        );
      }
    }
    world.habits.clear();
    world.tell(nightOf(...titles(1, 3)));
    for (let turns = 0; turns < 120; turns += 1) {
      world.carryOutAll();
      world.pass(40 * minute);
    }
    for (const { id } of titles(1, 3)) assert.ok(world.advertised().includes(id), id);
  });
  fc.assert(law, { numRuns: 80, seed: 192 });
});

test("[ED199] law: ticks between the moments that it names itself change nothing", () => {
  const law = fc.property(
    eventful,
    fc.array(fc.integer({ min: minute, max: 10 * minute }), { minLength: 20, maxLength: 20 }),
    (moves, steps) => {
      const worlds = [
        worldAt({ bundles: titles(0, 9), at: 1.9 }),
        worldAt({ bundles: titles(0, 9), at: 1.9 }),
      ] as const;
      const [sparse, ticked] = worlds;
      const timed: string[][] = [[], []];
      const note = (): void => {
        for (const [i, world] of worlds.entries()) {
          const lines = timed[i] ?? [];
          for (const line of world.log.slice(lines.length)) lines.push(`${world.now} ${line}`);
        }
      };
      for (const move of moves.filter(({ kind }) => kind !== "jump")) {
        if (move.kind !== "time") {
          for (const world of worlds) make(world, move);
          note();
          continue;
        }
        const end = sparse.now + move.ms;
        for (let turn = 0; sparse.now < end || wakeAt(sparse.state, sparse.moment()) <= end; turn += 1) {
          const wake = Math.min(end, wakeAt(sparse.state, sparse.moment()));
          const pause = steps[turn % steps.length] ?? minute;
          while (ticked.now + pause < wake) ticked.pass(pause);
          note();
          for (const world of worlds) world.pass(wake - world.now);
          note();
          if (wake === end) break;
        }
      }
      assert.deepEqual(timed[1], timed[0]);
    },
  );
  fc.assert(law, { numRuns: 150, seed: 199 });
});
