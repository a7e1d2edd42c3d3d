// Looks at a running nginx every half second, and carries out what src/edge/nginx-watch.ts makes of it.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Look, questions, step, unwatched, type WatchCommand } from "#edge/nginx-watch.ts";
import { ownProcesses, signalTo, stateOf } from "./nginx-process.ts";
import { askForLife } from "./nginx-status.ts";

export interface GuardOrder {
  /** The master. */
  readonly pid: number;
  readonly prefixDir: string;
  readonly socket: string;
  readonly hangMs: number;
  /** Ends with the life that is watched. */
  readonly signal: AbortSignal;
  /** Tells what was done. */
  readonly onCommand: (command: WatchCommand) => void;
}

const lookMs = 500;

export async function guardNginx(order: GuardOrder): Promise<void> {
  let state = unwatched;
  while (!order.signal.aborted) {
    await sleep(lookMs, undefined, { signal: order.signal }).catch(() => undefined);
    const seen = await look(order);
    if (order.signal.aborted) return;
    const next = step(state, seen, performance.now());
    state = next.state;
    for (const command of next.commands) {
      await obey(order, command);
      order.onCommand(command);
    }
  }
}

async function obey(order: GuardOrder, command: WatchCommand): Promise<void> {
  if (command.kind === "wake") signalTo(command.pid, "SIGCONT");
  else if (command.kind === "kill-worker") signalTo(command.pid, "SIGKILL");
  else for (const { pid } of await ownProcesses(order.prefixDir)) signalTo(pid, "SIGKILL");
}

async function look({ pid, socket, hangMs }: GuardOrder): Promise<Look> {
  const stopped = (await familyOf(pid)).filter(({ state }) => state === "T");
  if (stopped.length > 0) return { probe: "unasked", stopped, isInDisk: false };
  const deadlineMs = hangMs / questions;
  const begun = performance.now();
  const probe = await askForLife(socket, deadlineMs);
  const agentSlept = performance.now() - begun > 2 * deadlineMs;
  if (probe === "answered") return { probe, stopped, isInDisk: false };
  const isInDisk = (await familyOf(pid)).some(({ state }) => state === "D");
  return { probe: agentSlept ? "unasked" : probe, stopped, isInDisk };
}

/**
 * Master and workers with their state: "T" is stopped by a signal, "D" waits in the kernel. One that a debugger holds ("t")
 * is not stopped: waking it would do nothing.
 */
async function familyOf(
  master: number,
): Promise<readonly { readonly pid: number; readonly kind: "master" | "worker"; readonly state: string }[]> {
  const children = await readFile(`/proc/${master}/task/${master}/children`, "utf8").catch(() => "");
  const workers = children.split(" ").filter((text) => text !== "");
  const family = [
    { pid: master, kind: "master" as const },
    ...workers.map((text) => ({ pid: Number(text), kind: "worker" as const })),
  ];
  return Promise.all(family.map(async (one) => ({ ...one, state: await stateOf(one.pid) })));
}
