// `millrace control token`: tokens of workers and appliances, through the running control plane.
import { defineCommand } from "citty";
import { z } from "zod";
import { madeToken, newToken, type TokenRow, tokenList } from "#wire/identity.ts";
import { accessArgs, withControl } from "./control-access.ts";
import { runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage } from "./usage.ts";

const json = {
  type: "boolean",
  default: false,
  description: "One JSON document on standard output",
} as const;

const makeCommand = defineCommand({
  meta: { name: "make", description: "Make a token; it is printed once and never shown again" },
  args: {
    ...accessArgs,
    kind: { type: "string", required: true, description: "worker, or appliance" },
    name: { type: "string", required: true, description: "What it is for" },
    appliance: { type: "string", description: "The one appliance that the token is for" },
    days: { type: "string", description: "How long it opens (default: until it is revoked)" },
    json,
  },
  run: async ({ args }) => {
    const days = args.days === undefined ? {} : { days: Number(args.days) };
    const bound = args.appliance === undefined ? {} : { applianceId: args.appliance };
    const order = newToken.safeParse({ kind: args.kind, name: args.name, ...days, ...bound });
    const example =
      "millrace control token make --kind worker|appliance --name TEXT [--appliance ID] [--days N]";
    const complaints = order.success
      ? []
      : order.error.issues.map((issue) => `--${optionOf(issue.path[0])}: ${issue.message}`);
    if (refusedUsage(complaints, example)) return;
    await runProgram(async (signal) => {
      const made = await withControl(args, signal, (control) =>
        control.post("/v1/ops/tokens", order.data, madeToken),
      );
      process.stdout.write(args.json ? `${JSON.stringify(made, null, 2)}\n` : `${made.token}\n`);
      process.stderr.write(`token ${made.id} for ${made.name}: it is not shown again\n`);
    });
  },
});

const listCommand = defineCommand({
  meta: { name: "list", description: "List the tokens, without the tokens themselves" },
  args: { ...accessArgs, json },
  run: async ({ args }) => {
    await runProgram(async (signal) => {
      const { tokens } = await withControl(args, signal, (control) =>
        control.get("/v1/ops/tokens", tokenList),
      );
      const head = ["id", "kind", "appliance", "name", "made", "ends", "last used"];
      const text = textTable([head, ...tokens.map(rowOf)]);
      process.stdout.write(args.json ? `${JSON.stringify(tokens, null, 2)}\n` : `${text}\n`);
    });
  },
});

const revokeCommand = defineCommand({
  meta: { name: "revoke", description: "Revoke a token: it opens nothing any more" },
  args: { ...accessArgs, id: { type: "positional", required: true, description: "As list shows it" } },
  run: async ({ args }) => {
    const path = `/v1/ops/tokens/${encodeURIComponent(args.id)}/revoke`;
    await runProgram((signal) =>
      withControl(args, signal, async (control) => {
        await control.post(path, {}, z.undefined());
      }),
    );
  },
});

export const tokenCommand = defineCommand({
  meta: { name: "token", description: "Tokens of workers and appliances" },
  subCommands: { make: makeCommand, list: listCommand, revoke: revokeCommand },
});

function optionOf(key: unknown): string {
  return key === "applianceId" ? "appliance" : String(key);
}

function rowOf({ id, kind, applianceId, name, createdAtMs, expiresAtMs, lastUsedAtMs }: TokenRow): string[] {
  const moments = [createdAtMs, expiresAtMs, lastUsedAtMs].map((ms) =>
    ms === undefined ? "never" : new Date(ms).toISOString().slice(0, 16),
  );
  return [id, kind, applianceId ?? "", name, ...moments];
}
