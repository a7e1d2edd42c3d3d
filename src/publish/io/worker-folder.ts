// What a worker has on its disk: one folder per worker process, in it what it fetched or made, by sha256, and a folder per job.
// A job's folder holds links: what is in the store never changes, and a job that is taken again goes on where it was.
import { link, mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { claimFile } from "#io/claim-file.ts";
import { linked, removeTree, sha256Of } from "#io/files.ts";
import type { ResultFile } from "#wire/job-spec.ts";

/** The first folder under `root` that no living process has: two workers of one machine have two. */
export async function claimFolder(root: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = join(root, `${number}`);
    if ((await claimFile(join(folder, "owner"))) === undefined) return folder;
  }
}

export class WorkerFolder {
  readonly folder: string;
  readonly #mostBytes: number;
  /** Jobs and masters in work. */
  readonly #inUse = new Map<string, number>();
  readonly #turns = new Map<string, Promise<void>>();

  constructor(folder: string, mostBytes: number) {
    this.folder = folder;
    this.#mostBytes = mostBytes;
  }

  jobFolder(jobId: string): string {
    return join(this.folder, "jobs", jobId);
  }

  /** Where a file of this sha256 is kept, here or not. */
  kept(sha256: string): string {
    return join(this.folder, "kept", sha256);
  }

  /** In a folder of its own, since a film is called by its file's name. */
  master(sha256: string, fileName: string): string {
    const plain = fileName.replaceAll(/[^\p{L}\p{N} ._-]/gu, "_").replace(/^\.+/, "_");
    return join(this.folder, "masters", sha256, plain === "" ? "film" : plain.slice(-120));
  }

  /** Nothing of it is removed until `free`. */
  use(path: string): { readonly free: () => void } {
    const change = (by: number): void => {
      const count = (this.#inUse.get(path) ?? 0) + by;
      if (count > 0) this.#inUse.set(path, count);
      else this.#inUse.delete(path);
    };
    change(1);
    return { free: () => change(-1) };
  }

  /** One after the other, of whoever works on this path. */
  async alone(path: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(path) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#turns.set(path, mine);
    try {
      await mine;
    } finally {
      if (this.#turns.get(path) === mine) this.#turns.delete(path);
    }
  }

  async has(path: string, bytes: number): Promise<boolean> {
    return stat(path).then(
      ({ size }) => size === bytes,
      () => false,
    );
  }

  /** Puts a kept file into a job's work folder, with the seal that says that it is whole. */
  async place({ name, bytes, sha256, sealed }: ResultFile, workDir: string): Promise<void> {
    const to = join(workDir, name);
    const now = new Date();
    await utimes(this.kept(sha256), now, now);
    if (await this.has(to, bytes)) return;
    await mkdir(dirname(to), { recursive: true });
    await rm(to, { force: true });
    await link(this.kept(sha256), to);
    if (sealed) await writeFile(`${to}.seal`, `${bytes} ${sha256}\n`);
  }

  /** What lies in a work folder beside the inputs. Sealed files say their sha256 themselves. */
  async made(
    workDir: string,
    inputs: readonly ResultFile[],
    signal: AbortSignal,
  ): Promise<readonly ResultFile[]> {
    const known = new Set(inputs.map(({ name }) => name));
    const names = (await filesUnder(workDir)).filter((name) => !isWork(name));
    const seals = new Set(names.filter((name) => name.endsWith(".seal")));
    const found: ResultFile[] = [];
    for (const name of names) {
      if (known.has(name) || seals.has(name)) continue;
      const path = join(workDir, name);
      const { size } = await stat(path);
      found.push({
        name,
        bytes: size,
        sha256: await sha256Of(path, signal),
        sealed: seals.has(`${name}.seal`),
      });
    }
    return found;
  }

  /** Keeps a file for later jobs, as another name of the same file. */
  async keep(path: string, sha256: string): Promise<void> {
    await mkdir(dirname(this.kept(sha256)), { recursive: true });
    await linked(path, this.kept(sha256));
  }

  async drop(jobId: string): Promise<void> {
    await removeTree(this.jobFolder(jobId));
  }

  /** Removes what was unused for longest, until no more is kept than may be. */
  async evict(): Promise<number> {
    const entries: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for (const kind of ["kept", "masters", "jobs"]) {
      for (const name of await readdir(join(this.folder, kind)).catch(() => [])) {
        const path = join(this.folder, kind, name);
        if (!this.#inUse.has(path)) entries.push({ path, ...(await sizeOf(path)) });
      }
    }
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    let removed = 0;
    for (const { path, bytes } of entries.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (total <= this.#mostBytes) break;
      await removeTree(path);
      total -= bytes;
      removed++;
    }
    return removed;
  }
}

/** Claims, half-written files and scratch folders are nobody's result. */
function isWork(name: string): boolean {
  return name.startsWith("scratch/") || name.endsWith(".claim") || name.endsWith(".new");
}

/** Names below a folder, sorted; none when it is not there. */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

async function sizeOf(path: string): Promise<{ readonly bytes: number; readonly usedMs: number }> {
  const about = await stat(path).catch(() => undefined);
  if (about === undefined) return { bytes: 0, usedMs: 0 };
  if (!about.isDirectory()) return { bytes: about.size, usedMs: about.mtimeMs };
  let bytes = 0;
  for (const name of await filesUnder(path)) bytes += (await stat(join(path, name)).catch(() => about)).size;
  return { bytes, usedMs: about.mtimeMs };
}
