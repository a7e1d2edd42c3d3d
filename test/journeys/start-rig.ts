// The whole program as a child: a home of its own, free ports, what it said, and which processes of that home are left.
import { type ChildProcess, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { readIfThere } from "#io/files.ts";
import { processIds } from "#io/port-holder.ts";
import { run as runTool } from "#io/process.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { milliseconds } from "#units/quantity.ts";
import { type SitesFile, sitesFile } from "#wire/topology.ts";

const { signal } = new AbortController();
/** Where set-up has put the ffmpeg with VMAF; without it these journeys measure SSIM. */
const setUp = resolve(process.env.MILLRACE_HOME ?? "var");
export const tools = await findTools(setUp, defaultsOf(programSettings), signal);
const lacking = [
  ...(tools.ffmpeg && tools.ffprobe ? [] : ["ffmpeg"]),
  ...(tools.nginx ? [] : ["nginx"]),
  ...(tools.bwrap ? [] : ["bubblewrap"]),
];
export const missing = lacking.length > 0 && `needs ${lacking.join(" and ")}`;

/** A MILLRACE_HOME with a network of its own. */
export class Home {
  readonly folder: string;
  readonly port: number;
  readonly origin: string;
  readonly sites: SitesFile;
  readonly #runs: Run[] = [];

  constructor(folder: string, ports: readonly number[]) {
    const free = [...ports];
    const next = (): number => free.shift() ?? 0;
    this.folder = folder;
    this.port = next();
    this.origin = `127.0.1.1:${next()}`;
    const demo = sitesFile.parse(JSON.parse(readFileSync("demo/sites.json", "utf8")));
    this.sites = {
      ...demo,
      sites: demo.sites.map((site) => ({
        ...site,
        appliances: site.appliances.map((box) => ({
          ...box,
          listen: `${box.listen.split(":")[0]}:${next()}`,
        })),
      })),
    };
    writeFileSync(join(folder, "sites.json"), JSON.stringify(this.sites));
    mkdirSync(this.path("tmp"));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  appliances(): SitesFile["sites"][number]["appliances"] {
    return this.sites.sites.flatMap((site) => site.appliances);
  }

  /** `millrace start` with this home; `environment` may change what this machine seems to have. */
  start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Run {
    const ports = ["--port", `${this.port}`, "--origin", this.origin, "--sites", this.path("sites.json")];
    const argv = ["src/bin/millrace.ts", "start", "--plain", ...ports, ...words];
    const own = {
      MILLRACE_HOME: this.folder,
      // The browser's profile lies there, so that a browser that is left is seen as well.
      TMPDIR: this.path("tmp"),
      MILLRACE_SEGMENT_SECONDS: "2",
      MILLRACE_PLAYS_PER_MINUTE: "10000",
    };
    const env = { ...process.env, ...own, ...environment };
    const run = new Run(spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "pipe"] }));
    this.#runs.push(run);
    return run;
  }

  /** Ids and command lines of what runs with this home's path, as the system knows it. */
  async processes(): Promise<readonly { readonly pid: number; readonly line: string }[]> {
    const own: { pid: number; line: string }[] = [];
    for (const pid of await processIds()) {
      const line = ((await readIfThere(`/proc/${pid}/cmdline`).catch(() => "")) ?? "").replaceAll("\0", " ");
      if (line.includes(this.folder) || folderOf(pid).startsWith(this.folder)) own.push({ pid, line });
    }
    return own.filter(({ pid }) => pid !== process.pid);
  }

  async agentOf(id: string): Promise<number | undefined> {
    return (await this.processes()).find(({ line }) => line.includes(`appliance --id ${id} `))?.pid;
  }

  /** Waits until nothing of this home runs; the error names what does. */
  async isQuiet(deadlineMs = 30_000): Promise<void> {
    let left = await this.processes();
    const end = performance.now() + deadlineMs;
    while (left.length > 0 && performance.now() < end) {
      await rest(50);
      left = await this.processes();
    }
    if (left.length === 0) return;
    const lines = left.map(({ pid, line }) => `${pid} ${line.slice(0, 160)}`);
    throw new Error(`${left.length} processes are left:\n${lines.join("\n")}`);
  }

  said(): string {
    return this.#runs.map((run, i) => `--- start ${i + 1}\n${run.said()}`).join("\n");
  }

  /** Whatever of this home still runs. */
  async killAll(): Promise<void> {
    for (const run of this.#runs) run.child.kill("SIGKILL");
    for (const { pid } of await this.processes()) killHard(pid);
    await this.isQuiet();
  }

  async close(): Promise<void> {
    await this.killAll();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Run {
  readonly child: ChildProcess;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  #said = "";
  #isOver = false;

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-100_000);
      });
    }
    this.ended = new Promise((done) => {
      child.once("close", (code, name) => {
        this.#isOver = true;
        done(code ?? name ?? "?");
      });
    });
  }

  said(): string {
    return this.#said;
  }

  /** Waits until it has said that. */
  async until(pattern: RegExp, deadlineMs = 240_000): Promise<RegExpExecArray> {
    return until(`${pattern}`, deadlineMs, async () => {
      const found = pattern.exec(this.#said);
      if (found === null && this.#isOver) throw new Error(`it ended before it said ${pattern}`);
      return found ?? undefined;
    });
  }

  async end(name: NodeJS.Signals, deadlineMs = 60_000): Promise<number | string> {
    this.child.kill(name);
    return this.over(deadlineMs);
  }

  async over(deadlineMs: number): Promise<number | string> {
    const late = rest(deadlineMs, "late", { ref: false });
    const how = await Promise.race([this.ended, late]);
    if (how === "late") throw new Error(`it still ran after ${deadlineMs} ms`);
    return how;
  }
}

/** Asks again and again until there is an answer; says what was waited for when there is none in time. */
export async function until<T>(
  what: string,
  deadlineMs: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await rest(20);
  }
}

/** A home in a temporary folder, with this machine's VMAF tool when there is one. Close it in `after`. */
export async function openHome(): Promise<Home> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "millrace-start-")));
  if (tools.ffmpegVmaf !== undefined) symlinkSync(join(setUp, "tools"), join(folder, "tools"));
  return new Home(folder, await freePorts(6));
}

/** Runs a journey; when it fails, what the program said stands in the error, and nothing is left for the next one. */
export async function telling(home: Home, journey: () => Promise<void>): Promise<void> {
  try {
    await journey();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const told = new Error(`${reason.split("\n").slice(0, 12).join("\n")}\n${home.said().slice(-3000)}`);
    told.stack = told.message;
    await home.killAll();
    throw told;
  }
}

/** A home for one test, ended and removed with it. */
export async function homeFor(t: TestContext): Promise<Home> {
  const home = await openHome();
  t.after(() => home.close());
  return home;
}

/** Twelve seconds, four differing shots, with sound. */
export async function tinyFilm(path: string, shotSeconds = 3): Promise<string> {
  const size = "s=320x180:r=24";
  const shots = [
    `testsrc2=${size}`,
    `mandelbrot=${size}:maxiter=100`,
    `gradients=${size}:c0=navy:c1=orange:seed=4:speed=0.02`,
    `life=${size}:seed=3:ratio=0.3:mold=10`,
  ];
  const chains = shots.map((_, i) => `[${i}:v]format=yuv420p[v${i}]`).join(";");
  const join4 = `${chains};${shots.map((_, i) => `[v${i}]`).join("")}concat=n=${shots.length}[v]`;
  const inputs = shots.flatMap((shot) => ["-f", "lavfi", "-t", `${shotSeconds}`, "-i", shot]);
  const sound = ["-f", "lavfi", "-t", `${shotSeconds * shots.length}`, "-i", "sine=f=330"];
  const coding = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-crf",
    "12",
    "-c:a",
    "aac",
    "-movflags",
    "+faststart",
  ];
  const argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", ...inputs, ...sound] as const;
  const maps = ["-filter_complex", join4, "-map", "[v]", "-map", `${shots.length}:a`];
  await runTool({ argv: [...argv, ...maps, ...coding, path], signal, deadline: milliseconds(240_000) });
  return path;
}

export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Ports that nobody has at any loopback address. */
async function freePorts(count: number): Promise<readonly number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const probe of probes) {
    await new Promise<void>((listening) => probe.listen(0, "0.0.0.0", listening));
    const address = probe.address();
    if (address !== null && typeof address === "object") ports.push(address.port);
  }
  await Promise.all(probes.map((probe) => new Promise((closed) => probe.close(closed))));
  return ports;
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
