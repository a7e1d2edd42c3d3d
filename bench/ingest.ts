// Claim: one fdatasync for many beacons takes them many times faster than one fdatasync each, with the same promise.
import { mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { dataSettings } from "#data/settings.ts";
import { removeTree } from "#io/files.ts";
import { type BenchResult, median } from "./bench.ts";

const beacon = new Uint8Array(220).fill(65);
const writers = 256;

export async function bench(quick: boolean): Promise<BenchResult> {
  const rounds = quick ? 3 : 7;
  const single: number[] = [];
  const grouped: number[] = [];
  for (let round = 0; round < rounds; round++) {
    single.push(await inFolder((folder) => oneEach(folder, quick ? 100 : 300)));
    grouped.push(await inFolder((folder) => inGroups(folder, quick ? 40 : 100)));
  }
  const rows = [
    { what: "one fdatasync per beacon (reference)", perSecond: Math.round(median(single)), ratio: "1" },
    {
      what: `event log, ${writers} writers`,
      perSecond: Math.round(median(grouped)),
      ratio: (median(grouped) / median(single)).toFixed(1),
    },
  ];
  return { claim: "durable beacons per second, median of rounds", rows };
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
