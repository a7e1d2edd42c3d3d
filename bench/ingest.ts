// Claim: one fdatasync for many beacons takes them many times faster than one fdatasync each, with the same promise; and a heartbeat
// over HTTP, on disk before its answer, costs little more than a schema-checked POST that does nothing; and what carries events on to
// Kafka keeps up with more than they can come in by.
import { mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { dataSettings } from "#data/settings.ts";
import { removeTree } from "#io/files.ts";
import { Endings } from "#test/fixtures/endings.ts";
import { type LoadResult, requestText } from "#test/fixtures/http-load.ts";
import { type BenchResult, median } from "./bench.ts";
import { shippedPerSecond } from "./ingest-kafka.ts";
import { startOne } from "./kill-engines.ts";
import type { Missing } from "./killed.ts";
import { beaconOf, loadFrom, type Opened, openPlays, openRig, referenceRequest } from "./playstart-rig.ts";
import { type Row, refusedOf } from "./playstart-words.ts";

export const parts = ["log", "http", "kafka"] as const;

/** Source: control-telemetry research §2, heartbeats with a durable answer, and events to Kafka. */
const bars = { single: 0.6, batch: 4, kafka: 2 } as const;
const beacon = new Uint8Array(220).fill(65);
const writers = 256;
/** As many as viewers: with fewer, a slow disk is what is measured, not the core. */
const connections = 256;
const viewers = 256;
const perBatch = 20;

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const asked = (part: (typeof parts)[number]): boolean => wanted.length === 0 || wanted.includes(part);
  const rows: Row[] = [];
  if (asked("log")) rows.push(...(await logAlone(quick)));
  if (asked("http")) rows.push(...(await overHttp(quick)));
  const notes = asked("http")
    ? [
        "over HTTP nobody reads the event log meanwhile, and the load gate is open: what one core takes in is asked",
      ]
    : [];
  if (asked("kafka")) {
    const found = await toKafka(quick);
    if ("missing" in found) notes.push(`Kafka: left out, ${found.missing}`);
    else {
      rows.push(...found.rows);
      notes.push("Kafka is one broker on this machine; a spool that fills up is shipped, without rests");
    }
  }
  return { claim: "durable beacons per second, median of rounds", rows, notes };
}

async function logAlone(quick: boolean): Promise<Row[]> {
  const rounds = quick ? 3 : 7;
  const single: number[] = [];
  const grouped: number[] = [];
  for (let round = 0; round < rounds; round++) {
    single.push(await inFolder((folder) => oneEach(folder, quick ? 100 : 300)));
    grouped.push(await inFolder((folder) => inGroups(folder, quick ? 40 : 100)));
  }
  return [
    { what: "one fdatasync per beacon (reference)", perSecond: Math.round(median(single)), ratio: "1" },
    {
      what: `event log, ${writers} writers`,
      perSecond: Math.round(median(grouped)),
      ratio: (median(grouped) / median(single)).toFixed(1),
    },
  ];
}

/** The reference, single heartbeats and batches by turns, so that a slow minute of the machine is everybody's. */
async function overHttp(quick: boolean): Promise<Row[]> {
  const rig = await openRig("", viewers, "unread");
  try {
    const plays = await openPlays(rig, rig.cookies);
    const seconds = quick ? 3 : 4;
    const order = { port: rig.controlPort, connections, seconds };
    const orders = {
      plain: { ...order, port: rig.referencePort, requests: [referenceRequest] },
      single: { ...order, requests: posts(plays, 1) },
      batch: { ...order, requests: posts(plays, perBatch) },
    };
    const names = ["plain", "single", "batch"] as const;
    const results: Record<(typeof names)[number], LoadResult[]> = { plain: [], single: [], batch: [] };
    for (const name of names) await loadFrom({ ...orders[name], seconds: 2 });
    for (let round = 0; round < (quick ? 3 : 7); round++) {
      for (const name of names) results[name].push(await loadFrom(orders[name]));
    }
    const reference = median(results.plain.map(taken));
    const row = (what: string, heard: readonly LoadResult[], events: number, bar: number): Row => ({
      what,
      perSecond: Math.round(median(heard.map(taken)) * events),
      ratio: ((median(heard.map(taken)) * events) / reference).toFixed(3),
      bar,
      p99Ms: median(heard.map(({ p99 }) => p99)).toFixed(1),
      refused: refusedOf(heard.map(({ statuses }) => statuses)),
      loadBusy: Math.max(...heard.map(({ busy }) => busy)).toFixed(2),
    });
    return [
      { what: "schema-checked POST (reference)", perSecond: Math.round(reference), ratio: "1" },
      row("durable heartbeat over HTTP", results.single, 1, bars.single),
      row(`durable events over HTTP, ${perBatch} per POST`, results.batch, perBatch, bars.batch),
    ];
  } finally {
    await rig.stop();
  }
}

/** The reference and shipments by turns. */
async function toKafka(quick: boolean): Promise<{ readonly rows: readonly Row[] } | Missing> {
  const ends = new Endings();
  try {
    const kafka = await startOne("kafka", ends);
    if ("missing" in kafka) return kafka;
    const rig = await openRig("", 1, "unread");
    ends.after(() => rig.stop());
    const order = { port: rig.referencePort, connections, requests: [referenceRequest] };
    await loadFrom({ ...order, seconds: 2 });
    const [references, shipped]: [number[], number[]] = [[], []];
    for (let round = 0; round < (quick ? 3 : 5); round++) {
      references.push(taken(await loadFrom({ ...order, seconds: quick ? 3 : 4 })));
      shipped.push(await shippedPerSecond(kafka, quick ? 50_000 : 200_000));
    }
    const [reference, perSecond] = [median(references), median(shipped)];
    return {
      rows: [
        {
          what: "schema-checked POST (reference beside Kafka)",
          perSecond: Math.round(reference),
          ratio: "1",
        },
        {
          what: "shipper, event log into Kafka",
          perSecond: Math.round(perSecond),
          ratio: (perSecond / reference).toFixed(3),
          bar: bars.kafka,
        },
      ],
    };
  } finally {
    await ends.all();
  }
}

function taken({ perSecond, statuses }: LoadResult): number {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return (perSecond * (statuses[204] ?? 0)) / Math.max(1, all);
}

/** For each play a few requests with numbers that go on. */
function posts(plays: readonly Opened[], events: number): readonly string[] {
  return plays.map((play) => {
    const body = {
      sessionToken: play.sessionToken,
      sentMs: 900_000,
      events: Array.from({ length: events }, (_, nth) => ({
        ...beaconOf(play),
        ...{ seq: nth + 1, positionMs: 1000 * nth, madeMs: 800_000 + 1000 * nth },
      })),
    };
    return requestText({ method: "POST", path: "/v1/telemetry", body });
  });
}

async function inFolder(measure: (folder: string) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  return measure(folder).finally(() => removeTree(folder));
}

async function oneEach(folder: string, count: number): Promise<number> {
  const file = await open(join(folder, "plain"), "a");
  const begun = performance.now();
  for (let i = 0; i < count; i++) {
    await file.write(beacon);
    await file.datasync();
  }
  const seconds = (performance.now() - begun) / 1000;
  await file.close();
  return count / seconds;
}

async function inGroups(folder: string, each: number): Promise<number> {
  const log = await openEventLog({
    folder,
    settings: defaultsOf(dataSettings),
    signal: new AbortController().signal,
  });
  const begun = performance.now();
  const write = async (): Promise<void> => {
    for (let i = 0; i < each; i++) await log.append([beacon]);
  };
  await Promise.all(Array.from({ length: writers }, write));
  const seconds = (performance.now() - begun) / 1000;
  await log.close();
  return (writers * each) / seconds;
}
