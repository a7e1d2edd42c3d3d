// One reload of a running nginx: told to take its new configuration, then waited for until nothing of the one before listens.
import { stat } from "node:fs/promises";
import { edgeFaults } from "#edge/faults.ts";
import { slownessOf } from "#edge/nginx-watch.ts";
import { Fault } from "#units/fault.ts";
import { errorsSince, firstComplaint, type NginxPlace } from "./nginx-files.ts";
import { type OwnProcess, ownProcess, ownProcesses, signalTo, stateOf, until } from "./nginx-process.ts";
import { readGeneration } from "./nginx-status.ts";

export interface Reload {
  /** The master. */
  readonly pid: number;
  /** Name of the new configuration. */
  readonly generation: string;
  /** Workers of before. */
  readonly old: readonly OwnProcess[];
  /** Where nginx's error log ended before it was told, in bytes. */
  readonly logSize: number;
  /** How many the new configuration has. */
  readonly workers: number;
}

export async function tellReload(
  place: NginxPlace,
  pid: number,
  { generation, workers }: Pick<Reload, "generation" | "workers">,
): Promise<Reload> {
  const logSize = await stat(place.errorLog).then(
    (found) => found.size,
    () => 0,
  );
  const old = (await ownProcesses(place.prefixDir)).filter(({ kind }) => kind === "worker");
  signalTo(pid, "SIGHUP");
  return { pid, generation, old, logSize, workers };
}

/**
 * Waits until the new configuration answers and no worker of the old one listens any more: a key that was taken away
 * opens nothing from here on.
 *
 * @throws Fault reload-slow when it takes longer, nginx-config-refused when nginx did not take it
 */
export async function awaitReload(place: NginxPlace, reload: Reload, waitMs: number): Promise<void> {
  const { pid, generation, logSize } = reload;
  const isGone = async (): Promise<boolean> => (await ownProcess(pid, place.prefixDir)) === undefined;
  const answers = async (): Promise<boolean> => (await readGeneration(place.socket)) === generation;
  const isOver = async (): Promise<boolean> =>
    (await isGone()) ||
    ((await stillListening(place, reload)).length === 0 &&
      (await answers()) &&
      (await surplus(place, reload)).length === 0);
  if ((await until(isOver, waitMs)) && !(await isGone())) return;
  const left = new Set([...(await stillListening(place, reload)), ...(await surplus(place, reload))]);
  const old = await Promise.all([...left].map(async (id) => ({ pid: id, state: await stateOf(id) })));
  const newAnswers = (await patientGeneration(place.socket)) === generation;
  const slowness = slownessOf({ masterIsGone: await isGone(), newAnswers, old });
  if (slowness !== undefined) throw new Fault(edgeFaults.reloadSlow, { because: slowness });
  const said = firstComplaint(await errorsSince(place, logSize));
  throw new Fault(edgeFaults.configRefused, { because: said || "it did not take it over in time" });
}

/** Nothing failed: nginx is on its way to the new configuration. */
export function isSlow(error: unknown): error is Fault {
  return error instanceof Fault && error.code === edgeFaults.reloadSlow.code;
}

const mostQuestions = 3;

/** Asked again where nothing answers: what nginx is too busy to say once is no refusal, after which all would be undone. */
async function patientGeneration(socket: string): Promise<string | undefined> {
  for (let asked = 1; asked < mostQuestions; asked++) {
    const found = await readGeneration(socket);
    if (found !== undefined) return found;
  }
  return readGeneration(socket);
}

/** A worker that was just forked bears its master's title. */
async function stillListening(place: NginxPlace, { old }: Reload): Promise<readonly number[]> {
  const now = await Promise.all(old.map(({ pid }) => ownProcess(pid, place.prefixDir)));
  return now.flatMap((one) => (one?.kind === "worker" || one?.kind === "master" ? [one.pid] : []));
}

/**
 * Those that are too many once the new configuration answers. A reload before that nobody waited for to its end may have
 * begun them after the workers of before were listed.
 */
async function surplus(place: NginxPlace, { workers }: Reload): Promise<readonly number[]> {
  const pids = (await ownProcesses(place.prefixDir)).flatMap(({ kind, pid }) =>
    kind === "worker" ? [pid] : [],
  );
  return pids.toSorted((a, b) => a - b).slice(0, Math.max(0, pids.length - workers));
}
