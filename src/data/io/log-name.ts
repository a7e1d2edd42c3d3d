// The name of an event log: by it the database knows how far its own control plane has read it. The name is the log's and no copy's: it
// lies in the log's folder, beside a digest of the machine and of the folder. Where the folder is a copy, or a machine is, the log gets
// a name of its own and is read from its start, which changes nothing twice; under one name each would skip what the other had read.
import { createHash, randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readIfThere, writeWhole } from "#io/files.ts";

export const logNameFile = "log-name";

/** Of an open log: nobody else writes in its folder. `machine`: what tells this machine from others, empty where nothing does. */
export async function nameOfLog(folder: string, machine: string): Promise<string> {
  const file = join(folder, logNameFile);
  const { ino } = await stat(folder, { bigint: true });
  const place = createHash("sha256").update(`${machine.trim()} ${ino}`).digest("hex");
  const [name = "", of] = (await readIfThere(file))?.split("\n") ?? [];
  if (name !== "" && of === place) return name;
  const fresh = randomUUID();
  await writeWhole(file, `${fresh}\n${place}\n`);
  return fresh;
}

/** Source: machine-id(5). */
export async function machineId(): Promise<string> {
  return (await readIfThere("/etc/machine-id")) ?? "";
}
