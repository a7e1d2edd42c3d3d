// Appliances as child processes, each agent with an nginx of its own that can be killed with it.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
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
  /** Called when an agent ends although nobody asked it to, and when it is given up. */
  readonly onEnd: (id: string, words: string) => void;
}

export interface Agents {
  /** SIGKILL to the agent and every process of its nginx: the box is gone, and stays gone. */
  kill(id: string): Promise<void>;
  /** Appliances that will not come back, with the reason. */
  givenUp(): ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("./millrace.ts", import.meta.url));
const stopMs = 8000;
const nginxGraceMs = 1000;
/**
 * Before each new try. Together longer than an agent of a killed start may take to end, which holds the disk until then:
 * a second for its goodbye, five for what its nginx still sends, three to end that by force.
 */
const pausesMs = [300, 1000, 3000, 6000];
/** A life longer than this was no failed start: the pauses begin anew. */
const soundLifeMs = 10_000;

/** Starts one agent per appliance. Their logs go to `<home>/appliances/<id>/agent.log`. */
export function startAgents(order: AgentOrder): Agents {
  const keepers = new Map(order.appliances.map((box) => [box.id, new Keeper(order, box)]));
  return {
    async kill(id) {
      keepers.get(id)?.kill();
      for (const { pid } of await ownProcesses(nginxOf(order.home, id))) signalTo(pid, "SIGKILL");
    },
    givenUp() {
      const given = [...keepers].filter(([, keeper]) => keeper.givenUp !== "");
      return new Map(given.map(([id, keeper]) => [id, keeper.givenUp]));
    },
    async stop() {
      await Promise.all([...keepers.values()].map((keeper) => keeper.stop()));
      // An agent that was killed has left its nginx behind: it serves on, as it should, until everything ends.
      await Promise.all(order.appliances.map(({ id }) => endAll(nginxOf(order.home, id), nginxGraceMs)));
    },
  };
}

/** Keeps one agent alive: one that is killed or fails is started again, a few times in a row. */
class Keeper {
  givenUp = "";
  readonly #order: AgentOrder;
  readonly #box: SiteAppliance;
  #child: ChildProcess;
  #failures = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(order: AgentOrder, box: SiteAppliance) {
    this.#order = order;
    this.#box = box;
    this.#child = this.#start();
  }

  kill(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#child.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await stopAgent(this.#child);
  }

  #start(): ChildProcess {
    const begun = performance.now();
    const child = spawnAgent(this.#order, this.#box);
    child.on("exit", (code, signal) => {
      if (performance.now() - begun > soundLifeMs) this.#failures = 0;
      if (!this.#isOver) void this.#ended(signal ?? `status ${code}`, code === null || code === 1);
    });
    return child;
  }

  /** One that was told to end, or was called wrongly, would only do so again. */
  async #ended(how: string, again: boolean): Promise<void> {
    const { home, onEnd } = this.#order;
    const pause = again ? pausesMs[this.#failures] : undefined;
    const isFirst = this.#failures === 0;
    this.#failures += 1;
    if (pause !== undefined) {
      this.#timer = setTimeout(() => {
        this.#child = this.#start();
      }, pause);
    }
    const said = how.startsWith("status") ? await lastWords(folderOf(home, this.#box.id)) : "";
    const words = `${how}${said === "" ? "" : `: ${said}`}`;
    if (pause === undefined) this.givenUp = words;
    if (this.#isOver) return;
    if (pause === undefined) onEnd(this.#box.id, `ended for good (${words})`);
    else if (isFirst) onEnd(this.#box.id, `ended (${words}) and is started again`);
  }
}

function spawnAgent(order: AgentOrder, appliance: SiteAppliance): ChildProcess {
  const folder = folderOf(order.home, appliance.id);
  mkdirSync(folder, { recursive: true });
  const log = openSync(join(folder, "agent.log"), "a");
  const args = [
    ...["appliance", "--id", appliance.id, "--control", order.controlUrl, "--token-file", order.tokenFile],
    ...["--listen", appliance.listen, "--dir", folder, "--budget", `${appliance.storageBytes}`],
    "--die-with-parent",
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

/** What an agent's log says last: the message of its record, or a line of plain words. */
async function lastWords(folder: string): Promise<string> {
  const log = await readFile(join(folder, "agent.log"), "utf8").catch(() => "");
  const line = log.trimEnd().split("\n").at(-1) ?? "";
  return (/"msg":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).slice(0, 400);
}

function folderOf(home: string, id: string): string {
  return join(home, "appliances", id);
}

/** nginx processes are known by their working directory, which the system states without symbolic links. */
function nginxOf(home: string, id: string): string {
  return join(folderOf(realpathSync(home), id), "nginx");
}
