// From a backup to an empty database, up to this version's schema.
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { restoreBackup } from "#data/io/restore.ts";
import { dataSettings } from "#data/settings.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    description: "Fill an empty database from a backup, of this version or an earlier one",
  },
  args: {
    file: { type: "positional", required: false, description: "What millrace backup wrote" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  async run({ args }) {
    const complaints = usageComplaints(args, { options: ["json"], needed: ["file"], words: 1 });
    if (refusedUsage(complaints, "millrace restore FILE [--json]") || args.file === undefined) return;
    const file = resolve(args.file);
    await runProgram(async (signal) => {
      const settings = settingsOf(dataSettings);
      const facts = await restoreBackup({
        ...{ databaseUrl: settings.databaseUrl, folder: join(homeFolder(), "db"), settings, signal, file },
        onNote: (text) => process.stderr.write(`${text}\n`),
      });
      const { tables, rows, migrationsRun } = facts;
      const words = `restored ${rows} rows of ${tables} tables; ${migrationsRun} migrations run after`;
      process.stdout.write(`${args.json ? JSON.stringify(facts) : words}\n`);
    });
  },
});
