// Bar: `kill -9` takes nothing that was acknowledged: not of our own programs under load, and not of the engines below them.
// Each target is killed so many times; what it had acknowledged is held against what is found afterwards.

import { Endings, type Ends } from "#test/fixtures/endings.ts";
import type { BenchResult } from "./bench.ts";
import { killCassandra, killKafka, killShipper } from "./kill-engines.ts";
import { killControl, killEmbedded, killLog } from "./kill-programs.ts";
import { killMemcached, killPostgres, killScreens } from "./kill-stores.ts";
import type { Killed, Missing } from "./killed.ts";

interface Target {
  readonly what: string;
  readonly kills: number;
  run(kills: number, ends: Ends): Promise<Killed | Missing>;
}

const targets: Readonly<Record<string, Target>> = {
  log: { what: "event log's writer", kills: 30, run: killLog },
  embedded: { what: "program with the embedded database", kills: 6, run: killEmbedded },
  control: { what: "control program, beacons over HTTP", kills: 10, run: killControl },
  shipper: { what: "event log and shipper, before Kafka", kills: 10, run: killShipper },
  kafka: { what: "Kafka, behind log and shipper", kills: 8, run: killKafka },
  cassandra: { what: "Cassandra: plays and bookmarks", kills: 8, run: killCassandra },
  postgres: { what: "PostgreSQL: plays and bookmarks", kills: 10, run: killPostgres },
  screens: { what: "programs and PostgreSQL: screens", kills: 12, run: killScreens },
  memcached: { what: "memcached", kills: 10, run: killMemcached },
};

export const parts = Object.keys(targets);

/** Fewest kills of the whole run. */
const least = 50;

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const rows: Record<string, string | number>[] = [];
  const notes: string[] = [];
  const chosen = wanted.length === 0 ? parts : wanted;
  let isKept = true;
  for (const part of chosen) {
    const target = targets[part];
    if (target === undefined) continue;
    const kills = quick ? 2 : target.kills;
    const begun = performance.now();
    const found = await runOne(target, kills);
    if ("missing" in found) {
      notes.push(`${target.what}: left out, ${found.missing}`);
      continue;
    }
    const trouble = [...found.violations, ...found.lost.map((id) => `${id} was acknowledged and is lost`)];
    notes.push(...trouble.slice(0, 5).map((text) => `${target.what}: ${text}`));
    isKept &&= trouble.length === 0 && found.acknowledged > 0;
    rows.push(rowOf(target.what, { kills, seconds: (performance.now() - begun) / 1000, found }));
  }
  const total = rows.reduce((sum, row) => sum + Number(row.kills), 0);
  const isWhole = !quick && wanted.length === 0;
  if (isWhole && total < least) notes.push(`only ${total} kills of ${least}: engines are missing`);
  if (!isKept || (isWhole && total < least)) process.exitCode = 1;
  notes.push(`${total} kills; ${isKept ? "nothing acknowledged was lost" : "NOT KEPT"}`);
  return { claim: "acknowledged events that are found after kill -9", rows, notes };
}

async function runOne(target: Target, kills: number): Promise<Killed | Missing> {
  const ends = new Endings();
  try {
    return await target.run(kills, ends);
  } finally {
    await ends.all();
  }
}

function rowOf(
  what: string,
  { kills, seconds, found }: { readonly kills: number; readonly seconds: number; readonly found: Killed },
): Record<string, string | number> {
  const { acknowledged, lost, doubles, violations, promises } = found;
  return {
    ...{ what, kills, acknowledged, found: found.found, lost: lost.length, doubles },
    ...{ violations: violations.length, promises, seconds: Math.round(seconds) },
  };
}
