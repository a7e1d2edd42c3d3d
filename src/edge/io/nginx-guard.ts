// Looks at a running nginx every half second, and carries out what src/edge/nginx-watch.ts and nginx-retired.ts make of it.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { judgeRetired, type Retired, type RetiredState, type Stuck } from "#edge/nginx-retired.ts";
import { type Look, questions, step, unwatched, type WatchCommand } from "#edge/nginx-watch.ts";
import type { NginxEvent } from "./nginx.ts";
import { type OwnProcess, ownProcess, ownProcesses, runningOf, signalTo, stateOf } from "./nginx-process.ts";
import type { Reload } from "./nginx-reload.ts";
import { askForLife, readGeneration } from "./nginx-status.ts";

export interface GuardOrder {
  /** The master. */
  readonly pid: number;
  readonly prefixDir: string;
  readonly socket: string;
  readonly hangMs: number;
  /** For a worker that was told to leave; see nginx-retired.ts. */
  readonly stuckMs: number;
  /** The last one, if there was any. */
  readonly reload: () => Reload | undefined;
  /** Ends with the life that is watched. */
  readonly signal: AbortSignal;
  /** Tells what was done. */
  readonly onCommand: (command: WatchCommand | KillStuck) => void;
}

interface KillStuck extends Stuck {
  readonly kind: "kill-stuck";
}

/** As the agent tells it. */
export function eventOf(command: WatchCommand | KillStuck): NginxEvent {
  switch (command.kind) {
    case "wake":
      return { kind: "woken", pid: command.pid };
    case "kill-worker":
      return { kind: "worker-killed", pid: command.pid };
    case "kill-stuck":
      return { kind: "stuck-killed", pid: command.pid, because: command.because };
    case "kill-all":
      return { kind: "hung", because: command.because };
  }
}

const lookMs = 500;

export async function guardNginx(order: GuardOrder): Promise<void> {
  let state = unwatched;
  let waiting: RetiredState = new Map();
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
    const judged = judgeRetired(waiting, await retiredOf(order), performance.now(), order.stuckMs);
    waiting = judged.state;
    for (const one of judged.stuck) {
      signalTo(one.pid, "SIGKILL");
      order.onCommand({ kind: "kill-stuck", ...one });
    }
  }
}

/** Children of the master alone: a pid that went to another program is none of them. */
async function retiredOf(order: GuardOrder): Promise<readonly Retired[]> {
  const children = await Promise.all(
    (await workersOf(order.pid)).map((pid) => ownProcess(pid, order.prefixDir)),
  );
  const pidsOf = (kind: OwnProcess["kind"]): readonly number[] =>
    children.flatMap((child) => (child?.kind === kind ? [child.pid] : []));
  const told = await toldOf(order, pidsOf("worker"));
  return Promise.all([
    ...told.map(async (pid) => ({ pid, kind: "told" as const, ...(await runningOf(pid)) })),
    ...pidsOf("leaving").map(async (pid) => ({ pid, kind: "leaving" as const, ...(await runningOf(pid)) })),
  ]);
}

/** A reload that nginx refused told nobody to leave: then there are no workers but those of before. */
async function toldOf(
  { reload, socket }: GuardOrder,
  workers: readonly number[],
): Promise<readonly number[]> {
  const last = reload();
  const told = workers.filter((pid) => last?.old.some((old) => old.pid === pid));
  if (told.length === 0 || told.length === workers.length) return [];
  return (await readGeneration(socket)) === last?.generation ? told : [];
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
  const workers = await workersOf(master);
  const family = [
    { pid: master, kind: "master" as const },
    ...workers.map((pid) => ({ pid, kind: "worker" as const })),
  ];
  return Promise.all(family.map(async (one) => ({ ...one, state: await stateOf(one.pid) })));
}

async function workersOf(master: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${master}/task/${master}/children`, "utf8").catch(() => "");
  return children
    .split(" ")
    .filter((text) => text !== "")
    .map(Number);
}
