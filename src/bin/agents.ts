// Appliances as child processes: each agent in a process group of its own, so that one can be killed with its nginx.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SitesFile } from "#wire/topology.ts";

type SiteAppliance = SitesFile["sites"][number]["appliances"][number];

export interface AgentOrder {
  readonly appliances: readonly SiteAppliance[];
  readonly home: string;
  readonly controlUrl: string;
  readonly tokenFile: string;
  /** Called when an agent ends although nobody asked it to. */
  readonly onEnd: (id: string, how: string) => void;
}

export interface Agents {
  /** SIGKILL to the agent and its nginx at once: the box is gone. */
  kill(id: string): void;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("./millrace.ts", import.meta.url));
const stopMs = 8000;

/** Starts one agent per appliance. Their logs go to `<home>/appliances/<id>/agent.log`. */
export function startAgents(order: AgentOrder): Agents {
  const children = new Map<string, ChildProcess>();
  let stopping = false;
  for (const appliance of order.appliances) {
    const child = spawnAgent(order, appliance);
    children.set(appliance.id, child);
    child.on("exit", (code, signal) => {
      children.delete(appliance.id);
      if (!stopping) order.onEnd(appliance.id, signal ?? `status ${code}`);
    });
  }
  return {
    kill: (id) => signalGroup(children.get(id), "SIGKILL"),
    async stop() {
      stopping = true;
      await Promise.all([...children.values()].map(stopAgent));
    },
  };
}

function spawnAgent(order: AgentOrder, appliance: SiteAppliance): ChildProcess {
  const folder = join(order.home, "appliances", appliance.id);
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, "agent.log"), "a");
  const args = [
    ...["appliance", "--id", appliance.id, "--control", order.controlUrl, "--token-file", order.tokenFile],
    ...[
      "--listen",
      appliance.listen,
      "--dir",
      folder,
      "--budget",
      `${appliance.storageBytes}`,
      "--die-with-parent",
    ],
  ];
  // The open pipe on standard input is the life-line: it closes when this process dies, however it dies.
  const child = spawn(process.execPath, [program, ...args], { detached: true, stdio: ["pipe", log, log] });
  closeSync(log);
  return child;
}

async function stopAgent(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopMs);
  await ended;
  clearTimeout(timer);
}

function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
