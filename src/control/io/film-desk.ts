// Films on their way in: what is let in, what became of it, and what is thrown away.
import { randomBytes } from "node:crypto";
import { setTimeout as rest } from "node:timers/promises";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import type { Arrival, ArrivalUsage } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import { readTarget } from "#publish/import-url.ts";
import {
  arrivalPath,
  diskOf,
  dropArrival,
  type FilmFolders,
  openFolders,
  sizeOf,
  sweepFilms,
} from "#publish/io/film-folders.ts";
import { type ImportWorld, realWorld } from "#publish/io/import-fetch.ts";
import { openTus, type Tus } from "#publish/io/tus.ts";
import { importPolicy, type PublishSettings, roomLimits } from "#publish/limits.ts";
import { noRoomFault } from "#publish/no-room.ts";
import { noRoomFor } from "#publish/quota.ts";
import { readWords, type SenderWords } from "#publish/sender-words.ts";
import { shownUrl } from "#publish/shown-url.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { type CheckQueue, type Inspector, openCheckQueue } from "./check-queue.ts";
import type { FilmArchive } from "./film-archive.ts";
import { type ImportQueue, openImportQueue } from "./import-queue.ts";

export interface FilmsOrder {
  /** Uploads and masters lie under it: one control plane at a time. */
  readonly home: string;
  readonly settings: PublishSettings;
  readonly inspector: Inspector;
  /** Absent: the real one. */
  readonly world?: ImportWorld;
}

export interface FilmDesk {
  readonly tus: Tus;
  readonly settings: PublishSettings;
  readonly folders: FilmFolders;
  /** @throws Fault when no film may be taken in here */
  demandInspector(): Promise<void>;
  /** Others write on this disk too. @throws Fault upload-disk-full when what stays free is gone */
  demandRoom(): Promise<void>;
  /** The last byte is on disk: it is checked now. Once more does nothing. */
  finished(id: string): Promise<void>;
  import(order: ImportWish): Promise<Arrival>;
  /** With what is on disk of it. @throws Fault arrival-checking */
  forget(arrival: Arrival): Promise<void>;
  /** Throws away what was abandoned and what is no longer remembered; takes up what was left lying. */
  sweep(): Promise<void>;
  /** Resolves when nothing is being fetched or checked. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface ImportWish {
  readonly accountId: string;
  readonly url: string;
  readonly sha256: string | undefined;
  readonly name: string | undefined;
}

interface Parts {
  readonly store: UploadStore;
  readonly folders: FilmFolders;
  readonly settings: PublishSettings;
  readonly clock: Clock;
  readonly logger: Log;
  readonly checks: CheckQueue;
}

const sweepMs = 60_000;
/** What one sweep throws away at most; the next goes on. */
const sweepRows = 1000;

export async function openFilmDesk(
  order: FilmsOrder,
  around: {
    readonly store: UploadStore;
    readonly clock: Clock;
    readonly logger: Log;
    readonly archive: FilmArchive | undefined;
  },
): Promise<FilmDesk> {
  const { settings, inspector } = order;
  const { store, clock, logger, archive } = around;
  const folders = await openFolders(order.home);
  const stop = new AbortController();
  const { signal } = stop;
  const checks = openCheckQueue({
    ...{ store, folders, inspector, clock, logger, signal, archive },
    refusedFiles: settings.refusedFiles === "keep" ? "keep" : "delete",
  });
  const parts = { store, folders, settings, clock, logger, checks };
  const imports = openImportQueue({
    ...{ store, folders, settings, clock, logger, signal },
    world: order.world ?? realWorld,
    declare: (id, found) => declare(parts, id, found),
    finished: (id) => finished(parts, id),
  });
  const sweep = (): Promise<void> => sweepDesk(parts, imports);
  await takeUp(parts, imports);
  const sweeping = sweepForever(sweep, logger, signal);
  return {
    tus: tusOf(parts),
    ...{ settings, folders, sweep },
    async demandInspector() {
      const because = await inspector.trouble(signal);
      if (because !== undefined) throw new Fault(publishFaults.off, { because });
    },
    demandRoom: () => demandRoom(parts),
    finished: (id) => finished(parts, id),
    import: (wish) => importOf(parts, imports, wish),
    forget: (arrival) => forget(parts, imports, arrival),
    async idle() {
      await imports.idle();
      await checks.idle();
    },
    async close() {
      stop.abort();
      await Promise.all([imports.idle(), checks.idle(), sweeping]);
    },
  };
}

function tusOf(parts: Parts): Tus {
  const { settings, folders, store } = parts;
  return openTus({
    path: "/v1/uploads",
    folder: folders.uploads,
    abandonedMs: settings.abandonedHours * 3_600_000,
    newId,
    find: (id) => store.arrival(id),
    async begin({ id, accountId, bytes, metadata }) {
      const words = wordsOf(metadata);
      await begin(parts, { ...words, id, accountId, bytes, kind: "upload", url: undefined });
    },
    finished: (id) => finished(parts, id),
  });
}

function newId(): string {
  return randomBytes(16).toString("hex");
}

function wordsOf(given: Parameters<typeof readWords>[0]): SenderWords {
  const reading = readWords(given);
  if (reading.kind === "refused") throw new Fault(publishFaults.words, { what: reading.what });
  return reading.words;
}

type Beginning = SenderWords & Pick<Arrival, "id" | "kind" | "accountId" | "bytes" | "url">;

async function begin(parts: Parts, beginning: Beginning): Promise<Arrival> {
  const nowMs = parts.clock.wallMs();
  const arrival: Arrival = {
    ...beginning,
    ...{ validator: undefined, state: "receiving", refusal: undefined, masterId: undefined },
    createdAtMs: nowMs,
    touchedAtMs: nowMs,
  };
  const judge = await judgeOf(parts, beginning.bytes);
  const refused = await parts.store.begin(arrival, judge);
  if (refused !== undefined) throw refused;
  return arrival;
}

async function declare(
  parts: Parts,
  id: string,
  found: { readonly bytes: number; readonly validator: string | undefined },
): Promise<void> {
  const refused = await parts.store.declare(id, found, await judgeOf(parts, found.bytes, id));
  if (refused !== undefined) throw refused;
}

async function judgeOf(
  { store, folders, settings }: Parts,
  bytes: number,
  except?: string,
): Promise<(usage: ArrivalUsage) => Fault | undefined> {
  const open = (await store.unfinished()).map(({ id }) => id).filter((id) => id !== except);
  const disk = await diskOf(folders, open);
  const limits = roomLimits(settings);
  return (usage) => {
    const refusal = noRoomFor(bytes, usage, limits, disk);
    return refusal && noRoomFault(bytes, refusal);
  };
}

async function demandRoom({ folders, settings }: Parts): Promise<void> {
  const { freeBytes } = await diskOf(folders, []);
  const free = freeBytes - roomLimits(settings).leastFreeBytes;
  if (free <= 0) throw noRoomFault(0, { kind: "disk-full", free: 0, wanted: 1 });
}

async function finished({ store, clock, checks }: Parts, id: string): Promise<void> {
  if (await store.move(id, "receiving", { state: "checking" }, clock.wallMs())) checks.add(id);
}

async function importOf(parts: Parts, imports: ImportQueue, wish: ImportWish): Promise<Arrival> {
  const { accountId, url, sha256, name } = wish;
  const reading = readTarget(url, importPolicy(parts.settings));
  if (reading.kind === "refused") {
    throw new Fault(publishFaults.importRefused, { url: shownUrl(url), because: reading.because });
  }
  const { href, path } = reading.target;
  const last = path.split("?")[0]?.split("/").at(-1) ?? "";
  const words = wordsOf({ filename: decoded(last), name, sha256 });
  const arrival = await begin(parts, {
    ...words,
    id: newId(),
    accountId,
    bytes: 0,
    kind: "import",
    url: href,
  });
  imports.add(arrival.id);
  return arrival;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function forget({ store, folders }: Parts, imports: ImportQueue, arrival: Arrival): Promise<void> {
  const { id, kind } = arrival;
  if (kind === "import") await imports.end(id);
  const gone = await store.forget(id, ["receiving", "accepted", "refused"]);
  if (!gone && (await store.arrival(id)) !== undefined) throw new Fault(publishFaults.checking, { kind, id });
  await dropArrival(folders, id);
}

/** After a start: whole files are checked, imports go on, files that no record speaks of go. */
async function takeUp(parts: Parts, imports: ImportQueue): Promise<void> {
  const { store, folders, logger } = parts;
  const swept = await sweepFilms(folders, async (id, where) => {
    const state = (await store.arrival(id))?.state;
    return where === "refused" ? state === "refused" : state === "receiving" || state === "checking";
  });
  if (swept > 0) logger.info({ swept }, "files of uploads that no record speaks of were removed");
  for (const arrival of await store.unfinished()) {
    if (arrival.state === "checking") parts.checks.add(arrival.id);
    else if (arrival.kind === "import") imports.add(arrival.id);
    else if ((await sizeOf(arrivalPath(folders, arrival.id))) === arrival.bytes) {
      await finished(parts, arrival.id);
    }
  }
}

async function sweepDesk(
  { store, folders, settings, clock, logger }: Parts,
  imports: ImportQueue,
): Promise<void> {
  const nowMs = clock.wallMs();
  const abandoned = await store.stale("receiving", nowMs - settings.abandonedHours * 3_600_000, sweepRows);
  for (const { id, kind } of abandoned) {
    if (kind === "import") continue;
    if (await store.forget(id, ["receiving"])) await dropArrival(folders, id);
    logger.info({ arrival: id }, "an abandoned upload was thrown away");
  }
  for (const { id, kind, state } of await store.unfinished()) {
    if (kind === "import" && state === "receiving") imports.add(id);
  }
  const before = nowMs - settings.recordDays * 86_400_000;
  for (const state of ["accepted", "refused"] as const) {
    for (const { id } of await store.stale(state, before, sweepRows)) {
      if (await store.forget(id, [state])) await dropArrival(folders, id);
    }
  }
}

async function sweepForever(sweep: () => Promise<void>, logger: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await rest(sweepMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await sweep().catch((error: unknown) => logger.error({ err: error }, "uploads were not swept"));
  }
}
