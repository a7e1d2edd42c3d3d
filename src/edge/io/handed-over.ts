// What an agent verified, for the one it makes way for. Written once, read once: a start that does not follow a hand-over
// finds nothing, and hashes everything anew.
import { rm, stat } from "node:fs/promises";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import { type Disk, placeOf } from "./disk.ts";

/** Files by key, with their hash. */
export type Proofs = ReadonlyMap<string, string>;

/** A row for each file that lies there now: "hash stamp key". */
export async function leaveProofs(path: string, disk: Disk, proofs: Proofs): Promise<void> {
  const rows: string[] = [];
  for (const [key, sha256] of proofs) {
    const stamp = await stampOf(disk, key);
    if (stamp !== undefined) rows.push(`${sha256} ${stamp} ${key}\n`);
  }
  await writeWhole(path, rows.join(""), ownerOnly);
}

/** Those whose file is the same one still, untouched since. */
export async function takeProofs(path: string, disk: Disk): Promise<Proofs> {
  const text = await readIfThere(path);
  await rm(path, { force: true });
  const proofs = new Map<string, string>();
  for (const [, sha256 = "", stamp, key = ""] of (text ?? "").matchAll(/^([0-9a-f]{64}) (\S+) (\S+)$/gm)) {
    if ((await stampOf(disk, key)) === stamp) proofs.set(key, sha256);
  }
  return proofs;
}

/** Changes whenever the file does, as far as its file system tells. Undefined when there is none. */
async function stampOf(disk: Disk, key: string): Promise<string | undefined> {
  const found = await stat(placeOf(disk, key), { bigint: true }).catch(() => undefined);
  return found && `${found.dev}-${found.ino}-${found.size}-${found.mtimeNs}-${found.ctimeNs}`;
}
