// From a film that came in to a title that plays: where uploads end, and encode jobs begin.
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Enqueueing, enqueue, type JobKeys } from "#control/jobs.ts";
import { keysToEncrypt, openKeys, publishTitle } from "#control/title-keys.ts";
import type { StoredTitle } from "#data/ports.ts";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import { licenceFaults } from "#licence/faults.ts";
import { openProvider } from "#licence/io/provider.ts";
import type { Publication } from "#model/arrival.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { EncodeRun } from "#model/job.ts";
import { randomKeys } from "#pack/io/key-file.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { Fault } from "#units/fault.ts";
import { enqueueBody } from "#wire/jobs.ts";
import { type Desk, replan } from "./desk.ts";
import { type FilmDesk, type FilmsOrder, openFilmDesk } from "./film-desk.ts";
import { JobHall, type JobHallOrder } from "./job-hall.ts";

/** Films that come in. */
export async function openFilms(desk: Desk, films: FilmsOrder | undefined): Promise<FilmDesk | undefined> {
  if (films === undefined) return undefined;
  const { clock, logger, ports, archive } = desk;
  return openFilmDesk(films, { store: ports.stores.uploads, clock, logger, archive });
}

/** No title is told of before its second copy is whole; one that was told of before need not wait for it. */
export async function publishKept(
  { archive, ports, clock, state }: Pick<Desk, "archive" | "ports" | "clock" | "state">,
  title: StoredTitle,
  signal: AbortSignal,
  onWait?: (words: string) => void,
): Promise<void> {
  const before = state.catalogue.titles.get(title.id)?.package;
  if (!isDeepStrictEqual(before, title.package)) await archive?.keepTitle(title.package, signal, onWait);
  await publishTitle(ports, title, clock);
}

/** The newest; so many are looked at at a start. */
const mostMasters = 10_000;

/** How often what was replaced is looked for. */
const clearMs = 3_600_000;

/** What the disk lacks comes back, and what was published without a second copy gets one; what was replaced long ago goes. */
export async function settleCopies(desk: Desk, signal: AbortSignal): Promise<void> {
  const { archive, ports, logger, clock } = desk;
  if (archive === undefined) return;
  const packages = async () => (await ports.stores.catalog.titles()).map((title) => title.package);
  try {
    await archive.settle(await packages(), await ports.stores.uploads.masters(mostMasters), signal);
  } catch (error) {
    if (!signal.aborted) logger.error({ err: error }, "second copies were not looked through");
  }
  while (!signal.aborted) {
    await archive.clearReplaced(packages, clock.wallMs(), signal).catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ err: error }, "replaced second copies were not looked for");
    });
    await rest(clearMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Keeps the order; with encode jobs it is begun at once, without them by the start that has them. The later of two stands. */
export async function orderTitle(
  { hall, ports }: Desk,
  order: Publication,
  priority?: number,
): Promise<"queued" | "waiting"> {
  await ports.stores.uploads.order(order);
  if (hall === undefined) return "waiting";
  await begin(hall, order, { priority });
  return "queued";
}

const mostWaiting = 10_000;
/** Twice as long each time: a provider that is down for a night is asked once a minute. */
const [firstPauseMs, mostPauseMs] = [1000, 60_000];

/**
 * Orders that were kept while nobody could carry them out; with encode jobs they are begun. It runs beside everything else, since
 * a provider of keys that is down answers slowly, once for each order.
 */
export async function takeUpOrders({ hall, ports, logger }: Desk, signal: AbortSignal): Promise<void> {
  if (hall === undefined) return;
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, mostPauseMs)) {
    const work = takeUp({ hall, uploads: ports.stores.uploads, logger, signal });
    const isOver = await work.catch((error: unknown) => {
      logger.error({ err: error }, "orders to publish could not be looked through");
      return false;
    });
    if (isOver) return;
    await rest(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

interface TakingUp {
  readonly hall: JobHall;
  readonly uploads: UploadStore;
  readonly logger: Log;
  readonly signal: AbortSignal;
}

/**
 * Clear ones first. One that cannot be begun keeps no other, but that a provider which fails is asked no more. False: orders to
 * encrypt wait for it.
 *
 * @throws what the store throws
 */
async function takeUp({ hall, uploads, logger, signal }: TakingUp): Promise<boolean> {
  let isProviderDown = false;
  const kept = await uploads.publications(mostWaiting);
  for (const { masterId } of kept.toSorted((a, b) => Number(a.encrypt) - Number(b.encrypt))) {
    // Read anew: whoever orders or cancels meanwhile is not undone.
    const order = await uploads.publication(masterId);
    if (signal.aborted) return true;
    if (order === undefined || (order.encrypt && isProviderDown)) continue;
    try {
      await begin(hall, order, { unlessSinceMs: order.askedAtMs, signal });
    } catch (error) {
      if (signal.aborted) return true;
      isProviderDown ||= isProviderFault(error);
      logger.error({ err: error, master: masterId }, "an order to publish was not taken up");
    }
  }
  return !isProviderDown;
}

function isProviderFault(error: unknown): boolean {
  const { providerFailed, providerSlow } = licenceFaults;
  return (
    error instanceof Fault && [providerFailed.code, providerSlow.code].some((code) => code === error.code)
  );
}

/** Titles may be called what senders like: longer, as UTF-16 counts, than what operators may write. */
async function begin(
  { desk }: JobHall,
  order: Publication,
  { priority, ...how }: Enqueueing & { readonly priority?: number | undefined } = {},
): Promise<void> {
  const { masterId, titleName: name, encrypt } = order;
  await enqueue(desk, { ...usual.parse({ masterId, encrypt, priority }), name }, how);
}

const usual = enqueueBody.omit({ name: true });

/** The order that this run was begun for is done or taken back, unless a later one stands. */
export async function settleOrder(
  uploads: UploadStore,
  { masterId, name, encrypt }: Pick<EncodeRun, "masterId" | "name"> & { readonly encrypt?: boolean },
): Promise<void> {
  const order = await uploads.publication(masterId);
  const isIts = order?.titleName === name && (encrypt === undefined || order.encrypt === encrypt);
  if (isIts) await uploads.settle(masterId);
}

/** Encode jobs, where the order has a place for them. */
export function withHall(desk: Desk, jobs: JobHallOrder | undefined): Desk {
  if (jobs === undefined) return desk;
  const { clock, logger, ports } = desk;
  const { uploads, jobs: store } = ports.stores;
  const publish = async (title: StoredTitle, masterId: string, signal: AbortSignal): Promise<void> => {
    await publishKept(desk, title, signal);
    await settle(title, masterId);
    await replan(desk);
  };
  const settle = (title: StoredTitle, masterId: string): Promise<void> => {
    const encrypt = title.package.protection !== undefined;
    return settleOrder(uploads, { masterId, name: title.name, encrypt });
  };
  const published = (titleId: string) => ports.stores.catalog.title(titleId);
  const masters = { find: (id: string) => masterIn(uploads, jobs.mastersFolder, id) };
  const keys = jobKeys(desk);
  const hands = { jobs: store, masters, keys, logger, publish, published, settle, wallMs: clock.wallMs };
  return { ...desk, hall: new JobHall(jobs, hands) };
}

/** New keys are the provider's where MILLRACE_ENCRYPT says so, else by chance. */
function jobKeys({ ports, clock }: Desk): JobKeys {
  const { settings } = ports;
  const make = async (titleId: string, signal?: AbortSignal): Promise<readonly ContentKey[]> =>
    settings.encrypt === "speke" ? openProvider(settings).keysFor(titleId, signal) : randomKeys();
  return {
    toEncrypt: (titleId, signal) =>
      keysToEncrypt(ports, titleId, () => make(titleId, signal), clock.wallMs()),
    open: (titleId, names) => openKeys(ports, titleId, names),
  };
}

async function masterIn(uploads: UploadStore, folder: string, id: string): Promise<MasterFile | undefined> {
  const master = await uploads.master(id);
  if (master === undefined) return undefined;
  const { sha256, bytes, fileName } = master;
  return { id, path: join(folder, sha256), sha256, bytes, fileName };
}
