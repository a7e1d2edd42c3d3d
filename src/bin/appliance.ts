// `millrace appliance`: one box of the delivery network. Drives nginx, fills the disk, tells the control plane the truth.
import { fstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { defineCommand, runMain } from "citty";
import { readSettings } from "#config/setting.ts";
import { edgeFaults } from "#edge/faults.ts";
import { runAgent } from "#edge/io/agent.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { programSettings } from "#io/settings.ts";
import { findNginx } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { idPattern } from "#units/id.ts";
import { bytes } from "#units/quantity.ts";

const parentPollMs = 300;

export const applianceCommand = defineCommand({
  meta: { name: "appliance", description: "Run one appliance: nginx, its disk, and the fill" },
  args: {
    id: { type: "string", required: true, description: "This appliance's id, as the control plane knows it" },
    control: {
      type: "string",
      required: true,
      description: "Address of the control plane: http://HOST:PORT",
    },
    "token-file": { type: "string", required: true, description: "File that holds this appliance's token" },
    listen: { type: "string", required: true, description: "Where nginx listens: HOST:PORT" },
    dir: { type: "string", required: true, description: "Folder that this appliance keeps everything in" },
    budget: { type: "string", required: true, description: "Bytes that it may hold" },
    advertise: { type: "string", description: "Address that viewers reach it at, when not http://LISTEN" },
    "die-with-parent": {
      type: "boolean",
      default: false,
      description: "Stop when the program that started it is gone",
    },
  },
  run: async ({ args }) => {
    const program = readSettings(programSettings, process.env);
    const edge = readSettings(edgeSettings, process.env);
    const wrong = [program, edge].flatMap((read) => (read.kind === "refused" ? read.complaints : []));
    const budget = Number(args.budget);
    if (!idPattern.test(args.id))
      wrong.push(`--id: wanted letters, digits, ".", "_" or "-", found "${args.id}"`);
    if (!Number.isSafeInteger(budget) || budget < 0)
      wrong.push(`--budget: wanted bytes, found "${args.budget}"`);
    if (!URL.canParse(args.control)) wrong.push(`--control: wanted an address, found "${args.control}"`);
    if (program.kind === "refused" || edge.kind === "refused" || wrong.length > 0) {
      process.stderr.write(`${wrong.join("\n")}\n`);
      process.exitCode = 2;
      return;
    }
    const log = openLog(`appliance ${args.id}`, program.values.logLevel);
    const signal = endOfRun(args["die-with-parent"]);
    try {
      await runAgent({
        id: args.id,
        controlUrl: args.control,
        token: await readToken(args["token-file"]),
        listen: args.listen,
        advertise: args.advertise,
        dir: args.dir,
        budget: bytes(budget),
        tools: await findNginx(program.values, signal),
        settings: edge.values,
        clock: systemClock,
        log,
        signal,
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Fault)) throw error;
      log.fatal({ code: error.code }, error.message);
      process.exitCode = 1;
    }
  },
});

/**
 * Aborts on SIGTERM, SIGINT, SIGHUP, and, where asked for, when the parent is gone: the process that started this one is
 * another one than at first, or the pipe on standard input has ended, which also tells of a parent that died before.
 */
function endOfRun(withParent: boolean): AbortSignal {
  const ending = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => ending.abort());
  if (!withParent) return ending.signal;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && ending.abort(), parentPollMs).unref();
  if (fstatSync(0).isSocket() || fstatSync(0).isFIFO())
    process.stdin
      .on("end", () => ending.abort())
      .resume()
      .unref();
  return ending.signal;
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Fault(edgeFaults.tokenUnreadable, { file, because }, error);
  }
}

if (import.meta.main) await runMain(applianceCommand);
