// A copy of the database as one file, while nobody else holds the embedded one. PostgreSQL's may be in use.
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { backupName } from "#control/io/routes-backup.ts";
import { backUpDatabase } from "#data/io/backup.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

export const backupCommand = defineCommand({
  meta: {
    name: "backup",
    description:
      "Copy the database into one file. A control plane that runs on the embedded database is asked instead: POST /v1/ops/backup",
  },
  args: {
    out: {
      type: "string",
      description: "File to write; absent, one named after the moment under MILLRACE_HOME/backups",
    },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  async run({ args }) {
    const complaints = usageComplaints(args, { options: ["out", "json"], needed: [], words: 0 });
    if (refusedUsage(complaints, "millrace backup [--out FILE] [--json]")) return;
    await runProgram(async (signal) => {
      const home = homeFolder();
      const nowMs = systemClock.wallMs();
      const settings = settingsOf(dataSettings);
      const facts = await backUpDatabase({
        ...{ databaseUrl: settings.databaseUrl, folder: join(home, "db"), settings, signal, nowMs },
        file: args.out === undefined ? join(home, "backups", backupName(nowMs)) : resolve(args.out),
        onNote: (text) => process.stderr.write(`${text}\n`),
      });
      if (args.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
      else process.stdout.write(`${facts.file}   ${facts.rows} rows of ${facts.tables} tables\n`);
      process.stderr.write(
        `not in it: ${join(home, "secrets.json")} (keep a copy elsewhere), films, and the event log\n`,
      );
    });
  },
});
