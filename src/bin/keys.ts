// The keys that wrap content keys: another one is put in front, for the next start of the control plane. And keys of titles that
// were made elsewhere, for the control plane to keep.
import { join } from "node:path";
import { defineCommand } from "citty";
import { addEncryptionKey } from "#control/io/secrets.ts";
import { readKeyFile } from "#pack/io/key-file.ts";
import { titleKeys } from "#wire/licence.ts";
import { idText } from "#wire/viewer.ts";
import { accessArgs, withControl } from "./control-access.ts";
import { homeFolder, runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const rotateCommand = defineCommand({
  meta: {
    name: "rotate",
    description: "Make a key encryption key that wraps from the next start of the control plane on",
  },
  run: async () => {
    await runProgram(async () => {
      const path = join(homeFolder(), "secrets.json");
      const { keyEncryptionKeys } = await addEncryptionKey(path);
      const [first, ...older] = keyEncryptionKeys.map(({ id }) => id);
      process.stderr.write(
        `keys         ${first} wraps from the next start on; ${older.join(", ") || "no other"} still opens. Back up ${path}, apart from the database.\n` +
          "next         start the control plane anew, then POST /v1/ops/keys/rewrap as an admin\n",
      );
    });
  },
});

const importCommand = defineCommand({
  meta: { name: "import", description: "Have a running control plane keep the keys of a title" },
  args: {
    ...accessArgs,
    file: { type: "positional", required: true, description: "Key file, as encode --encrypt reads it" },
    title: { type: "string", required: true, description: "The title's id" },
  },
  run: async ({ args }) => {
    const wrong = usageComplaints(args, { options: ["file", "url", "as"], needed: ["title"], words: 1 });
    const id = idText.safeParse(args.title);
    if (!id.success) wrong.push(`--title: wanted a title's id, found "${args.title}"`);
    if (refusedUsage(wrong, "millrace keys import FILE --title ID [--url URL] [--as EMAIL]")) return;
    await runProgram(async (signal) => {
      const keys = await readKeyFile(args.file, join(homeFolder(), "origin"));
      const path = `/v1/ops/titles/${encodeURIComponent(args.title)}/keys`;
      const kept = await withControl(args, signal, (control) => control.post(path, { keys }, titleKeys));
      const rows = kept.keys.map(({ label, kid }) => [label, kid]);
      process.stdout.write(`${textTable([["label", "kid"], ...rows])}\n`);
    });
  },
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "Content keys, and the keys that wrap them: see docs/licences.md" },
  subCommands: { rotate: rotateCommand, import: importCommand },
});
