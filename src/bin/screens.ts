// `millrace screens pause`: what whoever promoted a replica says next. Said to the database itself, so that a script can say it
// before any control plane comes back to it.
import { defineCommand } from "citty";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { dataSettings } from "#data/settings.ts";
import { Fault, type FaultTable } from "#units/fault.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const faults = {
  noServer: {
    code: "no-database-server",
    status: 400,
    sentence:
      "Only a database server fails over: set DATABASE_URL to the one that was promoted. The embedded database needs no pause.",
  },
} as const satisfies FaultTable;

const mostSeconds = 3600;

const pauseCommand = defineCommand({
  meta: {
    name: "pause",
    description:
      "After a failover: give nobody a screen for a while, since the promoted database may have missed who holds one. Films that play go on",
  },
  args: {
    seconds: {
      type: "string",
      description: "How long; absent, MILLRACE_LEASE_TTL_MS and MILLRACE_LEASE_GRACE_MS together",
    },
  },
  async run({ args }) {
    const given = args.seconds === undefined ? undefined : Number(args.seconds);
    const fits = given === undefined || (given >= 1 && given <= mostSeconds);
    const complaints = [
      ...usageComplaints(args, { options: ["seconds"], needed: [], words: 0 }),
      ...(fits ? [] : [`--seconds: wanted 1 to ${mostSeconds}, found ${args.seconds}`]),
    ];
    if (refusedUsage(complaints, "millrace screens pause [--seconds N]")) return;
    await runProgram(async (signal) => {
      const settings = settingsOf(dataSettings);
      const { leaseTtlMs, leaseGraceMs } = settingsOf(controlSettings);
      const { databaseUrl } = settings;
      if (databaseUrl === "") throw new Fault(faults.noServer);
      const onNote = (text: string): void => void process.stderr.write(`${text}\n`);
      const stores = await openStores({ databaseUrl, folder: homeFolder(), settings, signal, onNote });
      const forMs = given === undefined ? leaseTtlMs + leaseGraceMs : given * 1000;
      await stores.leases.pause("all", forMs).finally(() => stores.close());
      process.stdout.write(`for ${forMs / 1000} s no new film starts; those that play go on\n`);
    });
  },
});

export const screensCommand = defineCommand({
  meta: { name: "screens", description: "The screens that accounts hold" },
  subCommands: { pause: pauseCommand },
});
