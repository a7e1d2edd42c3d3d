// How many events the shipper carries from the event log into a real Kafka of one broker, in a second.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { sessionOf, toRecord } from "#control/telemetry.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { openEvents } from "#data/io/events.ts";
import type { EventLog } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { removeTree } from "#io/files.ts";
import type { Beacon } from "#model/beacon.ts";
import { urlOf } from "#test/fixtures/shipping-rig.ts";
import type { RunningKafka } from "#tools/engine-kafka.ts";

const { signal } = new AbortController();
const sessions = 256;
const atOnce = 1000;
const longestMs = 120_000;

/** Events per second, from Kafka's first answer to its last, of a log that held them all before: each one acknowledged. */
export async function shippedPerSecond(kafka: RunningKafka, count: number): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  const settings = { ...defaultsOf(dataSettings), eventsUrl: urlOf(kafka) };
  const log = await openEventLog({ folder: join(home, "log"), settings, signal });
  try {
    for (let from = 0; from < count; from += atOnce) await log.append(records(from, atOnce));
    const events = await openEvents({
      ...{ log: hurried(log), home, settings, signal, keyOf: sessionOf, clock: systemClock },
      ...{ chance: Math.random, onShip: () => undefined },
    });
    const { shipper } = events;
    if (shipper === undefined) throw new Error("nothing is shipped");
    try {
      return await rate(() => shipper.lag());
    } finally {
      await events.close();
    }
  } finally {
    await log.close();
    await removeTree(home);
  }
}

async function rate(lag: () => number): Promise<number> {
  const all = lag();
  const end = performance.now() + longestMs;
  const below = async (most: number): Promise<number> => {
    while (lag() > most) {
      if (performance.now() > end) throw new Error(`${lag()} of ${all} events were not shipped in time`);
      await rest(2);
    }
    return performance.now();
  };
  const begun = await below(all - 1);
  const left = lag();
  return (1000 * left) / ((await below(0)) - begun);
}

/** One that fills up: the shipper then goes as fast as it can, and does not rest after each shipment. */
function hurried(log: EventLog): EventLog {
  return {
    append: (values) => log.append(values),
    read: (offset, limit) => log.read(offset, limit),
    end: () => log.end(),
    fill: () => 0.45,
    first: () => log.first(),
    trouble: () => log.trouble(),
    bytes: () => log.bytes(),
    onSync: (tell) => log.onSync(tell),
    truncateBefore: (offset, kept) => log.truncateBefore(offset, kept),
    close: () => log.close(),
  };
}

function records(from: number, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, nth) => {
    const [sessionId, seq] = [`session-${(from + nth) % sessions}`, 1 + Math.floor((from + nth) / sessions)];
    const beacon: Beacon = {
      ...{ sessionId, seq, state: "playing", positionMs: 1000 * seq, durationMs: 6_000_000, bufferMs: 8000 },
      ...{ bitrateBps: 400_000, height: 360, throughputBps: 5e6, stallCount: 0, stallMs: 0, switchCount: 0 },
      ...{ startupMs: 400, applianceId: "a1", because: "buffer above the cushion" },
    };
    return toRecord({ receivedMs: 1000 * seq, beacon });
  });
}
