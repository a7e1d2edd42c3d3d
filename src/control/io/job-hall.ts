// Encode jobs while the control plane runs: workers that wait for one, leases that end, finished packages that are published.
import { createHash, randomInt, randomUUID } from "node:crypto";
import { copyFile, link, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import { packageFolder } from "#control/job-results.ts";
import {
  type Asking,
  beatJob,
  endJob,
  finishJob,
  type JobDesk,
  type JobKeys,
  type Masters,
  sweepLeases,
  takeJob,
  takePublish,
} from "#control/jobs.ts";
import type { StoredTitle } from "#data/ports.ts";
import type { JobStore } from "#data/ports-job.ts";
import type { Log } from "#io/log.ts";
import type { EncodeRun, Job } from "#model/job.ts";
import { checkEncrypted } from "#pack/io/encrypt.ts";
import { publishWhole } from "#pack/io/folder.ts";
import { isWhole } from "#pack/io/revise-title.ts";
import { shareFiles } from "#pack/io/share.ts";
import { isRevisionOf } from "#pack/revision.ts";
import { ResultShelf } from "#publish/io/result-shelf.ts";
import { jobFaults } from "#publish/job-faults.ts";
import type { jobSettings } from "#publish/job-settings.ts";
import { controlNeeds } from "#publish/run-jobs.ts";
import { Fault } from "#units/fault.ts";
import { type JobManifestText, jobSpec, type ResultFile } from "#wire/job-spec.ts";
import type { TakenJob } from "#wire/jobs.ts";

export interface JobHallOrder {
  readonly settings: Values<typeof jobSettings>;
  /** Where results are kept. */
  readonly folder: string;
  /** The origin store: titles lie in its folder `v`. */
  readonly originFolder: string;
  /** Where masters lie, each by its sha256. */
  readonly mastersFolder: string;
  /** Settings of encode that change what comes out, by name, as text. */
  readonly encodeSettings: Readonly<Record<string, string>>;
}

interface Hands {
  readonly jobs: JobStore;
  readonly masters: Masters;
  readonly keys: JobKeys;
  readonly logger: Log;
  readonly wallMs: () => number;
  readonly publish: (title: StoredTitle, masterId: string, signal: AbortSignal) => Promise<unknown>;
  /** As the catalogue has it. */
  readonly published: (titleId: string) => Promise<StoredTitle | undefined>;
  /** What was ordered is out. */
  readonly settle: (title: StoredTitle, masterId: string) => Promise<void>;
}

/** Also without a word from anybody leases end and retries become due. */
const tickMs = 1000;
/** Of all that wait, so that one job is not asked for by a thousand: the longest waiting first, who finds nothing goes to the end. */
const wokenAtOnce = 50;
const sweepResultsMs = 3_600_000;

export class JobHall {
  readonly desk: JobDesk;
  readonly shelf: ResultShelf;
  readonly settings: JobHallOrder["settings"];
  readonly #order: JobHallOrder;
  readonly #hands: Hands;
  /** Whoever waits for a job. */
  readonly #waiting = new Set<() => void>();
  /** By job and generation: what its holder may read. */
  #closed = false;
  readonly #readable = new Map<string, ReadonlySet<string>>();

  constructor(order: JobHallOrder, hands: Hands) {
    this.settings = order.settings;
    this.#order = order;
    this.#hands = hands;
    this.shelf = new ResultShelf(order.folder, order.settings.resultMib * 2 ** 20);
    const { settings } = order;
    this.desk = {
      jobs: hands.jobs,
      masters: hands.masters,
      results: this.shelf,
      keys: hands.keys,
      rules: {
        ...{ leaseMs: settings.leaseSeconds * 1000, agingMs: settings.agingSeconds * 1000 },
        ...{ attempts: settings.attempts, poison: settings.poison },
        ...{ retryMs: settings.retrySeconds * 1000, retryMostMs: settings.retryMostSeconds * 1000 },
      },
      spread: settings.spread,
      encodeSettings: order.encodeSettings,
      digest: (text) => createHash("sha256").update(text).digest("hex"),
      chance: () => randomInt(2 ** 32) / 2 ** 32,
      wake: () => this.#wake(),
    };
  }

  /** A job, at once or when one comes up; undefined when none does in that time. */
  async take(asking: Asking, waitMs: number, gone: AbortSignal): Promise<TakenJob | undefined> {
    const end = performance.now() + Math.min(waitMs, this.settings.pollSeconds * 1000);
    for (;;) {
      const job = await takeJob(this.desk, asking);
      if (job !== undefined && !gone.aborted) {
        // There may be more where this came from.
        this.#wake();
        this.#mayRead(job.id, job.generation, job.inputs);
        const keys = job.inputs.map(({ sha256 }) => sha256);
        await this.shelf.touch(keys, new Date(this.#hands.wallMs()));
        return job;
      }
      if (job !== undefined) await this.#giveBack(job, asking);
      const left = end - performance.now();
      if (left <= 0 || gone.aborted || this.#closed || this.#waiting.size >= this.settings.pollers)
        return undefined;
      await this.#woken(left, gone);
    }
  }

  /** Whether the holder of this lease may read this result. */
  async mayRead(
    job: Job,
    key: string,
    inputs: (job: Job) => Promise<readonly ResultFile[]>,
  ): Promise<boolean> {
    const known = this.#readable.get(`${job.id} ${job.generation}`);
    return (known ?? this.#mayRead(job.id, job.generation, await inputs(job))).has(key);
  }

  /** Runs until the signal: nothing that fails here ends it. */
  async run(signal: AbortSignal): Promise<void> {
    let swept = Number.NEGATIVE_INFINITY;
    const guarded = async (work: () => Promise<unknown>): Promise<void> => {
      await work().catch((error: unknown) =>
        this.#hands.logger.error({ err: error }, "jobs: tried again soon"),
      );
    };
    while (!signal.aborted) {
      await guarded(() => sweepLeases(this.desk));
      await guarded(() => this.#publishAll(signal));
      if (performance.now() - swept > sweepResultsMs) {
        swept = performance.now();
        await guarded(() => this.#sweepResults());
      }
      // Retries that became due are told by nobody.
      this.#wake();
      await rest(tickMs, undefined, { signal }).catch(() => undefined);
    }
    this.#wake();
  }

  /** Whoever waits is told that there is nothing, so that the server can end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #mayRead(jobId: string, generation: number, inputs: readonly ResultFile[]): ReadonlySet<string> {
    const readable = new Set(inputs.map(({ sha256 }) => sha256));
    const [oldest] = this.#readable.keys();
    if (this.#readable.size >= 1000 && oldest !== undefined) this.#readable.delete(oldest);
    this.#readable.set(`${jobId} ${generation}`, readable);
    return readable;
  }

  /** Whoever asked is not there any more: nobody would do it before its lease ends. */
  async #giveBack({ id, generation }: TakenJob, { tokenId }: Asking): Promise<void> {
    const reason = "its worker was gone before it heard of it";
    await endJob(this.desk, id, { generation, tokenId }, { again: "hand-back", reason });
  }

  #wake(): void {
    for (const wake of [...this.#waiting].slice(0, this.#closed ? undefined : wokenAtOnce)) wake();
  }

  #woken(mostMs: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        gone.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, mostMs);
      this.#waiting.add(wake);
      gone.addEventListener("abort", wake, { once: true });
    });
  }

  async #publishAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const next = await takePublish(this.desk);
      if (next === undefined) return;
      const { job, run } = next;
      const who = { generation: job.generation, tokenId: controlNeeds };
      try {
        await this.#held(job, () => this.#publish(job, run, signal));
        await finishJob(this.desk, job.id, who, await this.#published());
      } catch (error) {
        signal.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        this.#hands.logger.error({ err: error, job: job.id }, "a package was not published");
        await endJob(this.desk, job.id, who, { again: "later", reason });
      }
    }
  }

  /** A large film takes longer than a lease to be copied. */
  async #held(job: Job, work: () => Promise<void>): Promise<void> {
    const who = { generation: job.generation, tokenId: controlNeeds };
    const beat = (): void => {
      beatJob(this.desk, job.id, who, 0).catch((error: unknown) =>
        this.#hands.logger.warn(
          { err: error, job: job.id },
          "a lease was not renewed; the next beat tries again",
        ),
      );
    };
    const beating = setInterval(beat, this.desk.rules.leaseMs / 3);
    await work().finally(() => clearInterval(beating));
  }

  /** @throws Fault publish-failed */
  async #publish(job: Job, run: EncodeRun, signal: AbortSignal): Promise<void> {
    const spec = jobSpec.parse(job.spec);
    const manifest = spec.kind === "publish" ? await this.shelf.manifest(spec.manifest) : undefined;
    const { titleId, name } = run;
    const fail = (because: string): never => {
      throw new Fault(jobFaults.publishFailed, { titleId, because });
    };
    if (manifest === undefined || "complaint" in manifest)
      return fail(manifest?.complaint ?? "its manifest is gone");
    const { outcome, files } = manifest;
    if (outcome.kind !== "packaged") return fail(`its job ended as ${outcome.kind}`);
    const packed = outcome.package;
    if (packed.titleId !== titleId) return fail(`it is of title ${packed.titleId}`);
    const here = new Map(files.map((file) => [file.name, file.sha256]));
    const listed = packed.renditions.flatMap((rendition) => rendition.files);
    const lost = listed.find(({ path, sha256 }) => here.get(`${packageFolder}${path}`) !== sha256);
    if (lost !== undefined) return fail(`${lost.path} was not handed in as it is listed`);
    const titleFolder = join(this.#order.originFolder, "v", titleId);
    const before = await this.#hands.published(titleId);
    if (before && isRevisionOf(before.package, packed) && (await isWhole(titleFolder, before.package))) {
      await this.#hands.settle(before, run.masterId);
      this.#hands.logger.info({ title: titleId, run: run.id }, "made again; its later subtitles stay");
      return;
    }
    await publishWhole(titleFolder, async (folder) => {
      for (const { path, sha256 } of listed) await place(this.shelf.path(sha256), join(folder, path));
      if (packed.protection !== undefined) await checkEncrypted({ folder, titleId: packed.titleId, signal });
      const store = join(this.#order.originFolder, "shared");
      await shareFiles({ folder, files: listed, store, signal });
    });
    const { segmentMs, voices, subtitles, transport, protection, ...always } = packed;
    const whole = {
      ...always,
      ...(segmentMs && { segmentMs }),
      ...(voices && { voices }),
      ...(subtitles && { subtitles }),
      ...(transport && { transport }),
      ...(protection && { protection }),
    };
    const publishedAtMs = this.#hands.wallMs();
    const title = { id: titleId, name, package: whole, report: outcome.report, publishedAtMs };
    await this.#hands.publish(title, run.masterId, signal);
    this.#hands.logger.info({ title: titleId, run: run.id }, "encoded by workers and published");
  }

  /** The manifest of a job that only says that it is done. */
  async #published(): Promise<string> {
    const text: JobManifestText = { files: [], outcome: { kind: "published" } };
    const data = Buffer.from(JSON.stringify(text));
    const key = createHash("sha256").update(data).digest("hex");
    const chunk = { key, sender: `control-${randomUUID()}`, offset: 0, total: data.length, data };
    await this.shelf.take(chunk, new AbortController().signal);
    return key;
  }

  async #sweepResults(): Promise<void> {
    const age = this.settings.resultDays * 86_400_000;
    const { jobs } = this.#hands;
    await jobs.forget(age);
    const needed = new Set<string>();
    for (const manifest of await jobs.openResults()) {
      needed.add(manifest);
      for (const { sha256 } of (await this.shelf.filesOf(manifest)) ?? []) needed.add(sha256);
    }
    await this.shelf.sweep(new Date(this.#hands.wallMs() - age), needed);
  }
}

/** The very file where the disk can, else a copy. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}
