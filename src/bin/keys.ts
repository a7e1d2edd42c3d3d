// The keys that wrap content keys: another one is put in front, for the next start of the control plane.
import { join } from "node:path";
import { defineCommand } from "citty";
import { addEncryptionKey } from "#control/io/secrets.ts";
import { homeFolder, runProgram } from "./program.ts";

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

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "The keys that content keys are wrapped with: see docs/licences.md" },
  subCommands: { rotate: rotateCommand },
});
