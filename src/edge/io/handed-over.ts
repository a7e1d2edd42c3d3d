// What an agent verified, for the one it makes way for. Written once, read once: a start that does not follow a hand-over
// finds nothing, and hashes everything anew.
import { readFile, rm, stat } from "node:fs/promises";
import { uptime } from "node:os";
import { isServable } from "#edge/nginx-config.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import { type Disk, placeOf, together } from "./disk.ts";

/** Files by key, with their hash. */
export type Proofs = ReadonlyMap<string, string>;

/** A moment in one run of the machine. No wall clock, which may be set, comes into it. */
export interface Moment {
  /** Empty where the system does not name its runs: then nothing is believed. */
  readonly bootId: string;
  readonly uptimeSeconds: number;
}

/** A hand-over takes seconds. What is older was left for nobody, and the disk had time to rot. Chosen by us. */
const longestSeconds = 86_400;

/** Source: random(4), /proc/sys/kernel/random/boot_id. */
export async function thisMoment(): Promise<Moment> {
  const text = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return { bootId: text.trim(), uptimeSeconds: Math.floor(uptime()) };
}

/** The moment, then a row for each file that lies there now: "hash stamp key". */
export async function leaveProofs(path: string, disk: Disk, proofs: Proofs, now: Moment): Promise<void> {
  const rows = await stamped(disk, [...proofs]);
  const lines = rows.map(({ key, sha256, stamp }) =>
    stamp === undefined ? "" : `${sha256} ${stamp} ${key}\n`,
  );
  await writeWhole(path, `${now.bootId} ${now.uptimeSeconds}\n${lines.join("")}`, ownerOnly);
}

/** Those whose file is the same one still, untouched since; none of before a reboot, or of more than a day ago. */
export async function takeProofs(path: string, disk: Disk, now: Moment): Promise<Proofs> {
  const text = (await readIfThere(path)) ?? "";
  await rm(path, { force: true });
  if (!isFresh(text, now)) return new Map();
  const left = new Map<string, readonly [sha256: string, stamp: string]>();
  for (const [, sha256 = "", stamp = "", key = ""] of text.matchAll(/^([0-9a-f]{64}) (\S+) (\S+)$/gm)) {
    if (isServable(key)) left.set(key, [sha256, stamp]);
  }
  const rows = await stamped(
    disk,
    [...left].map(([key, [sha256]]) => [key, sha256]),
  );
  return new Map(
    rows.flatMap(({ key, sha256, stamp }) => (left.get(key)?.[1] === stamp ? [[key, sha256]] : [])),
  );
}

function isFresh(text: string, now: Moment): boolean {
  const [, bootId, at] = /^(\S+) (\d{1,12})\n/.exec(text) ?? [];
  const age = now.uptimeSeconds - Number(at);
  return bootId === now.bootId && age >= 0 && age <= longestSeconds;
}

async function stamped(
  disk: Disk,
  files: readonly (readonly [key: string, sha256: string])[],
): Promise<readonly { readonly key: string; readonly sha256: string; readonly stamp: string | undefined }[]> {
  const rows: { readonly key: string; readonly sha256: string; readonly stamp: string | undefined }[] = [];
  for (let from = 0; from < files.length; from += together) {
    const some = files.slice(from, from + together);
    rows.push(
      ...(await Promise.all(
        some.map(async ([key, sha256]) => ({ key, sha256, stamp: await stampOf(disk, key) })),
      )),
    );
  }
  return rows;
}

/** Changes whenever the file does, as far as its file system tells. Undefined when there is none. */
async function stampOf(disk: Disk, key: string): Promise<string | undefined> {
  const found = await stat(placeOf(disk, key), { bigint: true }).catch(() => undefined);
  return found && `${found.dev}-${found.ino}-${found.size}-${found.mtimeNs}-${found.ctimeNs}`;
}
