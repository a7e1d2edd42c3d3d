// Signed addresses that open a title's pictures and nothing else of it.
import type { PublishedTitle } from "#control/catalogue.ts";
import { originId } from "#control/network.ts";
import { indexFileId } from "#model/package.ts";
import { type Desk, reachOf, steer } from "./desk.ts";

const hourSeconds = 3600;

export interface PictureOrder {
  readonly title: PublishedTitle;
  readonly address: string;
  readonly profileId: string;
  readonly nowMs: number;
}

/** The path changes once an hour only, so that browsers keep the picture; it works for one to two hours. */
export function pictureUrl(desk: Desk, order: PictureOrder, file: "poster" | "storyboard"): string {
  const { title, address, profileId, nowMs } = order;
  const expiresAtSeconds = (Math.floor(nowMs / 1000 / hourSeconds) + 2) * hourSeconds;
  // By this name appliances and origin know that it opens pictures alone ([ED4]).
  const sessionId = `poster-${profileId}`;
  const reach = reachOf(desk);
  const ranking = steer(desk, title, { address, viewpoint: "" }, profileId);
  const index = indexFileId(title.package);
  const holder = ranking.ranked.find((source) => reach.holds(source.id, index));
  const base = reach.baseUrl(holder?.id ?? originId);
  return `${base}${desk.ports.signPath({ titleId: title.id, sessionId, expiresAtSeconds })}${title.package[file]}`;
}
