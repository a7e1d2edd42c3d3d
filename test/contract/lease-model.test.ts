// Random programs of screens, on both databases and the twin in memory: each answers as the model does, which knows
// nothing but ticks. A tick is long against what a loaded machine may do between two calls.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { LeaseStore } from "#data/ports.ts";
import type { Standing } from "#model/entitlement.ts";
import { entitle, onAll, type Rig } from "./lease-rig.ts";
import { fresh } from "./stores-builders.ts";

const tickMs = 400_000;
/** Lives for 2 ticks after the one of its grant, and is in its grace in the third. */
const term = { ttlMs: 1_000_000, graceMs: 300_000 };
const [livingTicks, graceTicks] = [2, 3];
const screens = 2;
const programs = process.env.MILLRACE_TEST_LONG === "1" ? 200 : 15;

type Step =
  | { readonly kind: "acquire" | "evict" | "live"; readonly session: number }
  | { readonly kind: "renew" | "release"; readonly session: number; readonly off: number }
  | { readonly kind: "advance" | "pause"; readonly ticks: number }
  | { readonly kind: "list" }
  | { readonly kind: "standing"; readonly standing: Standing }
  | { readonly kind: "lock"; readonly locked: boolean };

const session = fc.nat({ max: 5 });
const off = fc.constantFrom(0, 0, 0, 1);
const standing = fc.record({
  kind: fc.constant("standing" as const),
  standing: fc.constantFrom<Standing>("good", "good", "good", "suspended", "none"),
});
const lock = fc.record({
  kind: fc.constant("lock" as const),
  locked: fc.constantFrom(true, false, false),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("acquire" as const), session }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("evict" as const, "live" as const), session }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("renew" as const, "release" as const), session, off }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), ticks: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pause" as const), ticks: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("list" as const) }) },
  { weight: 1, arbitrary: standing },
  { weight: 1, arbitrary: lock },
);

/** A fall in mid-film: chance alone seldom renews, in bad standing, what is held. */
const fall: fc.Arbitrary<readonly Step[]> = fc
  .record({ session, off, change: fc.oneof(standing, lock), back: fc.oneof(standing, lock) })
  .map(({ session, off, change, back }) => [
    { kind: "acquire", session },
    change,
    { kind: "renew", session, off },
    { kind: "list" },
    back,
    { kind: "renew", session, off: 0 },
  ]);

const steps: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.oneof({ weight: 9, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: fall }), {
    maxLength: 40,
    size: "max",
  })
  .map((parts) => parts.flat());

interface Model {
  tick: number;
  pausedBefore: number;
  standing: Standing;
  locked: boolean;
  generation: number;
  /** Generation of every session that was ever opened. */
  readonly opened: Map<number, number>;
  /** The tick of the latest grant or renewal. */
  readonly leases: Map<number, number>;
}

function expected(model: Model, step: Step): string {
  const since = (session: number): number => model.tick - (model.leases.get(session) ?? -99);
  const paused = model.pausedBefore > model.tick;
  if (step.kind === "advance") model.tick += step.ticks;
  if (step.kind === "pause") model.pausedBefore = Math.max(model.pausedBefore, model.tick + step.ticks);
  if (step.kind === "standing") model.standing = step.standing;
  if (step.kind === "lock") {
    model.locked = step.locked;
    if (step.locked) model.leases.clear();
  }
  if (step.kind === "list") {
    const held = [...model.leases.keys()].filter((session) => since(session) <= graceTicks);
    return `list ${held.toSorted().join(" ")}`;
  }
  if (step.kind === "live") return `live ${since(step.session) <= livingTicks}`;
  if (step.kind === "evict") return `evict ${model.leases.delete(step.session)}`;
  if (step.kind === "acquire") return acquired(model, step.session, paused);
  if (step.kind !== "renew" && step.kind !== "release") return step.kind;
  const mine = model.leases.has(step.session) && step.off === 0;
  if (step.kind === "release") {
    if (mine) model.leases.delete(step.session);
    return "release";
  }
  const standing = standingOf(model);
  if (standing !== "good") {
    if (mine) model.leases.delete(step.session);
    return `renew ${standing}`;
  }
  if (!mine) return "renew lost";
  if (since(step.session) <= graceTicks) {
    model.leases.set(step.session, model.tick);
    return `renew ${model.opened.get(step.session)}`;
  }
  if (!paused) model.leases.delete(step.session);
  return "renew lost";
}

const standingOf = ({ standing, locked }: Model): Standing => (locked ? "suspended" : standing);

function acquired(model: Model, session: number, paused: boolean): string {
  for (const [held, tick] of model.leases) {
    if (!paused && model.tick - tick > graceTicks) model.leases.delete(held);
  }
  if (standingOf(model) !== "good") return "standing";
  if (model.leases.has(session)) return `granted ${model.opened.get(session)}`;
  if (model.opened.has(session)) return "over";
  if (paused) return "paused";
  if (model.leases.size >= screens) return "limit";
  model.generation += 1;
  model.opened.set(session, model.generation);
  model.leases.set(session, model.tick);
  return `granted ${model.generation}`;
}

interface Played {
  readonly rig: Rig;
  readonly leases: LeaseStore;
  readonly accountId: string;
  readonly mark: string;
  readonly model: Model;
}

async function observed({ rig, leases, accountId, mark, model }: Played, step: Step): Promise<string> {
  if (step.kind === "advance") await rig.advance(step.ticks * tickMs);
  if (step.kind === "pause") await leases.pause([accountId], (step.ticks - 0.5) * tickMs);
  if (step.kind === "standing") {
    await entitle(rig, accountId, { standing: step.standing, screens, maxHeight: 2160 });
  }
  if (step.kind === "lock") await rig.register.setLocked(accountId, step.locked);
  if (step.kind === "list") {
    const held = await leases.list(accountId, term.graceMs);
    return `list ${held
      .map(({ sessionId }) => sessionId.slice(mark.length))
      .toSorted()
      .join(" ")}`;
  }
  if (!("session" in step)) return step.kind;
  const sessionId = `${mark}${step.session}`;
  if (step.kind === "live") return `live ${(await leases.live({ accountId, sessionId }, 0)) !== undefined}`;
  if (step.kind === "evict") return `evict ${await leases.evict(accountId, sessionId)}`;
  if (step.kind === "acquire") {
    const play = {
      id: sessionId,
      accountId,
      profileId: "p",
      titleId: "film",
      viewpoint: "v",
      startedAtMs: 0,
    };
    const answer = await leases.acquire({ session: play, deviceId: "d", ...term }).catch(() => undefined);
    if (answer?.kind === "granted") return `granted ${answer.lease.generation}`;
    return answer?.kind ?? "over";
  }
  const generation = (model.opened.get(step.session) ?? 50) + ("off" in step ? step.off : 0);
  const key = { accountId, sessionId, generation };
  if (step.kind === "renew") {
    const answer = await leases.renew({ ...key, ...term });
    if (answer.kind === "standing") return `renew ${answer.standing}`;
    return `renew ${answer.kind === "renewed" ? answer.lease.generation : "lost"}`;
  }
  await leases.release(key);
  return "release";
}

onAll("[DA63] random programs of screens are answered as the model answers them", async (rig) => {
  const entitlement = { standing: "good", screens, maxHeight: 2160 } as const;
  const run = async (program: readonly Step[]): Promise<void> => {
    const order = { email: `${fresh()}@x.org`, passwordHash: "x", role: "viewer", profileName: "B" } as const;
    const owner = await rig.accounts.create({ ...order, entitlement });
    assert.ok(owner !== "email-taken");
    const model: Model = {
      ...{ tick: 0, pausedBefore: 0, generation: 0, standing: "good", locked: false },
      ...{ opened: new Map(), leases: new Map() },
    };
    const played = { rig, leases: rig.leases, accountId: owner.id, mark: `${fresh()}-`, model };
    for (const [index, step] of program.entries()) {
      const got = await observed(played, step);
      assert.equal(got, expected(model, step), `step ${index} of ${JSON.stringify(program)}`);
    }
  };
  await fc.assert(fc.asyncProperty(steps, run), { seed: 20_261_126, numRuns: programs });
});
