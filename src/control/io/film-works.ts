// From a film that came in to a title that plays: where uploads end, and encode jobs begin.
import { join } from "node:path";
import { enqueue } from "#control/jobs.ts";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Log } from "#io/log.ts";
import type { Publication } from "#model/arrival.ts";
import type { EncodeRun } from "#model/job.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { enqueueBody } from "#wire/jobs.ts";
import { type Desk, replan } from "./desk.ts";
import { type FilmDesk, type FilmsOrder, openFilmDesk, type PublishPort } from "./film-desk.ts";
import { JobHall } from "./job-hall.ts";
import type { ControlOrder } from "./server.ts";

/** Films that come in; with encode jobs, an order to publish one becomes a run of them. */
export async function openFilms(desk: Desk, films: FilmsOrder | undefined): Promise<FilmDesk | undefined> {
  if (films === undefined) return undefined;
  const { clock, logger, hall } = desk;
  const { uploads } = desk.ports.stores;
  const publishing = films.publishing ?? (hall && publishingBy(hall, uploads));
  const order = publishing === undefined ? films : { ...films, publishing };
  const opened = await openFilmDesk(order, { store: uploads, clock, logger });
  if (films.publishing === undefined && hall !== undefined) await takeUp(hall, uploads, logger);
  return opened;
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

function publishingBy(hall: JobHall, uploads: UploadStore): PublishPort {
  return {
    async enqueue(_masterId: string, order: Publication) {
      await uploads.order(order);
      await begin(hall, order);
      return { state: "queued" };
    },
  };
}

/** Titles may be called what senders like: longer, as UTF-16 counts, than what operators may write. */
async function begin({ desk }: JobHall, order: Publication, unlessSinceMs?: number): Promise<void> {
  const { masterId, titleName: name } = order;
  await enqueue(desk, { ...usual.parse({ masterId }), name }, unlessSinceMs);
}

const usual = enqueueBody.omit({ name: true });

/** The order that this run was begun for is done or taken back, unless a later one stands. */
export async function settleOrder(
  uploads: UploadStore,
  { masterId, name }: Pick<EncodeRun, "masterId" | "name">,
): Promise<void> {
  if ((await uploads.publication(masterId))?.titleName === name) await uploads.settle(masterId);
}

/** Encode jobs, where the order has a place for them. */
export function withHall(desk: Desk, { jobs, films, logger, clock }: ControlOrder): Desk {
  if (jobs === undefined) return desk;
  const { catalog, uploads, jobs: store } = desk.ports.stores;
  const folder = films === undefined ? undefined : join(films.home, "masters");
  const masters = {
    find: async (id: string) => (await jobs.masters.find(id)) ?? (await takenIn(uploads, folder, id)),
  };
  const publish = async (title: Parameters<typeof catalog.publish>[0], masterId: string): Promise<void> => {
    await catalog.publish(title);
    await settleOrder(uploads, { masterId, name: title.name });
    await replan(desk);
  };
  const hands = { jobs: store, logger, publish, wallMs: clock.wallMs };
  return { ...desk, hall: new JobHall({ ...jobs, masters }, hands) };
}

/** A master that came in by upload or import. */
async function takenIn(
  uploads: UploadStore,
  folder: string | undefined,
  id: string,
): Promise<MasterFile | undefined> {
  const master = folder === undefined ? undefined : await uploads.master(id);
  if (master === undefined || folder === undefined) return undefined;
  const { sha256, bytes, fileName } = master;
  return { id, path: join(folder, sha256), sha256, bytes, fileName };
}
