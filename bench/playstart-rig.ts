// Server and load of `bench -- playstart`, on a core each.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { removeTree } from "#io/files.ts";
import { type LoadOrder, type LoadResult, requestText } from "#test/fixtures/http-load.ts";

const told = z.object({
  controlUrl: z.string(),
  referencePort: z.number(),
  emails: z.array(z.string()),
  password: z.string(),
});

export interface Rig {
  readonly controlPort: number;
  readonly referencePort: number;
  /** A cookie for each viewer. */
  readonly cookies: readonly string[];
  readonly controlUrl: string;
  stop(): Promise<void>;
}

export const isPinned = availableParallelism() >= 2;

function node(core: number, words: readonly string[]): ChildProcess {
  const argv = isPinned
    ? ["taskset", "-c", `${core}`, process.execPath, ...words]
    : [process.execPath, ...words];
  const [program = "", ...rest] = argv;
  return spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
}

/** Where the server's profile is to go, for node's own viewer. */
const profiled =
  process.env.MILLRACE_BENCH_PROFILE === undefined
    ? []
    : ["--cpu-prof", `--cpu-prof-dir=${process.env.MILLRACE_BENCH_PROFILE}`];

export async function openRig(
  databaseUrl: string,
  viewers: number,
  reading: "read" | "unread" = "read",
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-playstart-"));
  const child = node(0, [
    ...profiled,
    "bench/playstart-server.ts",
    folder,
    databaseUrl,
    `${viewers}`,
    reading,
  ]);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await removeTree(folder);
  };
  try {
    const facts = told.parse(JSON.parse(await firstLine(child)));
    const cookies: string[] = [];
    for (const email of facts.emails) cookies.push(await signedIn(facts.controlUrl, email, facts.password));
    const { controlUrl, referencePort } = facts;
    return { ...{ controlUrl, referencePort, cookies, stop }, controlPort: Number(new URL(controlUrl).port) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("the server ended before it said where it listens");
}

async function signedIn(url: string, email: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/v1/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** A load from a process on the other core. */
export async function loadFrom(order: LoadOrder): Promise<LoadResult> {
  const child = node(1, ["test/fixtures/http-load-program.ts", "-"]);
  child.stdin?.end(JSON.stringify(order));
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(text);
}

export const referenceRequest = requestText({
  method: "POST",
  path: "/",
  body: {
    ...{ sessionId: "0f5c7f0e-4a52-4a37-93f5-5d7ed6b4a9a1", seq: 1234, state: "playing" },
    ...{
      positionMs: 1_234_567,
      bufferMs: 24_000,
      because: "buffer above the cushion, throughput allows the next rung",
    },
  },
});

export function playRequests({ cookies }: Pick<Rig, "cookies">): readonly string[] {
  return cookies.map((cookie) =>
    requestText({ method: "POST", path: "/v1/play", headers: { cookie }, body: { titleId: "film" } }),
  );
}

const opened = z.object({
  sessionId: z.string(),
  sessionToken: z.string(),
  beatUrl: z.string(),
  lease: z.object({ generation: z.number() }),
});
export type Opened = z.infer<typeof opened>;

/** A play for each of these viewers. */
export async function openPlays(
  { controlUrl }: Pick<Rig, "controlUrl">,
  cookies: readonly string[],
): Promise<readonly Opened[]> {
  const plays: Opened[] = [];
  for (const cookie of cookies) {
    const answer = await fetch(`${controlUrl}/v1/play`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify({ titleId: "film" }),
    });
    if (!answer.ok) throw new Error(`a play answered ${answer.status}: ${await answer.text()}`);
    plays.push(opened.parse(await answer.json()));
  }
  return plays;
}

export function beaconOf({ sessionId }: Pick<Opened, "sessionId">): Record<string, unknown> {
  return {
    ...{ sessionId, seq: 1, state: "playing", positionMs: 1000, durationMs: 60_000, bufferMs: 8000 },
    ...{ bitrateBps: 400_000, height: 360, throughputBps: 5e6, stallCount: 0, stallMs: 0, switchCount: 0 },
    ...{ startupMs: 400, applianceId: "a1", because: "buffer above the cushion" },
  };
}

/** One beat of each, with one beacon. */
export function beatRequests(plays: readonly Opened[]): readonly string[] {
  return plays.map((play) => {
    const { sessionToken, lease, beatUrl } = play;
    const body = { sessionToken, generation: lease.generation, seq: 1, events: [beaconOf(play)] };
    return requestText({ method: "POST", path: beatUrl, body });
  });
}
