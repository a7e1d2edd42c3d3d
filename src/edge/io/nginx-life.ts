// One life of an nginx master: launched as a child of ours, or adopted from an agent that was killed.
import { spawn } from "node:child_process";
import { open, rm, stat } from "node:fs/promises";
import { edgeFaults } from "#edge/faults.ts";
import { ioFaults } from "#io/faults.ts";
import { isPortTaken, parseListen, portHolder } from "#io/port-holder.ts";
import { assert } from "#units/assert.ts";
import { Fault } from "#units/fault.ts";
import { errorsSince, firstComplaint, frontSocket, type NginxPlace } from "./nginx-files.ts";
import { dismissOrphans, endAll, ownProcess, ownProcesses, until } from "./nginx-process.ts";
import { readGeneration } from "./nginx-status.ts";

export interface NginxLife {
  readonly pid: number;
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
  /** The program that looks after it may end before it. */
  letGo(): void;
}

const startMs = 10_000;
const adoptedPollMs = 200;

/**
 * Starts nginx and waits until it answers with this configuration.
 *
 * It gets a process group of its own, so that a terminal's Ctrl-C reaches the agent alone, which then ends it gently.
 *
 * @throws Fault port-taken with the holder's name, nginx-failed with nginx's own words
 */
export async function launchNginx(
  place: NginxPlace,
  listens: readonly string[],
  generation: string,
): Promise<NginxLife> {
  await dismissOrphans(place.prefixDir);
  for (const left of [place.socket, frontSocket(place.prefixDir)]) await rm(left, { force: true });
  for (const listen of listens) await demandPort(listen);
  const before = await stat(place.errorLog).then(
    (found) => found.size,
    () => 0,
  );
  const life = await spawnNginx(place);
  const state: { ended: string | undefined } = { ended: undefined };
  void life.ended.then((how) => {
    state.ended = how;
  });
  const up = async (): Promise<boolean> =>
    state.ended !== undefined || (await readGeneration(place.socket)) === generation;
  const inTime = await until(up, startMs);
  if (inTime && state.ended === undefined) return life;
  if (state.ended === undefined) await endAll(place.prefixDir, 0);
  const said = await errorsSince(place, before);
  if (said.includes("Address already in use")) for (const listen of listens) await demandPort(listen);
  throw new Fault(edgeFaults.nginxFailed, {
    status: state.ended ?? `no answer within ${startMs / 1000} s`,
    because: firstComplaint(said) || "it said nothing",
  });
}

/** @throws Fault port-taken when someone already listens there */
export async function demandPort(listen: string): Promise<void> {
  const at = parseListen(listen);
  assert(at !== undefined, "the address was checked when the configuration was rendered");
  if (!(await isPortTaken(at.host, at.port))) return;
  throw new Fault(ioFaults.portTaken, {
    address: listen,
    holder: await portHolder(at.host, at.port),
    setting: "--listen (`millrace start` takes it from the sites file)",
  });
}

async function spawnNginx(place: NginxPlace): Promise<NginxLife> {
  const log = await open(place.errorLog, "a");
  try {
    const child = spawn(place.nginx, ["-p", place.prefixDir, "-e", place.errorLog, "-c", place.config], {
      cwd: place.prefixDir,
      detached: true,
      stdio: ["ignore", "ignore", log.fd],
    });
    const ended = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? `status ${code}`));
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(child.pid ?? 0));
      child.once("error", (error) =>
        reject(new Fault(ioFaults.processMissing, { program: place.nginx, reason: error.message }, error)),
      );
    });
    return { pid, ended, letGo: () => child.unref() };
  } finally {
    await log.close();
  }
}

/** The running master of this prefix, left by an agent that was killed; undefined when there is none. */
export async function findAdoptable(place: NginxPlace, signal: AbortSignal): Promise<NginxLife | undefined> {
  const masters = (await ownProcesses(place.prefixDir)).filter((process) => process.kind === "master");
  const pid = Math.min(...masters.map((process) => process.pid));
  return Number.isFinite(pid)
    ? { pid, ended: watch(pid, place.prefixDir, signal), letGo: () => undefined }
    : undefined;
}

async function watch(pid: number, prefixDir: string, signal: AbortSignal): Promise<string> {
  const gone = async (): Promise<boolean> => (await ownProcess(pid, prefixDir)) === undefined;
  while (!signal.aborted && !(await until(gone, 0))) {
    await new Promise((resolve) => setTimeout(resolve, adoptedPollMs));
  }
  return "it is gone";
}
