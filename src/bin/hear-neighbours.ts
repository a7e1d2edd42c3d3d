// A site's neighbours as one source of routes: sessions of our own, routers that export BMP, and dumps.
import { randomInt } from "node:crypto";
import { dirname, resolve } from "node:path";
import { planCollectors } from "#bgp/collector-plan.ts";
import { bgpFaults } from "#bgp/faults.ts";
import { feedSettings } from "#bgp/feed-settings.ts";
import { openBmpListener } from "#bgp/io/bmp-listener.ts";
import { followDump } from "#bgp/io/mrt-follower.ts";
import { openSpeaker } from "#bgp/io/speaker.ts";
import { type HeardSpeaker, SpeakerSource } from "#bgp/io/speaker-source.ts";
import { planPeers } from "#bgp/peer-plan.ts";
import type { RouteSource } from "#bgp/route-source.ts";
import { bgpSettings } from "#bgp/settings.ts";
import { systemClock } from "#io/clock.ts";
import type { Log } from "#io/log.ts";
import { Fault } from "#units/fault.ts";
import { type BgpFile, bgpFile } from "#wire/bgp.ts";
import { readJsonFile } from "./json-file.ts";
import { settingsOf } from "./program.ts";

export interface OpenSource {
  readonly source: RouteSource;
  readonly close: () => Promise<void>;
}

/** Uniform in [0, 1). */
const chance = (): number => randomInt(2 ** 32) / 2 ** 32;

/** @throws Fault bgp-config-refused, bgp-listen-failed, bmp-listen-failed, and what is wrong with the file */
export async function hearNeighbours(path: string, log: Log): Promise<OpenSource> {
  const file = await readJsonFile(path, bgpFile);
  const { peers, routers, dumps } = plansOf(path, file);
  const source = new SpeakerSource(settingsOf(feedSettings).wholeMs);
  const { hooks } = source;
  const ending = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    ending.abort();
    source.close();
    for (const closer of closers) await closer();
  };
  const heard: HeardSpeaker[] = [];
  try {
    if (peers.length > 0) {
      const order = { peers, listen: file.listen, log, clock: systemClock, chance };
      const speaker = await openSpeaker({ ...order, ...hooks });
      closers.push(() => speaker.close("the appliance ends"));
      heard.push(speaker);
    }
    if (file.bmp !== undefined) {
      const { staleMs } = settingsOf(bgpSettings);
      const station = await openBmpListener({
        ...{ routers, log, chance, staleMs, hooks },
        listen: file.bmp.listen,
      });
      closers.push(() => station.close());
      heard.push(station);
    }
    for (const plan of dumps) {
      const dump = followDump({ plan, log, chance, hooks, signal: ending.signal });
      closers.push(() => dump.ended);
      heard.push(dump);
    }
    source.attach(together(heard));
    return { source, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function plansOf(path: string, file: BgpFile) {
  const planned = planPeers(file, settingsOf(bgpSettings), () => 0.75 + 0.25 * chance());
  const mrt = file.mrt.map((dump) => ({ ...dump, file: resolve(dirname(path), dump.file) }));
  const collectors = planCollectors({ ...file, mrt });
  const complaints = [planned, collectors].flatMap((reading) =>
    reading.kind === "refused" ? reading.complaints : [],
  );
  if (planned.kind === "refused" || collectors.kind === "refused") {
    throw new Fault(bgpFaults.configRefused, { because: `${path}: ${complaints.join("; ")}.` });
  }
  return { peers: planned.peers, routers: collectors.routers, dumps: collectors.dumps };
}

/** Their sessions have names of their own. */
function together(all: readonly HeardSpeaker[]): HeardSpeaker {
  return {
    peers: () => all.flatMap((one) => one.peers()),
    rib: (session) => {
      for (const one of all) {
        const rib = one.rib(session);
        if (rib !== undefined) return rib;
      }
      return undefined;
    },
  };
}
