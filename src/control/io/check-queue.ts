// Looks at films that have come in whole, one at a time, and makes masters of those that are accepted.
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import type { Arrival, Master, MasterFacts, Refusal } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import {
  arrivalPath,
  dropArrival,
  type FilmFolders,
  keepAsMaster,
  setAside,
  sizeOf,
} from "#publish/io/film-folders.ts";
import { masterIdOf } from "#publish/master.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { FilmArchive } from "./film-archive.ts";

/** What a look at a film found. */
export type Inspection =
  | { readonly kind: "accepted"; readonly sha256: string; readonly facts: MasterFacts }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Looks at a film inside the sandbox. */
export interface Inspector {
  /** Why no film can be looked at here; undefined when one can. Asked before a film is taken in. */
  trouble(signal: AbortSignal): Promise<string | undefined>;
  /** `shown` stands for the file in what is said of it. @throws when this machine, not the film, is at fault */
  inspect(path: string, shown: string, signal: AbortSignal): Promise<Inspection>;
}

export interface CheckOrder {
  readonly store: UploadStore;
  readonly folders: FilmFolders;
  readonly inspector: Inspector;
  readonly refusedFiles: "delete" | "keep";
  /** Absent: a master lies on this disk alone. */
  readonly archive?: FilmArchive | undefined;
  readonly clock: Clock;
  readonly logger: Log;
  readonly signal: AbortSignal;
}

export interface CheckQueue {
  add(id: string): void;
  /** Resolves when nothing is left to check. */
  idle(): Promise<void>;
}

/** A machine that is short of memory or disk may not be so a moment later; a film is not refused for it at once. */
const mostTries = 3;

export function openCheckQueue(order: CheckOrder): CheckQueue {
  let work: Promise<void> = Promise.resolve();
  return {
    add(id) {
      work = work.then(async () => {
        if (order.signal.aborted) return;
        await check(order, id).catch((error: unknown) => {
          // Its record says "checking" still: the next start looks at it again.
          if (!order.signal.aborted)
            order.logger.error({ err: error, arrival: id }, "a film was not checked");
        });
      });
    },
    idle: () => work,
  };
}

async function check(order: CheckOrder, id: string): Promise<void> {
  const { store, logger } = order;
  const arrival = await store.arrival(id);
  if (arrival?.state !== "checking") return;
  const found = await inspected(order, arrival);
  const verdict = found.kind === "accepted" ? whole(arrival, found) : found;
  if (verdict.kind === "accepted") {
    await accept(order, arrival, verdict);
    logger.info({ arrival: id, sha256: verdict.sha256 }, "a film was accepted");
    return;
  }
  const { refusal } = verdict;
  if (order.refusedFiles === "keep" && (await sizeOf(arrivalPath(order.folders, id))) !== undefined) {
    await setAside(order.folders, id);
  } else await dropArrival(order.folders, id);
  await store.move(id, "checking", { state: "refused", refusal }, order.clock.wallMs());
  logger.info({ arrival: id, code: refusal.code }, "a film was refused");
}

async function inspected(order: CheckOrder, { id, fileName }: Arrival): Promise<Inspection> {
  const path = arrivalPath(order.folders, id);
  if ((await sizeOf(path)) === undefined) return refusedBy(new Fault(publishFaults.gone, { file: fileName }));
  for (let tries = 1; ; tries++) {
    try {
      return await order.inspector.inspect(path, fileName, order.signal);
    } catch (error) {
      order.signal.throwIfAborted();
      order.logger.warn({ err: error, arrival: id, tries }, "a film could not be checked");
      if (tries < mostTries) continue;
      const because = error instanceof Fault ? error.message.replace(/\.$/, "") : "the log says why";
      return refusedBy(new Fault(publishFaults.unchecked, { file: fileName, tries, because }));
    }
  }
}

function whole(arrival: Arrival, found: Extract<Inspection, { kind: "accepted" }>): Inspection {
  const { sha256: wanted, fileName } = arrival;
  if (wanted === undefined || wanted === found.sha256) return found;
  return refusedBy(new Fault(publishFaults.otherHash, { file: fileName, wanted, found: found.sha256 }));
}

export function refusedBy(fault: Fault): { readonly kind: "refused"; readonly refusal: Refusal } {
  return { kind: "refused", refusal: { code: fault.code, sentence: fault.message } };
}

/** On disk under its hash first, then in its second copy, then in the record, then gone from where it came in: each step may be done twice. */
async function accept(
  { store, folders, clock, archive, signal }: CheckOrder,
  arrival: Arrival,
  { sha256, facts }: Extract<Inspection, { kind: "accepted" }>,
): Promise<void> {
  const { id, bytes, accountId, fileName, titleName } = arrival;
  await keepAsMaster(folders, id, sha256);
  await archive?.keepMaster({ sha256, bytes }, signal);
  const nowMs = clock.wallMs();
  const named = { accountId, fileName, titleName };
  const master: Master = { id: masterIdOf(sha256), sha256, bytes, ...named, facts, createdAtMs: nowMs };
  await store.accept(id, master, nowMs);
  await dropArrival(folders, id);
}
