// A control plane whose disk, clock and life a test has in its hands, players that post to it, and the checker of its promise.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openSeal } from "#control/io/secrets.ts";
import { mintToken } from "#control/session-token.ts";
import { fromRecord } from "#control/telemetry.ts";
import type { LogRecord } from "#data/ports.ts";
import type { Beacon, PlayState } from "#model/beacon.ts";
import type { LoggedBeacon } from "#model/playback.ts";
import { open as openLog, readAll } from "#test/contract/event-log-builders.ts";
import type { Ends } from "#test/fixtures/endings.ts";
import { type Random, seededRandom } from "#units/random.ts";

const seal = openSeal("s".repeat(64));

export async function folderOf(t: Ends): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-telemetry-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface PlaneChild {
  readonly url: string;
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

interface PlaneOrder {
  readonly segmentMib?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before node: "prlimit", … */
  readonly before?: readonly string[];
}

export async function startPlane(t: Ends, folder: string, order: PlaneOrder = {}): Promise<PlaneChild> {
  const { segmentMib = 64, environment = {}, before = [] } = order;
  const words = [...before, process.execPath, "test/fixtures/telemetry-plane.ts", folder, `${segmentMib}`];
  const [program = "", ...rest] = words;
  const child = spawn(program, rest, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const kill = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  t.after(() => kill("SIGKILL"));
  for await (const url of createInterface({ input: child.stdout })) return { url, kill };
  return assert.fail("the control plane ended before it said where it listens");
}

export const beacon = (sessionId: string, seq: number, state: PlayState = "playing"): Beacon => ({
  ...{
    sessionId,
    seq,
    state,
    positionMs: 1000 * seq,
    durationMs: 10_000_000,
    bufferMs: 8000,
    bitrateBps: 4e5,
  },
  ...{ height: 360, throughputBps: 5e6, stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 400 },
  ...{ applianceId: "a1", because: "buffer above the cushion" },
});

/** Session and number: what is acknowledged, and what is looked for. */
export const nameOf = ({ sessionId, seq }: Beacon): string => `${sessionId} ${seq}`;

export async function post(url: string, events: readonly Beacon[]): Promise<Response> {
  const sessionId = events[0]?.sessionId ?? "";
  const grant = { sessionId, accountId: "acc-1", titleId: "film-1", endsAtMs: 4e12 };
  return fetch(`${url}/v1/telemetry`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sessionToken: mintToken(seal, grant), events }),
    signal: AbortSignal.timeout(20_000),
  });
}

export interface Heard {
  readonly acknowledged: string[];
  /** Answers that were none, by status; 0: the connection broke. */
  readonly refused: Record<number, number>;
}

/** Players that post as fast as they are answered, until `enough` says so or the control plane is gone. */
export async function crowd(
  url: string,
  name: string,
  enough: (heard: Heard) => boolean,
  perPost = 3,
): Promise<Heard> {
  const heard: Heard = { acknowledged: [], refused: {} };
  const player = async (nth: number): Promise<void> => {
    for (let seq = 1; !enough(heard); seq += perPost) {
      const events = Array.from({ length: perPost }, (_, place) => beacon(`${name}-${nth}`, seq + place));
      const status = await post(url, events).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      );
      if (status === 204) heard.acknowledged.push(...events.map(nameOf));
      else heard.refused[status] = (heard.refused[status] ?? 0) + 1;
      if (status === 0) return;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, nth) => player(nth)));
  return heard;
}

/** Posts to one control plane after the other on a folder, each killed once that many were acknowledged. What was is returned. */
export async function killedUnderLoad(
  t: Ends,
  folder: string,
  kills: number,
  wanted: (random: Random) => number,
): Promise<readonly string[]> {
  const random = seededRandom(1901);
  const acknowledged: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const plane = await startPlane(t, folder, { segmentMib: 0.2 });
    const enough = wanted(random);
    let killed: Promise<void> | undefined;
    const heard = await crowd(plane.url, `k${kill}`, ({ acknowledged: so }) => {
      if (so.length >= enough) killed ??= plane.kill("SIGKILL");
      return false;
    });
    await killed;
    acknowledged.push(...heard.acknowledged);
  }
  return acknowledged;
}

export async function recordsOf(folder: string): Promise<readonly LogRecord[]> {
  const log = await openLog(folder);
  try {
    return await readAll(log);
  } finally {
    await log.close();
  }
}

export function beaconsIn(records: readonly LogRecord[]): readonly LoggedBeacon[] {
  return records.flatMap(({ value }) => fromRecord(value) ?? []);
}

/** What was acknowledged and is not in the log. */
export function lost(acknowledged: readonly string[], records: readonly LogRecord[]): readonly string[] {
  const there = new Set(beaconsIn(records).map((logged) => nameOf(logged.beacon)));
  return acknowledged.filter((name) => !there.has(name));
}

/** Nothing acknowledged is lost; and of a log that forgot one record of it, the checker says so. */
export function assertKept(acknowledged: readonly string[], records: readonly LogRecord[]): void {
  assert.deepEqual(lost(acknowledged, records), []);
  const last = acknowledged.at(-1);
  assert.ok(last !== undefined, "nothing was acknowledged: this would check nothing");
  const forgetful = records.filter(({ value }) => {
    const logged = fromRecord(value);
    return logged === undefined || nameOf(logged.beacon) !== last;
  });
  assert.deepEqual(lost(acknowledged, forgetful), [last], "the planted loss");
}
