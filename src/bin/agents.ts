// Appliances as child processes, each agent with an nginx of its own that can be killed with it.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endAll, ownProcesses, signalTo } from "#edge/io/nginx-process.ts";
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
  /** SIGKILL to the agent and every process of its nginx: the box is gone. */
  kill(id: string): Promise<void>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("./millrace.ts", import.meta.url));
const stopMs = 8000;
const nginxGraceMs = 1000;

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
    async kill(id) {
      children.get(id)?.kill("SIGKILL");
      for (const { pid } of await ownProcesses(nginxOf(order.home, id))) signalTo(pid, "SIGKILL");
    },
    async stop() {
      stopping = true;
      await Promise.all([...children.values()].map(stopAgent));
      // An agent that was killed has left its nginx behind: it serves on, as it should, until everything ends.
      await Promise.all(order.appliances.map(({ id }) => endAll(nginxOf(order.home, id), nginxGraceMs)));
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
  const child = spawn(process.execPath, [program, ...args], {
    // In a group of its own: Ctrl-C reaches this process alone, which ends the agents in order.
    detached: true,
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  return child;
}

async function stopAgent(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await ended;
  clearTimeout(timer);
}

/** nginx processes are known by their working directory, which the system states without symbolic links. */
function nginxOf(home: string, id: string): string {
  return join(realpathSync(home), "appliances", id, "nginx");
}
