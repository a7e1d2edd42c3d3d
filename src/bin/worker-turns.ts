// A worker's turns: ask, fetch, do, hand in, again. While a job is done its lease is kept; a lease that is lost ends the job here.
import { dirname } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import type { Workshop } from "#encode/io/workshop.ts";
import type { encodeSettings } from "#encode/settings.ts";
import type { Tools } from "#io/tools.ts";
import type { RunPackager } from "#pack/io/shaka-packager.ts";
import type { Wanted, WorkerCall } from "#publish/io/worker-call.ts";
import type { WorkerFolder } from "#publish/io/worker-folder.ts";
import { workerFaults } from "#publish/worker-faults.ts";
import { Fault } from "#units/fault.ts";
import type { TakeBody, TakenJob } from "#wire/jobs.ts";
import { inWords } from "./program.ts";
import { doJob, type JobDone, needsMaster } from "./worker-job.ts";

export interface WorkerRoom {
  readonly call: WorkerCall;
  readonly store: WorkerFolder;
  readonly tools: Tools;
  readonly workshop: Workshop;
  /** Undefined: titles are not encrypted here. */
  readonly packager: RunPackager | undefined;
  readonly settings: Values<typeof encodeSettings>;
  readonly asking: Omit<TakeBody, "waitSeconds">;
  readonly say: (text: string) => void;
}

const waitSeconds = 20;
/** How long a worker that has to end tries to say so. */
const farewellMs = 3000;

/** Until the signal, or until there is nothing to do. @throws Fault worker-refused */
export async function takeTurns(room: WorkerRoom, once: boolean, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const wish = { ...room.asking, waitSeconds: once ? 0 : waitSeconds };
    const job = await room.call.take(wish, signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (job !== undefined) await oneJob(room, job, signal);
    else if (once) return;
  }
}

/** Whatever becomes of the job, the worker goes on; it throws only what ends the worker. */
async function oneJob(room: WorkerRoom, job: TakenJob, signal: AbortSignal): Promise<void> {
  const { store, say } = room;
  const begun = performance.now();
  const label = `${job.kind} ${job.id} of "${job.title}"`;
  say(`took     ${label}`);
  const using = store.use(store.jobFolder(job.id));
  const lease = keepLease(room, job, signal);
  try {
    const outcome = await worked(room, job, lease);
    await store.drop(job.id);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    say(`done     ${label} in ${seconds} s${outcome === "same" ? ", as somebody else had" : ""}`);
  } catch (error) {
    await notDone(room, job, error, signal);
  } finally {
    lease.end();
    using.free();
    await store.evict();
  }
}

/** Says what became of it, if anybody is to hear it. */
async function notDone(room: WorkerRoom, job: TakenJob, error: unknown, signal: AbortSignal): Promise<void> {
  const { call, say } = room;
  const label = `${job.kind} ${job.id}`;
  if (signal.aborted) {
    say(`back     ${label}: this worker ends`);
    const ending = { again: "hand-back", reason: "its worker was asked to end" } as const;
    await call.failed(job, ending, AbortSignal.timeout(farewellMs)).catch((late: unknown) => {
      say(`back     ${label} could not be handed back (${inWords(late).split("\n")[0]}): its lease will end`);
    });
    return;
  }
  if (error instanceof Fault && error.code === workerFaults.lost.code) {
    say(`lost     ${label}: it is somebody else's now`);
    return;
  }
  if (error instanceof Fault && error.code === workerFaults.refused.code) throw error;
  const reason = inWords(error).slice(0, 1800);
  // 4xx: the film or the order is at fault, and would be on every machine.
  const again = error instanceof Fault && error.status >= 400 && error.status < 500 ? "never" : "later";
  say(`failed   ${label}: ${reason}`);
  await call.failed(job, { again, reason }, signal).catch((late: unknown) => {
    if (signal.aborted || (late instanceof Fault && late.code === workerFaults.lost.code)) return;
    throw late;
  });
}

interface KeptLease {
  /** Aborted when the lease is lost or the worker has to end. */
  readonly signal: AbortSignal;
  readonly tell: (share: number) => void;
  readonly end: () => void;
}

/** Says every third of the lease that the worker lives. A control plane that is away is no loss: only its word is. */
function keepLease({ call }: WorkerRoom, job: TakenJob, signal: AbortSignal): KeptLease {
  const over = new AbortController();
  const done = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const until = AbortSignal.any([both, done.signal]);
  let share = 0;
  const beat = async (): Promise<void> => {
    while (!until.aborted) {
      await rest(job.leaseMs / 3, undefined, { signal: until }).catch(() => undefined);
      if (until.aborted) return;
      await call.beat(job, share, until).catch((error: unknown) => {
        if (error instanceof Fault && error.code === workerFaults.lost.code) over.abort(error);
      });
    }
  };
  void beat();
  return {
    signal: both,
    tell: (now) => {
      share = Math.min(1, Math.max(share, now));
    },
    end: () => done.abort(),
  };
}

async function worked(room: WorkerRoom, job: TakenJob, lease: KeptLease): Promise<"done" | "same"> {
  const { call, store, tools, workshop, packager, settings } = room;
  const { signal } = lease;
  const master = store.master(job.master.sha256, job.master.fileName);
  const inputs = job.inputs.map(({ sha256 }) => store.kept(sha256));
  const using = [dirname(master), ...inputs].map((path) => store.use(path));
  try {
    await bringInputs(room, job, master, signal);
    const place = {
      ...{ job, store, tools, workshop, packager, settings, master, signal },
      ...{ onShare: lease.tell, keys: () => call.keys(job, signal) },
    };
    const { manifest, placeOf } = await doJob(place);
    await handIn(room, job, { manifest, placeOf }, signal);
    const key = await call.handBytes(Buffer.from(JSON.stringify(manifest)), job, signal);
    return await call.done(job, key, signal);
  } finally {
    for (const { free } of using) free();
  }
}

/** Everything a job is made from, fetched unless it is here. Two turns of this worker that want the same fetch it once. */
async function bringInputs(
  { call, store }: WorkerRoom,
  job: TakenJob,
  master: string,
  signal: AbortSignal,
): Promise<void> {
  const bring = (to: string, wanted: Wanted): Promise<void> =>
    store.alone(to, async () => {
      if (!(await store.has(to, wanted.bytes))) await call.fetchTo(to, wanted, job, signal);
    });
  for (const { sha256, bytes, name } of job.inputs) {
    await bring(store.kept(sha256), { path: `/v1/results/${sha256}`, what: name, sha256, bytes });
  }
  if (!needsMaster(job.spec)) return;
  const { id, sha256, bytes, fileName } = job.master;
  const what = `the master ${fileName}`;
  await bring(master, { path: `/v1/masters/${id}/content`, what, sha256, bytes });
}

/** Equal files are handed in once; what was handed in is kept for the jobs that follow. */
async function handIn(
  { call, store }: WorkerRoom,
  job: TakenJob,
  { manifest, placeOf }: JobDone,
  signal: AbortSignal,
): Promise<void> {
  const handed = new Set<string>();
  for (const { name, sha256 } of manifest.files) {
    if (handed.has(sha256)) continue;
    handed.add(sha256);
    await call.hand(placeOf(name), sha256, job, signal);
    if (!name.startsWith("package/")) await store.keep(placeOf(name), sha256);
  }
}
