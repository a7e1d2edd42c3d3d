// Encode jobs against a random world: workers that take, beat, end, fail, vanish and come back late, and a clock that goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decide } from "#data/ports-job.ts";
import type { Job, JobEvent, NewJob } from "#model/job.ts";
import { MemoryJobs, type PlantedBug } from "#test/fixtures/memory-job.ts";
import { type Random, seededRandom } from "#units/random.ts";
import { beaten, expired, failed, finished, handedBack, type JobRules, opened } from "./job-rules.ts";
import { followers } from "./run-jobs.ts";

const rules: JobRules = {
  ...{ leaseMs: 1000, agingMs: 5000, attempts: 1e9, poison: 1e9, retryMs: 100, retryMostMs: 1000 },
};
const firstJob: NewJob = {
  ...{ id: "r.0.0", runId: "r", kind: "survey", spec: 0, base: "b", needs: "h264", tools: undefined },
  ...{ priority: 4, after: [] },
};
const last = 3;

/** What a holder believes: it says so whether it is still true or not. */
interface Belief {
  readonly jobId: string;
  readonly generation: number;
  readonly tokenId: string;
}

type Bug = PlantedBug | "no-fencing" | "no-waiting";

class World {
  readonly store: MemoryJobs;
  readonly #chance: Random;
  readonly #bug: Bug | undefined;
  readonly #beliefs: Belief[] = [];
  now = 0;

  constructor(seed: number, bug?: Bug) {
    this.store = new MemoryJobs(bug === "gives-out-twice" ? bug : undefined);
    this.store.now = () => this.now;
    this.#chance = seededRandom(seed);
    this.#bug = bug;
  }

  async open(): Promise<void> {
    await this.store.open({ id: "r", titleId: "t", name: "T", masterId: "m" }, (now) =>
      opened(firstJob, now, 1),
    );
  }

  async step(): Promise<void> {
    const dice = this.#chance.next();
    if (dice < 0.3) await this.take();
    else if (dice < 0.45) this.now += this.#chance.integer(0, 400);
    else if (dice < 0.5) this.now += this.#chance.integer(0, 3000);
    else if (dice < 0.6) await this.store.sweep((job, now) => expired(job, now, rules), 10);
    else await this.#say(dice);
  }

  /** Workers that live: what is free is taken and done. */
  async calm(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      this.now += 1500;
      await this.store.sweep((job, now) => expired(job, now, rules), 10);
      for (let count = 0; count < 8; count++) {
        const job = await this.take();
        if (job !== undefined) await this.#finish(believe(job));
      }
    }
  }

  async take(): Promise<Job | undefined> {
    const name = `w${this.#chance.integer(1, 4)}`;
    const wish = { worker: name, tokenId: `token-${name}`, tools: "x", needs: ["h264"] };
    const job = await this.store.take({ ...wish, leaseMs: rules.leaseMs });
    if (job !== undefined) this.#beliefs.push(believe(job));
    return job;
  }

  async #say(dice: number): Promise<void> {
    // Old beliefs too: a worker that was stopped for long still believes.
    const belief = this.#beliefs[this.#chance.integer(0, this.#beliefs.length - 1)];
    if (belief === undefined) return;
    const chance = this.#chance.next();
    if (dice < 0.75) await this.#change(belief, (who) => (job, now) => beaten(job, who, 0.5, now, rules));
    else if (dice < 0.9) await this.#finish(belief);
    else if (dice < 0.95) {
      const failure = { reason: "x", again: "later", chance } as const;
      await this.#change(belief, (who) => (job, now) => failed(job, who, failure, now, rules));
    } else await this.#change(belief, (who) => (job, now) => handedBack(job, who, now));
  }

  async #finish(belief: Belief): Promise<void> {
    // Not every worker makes the same: what differs must not pass for the same.
    const result = `result ${this.#chance.integer(0, 3)}`;
    await this.#change(belief, (who) => (job, now) => {
      const step = finished(job, who, result, now);
      if (step.answer !== "done") return step;
      const spawn = next(job).map((one) => ({ job: opened(one, now, 1), after: one.after }));
      return {
        ...step,
        spawn:
          this.#bug === "no-waiting"
            ? spawn.map(({ job: one }) => ({ job: { ...one, state: "queued" as const }, after: [] }))
            : spawn,
      };
    });
  }

  async #change(
    { jobId, ...who }: Belief,
    decide: (who: Omit<Belief, "jobId">) => Decide<unknown>,
  ): Promise<void> {
    await this.store.change(jobId, (job, now) => {
      if (this.#bug !== "no-fencing") return decide(who)(job, now);
      const lease = { worker: "", tools: "", ...job.lease, tokenId: who.tokenId, untilMs: now + 1 };
      return decide({ ...who, generation: job.generation })({ ...job, state: "leased", lease }, now);
    });
  }
}

function believe({ id, generation, lease }: Job): Belief {
  return { jobId: id, generation, tokenId: lease?.tokenId ?? "" };
}

function next(job: Job): readonly NewJob[] {
  const step = Number(job.spec) + 1;
  if (job.kind === "trials" || step > last) return [];
  const wish = { step, needs: "h264", tools: "x", digest: (text: string) => text.slice(-20) };
  const specs = [step, step, step];
  return followers(job, { ...wish, kind: "trials", specs, last: { kind: "choose", spec: step } });
}

/** What a history must not hold; undefined when it holds. */
function complaint({ store }: World): string | undefined {
  const ends: ReadonlySet<JobEvent["what"]> = new Set(["done", "failed", "lost", "handed-back", "dead"]);
  const holders = new Map<string, number>();
  const done = new Map<string, number>();
  for (const { jobId, what, generation } of store.log) {
    if (what === "taken") {
      if (holders.has(jobId)) return `${jobId} was given out while it had a holder`;
      holders.set(jobId, generation);
    }
    if (!ends.has(what)) continue;
    if (holders.get(jobId) !== generation)
      return `${jobId} ended as ${what} without a holder of ${generation}`;
    holders.delete(jobId);
    if (what === "done") done.set(jobId, (done.get(jobId) ?? 0) + 1);
    if ((done.get(jobId) ?? 0) > 1) return `${jobId} was done twice`;
  }
  const firsts = (what: JobEvent["what"], id: string): number =>
    store.log.findIndex((event) => event.jobId === id && event.what === what);
  for (const { id, kind } of store.all()) {
    const [run, step] = id.split(".");
    const before = store
      .all()
      .filter((job) => kind === "choose" && job.kind === "trials" && job.id.startsWith(`${run}.${step}.`));
    const begun = firsts("taken", id);
    for (const job of before) {
      const end = firsts("done", job.id);
      if (begun >= 0 && (end < 0 || end > begun)) return `${id} began before ${job.id} was done`;
    }
  }
  return undefined;
}

async function history(seed: number, bug?: Bug): Promise<World> {
  const world = new World(seed, bug);
  await world.open();
  for (let count = 0; count < 400; count++) await world.step();
  return world;
}

test("[PB44] whatever workers and clocks do: one holder, done once, in order, and in the end all of it", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const world = await history(seed);
    assert.equal(complaint(world), undefined, `seed ${seed}`);
    await world.calm();
    assert.equal(complaint(world), undefined, `seed ${seed}, calm`);
    const states = world.store.all().map(({ id, state }) => `${id} ${state}`);
    assert.equal(states.length, 1 + last * 4, `seed ${seed}`);
    assert.deepEqual(
      states.filter((text) => !text.endsWith(" done")),
      [],
      `seed ${seed}`,
    );
  }
});

test("[PB44] a store that gives out twice, rules that do not fence, jobs that do not wait: each is found", async () => {
  for (const bug of ["gives-out-twice", "no-fencing", "no-waiting"] as const) {
    let found = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const world = await history(seed, bug);
      if (complaint(world) !== undefined) found++;
    }
    assert.ok(found >= 50, `${bug} was found in ${found} of 60 histories`);
  }
});
