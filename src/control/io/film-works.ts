// From a film that came in to a title that plays: where uploads end, and encode jobs begin.
import { join } from "node:path";
import { enqueue } from "#control/jobs.ts";
import type { UploadStore } from "#data/ports-upload.ts";
import type { Publication } from "#model/arrival.ts";
import type { MasterFile } from "#publish/master-file.ts";
import { enqueueBody } from "#wire/jobs.ts";
import { type Desk, replan } from "./desk.ts";
import { type FilmDesk, type FilmsOrder, openFilmDesk, type PublishPort } from "./film-desk.ts";
import { JobHall } from "./job-hall.ts";
import type { ControlOrder } from "./server.ts";

/** Films that come in; with encode jobs, an order to publish one becomes a run of them. */
export async function openFilms(desk: Desk, films: FilmsOrder | undefined): Promise<FilmDesk | undefined> {
  if (films === undefined) return undefined;
  const { clock, logger } = desk;
  const { uploads } = desk.ports.stores;
  const publishing = films.publishing ?? publishingBy(desk.hall, uploads);
  const order = publishing === undefined ? films : { ...films, publishing };
  const opened = await openFilmDesk(order, { store: uploads, clock, logger });
  if (publishing !== undefined) await takeUp(uploads, publishing);
  return opened;
}

const mostWaiting = 10_000;

/** Orders that were kept while nobody could carry them out; one that is under way is not begun twice. */
async function takeUp(uploads: UploadStore, publishing: PublishPort): Promise<void> {
  for (const order of await uploads.publications(mostWaiting))
    await publishing.enqueue(order.masterId, order);
}

function publishingBy(hall: JobHall | undefined, uploads: UploadStore): PublishPort | undefined {
  if (hall === undefined) return undefined;
  return {
    async enqueue(masterId: string, order: Publication) {
      await uploads.order(order);
      await enqueue(hall.desk, enqueueBody.parse({ masterId, name: order.titleName }));
      return { state: "queued" };
    },
  };
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
    await uploads.settle(masterId);
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
