// Remembers where a file was being sent to, by what is in it, so that a command that was killed goes on.
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";

export interface KeptPlace {
  read(): Promise<string | undefined>;
  keep(place: string): Promise<void>;
  forget(): Promise<void>;
}

/** `who` and `server` count: another operator's upload is not to be seen, another server knows nothing of it. */
export function keptPlace(
  home: string,
  of: { readonly server: string; readonly who: string; readonly sha256: string },
): KeptPlace {
  const key = createHash("sha256")
    .update(JSON.stringify([of.server, of.who, of.sha256]))
    .digest("hex");
  const path = join(home, "sending", key.slice(0, 32));
  return {
    async read() {
      const text = await readIfThere(path);
      return text !== undefined && /^\/v1\/uploads\/[0-9a-f]+$/.test(text) ? text : undefined;
    },
    keep: (place) => writeWhole(path, place, ownerOnly),
    forget: () => rm(path, { force: true }),
  };
}
