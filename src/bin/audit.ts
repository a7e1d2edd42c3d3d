// `millrace audit verify`: whether the audit log is whole, and where it is not.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { z } from "zod";
import { type AuditReader, verifyAudit } from "#control/audit-verify.ts";
import type { AuditAnchor, AuditVerdict } from "#data/audit-chain.ts";
import { openStores } from "#data/io/database.ts";
import { dataSettings } from "#data/settings.ts";
import { Fault, type FaultTable } from "#units/fault.ts";
import { auditPage, mostAuditRows } from "#wire/identity.ts";
import { accessArgs, type ControlAccess, withControl } from "./control-access.ts";
import { readNamed } from "./named-file.ts";
import { exitFailed, homeFolder, runProgram, settingsOf } from "./program.ts";

const faults = {
  anchorsUnreadable: {
    code: "anchors-unreadable",
    status: 400,
    sentence: "{path}, line {line}: wanted an anchor of the audit log, found something else.",
  },
  noDatabase: {
    code: "no-database",
    status: 404,
    sentence:
      "There is no database in {folder}: MILLRACE_HOME names the installation's folder, DATABASE_URL a server, --url a running control plane.",
  },
} as const satisfies FaultTable;

const anchorLine = z.object({ seq: z.number().int().min(0), hash: z.string().regex(/^[0-9a-f]{64}$/) });

const verifyCommand = defineCommand({
  meta: {
    name: "verify",
    description: "Check every row of the audit log, and say which one is broken first",
  },
  args: {
    ...accessArgs,
    url: {
      type: "string",
      description: "Ask this running control plane (default: open the database itself)",
    },
    anchors: { type: "string", description: "File of anchors that was kept elsewhere" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
  },
  run: async ({ args }) => {
    await runProgram(async (signal) => {
      const anchors = args.anchors === undefined ? [] : await readAnchors(args.anchors);
      const verify = (reader: AuditReader): Promise<AuditVerdict> => verifyAudit({ reader, anchors, digest });
      const verdict = await (args.url === undefined
        ? ownDatabase(signal, verify)
        : withControl(args, signal, (control) => verify(remote(control))));
      process.stdout.write(args.json ? `${JSON.stringify(verdict, null, 2)}\n` : `${inWords(verdict)}\n`);
      if (verdict.kind === "broken") process.exitCode = exitFailed;
    });
  },
});

export const auditCommand = defineCommand({
  meta: { name: "audit", description: "The audit log of the control plane" },
  subCommands: { verify: verifyCommand },
});

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The embedded database takes one process: while a control plane holds it, this is refused with its name. */
async function ownDatabase(
  signal: AbortSignal,
  work: (reader: AuditReader) => Promise<AuditVerdict>,
): Promise<AuditVerdict> {
  const settings = settingsOf(dataSettings);
  const folder = join(homeFolder(), "db");
  if (settings.databaseUrl === "" && !existsSync(folder)) throw new Fault(faults.noDatabase, { folder });
  const onNote = (): void => undefined;
  const stores = await openStores({ databaseUrl: settings.databaseUrl, folder, settings, signal, onNote });
  return work(stores.audit).finally(() => stores.close());
}

function remote(control: ControlAccess): AuditReader {
  const page = (query: string) => control.get(`/v1/ops/audit?${query}`, auditPage);
  return {
    head: async () => (await page("limit=1")).head,
    from: async (seq, limit) => (await page(`from=${seq}&limit=${Math.min(limit, mostAuditRows)}`)).rows,
  };
}

async function readAnchors(path: string): Promise<readonly AuditAnchor[]> {
  const lines = (await readNamed(path))
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    try {
      return anchorLine.parse(JSON.parse(line));
    } catch (error) {
      throw new Fault(faults.anchorsUnreadable, { path, line: index + 1 }, error);
    }
  });
}

function inWords(verdict: AuditVerdict): string {
  if (verdict.kind === "broken") return `broken at row ${verdict.seq}: ${verdict.because}`;
  const { firstSeq, seq, hash } = verdict.head;
  return `whole: ${verdict.rows} rows, ${firstSeq} to ${seq}, head ${hash}`;
}
