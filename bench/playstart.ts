// Claim: a play start (who asks, what they may, a screen, the ranking, signed paths, durable) costs little more than a
// schema-checked POST that does nothing, measured in one run on the same core.
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { controlSettings } from "#control/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { requestText } from "#test/fixtures/http-load.ts";
import { startPostgres } from "#tools/postgres.ts";
import { type BenchResult, median } from "./bench.ts";
import { plainArgon, signIns } from "./playstart-login.ts";
import { loadFrom, openRig, playRequests, type Rig, referenceRequest } from "./playstart-rig.ts";

export const parts = ["embedded", "postgres", "login", "flood"] as const;

type Row = Record<string, string | number>;

const bars = { embedded: 0.4, postgres: 0.12 } as const;
const connections = 128;
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
  return startPostgres(join(tmpdir(), `millrace-pg-${randomBytes(4).toString("hex")}`), tools.postgres);
}

/** The reference and play starts by turns, then play starts at half of what was reached. */
async function playStarts(engine: keyof typeof bars, databaseUrl: string, quick: boolean): Promise<Row[]> {
  const rig = await openRig(databaseUrl, viewers);
  try {
    const seconds = quick ? 3 : 6;
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
    const reference = median(references);
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
    ];
  } finally {
    await rig.stop();
  }
}

type Statuses = Readonly<Record<number, number>>;

function succeeded({
  perSecond,
  statuses,
}: {
  readonly perSecond: number;
  readonly statuses: Statuses;
}): number {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return (perSecond * (statuses[200] ?? 0)) / Math.max(1, all);
}

/** "none", or how many of how many were not answered with success. */
function refusedOf(all: readonly Statuses[]): string {
  const entries = all.flatMap((statuses) => Object.entries(statuses));
  const count = entries.reduce((sum, [, n]) => sum + n, 0);
  const bad = entries.filter(([status]) => !/^20[04]$/.test(status)).reduce((sum, [, n]) => sum + n, 0);
  return bad === 0 ? "none" : `${bad} of ${count}`;
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

/** Play starts at a fifth of what is reached, alone and beside a flood of prefetches and telemetry of ten times as many. */
async function flood(quick: boolean): Promise<Row[]> {
  const rig = await openRig("", viewers);
  try {
    const seconds = quick ? 5 : 15;
    const order = { port: rig.controlPort, connections: 64, requests: playRequests(rig), seconds };
    await loadFrom({ ...order, seconds: 4 });
    const most = await loadFrom(order);
    const paced = { ...order, perSecond: most.perSecond / 5 };
    const alone = await loadFrom(paced);
    const bulk = await floodRequests(rig);
    const flooding = loadFrom({ ...order, connections: 512, requests: bulk, perSecond: most.perSecond * 10 });
    const beside = await loadFrom({ ...paced, seconds: seconds - 2 });
    const sent = await flooding;
    return [
      { what: "play starts alone", ...told(alone) },
      {
        what: "play starts in the flood",
        ...told(beside),
        bar: "99.9 % begin",
        begun: `${begun(beside.statuses)} %`,
      },
      { what: "the flood (prefetch, telemetry)", ...told(sent) },
    ];
  } finally {
    await rig.stop();
  }
}

function told({ perSecond, p50, p99, statuses, busy }: Awaited<ReturnType<typeof loadFrom>>): Row {
  return {
    perSecond: Math.round(perSecond),
    ...{
      p50Ms: p50.toFixed(1),
      p99Ms: p99.toFixed(1),
      refused: refusedOf([statuses]),
      loadBusy: busy.toFixed(2),
    },
  };
}

function begun(statuses: Statuses): string {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return ((100 * (statuses[200] ?? 0)) / Math.max(1, all)).toFixed(3);
}

/** Prefetches, and telemetry with a token that is altered and one that holds. */
async function floodRequests({ controlUrl, cookies }: Rig): Promise<readonly string[]> {
  const [cookie = ""] = cookies;
  const answer = await fetch(`${controlUrl}/v1/play`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({ titleId: "film" }),
  });
  const play: { sessionId: string; sessionToken: string } = await answer.json();
  const beacon = {
    ...{
      sessionId: play.sessionId,
      seq: 1,
      state: "playing",
      positionMs: 1000,
      durationMs: 60_000,
      bufferMs: 8000,
    },
    ...{ bitrateBps: 400_000, height: 360, throughputBps: 5e6, stallCount: 0, stallMs: 0, switchCount: 0 },
    ...{ startupMs: 400, applianceId: "a1", because: "buffer above the cushion" },
  };
  const telemetry = (sessionToken: string): string =>
    requestText({ method: "POST", path: "/v1/telemetry", body: { sessionToken, events: [beacon] } });
  const prefetch = requestText({
    method: "POST",
    path: "/v1/prefetch",
    headers: { cookie },
    body: { titleId: "film" },
  });
  return [telemetry(play.sessionToken), prefetch, telemetry(`${play.sessionToken}x`), prefetch];
}
