// `millrace catalog`: hands a file of works to a running control plane, and takes one from it.
import { extname } from "node:path";
import { defineCommand } from "citty";
import { type ImportAnswer, importAnswer } from "#wire/catalog.ts";
import { asked, passwordLine, signedInAt } from "./control-session.ts";
import { readNamed } from "./named-file.ts";
import { exitFailed, runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

/** An import of a large file reads, checks and writes every work. */
const importMs = 120_000;

const where = {
  control: { type: "string", default: "http://127.0.0.1:8080", description: "Address of the control plane" },
  email: { type: "string", description: "Its operator; the password is read from standard input" },
} as const;

const importExample =
  "millrace catalog import FILE.csv|FILE.json --email OPERATOR [--control URL] [--dry-run] [--replace] [--encoding NAME] [--json] < PASSWORD";

const importCommand = defineCommand({
  meta: { name: "import", description: "Takes over a file of works (CSV or JSON), all of it or nothing" },
  args: {
    ...where,
    file: { type: "positional", required: false, description: "See docs/catalogue.md" },
    "dry-run": { type: "boolean", default: false, description: "Say what it would do, and do nothing" },
    replace: { type: "boolean", default: false, description: "Works that the file does not name go" },
    encoding: { type: "string", description: "Of a file that is neither UTF-8 nor says what it is" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  async run({ args }) {
    const { file = "", control, email = "", encoding = "" } = args;
    const form = extname(file).toLowerCase();
    const complaints = [
      ...usageComplaints(args, {
        options: ["control", "dry-run", "dryRun", "replace", "encoding", "json"],
        needed: ["file", "email"],
        words: 1,
      }),
      ...(file !== "" && form !== ".csv" && form !== ".json" ? [`${file}: wanted a .csv or a .json`] : []),
      ...(URL.canParse(control) ? [] : [`--control: "${control}" is no URL`]),
    ];
    if (refusedUsage(complaints, importExample)) return;
    await runProgram(async () => {
      const bytes = await readNamed(file);
      const cookie = await signedInAt(control, email, await passwordLine());
      const url = new URL("/v1/ops/catalog/import", control);
      url.searchParams.set("mode", args.replace ? "replace" : "merge");
      url.searchParams.set("dryRun", `${args["dry-run"]}`);
      const type = form === ".csv" ? "text/csv" : "application/json";
      const headers = {
        cookie,
        "content-type": encoding === "" ? type : `${type}; charset=${encoding}`,
        origin: url.origin,
      };
      const answer = await asked(url, { method: "POST", headers, body: bytes }, importMs);
      const said = importAnswer.parse(await answer.json());
      process.stdout.write(args.json ? `${JSON.stringify(said, null, 2)}\n` : wordsOf(said));
      if (said.kind === "refused") process.exitCode = exitFailed;
    });
  },
});

const exportExample =
  "millrace catalog export --email OPERATOR [--control URL] [--form csv|json] < PASSWORD > FILE";

const exportCommand = defineCommand({
  meta: {
    name: "export",
    description: "Writes all works to standard output, in a form that can be imported",
  },
  args: { ...where, form: { type: "string", default: "json", description: "csv or json" } },
  async run({ args }) {
    const { control, email = "", form } = args;
    const complaints = [
      ...usageComplaints(args, { options: ["control", "form"], needed: ["email"], words: 0 }),
      ...(form === "csv" || form === "json" ? [] : [`--form: wanted csv or json, found "${form}"`]),
      ...(URL.canParse(control) ? [] : [`--control: "${control}" is no URL`]),
    ];
    if (refusedUsage(complaints, exportExample)) return;
    await runProgram(async () => {
      const cookie = await signedInAt(control, email, await passwordLine());
      const url = new URL(`/v1/ops/catalog/export?form=${form}`, control);
      const answer = await asked(url, { headers: { cookie } }, importMs);
      process.stdout.write(new Uint8Array(await answer.arrayBuffer()));
    });
  },
});

export const catalogCommand = defineCommand({
  meta: { name: "catalog", description: "Works of a running control plane: import and export" },
  subCommands: { import: importCommand, export: exportCommand },
});

function wordsOf(said: ImportAnswer): string {
  const { works, added, changed, unchanged, removed, version, complaints, complaintsFound } = said;
  const counts = `${works} works: ${added} new, ${changed} changed, ${unchanged} as they were, ${removed} gone`;
  switch (said.kind) {
    case "imported":
      return `imported   ${counts}\nthe catalogue is version ${version}\n`;
    case "checked":
      return `nothing wrong, nothing done   ${counts}\n`;
    case "refused": {
      const rows = complaints.map(({ line, id, field, because }) => [`${line}`, id, field, because]);
      const more =
        complaintsFound > complaints.length ? `\nand ${complaintsFound - complaints.length} more` : "";
      return `nothing was imported\n${textTable([["line", "id", "field", "what is wrong"], ...rows])}${more}\n`;
    }
  }
}
