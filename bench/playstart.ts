// Claim: a play start (who asks, what they may, a screen, the ranking, signed paths, durable) costs little more than a
// schema-checked POST that does nothing, measured in one run on the same core.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { controlSettings } from "#control/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { startPostgres } from "#tools/postgres.ts";
import { type BenchResult, median } from "./bench.ts";
import { flood } from "./playstart-flood.ts";
import { grants } from "./playstart-grants.ts";
import { plainArgon, signIns } from "./playstart-login.ts";
import {
  beatRequests,
  isPinned,
  loadFrom,
  openPlays,
  openRig,
  playRequests,
  referenceRequest,
} from "./playstart-rig.ts";
import { type Row, refusedOf, succeeded } from "./playstart-words.ts";

export const parts = ["embedded", "postgres", "grants", "login", "flood"] as const;

const bars = { embedded: 0.4, postgres: 0.12 } as const;
/** Nearly as many as a group of screens holds, and as may be in work at once. */
const connections = 192;
const viewers = 512;

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const asked = (part: (typeof parts)[number]): boolean => wanted.length === 0 || wanted.includes(part);
  const rows: Row[] = [];
  const notes: string[] = [];
  if (asked("embedded")) rows.push(...(await playStarts("embedded", "", quick)));
  if (asked("postgres")) {
    const server = await postgres();
    if (server === undefined) notes.push("PostgreSQL is missing: apt-get install -y postgresql");
    else rows.push(...(await playStarts("postgres", server.url, quick).finally(() => server.stop())));
  }
  if (asked("grants")) rows.push(...(await grants("embedded", "", quick)));
  if (asked("login")) rows.push(...(await logins(quick)));
  if (asked("flood")) rows.push(...(await flood(quick)));
  return {
    claim: "play starts and sign-ins per second beside their references, medians of rounds",
    rows,
    notes,
  };
}

async function postgres(): Promise<Awaited<ReturnType<typeof startPostgres>> | undefined> {
  const signal = new AbortController().signal;
  const tools = await findTools("var", defaultsOf(programSettings), signal);
  if (tools.postgres === undefined) return undefined;
  const folder = join(tmpdir(), `millrace-pg-${randomBytes(4).toString("hex")}`);
  const server = await startPostgres(folder, tools.postgres);
  // Like the load it is not what is measured: the server under test has its core to itself, as the reference has.
  if (isPinned) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", "1", `${server.pid}`]);
  return server;
}

/** The reference and play starts by turns, then play starts at half of what was reached. */
async function playStarts(engine: keyof typeof bars, databaseUrl: string, quick: boolean): Promise<Row[]> {
  const rig = await openRig(databaseUrl, viewers);
  try {
    const seconds = quick ? 3 : 4;
    const order = { port: rig.controlPort, connections, requests: playRequests(rig), seconds };
    const plain = { ...order, port: rig.referencePort, requests: [referenceRequest] };
    await loadFrom({ ...plain, seconds: 2 });
    await loadFrom({ ...order, seconds: 4 });
    const references: number[] = [];
    const plays: Awaited<ReturnType<typeof loadFrom>>[] = [];
    for (let round = 0; round < (quick ? 3 : 7); round++) {
      references.push((await loadFrom(plain)).perSecond);
      plays.push(await loadFrom(order));
    }
    const reached = median(plays.map(succeeded));
    const half = await loadFrom({ ...order, seconds: 2 * seconds, perSecond: reached / 2 });
    const beating = { ...order, requests: beatRequests(await openPlays(rig, rig.cookies)) };
    const beats: Awaited<ReturnType<typeof loadFrom>>[] = [];
    for (let round = 0; round < (quick ? 3 : 5); round++) beats.push(await loadFrom(beating));
    const reference = median(references);
    const renewed = median(beats.map(succeeded));
    return [
      { what: `${engine}: schema-checked POST (reference)`, perSecond: Math.round(reference), ratio: "1" },
      {
        what: `${engine}: play start`,
        perSecond: Math.round(reached),
        ratio: (reached / reference).toFixed(3),
        bar: bars[engine],
        refused: refusedOf(plays.map(({ statuses }) => statuses)),
        loadBusy: Math.max(...plays.map(({ busy }) => busy)).toFixed(2),
      },
      {
        what: `${engine}: play start at half load`,
        perSecond: Math.round(half.perSecond),
        p50Ms: half.p50.toFixed(1),
        p99Ms: half.p99.toFixed(1),
        refused: refusedOf([half.statuses]),
      },
      {
        what: `${engine}: beat with a beacon`,
        perSecond: Math.round(renewed),
        ratio: (renewed / reference).toFixed(3),
        refused: refusedOf(beats.map(({ statuses }) => statuses)),
      },
    ];
  } finally {
    await rig.stop();
  }
}

/** Sign-ins over HTTP beside argon2 alone, both with the costs of production and as many at once as it has workers. */
async function logins(quick: boolean): Promise<Row[]> {
  const settings = defaultsOf(controlSettings);
  const rounds = quick ? 3 : 5;
  const alone: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await plainArgon(settings, quick ? 20 : 60));
    whole.push(await signIns(openPasswords(settings), settings, quick ? 20 : 60));
  }
  const [reference, ours] = [median(alone), median(whole)];
  return [
    {
      what: `argon2id alone, ${settings.argonMemoryKib} KiB, ${settings.passwordWorkers} at once (reference)`,
      perSecond: reference.toFixed(1),
      ratio: "1",
    },
    { what: "sign-in over HTTP", perSecond: ours.toFixed(1), ratio: (ours / reference).toFixed(3) },
  ];
}
