// Our own programs, killed while they write: the event log's, one with the embedded database, and the control program.
import { join } from "node:path";
import { openStores } from "#data/io/database.ts";
import { complaint, folderOf, open, readAll, text } from "#test/contract/event-log-builders.ts";
import type { Ends } from "#test/fixtures/endings.ts";
import { keptOf } from "#test/fixtures/kept.ts";
import { printing } from "#test/fixtures/printing.ts";
import { beaconsIn, killedUnderLoad, nameOf, recordsOf } from "#test/journeys/telemetry-rig.ts";
import { type Random, seededRandom } from "#units/random.ts";
import type { Killed } from "./killed.ts";

/** Records of any length, eight batches under way, new files all the time: what is printed was acknowledged. */
export async function killLog(kills: number, ends: Ends): Promise<Killed> {
  const folder = await folderOf(ends);
  const random = seededRandom(41);
  const lines: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const writer = printing(["test/fixtures/log-writer.ts", folder, `${kill * 100_000}`]);
    await writer.reaches(random.integer(20, 1000));
    await writer.kill();
    lines.push(...writer.lines);
  }
  const log = await open(folder);
  const records = await readAll(log);
  await log.close();
  const wrong = complaint(lines, records);
  const kept = keptOf(
    lines.map((line) => line.split("@")[0] ?? ""),
    records.map(({ value }) => text(value).split(":")[0] ?? ""),
  );
  return { ...kept, violations: wrong === undefined ? [] : [wrong], promises: "all, once" };
}

export async function killEmbedded(kills: number, ends: Ends): Promise<Killed> {
  const folder = join(await folderOf(ends), "database");
  const made: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const writer = printing(["test/fixtures/store-writer.ts", folder, `k${kill}`]);
    await writer.reaches(60 + 20 * (kill % 4));
    await writer.kill();
    made.push(...writer.lines.filter((line) => line.startsWith("made ")).map((line) => line.slice(5)));
  }
  const { signal } = new AbortController();
  const stores = await openStores({ databaseUrl: undefined, folder, signal, onNote: () => undefined });
  const found: string[] = [];
  for (const email of made) {
    const account = await stores.accounts.byEmail(email);
    if (account !== undefined) found.push(account.email);
  }
  await stores.close();
  return { ...keptOf(made, found), violations: [], promises: "all, once" };
}

/** Eight players post as fast as they are answered; a post that had no answer is not sent again. */
export async function killControl(kills: number, ends: Ends): Promise<Killed> {
  const folder = await folderOf(ends);
  const wanted = (random: Random): number => random.integer(100, 1500);
  const acknowledged = await killedUnderLoad(ends, folder, kills, wanted);
  const found = beaconsIn(await recordsOf(folder)).map(({ beacon }) => nameOf(beacon));
  return { ...keptOf(acknowledged, found), violations: [], promises: "all, once" };
}
