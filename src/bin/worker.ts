// `millrace worker`: takes encode jobs from a control plane and does them. Any number, anywhere; each may be killed at any moment.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { defineCommand } from "citty";
import { z } from "zod";
import { isLoopback } from "#account/federation.ts";
import { encodeFaults } from "#encode/faults.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { encodeSettings } from "#encode/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { packFaults } from "#pack/faults.ts";
import type { RunPackager } from "#pack/io/shaka-packager.ts";
import { WorkerCall } from "#publish/io/worker-call.ts";
import { claimFolder, WorkerFolder } from "#publish/io/worker-folder.ts";
import { workerFaults } from "#publish/worker-faults.ts";
import { workerSettings } from "#publish/worker-settings.ts";
import { Fault } from "#units/fault.ts";
import type { TakeBody } from "#wire/jobs.ts";
import { encodersOf } from "./encoders.ts";
import { endOfParent } from "./end-of-parent.ts";
import { plainText } from "./plain-text.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { type PackagerRunning, packagerFor } from "./protect.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";
import { takeTurns, type WorkerRoom } from "./worker-turns.ts";

const dying = ["die-with-parent", "dieWithParent"];
const usage = "millrace worker --control URL --token-file FILE [--jobs N] [--name NAME] [--once]";

export const workerCommand = defineCommand({
  meta: { name: "worker", description: "Take encode jobs from a control plane; any number, anywhere" },
  args: {
    control: { type: "string", description: "Where the control plane is, http://HOST:PORT" },
    "token-file": { type: "string", description: "File that holds a worker token" },
    jobs: { type: "string", description: "Jobs at a time (default: one per processor)" },
    name: { type: "string", description: "What operators see it as (default: the host's name and a number)" },
    once: { type: "boolean", default: false, description: "End when there is nothing to do" },
    "die-with-parent": {
      type: "boolean",
      default: false,
      description: "Stop when the program that started it is gone",
    },
  },
  async run({ args }) {
    const wrong = usageComplaints(args, {
      ...{
        options: ["jobs", "name", "once", "tokenFile", ...dying],
        needed: ["control", "token-file"],
        words: 0,
      },
    });
    const jobs = args.jobs === undefined ? undefined : Number(args.jobs);
    if (jobs !== undefined && !(Number.isInteger(jobs) && jobs >= 1 && jobs <= 256)) {
      wrong.push(`--jobs: wanted 1 to 256, found "${args.jobs}"`);
    }
    if (args.control !== undefined && !/^https?:\/\/[^/]+\/?$/.test(args.control)) {
      wrong.push(`--control: wanted http://HOST:PORT or https://HOST, found "${args.control}"`);
    }
    if (args.name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(args.name)) {
      wrong.push(`--name: wanted letters, digits, ".", "_" and "-", found "${args.name}"`);
    }
    if (refusedUsage(wrong, usage)) return;
    const { control = "", "token-file": tokenFile = "", name, once } = args;
    const dies = args["die-with-parent"];
    await runProgram((ofProgram) => {
      const signal = dies ? AbortSignal.any([ofProgram, endOfParent()]) : ofProgram;
      return serve({ control, tokenFile, jobs, name, once }, signal);
    });
  },
});

interface WorkerArgs {
  readonly control: string;
  readonly tokenFile: string;
  readonly jobs: number | undefined;
  readonly name: string | undefined;
  readonly once: boolean;
}

async function serve(args: WorkerArgs, signal: AbortSignal): Promise<void> {
  const home = homeFolder();
  const limits = settingsOf(workerSettings);
  const settings = settingsOf(encodeSettings);
  const token = await readToken(args.tokenFile);
  const tools = await findTools(home, settingsOf(programSettings), signal);
  const workshop = await openWorkshop(tools, settings, signal);
  const codecs = await codecsHere(tools, settings.allowHevc === "yes", signal);
  const folder = await claimFolder(join(home, "worker"));
  const name =
    args.name ?? `${hostname().replaceAll(/[^A-Za-z0-9._-]/g, "-")}-${basename(folder)}`.slice(-64);
  const packager = await packagerHere(args.control, { tools, settings, signal });
  const asking: Omit<TakeBody, "waitSeconds"> = {
    ...{ worker: name, tools: await toolsName(tools), codecs, vmaf: tools.ffmpegVmaf !== undefined },
    encrypts: packager.run !== undefined,
  };
  const jobs = args.jobs ?? workshop.jobs;
  say(
    `worker   ${name} · ${jobs} at a time · ${codecs.join(", ")} · quality by ${asking.vmaf ? "VMAF" : "SSIM"}`,
  );
  say(`         tools ${asking.tools} · ${folder}`);
  say(`         ${packager.words}`);
  const call = new WorkerCall({
    ...{ controlUrl: args.control, token, retryMostMs: limits.retryMostSeconds * 1000 },
    deadlineMs: limits.deadlineSeconds * 1000,
    onAway: (because) => say(because === undefined ? "control  is back" : `control  ${because}`),
  });
  const store = new WorkerFolder(folder, limits.diskGib * 2 ** 30);
  const room: WorkerRoom = {
    ...{ call, store, tools, workshop, asking, say, packager: packager.run },
    settings: { ...settings, jobs: 1 },
  };
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const turns = Array.from({ length: jobs }, () =>
    takeTurns(room, args.once, both).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const ended = await Promise.allSettled(turns);
  const failure = ended.find((one) => one.status === "rejected" && !signal.aborted);
  if (failure?.status === "rejected") throw stop.signal.aborted ? stop.signal.reason : failure.reason;
  say(signal.aborted ? "worker   ended; what was under way was handed back" : "worker   nothing left to do");
}

async function readToken(file: string): Promise<string> {
  try {
    const token = (await readFile(file, "utf8")).trim();
    // What no header can carry is no token, and what is sent must not show up in an error.
    if (!/^[\x21-\x7e]{1,512}$/.test(token)) throw new Error("wanted one word of plain letters");
    return token;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Fault(workerFaults.tokenUnreadable, { file, because }, error);
  }
}

async function codecsHere(tools: Tools, hevc: boolean, signal: AbortSignal): Promise<TakeBody["codecs"]> {
  if (tools.ffmpeg === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffmpeg" });
  if (tools.ffprobe === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffprobe" });
  const found = await encodersOf(tools.ffmpeg, signal);
  const codecs = found.filter((codec) => hevc || codec !== "hevc");
  if (codecs.length === 0) throw new Fault(encodeFaults.programMissing, { program: "an encoder in ffmpeg" });
  return [...codecs];
}

interface PackagerHere {
  readonly run: RunPackager | undefined;
  readonly words: string;
}

/** Keys come over the line to the control plane: where others could read along, this worker takes no titles that need them. */
async function packagerHere(control: string, running: PackagerRunning): Promise<PackagerHere> {
  const url = new URL(control);
  if (url.protocol !== "https:" && !isLoopback(url))
    return { run: undefined, words: `encrypts no titles: ${url.origin} would send their keys in the clear` };
  try {
    const run = await packagerFor(settingsOf(programSettings).shakaPackager, running);
    return { run, words: "encrypts titles, where that is ordered" };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== packFaults.packagerMissing.code) throw error;
    return { run: undefined, words: `encrypts no titles: ${error.message}` };
  }
}

/** Builds whose results may be mixed, this Millrace among them: of other ones, an encode is begun anew. */
async function toolsName({ ffmpeg, ffprobe, ffmpegVmaf }: Tools): Promise<string> {
  const own = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(own));
  const builds = [version, ffmpeg?.build, ffprobe?.build, ffmpegVmaf?.build ?? "none"];
  return createHash("sha256").update(builds.join(" ")).digest("hex").slice(0, 16);
}

function say(text: string): void {
  process.stderr.write(`${plainText(text)}\n`);
}
