// Fetches films from addresses, a few at a time, and goes on where it was after a cut or a restart.
import { setTimeout as rest } from "node:timers/promises";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import type { Arrival } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import type { Begun } from "#publish/import-answer.ts";
import { nextTryMs } from "#publish/import-retry.ts";
import { readTarget } from "#publish/import-url.ts";
import { arrivalPath, dropArrival, type FilmFolders, sizeOf } from "#publish/io/film-folders.ts";
import { type FetchOutcome, fetchFilm, type ImportWorld } from "#publish/io/import-fetch.ts";
import { importPace, importPolicy, type PublishSettings } from "#publish/limits.ts";
import { shownUrl } from "#publish/shown-url.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { refusedBy } from "./check-queue.ts";

export interface ImportOrder {
  readonly store: UploadStore;
  readonly folders: FilmFolders;
  readonly settings: PublishSettings;
  readonly world: ImportWorld;
  readonly clock: Clock;
  readonly logger: Log;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Books the import's length. @throws Fault when there is no room */
  readonly declare: (
    id: string,
    found: { readonly bytes: number; readonly validator: string | undefined },
  ) => Promise<void>;
  /** The last byte is on disk. */
  readonly finished: (id: string) => Promise<void>;
  /** Milliseconds before a further try, over which it rests. */
  readonly pause?: (ms: number) => Promise<void>;
}

export interface ImportQueue {
  add(id: string): void;
  /** Ends the import if it is under way. */
  end(id: string): Promise<void>;
  /** Resolves when nothing is under way and nothing waits. */
  idle(): Promise<void>;
}

export function openImportQueue(order: ImportOrder): ImportQueue {
  const waiting: string[] = [];
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  const next = (): void => {
    while (running.size < order.settings.importsAtOnce && !order.signal.aborted) {
      const id = waiting.shift();
      if (id === undefined) return;
      const stop = new AbortController();
      const signal = AbortSignal.any([order.signal, stop.signal]);
      const ended = bring({ ...order, signal }, id)
        .catch((error: unknown) => {
          if (!signal.aborted) order.logger.error({ err: error, arrival: id }, "an import failed");
        })
        .then(() => {
          running.delete(id);
          next();
        });
      running.set(id, { stop, ended });
    }
  };
  return {
    add(id) {
      if (running.has(id) || waiting.includes(id)) return;
      waiting.push(id);
      next();
    },
    async end(id) {
      const at = waiting.indexOf(id);
      if (at >= 0) waiting.splice(at, 1);
      running.get(id)?.stop.abort();
      await running.get(id)?.ended;
    },
    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** Until it is whole, refused, or given up. A fault of room is a refusal as well. */
async function bring(order: ImportOrder, id: string): Promise<void> {
  const pause = order.pause ?? ((ms: number) => rest(ms, undefined, { signal: order.signal }));
  const begunAtMs = order.world.monoMs();
  for (let failures = 0; ; ) {
    const arrival = await order.store.arrival(id);
    if (arrival?.state !== "receiving") return;
    const outcome = await tried(order, arrival, begunAtMs);
    if (outcome.kind === "whole") return order.finished(id);
    if (outcome.kind === "fault") return refuse(order, arrival, outcome.fault);
    const { because } = outcome;
    const url = shownUrl(arrival.url ?? "");
    if (outcome.kind === "refused") {
      return refuse(order, arrival, new Fault(publishFaults.importRefused, { url, because }));
    }
    failures = outcome.bytes > 0 ? 1 : failures + 1;
    const isOver = order.world.monoMs() - begunAtMs > importPace(order.settings).wholeMs;
    const wait = isOver ? undefined : nextTryMs(failures, order.settings.importTries);
    if (wait === undefined) {
      return refuse(order, arrival, new Fault(publishFaults.importFailed, { url, because }));
    }
    order.logger.info({ arrival: id, because, wait }, "an import was cut and is tried again");
    await pause(wait);
  }
}

type Tried = FetchOutcome | { readonly kind: "fault"; readonly fault: Fault };

async function tried(order: ImportOrder, arrival: Arrival, begunAtMs: number): Promise<Tried> {
  const { settings, world, signal, clock, store } = order;
  const policy = importPolicy(settings);
  // Judged anew at each try: a host that was taken off the list is not asked again.
  const reading = readTarget(arrival.url ?? "", policy);
  if (reading.kind === "refused") return reading;
  const path = arrivalPath(order.folders, arrival.id);
  const begun = await begunOf(arrival, path);
  if (begun?.offset === arrival.bytes && arrival.bytes > 0) return { kind: "whole" };
  await store.touch(arrival.id, clock.wallMs());
  const { target } = reading;
  const pace = { pace: importPace(settings), begunAtMs };
  const onHead = (found: { readonly bytes: number; readonly validator: string | undefined }): Promise<void> =>
    order.declare(arrival.id, found);
  try {
    const redirects = settings.importRedirects;
    return await fetchFilm({ ...{ target, policy, redirects, path, begun, world, signal, onHead }, ...pace });
  } catch (error) {
    signal.throwIfAborted();
    const isRefusal =
      error instanceof Fault && (error.status < 500 || error.code === publishFaults.diskFull.code);
    if (isRefusal) return { kind: "fault", fault: error };
    throw error;
  }
}

async function begunOf({ bytes, validator }: Arrival, path: string): Promise<Begun | undefined> {
  const offset = (await sizeOf(path)) ?? 0;
  return validator === undefined || offset === 0 || offset > bytes ? undefined : { offset, bytes, validator };
}

async function refuse({ store, folders, clock }: ImportOrder, { id }: Arrival, fault: Fault): Promise<void> {
  await dropArrival(folders, id);
  await store.move(id, "receiving", { state: "refused", refusal: refusedBy(fault).refusal }, clock.wallMs());
}
