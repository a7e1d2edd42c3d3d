// What an appliance hears, from its BGP neighbours or from a file, on its way to the control plane.
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { feedSettings } from "#bgp/feed-settings.ts";
import { followHeardFile } from "#bgp/io/heard-file.ts";
import { sendRoutes } from "#bgp/io/route-sender.ts";
import type { Log } from "#io/log.ts";
import { hearNeighbours, type OpenSource } from "./hear-neighbours.ts";
import { settingsOf } from "./program.ts";

export interface TellOrder {
  readonly id: string;
  readonly control: string;
  /** A file of neighbours (src/wire/bgp.ts), or one of routes (src/wire/routes.ts); undefined: nothing is heard. */
  readonly bgp: string | undefined;
  readonly heard: string | undefined;
  readonly token: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Telling {
  /** Resolves after the signal's end, when everybody was taken leave of. */
  readonly ended: Promise<void>;
}

/** @throws Fault bgp-config-refused, bgp-listen-failed, bmp-listen-failed, and what is wrong with the file */
export async function tellRoutes(order: TellOrder): Promise<Telling> {
  const opened = await openSource(order);
  if (opened === undefined) return { ended: Promise.resolve() };
  const sending = sendRoutes({
    ...{ applianceId: order.id, controlUrl: order.control, token: order.token, stream: randomUUID() },
    ...{ source: opened.source, log: order.log, signal: order.signal },
    settings: settingsOf(feedSettings),
  });
  return { ended: sending.finally(() => opened.close()) };
}

async function openSource({ bgp, heard, log, signal }: TellOrder): Promise<OpenSource | undefined> {
  if (bgp !== undefined) return hearNeighbours(resolve(bgp), log);
  if (heard === undefined) return undefined;
  const { source, ended } = followHeardFile({ path: resolve(heard), log, signal });
  return { source, close: () => ended };
}
