// Encode jobs end to end: real workers that are killed, stopped and cut off from control, one short film, the real ffmpeg.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { TitlePackage } from "#model/package.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { type Random, seededRandom } from "#units/random.ts";
import { client } from "./control-client.ts";
import { eventually, operator } from "./control-plane.ts";
import { options, order, signal } from "./encode-run.ts";
import { addMaster, type JobRig, openJobs, shortFilm, workerToken } from "./job-rig.ts";

const long = process.env.MILLRACE_TEST_LONG === "1";
const kills = long ? 40 : 10;
const seed = 20_261_126;
/** Ways to encode the film, one after the other until enough was killed; usually the first is enough. */
const ladders = [[144], [96, 144], [120], [108, 132], [128], [84, 112, 140], [136]];

let home = "";
let rig: JobRig | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-jobs-"));
});

after(async () => {
  await rig?.close();
  await rm(home, { recursive: true, force: true });
});

/** Every file of a package by what is in it. */
function hashes({ renditions }: TitlePackage): readonly string[] {
  return renditions.flatMap(({ files }) => files.map(({ path, sha256 }) => `${sha256} ${path}`)).sort();
}

/** What one process makes of it, without any control plane. */
async function encodedAlone(
  film: string,
  id: string,
  heights: readonly number[],
): Promise<readonly string[]> {
  const { film: encoded } = await encodeFilm(order(film, join(home, "alone"), { heights }));
  const outDir = join(home, "alone-package");
  return hashes(await packTitle({ film: encoded, titleId: titleId(id), outDir, signal }));
}

const title =
  "[PB60][PB61][PB62][PB63] killed, stopped and cut off workers make what one encode makes alone, each job once";

test(title, options, async (t) => {
  const film = await shortFilm(home);
  rig = await openJobs(home);
  const sha = await addMaster(rig, "m1", film);
  const chaos = new Chaos(rig, seededRandom(seed));
  for (const [index, heights] of ladders.entries()) {
    const id = `film-${sha.slice(0, 8)}-${index}`;
    await encodedAmidst(chaos, rig, { film, id, heights });
    if (chaos.killed >= kills) break;
  }
  await chaos.end();
  t.diagnostic(chaos.words());
  assert.ok(chaos.killed >= kills && chaos.stopped >= 1 && chaos.restarts >= 1, chaos.words());
  assert.deepEqual(await programsIn(home), [], "no program outlives its worker");
});

async function encodedAmidst(
  chaos: Chaos,
  { control, plane }: JobRig,
  { film, id, heights }: { readonly film: string; readonly id: string; readonly heights: readonly number[] },
): Promise<void> {
  const alone = await encodedAlone(film, id, heights);
  const { jobs, catalog } = plane.stores;
  const operate = client(control().url);
  await operate.signIn(operator.email, operator.password);
  const body = { masterId: "m1", titleId: id, name: "Film", effort: "draft", heights, audio: "aac128" };
  const ordered = await operate.post("/v1/ops/jobs", body);
  assert.equal(ordered.status, 200, JSON.stringify(ordered.body));
  const isOver = async (): Promise<boolean> => (await jobs.runsOf(id)).every(({ isOpen }) => !isOpen);
  await chaos.until(isOver);
  await eventually("nothing is left to do", isOver);
  const made = await catalog.title(id);
  assert.ok(made !== undefined);
  assert.deepEqual(hashes(made.package), alone, "the same files as one encode makes alone");
  for (const { path, bytes } of made.package.renditions.flatMap(({ files }) => files)) {
    assert.equal((await readFile(join(home, "origin/v", id, path))).length, bytes, path);
  }
  const listed = await jobs.list({ titleId: id, limit: 1000 });
  assert.deepEqual([...new Set(listed.map(({ state }) => state))], ["done"]);
  for (const job of listed) {
    const events = await jobs.events(job.id);
    const done = events.filter(({ what }) => what === "done" || what === "found");
    assert.equal(done.length, 1, `${job.id} is done once: ${JSON.stringify(events)}`);
  }
}

/** Kills, stops and cuts off, by the books and a seed. */
class Chaos {
  readonly #rig: JobRig;
  readonly #chance: Random;
  readonly #workers = new Map<string, ChildProcess>();
  #number = 0;
  killed = 0;
  stopped = 0;
  restarts = 0;

  constructor(rig: JobRig, chance: Random) {
    this.#rig = rig;
    this.#chance = chance;
    for (let count = 0; count < 2; count++) this.#hire();
  }

  words(): string {
    return `${this.killed} killed, ${this.stopped} stopped past their lease, ${this.restarts} restarts of control`;
  }

  /** Goes on until the work is done, or enough was killed. */
  async until(isOver: () => Promise<boolean>): Promise<void> {
    while (this.killed < kills && !(await isOver())) {
      const holder = await this.#someHolder();
      if (holder === undefined) {
        await rest(20);
        continue;
      }
      // Somewhere within the job: before its programs, while they run, while it hands in.
      await rest(this.#chance.integer(0, 600));
      if (this.killed >= 10 * this.stopped + 2) await this.#stopBeyondItsLease(holder);
      else await this.#kill(holder);
      if (this.killed >= 10 * this.restarts + 5) {
        this.restarts++;
        await this.#rig.restart();
      }
    }
  }

  async end(): Promise<void> {
    const all = [...this.#workers.values()];
    await eventually("every worker has begun", async () => all.every((child) => this.#rig.isUp(child)));
    for (const child of all) child.kill("SIGTERM");
    await Promise.all([...this.#workers.values()].map(exited));
    for (const child of this.#workers.values())
      assert.equal(child.exitCode, 0, "SIGTERM is a worker's usual end");
  }

  #hire(): void {
    const name = `w${++this.#number}`;
    this.#workers.set(name, this.#rig.worker(name));
  }

  /** Some worker that has a job now. */
  async #someHolder(): Promise<string | undefined> {
    const leased = await this.#rig.plane.stores.jobs.list({ state: "leased", limit: 100 });
    const names = leased.flatMap(({ lease }) =>
      lease && this.#workers.has(lease.worker) ? [lease.worker] : [],
    );
    return names[this.#chance.integer(0, names.length - 1)];
  }

  async #kill(name: string): Promise<void> {
    const child = this.#workers.get(name);
    child?.kill("SIGKILL");
    if (child !== undefined) await exited(child);
    this.#workers.delete(name);
    this.killed++;
    this.#hire();
  }

  /** Stopped until somebody else has its job: what it says of it then is refused. */
  async #stopBeyondItsLease(name: string): Promise<void> {
    const { jobs } = this.#rig.plane.stores;
    const child = this.#workers.get(name);
    child?.kill("SIGSTOP");
    const [job] = await jobs.list({ state: "leased", worker: name, limit: 1 });
    if (job !== undefined) {
      // Or its last word was on its way already.
      await eventually("the stopped worker's job is given to another", async () => {
        const now = await jobs.job(job.id);
        return now === undefined || now.generation > job.generation || now.state === "done";
      });
      if (((await jobs.job(job.id))?.generation ?? 0) > job.generation) {
        this.stopped++;
        assert.equal(await this.#saysItLives(job), 409, "an old generation is not heard");
      }
    }
    child?.kill("SIGCONT");
  }

  async #saysItLives({
    id,
    generation,
  }: {
    readonly id: string;
    readonly generation: number;
  }): Promise<number> {
    const body = { generation, share: 1 };
    const headers = { authorization: `Bearer ${workerToken}`, "content-type": "application/json" };
    const url = `${this.#rig.control().url}/v1/jobs/${id}/beat`;
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
  }
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Programs that name this folder in their command line, but for this one. */
async function programsIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(folder) && Number(pid) !== process.pid) found.push(line.replaceAll("\0", " "));
  }
  return found;
}
