// Encode jobs: what is ordered becomes a run of jobs, workers take them, and what they hand in decides what follows.

import type { AddedJob, JobChange, JobStore } from "#data/ports-job.ts";
import type { ContentKey, KeyRef } from "#model/content-key.ts";
import type { EncodeRun, Job, JobKind, NewJob } from "#model/job.ts";
import { jobFaults } from "#publish/job-faults.ts";
import {
  beaten,
  expired,
  failed,
  finished,
  type Holder,
  handedBack,
  type JobRules,
  opened,
} from "#publish/job-rules.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { controlNeeds, encryptNeeds, followers, needsMet, needsOf, resultKey } from "#publish/run-jobs.ts";
import { titleIdFor } from "#publish/title-id.ts";
import { Fault } from "#units/fault.ts";
import { type EncodeWish, type JobManifest, type JobSpec, jobSpec, type ResultFile } from "#wire/job-spec.ts";
import type { EnqueueBody, TakeBody, TakenJob } from "#wire/jobs.ts";
import { grouped, packageFolder, resultComplaint } from "./job-results.ts";

/** Masters that were handed in. */
export interface Masters {
  find(id: string): Promise<MasterFile | undefined>;
}

/** What is kept of results: publish/io/result-shelf.ts. */
export interface Results {
  manifest(key: string): Promise<JobManifest | { readonly complaint: string } | undefined>;
  filesOf(key: string): Promise<readonly ResultFile[] | undefined>;
  has(file: Pick<ResultFile, "sha256" | "bytes">): Promise<boolean>;
}

/** Keys of titles that are encrypted: title-keys.ts. */
export interface JobKeys {
  /** By name: those that the title has, or new ones, which are kept. */
  toEncrypt(titleId: string, signal?: AbortSignal): Promise<readonly KeyRef[]>;
  /** Undefined: one of them is not kept any more. */
  open(titleId: string, names: readonly KeyRef[]): Promise<readonly ContentKey[] | undefined>;
}

export interface JobDesk {
  readonly jobs: JobStore;
  readonly masters: Masters;
  readonly results: Results;
  readonly keys: JobKeys;
  readonly rules: JobRules;
  /** For how many workers the trials of a film are divided. */
  readonly spread: number;
  /** Settings of encode that change what comes out, by name, as text. */
  readonly encodeSettings: Readonly<Record<string, string>>;
  readonly digest: (text: string) => string;
  /** In [0, 1). */
  readonly chance: () => number;
  /** Something may be free now. */
  readonly wake: () => void;
}

export interface Enqueued {
  readonly runId: string;
  readonly titleId: string;
  /** False: this film is on its way to this title already. */
  readonly fresh: boolean;
}

export interface Enqueueing {
  /** A run that was begun for this title then or later is enough, whatever became of it. */
  readonly unlessSinceMs?: number;
  /** Ends waiting for a provider's keys. */
  readonly signal?: AbortSignal;
}

/**
 * The seam for whoever takes films in.
 *
 * @throws Fault unknown-master, title-under-way; of keys that cannot be made or kept
 */
export async function enqueue(
  desk: JobDesk,
  { masterId, ...order }: EnqueueBody,
  { unlessSinceMs = Number.POSITIVE_INFINITY, signal }: Enqueueing = {},
): Promise<Enqueued> {
  const { jobs, digest, rules } = desk;
  const master = await desk.masters.find(masterId);
  if (master === undefined) throw new Fault(jobFaults.unknownMaster, { masterId });
  const { effort, codecs, heights, audio } = order;
  const wish: EncodeWish = {
    ...{ effort, codecs, audio, settings: { ...desk.encodeSettings } },
    ...(heights === undefined ? {} : { heights }),
  };
  const base = digest(JSON.stringify(["survey", master.sha256, wish]));
  // The survey of the clear film serves; the title is another one, since published names are never reused.
  const mark = order.encrypt ? digest(`${base} ${encryptNeeds}`) : base;
  const titleId = order.titleId ?? titleIdFor(order.name, mark);
  const before = await jobs.runsOf(titleId);
  const open = before.find(({ isOpen }) => isOpen) ?? (await begunSince(jobs, before, unlessSinceMs));
  if (open !== undefined) {
    await demandAlike(jobs, open.id, titleId, order.encrypt);
    return { runId: open.id, titleId, fresh: false };
  }
  const encryptWith = order.encrypt ? [...(await desk.keys.toEncrypt(titleId, signal))] : undefined;
  const runId = `r${digest(`${titleId} ${base} ${before.length}`).slice(0, 16)}`;
  const spec: JobSpec = {
    ...{ kind: "encode", step: 0, titleId, wish, spread: desk.spread },
    ...(encryptWith && { encryptWith }),
  };
  const needs = needsOf([
    ...codecs,
    ...(order.metric === "vmaf" ? ["vmaf"] : []),
    ...(order.encrypt ? [encryptNeeds] : []),
  ]);
  const survey: NewJob = {
    ...{ id: `${runId}.0.0`, runId, kind: "survey", base, needs, tools: undefined },
    // What could not be read again would be given out to nobody, and keep every other job behind it.
    spec: jobSpec.parse(spec),
    ...{ priority: order.priority, after: [] },
  };
  const run = { id: runId, titleId, name: order.name, masterId };
  const kind = await jobs.open(run, (now) => opened(survey, now, rules.agingMs));
  desk.wake();
  return { runId, titleId, fresh: kind === "opened" };
}

/** What is under way for a title that an operator named may be the other kind of package. */
async function demandAlike(jobs: JobStore, runId: string, titleId: string, encrypt: boolean): Promise<void> {
  const found = await encrypts(jobs, { id: runId, titleId });
  if (found === undefined || found === encrypt) return;
  throw new Fault(jobFaults.underWay, { titleId, runId, how: found ? "encrypted" : "clear" });
}

/** Whether a run makes an encrypted package; undefined: no job of it says so any more. */
export async function encrypts(
  jobs: JobStore,
  { id, titleId }: Pick<EncodeRun, "id" | "titleId">,
): Promise<boolean | undefined> {
  const listed = await jobs.list({ titleId, limit: 1000 });
  const job = listed.find(({ runId, needs }) => runId === id && needs !== controlNeeds);
  return job?.needs.split("+").includes(encryptNeeds);
}

async function begunSince(
  jobs: JobStore,
  runs: readonly { readonly id: string }[],
  sinceMs: number,
): Promise<EncodeRun | undefined> {
  if (sinceMs === Number.POSITIVE_INFINITY) return undefined;
  const found = await Promise.all(runs.map(({ id }) => jobs.run(id)));
  return found.find((run) => run !== undefined && run.createdAtMs >= sinceMs);
}

export interface Asking extends Pick<TakeBody, "worker" | "tools" | "codecs" | "vmaf" | "encrypts"> {
  readonly tokenId: string;
}

/** The next job of a worker, or none now. A job whose result is there already is done without anybody working. */
export async function takeJob(desk: JobDesk, asking: Asking): Promise<TakenJob | undefined> {
  const abilities = [...(asking.vmaf ? ["vmaf"] : []), ...(asking.encrypts ? [encryptNeeds] : [])];
  const needs = needsMet([...asking.codecs, ...abilities]);
  const { worker, tokenId, tools } = asking;
  for (;;) {
    const job = await takeFree(desk, { worker, tokenId, tools, needs });
    if (job === undefined) return undefined;
    const told = await toldOf(desk, job);
    if (told.kind === "told") return told.job;
    const again = "never" as const;
    const failure = { reason: told.because, again, chance: 0 };
    await desk.jobs.change(job.id, (now, nowMs) => failed(now, holderOf(job), failure, nowMs, desk.rules));
  }
}

interface FreeWish {
  readonly worker: string;
  readonly tokenId: string;
  readonly tools: string;
  readonly needs: readonly string[];
}

/** A free job that has no result yet, leased. */
export async function takeFree(desk: JobDesk, wish: FreeWish): Promise<Job | undefined> {
  for (;;) {
    const job = await desk.jobs.take({ ...wish, leaseMs: desk.rules.leaseMs });
    if (job === undefined) return undefined;
    const key = resultKey(job, wish.tools, desk.digest);
    const manifest = await desk.jobs.kept(key);
    if (manifest === undefined) return job;
    if (!(await isWhole(desk, manifest))) {
      await desk.jobs.forgetResult(key);
      return job;
    }
    await finishJob(desk, job.id, { ...holderOf(job), found: true }, manifest);
  }
}

async function isWhole({ results }: JobDesk, manifest: string): Promise<boolean> {
  const files = await results.filesOf(manifest);
  if (files === undefined) return false;
  for (const file of files) if (!(await results.has(file))) return false;
  return true;
}

function holderOf({ generation, lease }: Job): Holder {
  return { generation, tokenId: lease?.tokenId ?? "" };
}

type Told =
  | { readonly kind: "told"; readonly job: TakenJob }
  | { readonly kind: "cannot"; readonly because: string };

async function toldOf(desk: JobDesk, job: Job): Promise<Told> {
  const run = await desk.jobs.run(job.runId);
  const master = run && (await desk.masters.find(run.masterId));
  if (run === undefined || master === undefined) {
    return { kind: "cannot", because: `its master ${run?.masterId ?? ""} is gone` };
  }
  const inputs = await inputsOf(desk, job);
  const { id, fileName, bytes, sha256 } = master;
  return {
    kind: "told",
    job: {
      ...{ id: job.id, runId: job.runId, kind: job.kind, title: run.name, generation: job.generation },
      ...{ leaseMs: desk.rules.leaseMs, spec: jobSpec.parse(job.spec), inputs: [...inputs] },
      master: { id, fileName, bytes, sha256 },
    },
  };
}

/** What must lie in the work folder of whoever does this job: of what its run made, only what the job is made from. */
export async function inputsOf({ jobs, results }: JobDesk, job: Job): Promise<readonly ResultFile[]> {
  const wanted = wantedNames(jobSpec.parse(job.spec));
  const files = new Map<string, ResultFile>();
  for (const { manifest } of await jobs.results(job.runId)) {
    for (const file of (await results.filesOf(manifest)) ?? []) {
      if (wanted(file.name) && !files.has(file.name)) files.set(file.name, file);
    }
  }
  return [...files.values()];
}

function wantedNames(spec: JobSpec): (name: string) => boolean {
  switch (spec.kind) {
    case "encode":
      return (name) => !name.startsWith(packageFolder);
    case "trials":
      return among([spec.order.reference.at, ...spec.uses]);
    case "pieces":
      return among([spec.reference.at]);
    case "scores":
      return among([spec.order.reference.at, ...spec.pieces.map((piece) => piece.name)]);
    case "publish":
      return () => false;
  }
}

function among(names: readonly string[]): (name: string) => boolean {
  const set = new Set(names);
  return (name) => set.has(name);
}

/** undefined: lost. */
export async function beatJob(
  { jobs, rules }: JobDesk,
  jobId: string,
  who: Holder,
  share: number,
): Promise<{ readonly leaseMs: number } | undefined> {
  const beat = await jobs.change(jobId, (job, now) => beaten(job, who, share, now, rules));
  return beat?.kind === "kept" ? { leaseMs: rules.leaseMs } : undefined;
}

/** @throws Fault manifest-unfit-result */
export async function finishJob(
  desk: JobDesk,
  jobId: string,
  who: Holder & { readonly found?: true },
  manifest: string,
): Promise<"done" | "same" | "lost"> {
  const read = await desk.results.manifest(manifest);
  if (read === undefined || "complaint" in read) {
    const because = read?.complaint ?? "its manifest was not handed in";
    throw new Fault(jobFaults.manifestUnfit, { jobId, because });
  }
  if (!(await isWhole(desk, manifest))) {
    throw new Fault(jobFaults.manifestUnfit, { jobId, because: "a file that it lists was not handed in" });
  }
  const answer = await desk.jobs.change(jobId, (job, now): JobChange<"done" | "same" | "lost" | Unfit> => {
    const { found, ...holder } = who;
    const step = finished(job, holder, manifest, now);
    if (step.answer !== "done") return step;
    const unfit = resultComplaint(jobSpec.parse(job.spec), read);
    if (unfit !== undefined) return { answer: { unfit } };
    const tools = job.lease?.tools ?? "";
    const spawn = followersOf(desk, job, { manifest, read, tools }).map((next): AddedJob => {
      return { job: opened(next, now, desk.rules.agingMs), after: next.after };
    });
    const key = resultKey(job, tools, desk.digest);
    // A survey's key does not know its title, so that films are surveyed once for all titles: a package is of one.
    const keep = job.kind === "survey" && read.outcome.kind === "packaged" ? {} : { keep: { key, manifest } };
    return { ...step, spawn, ...keep, ...(found && { event: "found" as const }) };
  });
  if (typeof answer === "object") throw new Fault(jobFaults.manifestUnfit, { jobId, because: answer.unfit });
  desk.wake();
  return answer ?? "lost";
}

interface Unfit {
  readonly unfit: string;
}

/** What a result is followed by. */
function followersOf(
  { digest }: JobDesk,
  job: Job,
  {
    manifest,
    read,
    tools,
  }: { readonly manifest: string; readonly read: JobManifest; readonly tools: string },
): readonly NewJob[] {
  const spec = jobSpec.parse(job.spec);
  if (spec.kind !== "encode") return [];
  const step = spec.step + 1;
  const follow = (kind: JobKind, specs: readonly JobSpec[], last?: JobKind): readonly NewJob[] =>
    followers(job, {
      ...{ kind, specs, step, needs: job.needs, digest },
      tools: kind === "publish" ? undefined : tools,
      last: last && { kind: last, spec: { ...spec, step } },
    });
  const { outcome } = read;
  if (outcome.kind === "packaged") return follow("publish", [{ kind: "publish", step, manifest }]);
  if (outcome.kind !== "lacking") return [];
  const { work } = outcome;
  switch (work.kind) {
    case "trials": {
      const { kind, order, uses, batches } = work;
      return follow(
        "trials",
        batches.map((points) => ({ kind, step, order, uses, points })),
        "choose",
      );
    }
    case "pieces": {
      const { kind, reference } = work;
      return follow(
        "pieces",
        grouped(work.batches, spec.spread).map((batches) => ({ kind, step, reference, batches })),
        "choose",
      );
    }
    case "scores": {
      const { kind, order } = work;
      return follow(
        "scores",
        work.rungs.map((pieces) => ({ kind, step, order, pieces })),
        "package",
      );
    }
  }
}

export type Ending = { readonly again: "later" | "never" | "hand-back"; readonly reason: string };

export async function endJob(
  desk: JobDesk,
  jobId: string,
  who: Holder,
  { again, reason }: Ending,
): Promise<"queued" | "dead" | "lost"> {
  const { jobs, rules } = desk;
  const failure = { reason, again: again === "never" ? again : ("later" as const), chance: desk.chance() };
  const answer = await jobs.change(jobId, (job, now) =>
    again === "hand-back" ? handedBack(job, who, now) : failed(job, who, failure, now, rules),
  );
  desk.wake();
  return answer ?? "lost";
}

const sweptAtOnce = 200;

/** Leases that are over: their jobs go back to the queue. */
export async function sweepLeases({ jobs, rules, wake }: JobDesk): Promise<number> {
  const count = await jobs.sweep((job, now) => expired(job, now, rules), sweptAtOnce);
  if (count > 0) wake();
  return count;
}

/** What only control can do next. */
export async function takePublish(desk: JobDesk): Promise<{ job: Job; run: EncodeRun } | undefined> {
  const wish = { worker: "control", tokenId: controlNeeds, tools: controlNeeds, needs: [controlNeeds] };
  const job = await takeFree(desk, wish);
  const run = job && (await desk.jobs.run(job.runId));
  return job && run && { job, run };
}
