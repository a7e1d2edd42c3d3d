// What an appliance hears, from its BGP neighbours or from a file, on its way to the control plane.
import { randomInt, randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { bgpFaults } from "#bgp/faults.ts";
import { feedSettings } from "#bgp/feed-settings.ts";
import { followHeardFile } from "#bgp/io/heard-file.ts";
import { sendRoutes } from "#bgp/io/route-sender.ts";
import { openSpeaker } from "#bgp/io/speaker.ts";
import { SpeakerSource } from "#bgp/io/speaker-source.ts";
import { planPeers } from "#bgp/peer-plan.ts";
import type { RouteSource } from "#bgp/route-source.ts";
import { bgpSettings } from "#bgp/settings.ts";
import { systemClock } from "#io/clock.ts";
import type { Log } from "#io/log.ts";
import { Fault } from "#units/fault.ts";
import { bgpFile } from "#wire/bgp.ts";
import { readJsonFile } from "./json-file.ts";
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

interface OpenSource {
  readonly source: RouteSource;
  readonly close: () => Promise<void>;
}

/** Uniform in [0, 1). */
const chance = (): number => randomInt(2 ** 32) / 2 ** 32;

/** @throws Fault bgp-config-refused, bgp-listen-failed, and what is wrong with the file */
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
  if (bgp !== undefined) return openNeighbours(resolve(bgp), log);
  if (heard === undefined) return undefined;
  const { source, ended } = followHeardFile({ path: resolve(heard), log, signal });
  return { source, close: () => ended };
}

async function openNeighbours(path: string, log: Log): Promise<OpenSource> {
  const file = await readJsonFile(path, bgpFile);
  const planned = planPeers(file, settingsOf(bgpSettings), () => 0.75 + 0.25 * chance());
  if (planned.kind === "refused") {
    throw new Fault(bgpFaults.configRefused, { because: `${path}: ${planned.complaints.join("; ")}.` });
  }
  const source = new SpeakerSource(settingsOf(feedSettings).wholeMs);
  try {
    const { peers } = planned;
    const order = { peers, listen: file.listen, log, clock: systemClock, chance };
    const speaker = await openSpeaker({ ...order, ...source.hooks });
    source.attach(speaker);
    return { source, close: () => speaker.close("the appliance ends").finally(() => source.close()) };
  } catch (error) {
    source.close();
    throw error;
  }
}
