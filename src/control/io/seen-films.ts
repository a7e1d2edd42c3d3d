// What an operator sees of films: of those on their way the own ones, an admin all; of masters everybody all.
import type { Viewer } from "#data/ports.ts";
import type { Arrival, ArrivalKind, Master, Publication } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import { arrivalPath, sizeOf } from "#publish/io/film-folders.ts";
import { shownUrl } from "#publish/shown-url.ts";
import { Fault } from "#units/fault.ts";
import type { ArrivalBody, MasterBody } from "#wire/upload.ts";
import type { Desk } from "./desk.ts";
import type { FilmDesk } from "./film-desk.ts";

/** Rows of one list. */
export const mostListed = 200;

/** @throws Fault publishing-off */
export function filmsOf(films: FilmDesk | undefined): FilmDesk {
  if (films === undefined) {
    throw new Fault(publishFaults.off, { because: "it was started without a folder for them" });
  }
  return films;
}

/** @throws Fault unknown-arrival: somebody else's is answered as if it were not there */
export async function arrivalFor(
  desk: Desk,
  kind: ArrivalKind,
  id: string,
  account: Viewer,
): Promise<Arrival> {
  const arrival = await desk.ports.stores.uploads.arrival(id);
  const isSeen = arrival?.kind === kind && sees(account, arrival);
  if (arrival === undefined || !isSeen) throw new Fault(publishFaults.unknownArrival, { kind, id });
  return arrival;
}

export async function arrivalsFor(
  desk: Desk,
  films: FilmDesk,
  kind: ArrivalKind,
  account: Viewer,
): Promise<ArrivalBody[]> {
  const whose = account.role === "admin" ? undefined : account.id;
  const found = await desk.ports.stores.uploads.arrivals(kind, whose, mostListed);
  return Promise.all(found.map((arrival) => onWire(films, arrival)));
}

export function sees(account: Viewer, { accountId }: { readonly accountId: string }): boolean {
  return account.role === "admin" || account.id === accountId;
}

export async function onWire({ folders }: FilmDesk, arrival: Arrival): Promise<ArrivalBody> {
  const { id, kind, fileName, titleName, bytes, state, refusal, masterId, url } = arrival;
  const onDisk = state === "receiving" ? await sizeOf(arrivalPath(folders, id)) : undefined;
  const receivedBytes = state === "receiving" ? (onDisk ?? 0) : bytes;
  const times = { createdAtMs: arrival.createdAtMs, touchedAtMs: arrival.touchedAtMs };
  return {
    ...{ id, kind, fileName, titleName, bytes, receivedBytes, state, ...times },
    ...(refusal === undefined ? {} : { refusal }),
    ...(masterId === undefined ? {} : { masterId }),
    ...(url === undefined ? {} : { url: shownUrl(url) }),
  };
}

export function masterOnWire(master: Master, publication: Publication | undefined): MasterBody {
  const { id, sha256, bytes, fileName, titleName, facts, createdAtMs } = master;
  const { mended, leftOut } = facts;
  const { titleName: orderedName = "", encrypt = false, askedAtMs = 0 } = publication ?? {};
  const asked = publication && { titleName: orderedName, encrypt, askedAtMs };
  return {
    ...{ id, sha256, bytes, fileName, titleName, createdAtMs },
    facts: { ...facts, mended: [...mended], leftOut: [...leftOut] },
    ...(asked === undefined ? {} : { publication: asked }),
  };
}
