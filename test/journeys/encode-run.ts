// How the encode journeys run the encoder: the order, the refusal that leaves nothing behind, the command as a process.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { type Bench, benchOf } from "#encode/io/bench.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeOrder } from "#encode/io/encode-order.ts";
import { type Accepted, acceptFilm, type Prepared, prepareFilm } from "#encode/io/film-intake.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { encodeSettings } from "#encode/settings.ts";
import { processIds } from "#io/port-holder.ts";
import { Fault } from "#units/fault.ts";
import { toolsHere } from "./encode-films.ts";

export const { tools, why } = await toolsHere();
export const options = { skip: why };
export const { signal } = new AbortController();
export const settings = defaultsOf(encodeSettings);

export function order(film: string, workDir: string, more: Partial<EncodeOrder> = {}): EncodeOrder {
  return { film, workDir, effort: "draft", tools, settings, signal, onEvent: () => undefined, ...more };
}

export async function prepare(
  film: string,
  workDir: string,
): Promise<{ readonly accepted: Accepted; readonly prepared: Prepared; readonly bench: Bench }> {
  const bench = benchOf(tools, await openWorkshop(tools, settings, signal), workDir, signal);
  const accepted = await acceptFilm(film, { ...settings }, bench);
  return { accepted, prepared: await prepareFilm(accepted, bench), bench };
}

export async function isRefused(film: string, workDir: string, code: string, words: RegExp): Promise<void> {
  await assert.rejects(encodeFilm(order(film, workDir)), (error) => {
    assert.ok(error instanceof Fault, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
  assert.deepEqual(await keptFiles(workDir), [], "nothing is left behind");
}

/** Every file under the work folder. */
export async function keptFiles(workDir: string): Promise<readonly string[]> {
  const entries = await readdir(workDir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The trials that an encode has finished. One that is still being written has another name. */
export async function finishedTrials(workDir: string): Promise<readonly string[]> {
  return (await keptFiles(join(workDir, "trials"))).filter((path) => path.endsWith(".json"));
}

/** A test, or whatever else says when it is over. */
interface Ending {
  readonly after: (work: () => void) => void;
}

/** `millrace …`, killed at the end of the test if it still runs then. */
export function command(
  t: Ending,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, ["src/bin/millrace.ts", ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

export async function ended(
  child: ChildProcess,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((done) => child.on("close", done));
  return { status, stdout, stderr };
}

/** Waits a moment for a child's files or processes to appear; fails when the child has ended meanwhile. */
export async function nextTick(child: ChildProcess): Promise<void> {
  assert.equal(child.exitCode, null, "the command ended before it could be killed");
  await rest(20);
}

interface Named {
  readonly pid: number;
  readonly line: string;
}

/** Processes that have `text` on their command line, this one excepted. */
export async function processesNaming(text: string): Promise<readonly Named[]> {
  const pids = (await processIds()).filter((pid) => pid !== process.pid);
  const all = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid, line: line.replaceAll("\0", " ") };
    }),
  );
  return all.filter(({ line }) => line.includes(text));
}

/** Waits until no process names `text`; says which do when they stay. */
export async function isGone(text: string): Promise<void> {
  const end = performance.now() + 30_000;
  let left = await processesNaming(text);
  while (left.length > 0 && performance.now() < end) {
    await rest(50);
    left = await processesNaming(text);
  }
  assert.deepEqual(left, [], "processes are left");
}
