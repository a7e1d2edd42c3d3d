// Blobs in a folder: written under another name, flushed, then put into place in one step. `objects/` holds what is there,
// `incoming/` what is on its way. Several programs may use it at once.
import { createHash, type Hash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { keyComplaint, spanOf } from "#data/blob-key.ts";
import { dataFaults } from "#data/faults.ts";
import type { BlobFound, BlobHead, BlobPut, BlobPutOrder, BlobRange, BlobStore } from "#data/ports-blob.ts";
import { linked } from "#io/files.ts";
import { Fault } from "#units/fault.ts";
import { keysIn, pathOf } from "./blob-paths.ts";
import { syncFolder, writeAll } from "./segment-files.ts";
import { toldSource } from "./told-source.ts";

const chunkBytes = 256 << 10;
/** Files whose size is asked for at once. */
const slice = 64;
/** A folder that is emptied and removed again and again just before something is put into it: not more often than this. */
const mostTries = 10;
/** Nobody writes for so long without a byte: what is older was left by a program that died. */
const abandonedMs = 86_400_000;

/** Makes the folder if need be, and clears away what died on its way in. */
export async function openFolderBlobs(folder: string): Promise<BlobStore> {
  const [objects, incoming] = [join(folder, "objects"), join(folder, "incoming")];
  await mkdir(objects, { recursive: true });
  await mkdir(incoming, { recursive: true });
  for (const name of await readdir(incoming)) {
    const found = await stat(join(incoming, name)).catch(absent);
    if (found !== undefined && found.mtimeMs < Date.now() - abandonedMs)
      await rm(join(incoming, name), { force: true });
  }
  await syncFolder(folder);
  return new FolderBlobs(objects, incoming);
}

class FolderBlobs implements BlobStore {
  readonly #objects: string;
  readonly #incoming: string;

  constructor(objects: string, incoming: string) {
    this.#objects = objects;
    this.#incoming = incoming;
  }

  async put(key: string, content: AsyncIterable<Uint8Array>, order: BlobPutOrder = {}): Promise<BlobPut> {
    const path = this.#pathOf(key);
    order.signal?.throwIfAborted();
    const isOnce = order.ifNoneMatch === "*";
    if (isOnce && (await this.head(key)) !== undefined) return { kind: "exists" };
    const fresh = join(this.#incoming, randomBytes(12).toString("hex"));
    try {
      const { etag, size } = await written(fresh, key, content, order);
      order.signal?.throwIfAborted();
      const isPlaced = await this.#place(fresh, path, isOnce).catch(failed(key));
      return isPlaced ? { kind: "stored", etag, size } : { kind: "exists" };
    } finally {
      // What is told is why it failed, not that what is left of it would not go: that is cleared away later.
      await rm(fresh, { force: true }).catch(() => undefined);
    }
  }

  async get(
    key: string,
    how: { readonly range?: BlobRange | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<BlobFound> {
    const path = this.#pathOf(key);
    how.signal?.throwIfAborted();
    const handle = await open(path, "r").catch(absentOr(key));
    if (handle === undefined) return { kind: "absent" };
    const head = await headOf(key, handle);
    const span = spanOf(how.range, head.size);
    if (span === undefined) {
      await handle.close();
      return { kind: "beyond", size: head.size };
    }
    const content = bytesOf(key, handle, span, how.signal);
    return {
      kind: "found",
      head,
      from: span.first,
      bytes: span.end - span.first,
      content,
      close: closer(handle),
    };
  }

  async head(key: string, signal?: AbortSignal): Promise<BlobHead | undefined> {
    const path = this.#pathOf(key);
    signal?.throwIfAborted();
    const found = await stat(path, { bigint: true }).catch(absentOr(key));
    return found && { key, size: Number(found.size), etag: etagOf(found) };
  }

  async *list(
    prefix: string,
    {
      after = "",
      signal,
    }: { readonly after?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterable<BlobHead> {
    let some: Promise<BlobHead | undefined>[] = [];
    for await (const { key } of keysIn(this.#objects, prefix, after)) {
      signal?.throwIfAborted();
      if (some.push(this.head(key)) < slice) continue;
      yield* await settled(some);
      some = [];
    }
    yield* await settled(some);
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const path = this.#pathOf(key);
    signal?.throwIfAborted();
    await rm(path, { force: true }).catch(absentOr(key));
    const kept = await this.#prune(dirname(path));
    await syncFolder(kept).catch(absentOr(key));
  }

  #pathOf(key: string): string {
    const because = keyComplaint(key);
    if (because !== undefined) throw new Fault(dataFaults.blobKey, { key: shown(key), because });
    return pathOf(this.#objects, key);
  }

  /** False: there is one already. */
  async #place(fresh: string, path: string, isOnce: boolean): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        await mkdir(dirname(path), { recursive: true });
        if (!isOnce) await rename(fresh, path);
        else if (!(await linked(fresh, path))) return false;
        break;
      } catch (error) {
        // The folder went when what lay in it was deleted.
        if (codeOf(error) !== "ENOENT" || tries === mostTries) throw error;
      }
    }
    await this.#syncTo(dirname(path));
    return true;
  }

  /** The name, and those of the folders above it, which may be new. */
  async #syncTo(folder: string): Promise<void> {
    const parts = relative(this.#objects, folder)
      .split(sep)
      .filter((part) => part !== "");
    for (let depth = parts.length; depth >= 0; depth--) {
      await syncFolder(join(this.#objects, ...parts.slice(0, depth))).catch(absent);
    }
  }

  /** Removes folders that hold nothing any more, and answers the first that does. */
  async #prune(folder: string): Promise<string> {
    let left = folder;
    while (
      left !== this.#objects &&
      (await rmdir(left).then(
        () => true,
        () => false,
      ))
    )
      left = dirname(left);
    return left;
  }
}

/** All of the content, on disk. */
async function written(
  path: string,
  key: string,
  content: AsyncIterable<Uint8Array>,
  { sha256, signal }: BlobPutOrder,
): Promise<BlobHead> {
  const handle = await open(path, "wx").catch(failed(key));
  try {
    const hash = createHash("sha256");
    await copied(content, handle, { key, hash, signal });
    const found = hash.digest("hex");
    if (sha256 !== undefined && sha256 !== found) {
      throw new Fault(dataFaults.blobHash, { key: shown(key), wanted: sha256, found });
    }
    // Finer than the system's own, so that no two contents of one size and one inode share it.
    const now = Date.now() / 1000 + (performance.now() % 1) / 1000;
    await handle.utimes(now, now);
    await handle.sync().catch(failed(key));
    return await headOf(key, handle);
  } finally {
    await handle.close();
  }
}

async function copied(
  content: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  {
    key,
    hash,
    signal,
  }: { readonly key: string; readonly hash: Hash; readonly signal: AbortSignal | undefined },
): Promise<void> {
  let position = 0;
  for await (const piece of toldSource(content, signal)) {
    hash.update(piece);
    await writeAll(handle, piece, position).catch(failed(key));
    position += piece.length;
  }
}

/** The handle holds on to this content, whatever becomes of its name. */
async function* bytesOf(
  key: string,
  handle: FileHandle,
  { first, end }: { readonly first: number; readonly end: number },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (let at = first; at < end; ) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0)
        throw new Fault(dataFaults.blobFailed, { key: shown(key), reason: "it ends too early" });
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await closer(handle)();
  }
}

function closer(handle: FileHandle): () => Promise<void> {
  return async () => {
    if (handle.fd >= 0) await handle.close();
  };
}

async function headOf(key: string, handle: FileHandle): Promise<BlobHead> {
  const found = await handle.stat({ bigint: true });
  return { key, size: Number(found.size), etag: etagOf(found) };
}

function etagOf(found: { readonly size: bigint; readonly mtimeNs: bigint; readonly ino: bigint }): string {
  return [found.size, found.mtimeNs, found.ino].map((number) => number.toString(36)).join("-");
}

async function settled(some: readonly Promise<BlobHead | undefined>[]): Promise<readonly BlobHead[]> {
  // Deleted since their names were read.
  return (await Promise.all(some)).filter((head) => head !== undefined);
}

/** What the system refused; what the content's own source fails with goes through as it is. */
function failed(key: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error) ?? "");
    throw new Fault(isFull ? dataFaults.blobFull : dataFaults.blobFailed, { key: shown(key), reason }, error);
  };
}

function absentOr(key: string): (error: unknown) => undefined {
  return (error) => {
    // ENOTDIR: a part of the way is a file that is not ours.
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    return failed(key)(error);
  };
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** As it may stand in a message. */
function shown(key: string): string {
  return JSON.stringify(key.slice(0, 100));
}
