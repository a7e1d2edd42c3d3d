// A BMP station as an appliance has it, with what it tells on.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { pino } from "pino";
import type { z } from "zod";
import { writePrefix } from "#bgp/address.ts";
import { planCollectors } from "#bgp/collector-plan.ts";
import { type BmpListener, openBmpListener } from "#bgp/io/bmp-listener.ts";
import { SpeakerSource } from "#bgp/io/speaker-source.ts";
import { prefixOfKey } from "#bgp/prefix-key.ts";
import { bgpFile, type bmpRouter } from "#wire/bgp.ts";
import { localAs } from "./bgp-rig.ts";

export interface Station {
  readonly listener: BmpListener;
  readonly source: SpeakerSource;
  /** "192.0.2.1 198.51.100.1 AS64500: 203.0.113.0/24, 2 hops, first 64500", sorted. */
  lines(): readonly string[];
  /** "192.0.2.1 198.51.100.1 AS64500 up", sorted. */
  sessions(): readonly string[];
  readonly notes: readonly string[];
}

export async function openStation(
  t: TestContext,
  routers: readonly z.input<typeof bmpRouter>[],
  order: { readonly staleMs?: number; readonly wholeMs?: number; readonly port?: number } = {},
): Promise<Station> {
  const { staleMs = 60_000, wholeMs = 60_000, port = 0 } = order;
  const notes: string[] = [];
  const bmp = { listen: { host: "127.0.0.1", port }, routers: [...routers] };
  const file = bgpFile.parse({ localAs, routerId: "10.9.9.9", allowPrivate: true, bmp });
  const plan = planCollectors(file);
  assert.ok(plan.kind === "planned" && file.bmp !== undefined);
  const source = new SpeakerSource(wholeMs);
  t.after(() => source.close());
  const listener = await openBmpListener({
    ...{ routers: plan.routers, listen: file.bmp.listen, chance: () => 0.5, staleMs, hooks: source.hooks },
    log: pino({ level: "info" }, { write: (line) => notes.push(line) }),
  });
  source.attach(listener);
  t.after(() => listener.close());
  return {
    ...{ listener, source, notes },
    lines: () =>
      [...source.rows()]
        .map(({ session, key, route: { asPathLength, med, neighbourAs } }) => {
          const hops = `${asPathLength} hops, first ${neighbourAs}${med === 0 ? "" : `, med ${med}`}`;
          return `${session}: ${writePrefix(prefixOfKey(key))}, ${hops}`;
        })
        .sort(),
    sessions: () => [...source.sessions()].map(({ id, state }) => `${id} ${state}`).sort(),
  };
}
