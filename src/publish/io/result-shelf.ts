// Results that workers handed in: files named by their sha256, whole and checked or not there. What is on its way lies apart, by
// the job that sends it, and is sent on from where it ended.
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { sha256Of } from "#io/files.ts";
import { jobFaults } from "#publish/job-faults.ts";
import { Fault } from "#units/fault.ts";
import { type JobManifest, jobManifest, type ResultFile } from "#wire/job-spec.ts";

export interface Chunk {
  /** sha256 that the whole will have. */
  readonly key: string;
  /** Who sends it: nobody else's bytes come between. */
  readonly sender: string;
  readonly offset: number;
  readonly total: number;
  readonly data: Uint8Array;
}

/** A manifest names files and holds a report: more than this is none. */
const mostManifestBytes = 256 << 20;
const manifestsKept = 500;

export class ResultShelf {
  readonly folder: string;
  readonly #mostBytes: number;
  readonly #files = new Map<string, readonly ResultFile[]>();

  constructor(folder: string, mostBytes: number) {
    this.folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** Where the file of this sha256 lies when it is here. */
  path(key: string): string {
    return join(this.folder, key.slice(0, 2), key);
  }

  /** Bytes; undefined when it is not here. */
  async size(key: string): Promise<number | undefined> {
    return sizeOf(this.path(key));
  }

  async has({ sha256, bytes }: Pick<ResultFile, "sha256" | "bytes">): Promise<boolean> {
    return (await this.size(sha256)) === bytes;
  }

  /**
   * Takes one chunk of a file; answers how many bytes of it are here now.
   *
   * @throws Fault result-offset, result-mismatch, result-too-large
   */
  async take({ key, sender, offset, total, data }: Chunk, signal: AbortSignal): Promise<number> {
    if (total > this.#mostBytes || offset + data.length > total) {
      throw new Fault(jobFaults.resultTooLarge, { most: Math.min(total, this.#mostBytes), bytes: total });
    }
    if (await this.has({ sha256: key, bytes: total })) return total;
    const part = join(this.folder, "incoming", `${key}.${sender}`);
    await mkdir(dirname(part), { recursive: true });
    const here = (await sizeOf(part)) ?? 0;
    if (offset === 0) await rm(part, { force: true });
    else if (offset !== here) throw new Fault(jobFaults.resultOffset, { key, bytes: here });
    await appendFlushed(part, data);
    const bytes = offset + data.length;
    if (bytes < total) return bytes;
    const found = await sha256Of(part, signal);
    if (found !== key) {
      await rm(part, { force: true });
      throw new Fault(jobFaults.resultMismatch, { key, found });
    }
    await mkdir(dirname(this.path(key)), { recursive: true });
    await rename(part, this.path(key));
    return bytes;
  }

  read(key: string, start: number): Readable {
    return createReadStream(this.path(key), { start, highWaterMark: 1 << 20 });
  }

  /** undefined when it is not here; a complaint when it is no manifest. */
  async manifest(key: string): Promise<JobManifest | { readonly complaint: string } | undefined> {
    const size = await this.size(key);
    if (size === undefined) return undefined;
    if (size > mostManifestBytes) return { complaint: `its manifest has ${size} bytes` };
    try {
      const read = jobManifest.safeParse(JSON.parse(await readFile(this.path(key), "utf8")));
      if (read.success) return read.data;
      const [issue] = read.error.issues;
      return { complaint: `its manifest at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is none"}` };
    } catch (error) {
      if (error instanceof SyntaxError) return { complaint: "its manifest is no JSON" };
      throw error;
    }
  }

  /** The files that a manifest lists; undefined when it is not here. */
  async filesOf(key: string): Promise<readonly ResultFile[] | undefined> {
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const manifest = await this.manifest(key);
    if (manifest === undefined || "complaint" in manifest) return undefined;
    const [oldest] = this.#files.keys();
    if (this.#files.size >= manifestsKept && oldest !== undefined) this.#files.delete(oldest);
    this.#files.set(key, manifest.files);
    return manifest.files;
  }

  /** Used again, and so as good as new. */
  async touch(keys: readonly string[], at: Date): Promise<void> {
    for (const key of keys) await utimes(this.path(key), at, at).catch(() => undefined);
  }

  /** Removes what nobody used since `before`, but for `needed`. Answers how many files. */
  async sweep(before: Date, needed: ReadonlySet<string>): Promise<number> {
    let removed = 0;
    for (const shelf of await readdir(this.folder).catch(() => [])) {
      for (const name of await readdir(join(this.folder, shelf)).catch(() => [])) {
        const path = join(this.folder, shelf, name);
        const about = await stat(path).catch(() => undefined);
        if (about === undefined || about.mtime >= before || needed.has(name)) continue;
        await rm(path, { force: true });
        this.#files.delete(name);
        removed++;
      }
    }
    return removed;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function appendFlushed(path: string, data: Uint8Array): Promise<void> {
  const handle = await open(path, "a");
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
