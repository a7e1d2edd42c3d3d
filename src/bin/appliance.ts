// `millrace appliance`: one box of the delivery network. Drives nginx, fills the disk, tells the control plane the truth.
import { readFile } from "node:fs/promises";
import { defineCommand, runMain } from "citty";
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
import { endOfParent } from "./end-of-parent.ts";
import { exitUsage, runProgram, settingsOf } from "./program.ts";
import { tellRoutes } from "./tell-routes.ts";

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
    bgp: {
      type: "string",
      description:
        "BGP neighbours, BMP routers and MRT dumps of this appliance (JSON); their routes are told to the control plane",
    },
    heard: {
      type: "string",
      description: "In the place of --bgp: routes that this appliance hears (JSON), told as they change",
    },
    advertise: { type: "string", description: "Address that viewers reach it at, when not http://LISTEN" },
    "die-with-parent": {
      type: "boolean",
      default: false,
      description: "Stop when the program that started it is gone",
    },
  },
  async run({ args }) {
    const complaints = complaintsAbout(args);
    if (complaints.length > 0) {
      process.stderr.write(`${complaints.join("\n")}\n`);
      process.exitCode = exitUsage;
      return;
    }
    await runProgram(async (ofProgram) => {
      const signal = args["die-with-parent"] ? AbortSignal.any([ofProgram, endOfParent()]) : ofProgram;
      const program = settingsOf(programSettings);
      const token = await readToken(args["token-file"]);
      const log = openLog(`appliance ${args.id}`, program.logLevel);
      const telling = new AbortController();
      const { id, control, bgp, heard } = args;
      const { ended } = await tellRoutes({ id, control, bgp, heard, token, log, signal: telling.signal });
      await runAgent({
        id: args.id,
        controlUrl: args.control,
        token,
        listen: args.listen,
        advertise: args.advertise,
        dir: args.dir,
        budget: bytes(Number(args.budget)),
        tools: await findNginx(program, signal),
        settings: settingsOf(edgeSettings),
        clock: systemClock,
        log,
        signal,
        handOver: handOverSignal(),
      }).finally(() => telling.abort());
      await ended;
    });
  },
});

/** Aborts on SIGUSR2: the agent makes way for the next one, and nginx serves on. */
function handOverSignal(): AbortSignal {
  const handOver = new AbortController();
  process.on("SIGUSR2", () => handOver.abort());
  return handOver.signal;
}

function complaintsAbout(args: {
  readonly id: string;
  readonly budget: string;
  readonly control: string;
  readonly bgp?: string | undefined;
  readonly heard?: string | undefined;
}): readonly string[] {
  const budget = Number(args.budget);
  return [
    ...(idPattern.test(args.id) ? [] : [`--id: wanted letters, digits, ".", "_" or "-", found "${args.id}"`]),
    ...(Number.isSafeInteger(budget) && budget >= 0
      ? []
      : [`--budget: wanted bytes, found "${args.budget}"`]),
    ...(args.bgp === undefined || args.heard === undefined ? [] : ["--bgp and --heard: wanted one of them"]),
    ...(URL.canParse(args.control) ? [] : [`--control: wanted an address, found "${args.control}"`]),
  ];
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
