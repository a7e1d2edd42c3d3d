// What a worker says to the control plane, by HTTP with its token. A control plane that is away is tried again for as long as the
// caller's signal lets it, longer each time and never all workers at the same moment.
import { createHash, randomInt } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { sha256Of } from "#io/files.ts";
import { retryDelay } from "#publish/job-order.ts";
import { workerFaults } from "#publish/worker-faults.ts";
import { Fault } from "#units/fault.ts";
import { type PackingKeys, packingKeys } from "#wire/content-keys.ts";
import {
  beatAnswer,
  doneAnswer,
  failedAnswer,
  keptAnswer,
  type TakeBody,
  type TakenJob,
  takeAnswer,
} from "#wire/jobs.ts";
import { errorBody } from "#wire/viewer.ts";

export interface WorkerCallOrder {
  readonly controlUrl: string;
  readonly token: string;
  readonly deadlineMs: number;
  readonly retryMostMs: number;
  /** Told once when the control plane goes away, and once when it is back. */
  readonly onAway: (because: string | undefined) => void;
}

/** A job as its holder names it. */
export type Held = Pick<TakenJob, "id" | "generation">;

export interface Wanted {
  readonly path: string;
  readonly what: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads what came in, or throws. */
interface Reader<T> {
  readonly parse: (value: unknown) => T;
}

const firstRetryMs = 500;
const chunkBytes = 8 * 1024 * 1024;

export class WorkerCall {
  readonly #order: WorkerCallOrder;
  readonly #base: string;
  #away = false;

  constructor(order: WorkerCallOrder) {
    this.#order = order;
    this.#base = order.controlUrl.replace(/\/$/, "");
  }

  /** @throws Fault worker-refused when the token is none; the signal's reason */
  async take(body: TakeBody, signal: AbortSignal): Promise<TakenJob | undefined> {
    const answer = await this.#post("/v1/jobs/take", body, takeAnswer, signal);
    return answer.job ?? undefined;
  }

  /** One try: the next beat is the other one. @throws Fault job-lost, control-away */
  async beat(job: Held, share: number, signal: AbortSignal): Promise<{ readonly leaseMs: number }> {
    const body = JSON.stringify({ generation: job.generation, share });
    return this.#json(`/v1/jobs/${job.id}/beat`, { method: "POST", body }, beatAnswer, signal, job);
  }

  /** The keys that this job encrypts with; asked for when they are needed, and kept nowhere. @throws Fault job-lost */
  async keys(job: Held, signal: AbortSignal): Promise<PackingKeys> {
    const body = { generation: job.generation };
    return this.#post(`/v1/jobs/${job.id}/keys`, body, packingKeys, signal, job);
  }

  /** @throws Fault job-lost */
  async done(job: Held, manifest: string, signal: AbortSignal): Promise<"done" | "same"> {
    const body = { generation: job.generation, manifest };
    return (await this.#post(`/v1/jobs/${job.id}/done`, body, doneAnswer, signal, job)).outcome;
  }

  /** @throws Fault job-lost */
  async failed(
    job: Held,
    ending: { readonly again: "later" | "never" | "hand-back"; readonly reason: string },
    signal: AbortSignal,
  ): Promise<"queued" | "dead"> {
    const body = { generation: job.generation, ...ending };
    return (await this.#post(`/v1/jobs/${job.id}/failed`, body, failedAnswer, signal, job)).outcome;
  }

  /** Brings a master or a result to `to`: whole and with its sha256, or not at all. What an earlier try brought is gone on with. */
  async fetchTo(to: string, wanted: Wanted, job: Held, signal: AbortSignal): Promise<void> {
    const part = `${to}.part`;
    await mkdir(dirname(to), { recursive: true });
    await this.#persist(signal, () => this.#fetchOnce(part, wanted, job, signal));
    const found = await sha256Of(part, signal);
    if (found !== wanted.sha256) {
      await rm(part, { force: true });
      throw new Fault(workerFaults.mismatch, { what: wanted.what, found });
    }
    await rename(part, to);
  }

  /** Hands in a file, from where an earlier try ended. @throws Fault job-lost */
  async hand(path: string, key: string, job: Held, signal: AbortSignal): Promise<void> {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      let offset = 0;
      do {
        const { buffer, bytesRead } = await file.read(
          Buffer.alloc(Math.min(chunkBytes, size - offset)),
          0,
          Math.min(chunkBytes, size - offset),
          offset,
        );
        offset = await this.#chunk(key, buffer.subarray(0, bytesRead), offset, size, job, signal);
      } while (offset < size);
    } finally {
      await file.close();
    }
  }

  /** The same of bytes. */
  async handBytes(data: Uint8Array, job: Held, signal: AbortSignal): Promise<string> {
    const key = createHash("sha256").update(data).digest("hex");
    for (let offset = 0; offset < data.length; ) {
      const chunk = data.subarray(offset, offset + chunkBytes);
      offset = await this.#chunk(key, chunk, offset, data.length, job, signal);
    }
    return key;
  }

  async #chunk(
    key: string,
    data: Uint8Array,
    offset: number,
    total: number,
    job: Held,
    signal: AbortSignal,
  ): Promise<number> {
    const place = new URLSearchParams({ ...leaseOf(job), offset: `${offset}`, total: `${total}` });
    const request = {
      ...{ method: "PUT", body: Buffer.from(data), headers: { "content-type": "application/octet-stream" } },
    };
    const path = `/v1/results/${key}?${place}`;
    try {
      return (await this.#persist(signal, () => this.#json(path, request, keptAnswer, signal, job))).bytes;
    } catch (error) {
      // An earlier answer was lost on its way, or the control plane was restarted: from the beginning.
      if (!(error instanceof Fault) || error.facts.code !== "result-offset") throw error;
      return 0;
    }
  }

  async #post<T>(
    path: string,
    body: unknown,
    schema: Reader<T>,
    signal: AbortSignal,
    job?: Held,
  ): Promise<T> {
    const request = { method: "POST", body: JSON.stringify(body) };
    return this.#persist(signal, () => this.#json(path, request, schema, signal, job));
  }

  /** Tries until there is an answer. */
  async #persist<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await work();
        this.#tell(undefined);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Fault) || error.code !== workerFaults.away.code) throw error;
        this.#tell(error.message);
        const chance = randomInt(2 ** 32) / 2 ** 32;
        const delay = retryDelay(tries, firstRetryMs, this.#order.retryMostMs, chance);
        await rest(delay, undefined, { signal });
      }
    }
  }

  #tell(because: string | undefined): void {
    if (this.#away === (because !== undefined)) return;
    this.#away = because !== undefined;
    this.#order.onAway(because);
  }

  async #json<T>(
    path: string,
    request: { readonly method: string; readonly body: BodyInit; readonly headers?: Record<string, string> },
    schema: Reader<T>,
    signal: AbortSignal,
    job?: Held,
  ): Promise<T> {
    const headers = { "content-type": "application/json", ...request.headers };
    const answer = await this.#ask(path, { ...request, headers }, signal, job);
    const body: unknown = await answer.json().catch((error: unknown) => {
      throw this.#awayFault(error);
    });
    try {
      return schema.parse(body);
    } catch (error) {
      const facts = { url: this.#base, status: answer.status, because: "what cannot be read here", code: "" };
      throw new Fault(workerFaults.answered, facts, error);
    }
  }

  async #fetchOnce(part: string, wanted: Wanted, job: Held, signal: AbortSignal): Promise<void> {
    const here = await stat(part).then(
      ({ size }) => size,
      () => 0,
    );
    if (here === wanted.bytes) return;
    const start = here < wanted.bytes ? here : 0;
    const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    const path = `${wanted.path}?${new URLSearchParams(leaseOf(job))}`;
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(), this.#order.deadlineMs);
    try {
      const both = AbortSignal.any([signal, stalled.signal]);
      const answer = await this.#ask(path, { method: "GET", headers }, both, job, "stream");
      if (answer.body === null) throw new Error("it sent nothing");
      const file = await open(part, answer.status === 206 ? "a" : "w");
      try {
        for await (const chunk of answer.body) {
          timer.refresh();
          await file.write(chunk);
        }
      } finally {
        await file.close();
      }
      const { size } = await stat(part);
      if (size !== wanted.bytes) throw new Error(`${size} of ${wanted.bytes} bytes came`);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Fault ? error : this.#awayFault(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws Fault control-away, job-lost, worker-refused, control-answered */
  async #ask(
    path: string,
    request: RequestInit,
    signal: AbortSignal,
    job?: Held,
    kind: "short" | "stream" = "short",
  ): Promise<Response> {
    const deadline = kind === "short" ? [AbortSignal.timeout(this.#order.deadlineMs)] : [];
    const answer = await fetch(`${this.#base}${path}`, {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${this.#order.token}` },
      signal: AbortSignal.any([signal, ...deadline]),
      redirect: "error",
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw this.#awayFault(error);
    });
    if (answer.ok) return answer;
    throw await this.#refusal(answer, job);
  }

  async #refusal(answer: Response, job: Held | undefined): Promise<Fault> {
    const read = errorBody.safeParse(await answer.json().catch(() => undefined));
    const { code, message } = read.success ? read.data.error : { code: "", message: "no reason given." };
    const { status } = answer;
    const url = this.#base;
    if (status === 401) return new Fault(workerFaults.refused, { url, because: message });
    if (status >= 500 || status === 429 || status === 408)
      return this.#awayFault(new Error(`it answered ${status}: ${message}`));
    const isLost = code === "lease-lost" || code === "unknown-job";
    if (isLost && job !== undefined) return new Fault(workerFaults.lost, { jobId: job.id });
    return new Fault(workerFaults.answered, { url, status, because: message, code });
  }

  #awayFault(error: unknown): Fault {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    const because = cause || (error instanceof Error ? error.message : String(error));
    return new Fault(workerFaults.away, { url: this.#base, because: because.slice(0, 300) }, error);
  }
}

function leaseOf({ id, generation }: Held): { readonly job: string; readonly generation: string } {
  return { job: id, generation: `${generation}` };
}
