// From a film that came in to a title that plays: where uploads end, and encode jobs begin.
import { join } from "node:path";
import { enqueue, type JobKeys } from "#control/jobs.ts";
import { keysToEncrypt, openKeys, publishTitle } from "#control/title-keys.ts";
import type { StoredTitle } from "#data/ports.ts";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import { openProvider } from "#licence/io/provider.ts";
import type { Publication } from "#model/arrival.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { EncodeRun } from "#model/job.ts";
import { randomKeys } from "#pack/io/key-file.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { enqueueBody } from "#wire/jobs.ts";
import { type Desk, replan } from "./desk.ts";
import { type FilmDesk, type FilmsOrder, openFilmDesk } from "./film-desk.ts";
import { JobHall, type JobHallOrder } from "./job-hall.ts";

/** Films that come in; with encode jobs, orders that were kept are begun. */
export async function openFilms(desk: Desk, films: FilmsOrder | undefined): Promise<FilmDesk | undefined> {
  if (films === undefined) return undefined;
  const { clock, logger, hall } = desk;
  const { uploads } = desk.ports.stores;
  const opened = await openFilmDesk(films, { store: uploads, clock, logger });
  if (hall !== undefined) await takeUp(hall, uploads, logger);
  return opened;
}

/** Keeps the order; with encode jobs it is begun at once, without them by the start that has them. The later of two stands. */
export async function orderTitle({ hall, ports }: Desk, order: Publication): Promise<"queued" | "waiting"> {
  await ports.stores.uploads.order(order);
  if (hall === undefined) return "waiting";
  await begin(hall, order);
  return "queued";
}

const mostWaiting = 10_000;

/** Orders that were kept while nobody could carry them out. One that cannot be begun keeps neither the others nor the start. */
async function takeUp(hall: JobHall, uploads: UploadStore, logger: Log): Promise<void> {
  for (const order of await uploads.publications(mostWaiting)) {
    await begin(hall, order, order.askedAtMs).catch((error: unknown) =>
      logger.error({ err: error, master: order.masterId }, "an order to publish was not taken up"),
    );
  }
}

/** Titles may be called what senders like: longer, as UTF-16 counts, than what operators may write. */
async function begin({ desk }: JobHall, order: Publication, unlessSinceMs?: number): Promise<void> {
  const { masterId, titleName: name, encrypt } = order;
  await enqueue(desk, { ...usual.parse({ masterId, encrypt }), name }, unlessSinceMs);
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
  const publish = async (title: StoredTitle, masterId: string): Promise<void> => {
    await publishTitle(ports, title, clock);
    const encrypt = title.package.protection !== undefined;
    await settleOrder(uploads, { masterId, name: title.name, encrypt });
    await replan(desk);
  };
  const masters = { find: (id: string) => masterIn(uploads, jobs.mastersFolder, id) };
  const keys = jobKeys(desk);
  const hands = { jobs: store, masters, keys, logger, publish, wallMs: clock.wallMs };
  return { ...desk, hall: new JobHall(jobs, hands) };
}

/** New keys are the provider's where MILLRACE_ENCRYPT says so, else by chance. */
function jobKeys({ ports, clock }: Desk): JobKeys {
  const { settings } = ports;
  const make = (titleId: string): Promise<readonly ContentKey[]> =>
    settings.encrypt === "speke" ? openProvider(settings).keysFor(titleId) : Promise.resolve(randomKeys());
  return {
    toEncrypt: (titleId) => keysToEncrypt(ports, titleId, () => make(titleId), clock.wallMs()),
    open: (titleId, names) => openKeys(ports, titleId, names),
  };
}

async function masterIn(uploads: UploadStore, folder: string, id: string): Promise<MasterFile | undefined> {
  const master = await uploads.master(id);
  if (master === undefined) return undefined;
  const { sha256, bytes, fileName } = master;
  return { id, path: join(folder, sha256), sha256, bytes, fileName };
}
