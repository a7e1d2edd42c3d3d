// The second copy of films: masters and published titles as blobs, from which an empty disk gets them back. What viewers and encoders
// read is always the disk. A title's media are named by their sha256, so that what a killed program had sent is not sent again and
// equal files are there once; its list goes last, and says that all of it is there.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { type CopyCounts, noCopies } from "#control/kept-elsewhere.ts";
import { dataFaults } from "#data/faults.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import type { Log } from "#io/log.ts";
import type { PackagedFile, TitlePackage } from "#model/package.ts";
import { publishWhole, sync } from "#pack/io/folder.ts";
import { shareFiles } from "#pack/io/share.ts";
import { Fault } from "#units/fault.ts";
import { Clearing } from "./archive-clearing.ts";
import { filesOf, listOf, mediaKey, once, sha256Of } from "./archive-keys.ts";

export interface ArchiveOrder {
  readonly store: BlobStore;
  /** Never with a secret. */
  readonly shown: string;
  /** Titles lie in its folder `v`. */
  readonly originFolder: string;
  readonly mastersFolder: string;
  readonly logger: Log;
  /** How long what was replaced is kept. */
  readonly keepMs: number;
  /** While the store is away; absent: by the system's clock. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** Of what is wanted on the disk: it is there, has come back, or neither disk nor store has it. */
export type Bringing = "there" | "brought" | "lost";

interface Kept {
  readonly sha256: string;
  readonly bytes: number;
}

const bringingMark = ".bringing-";
/** Files of a title that are on their way at once. */
const atOnce = 8;
/** A store that is away is asked again after a rest that doubles. */
const [firstRestMs, mostRestMs] = [1000, 60_000];

export class FilmArchive {
  readonly counts: CopyCounts = noCopies();
  readonly #order: ArchiveOrder;
  readonly #clearing: Clearing;
  /** Of what is being brought, each once. */
  readonly #bringing = new Map<string, Promise<Bringing>>();

  constructor(order: ArchiveOrder) {
    this.#order = order;
    this.#clearing = new Clearing({ ...order, counts: this.counts });
  }

  /** Resolves when the store has all of it; while the store is away it waits. */
  async keepMaster(master: Kept, signal: AbortSignal): Promise<void> {
    const path = join(this.#order.mastersFolder, master.sha256);
    await this.#behind(() =>
      this.#patiently(`the master ${master.sha256}`, signal, () =>
        this.#keep(masterKey(master.sha256), path, master, signal),
      ),
    );
  }

  bringMaster(master: Kept, signal: AbortSignal): Promise<Bringing> {
    const path = join(this.#order.mastersFolder, master.sha256);
    return this.#once(path, async () => {
      if ((await sizeOf(path)) === master.bytes) return "there";
      return (await this.#bring(masterKey(master.sha256), path, master, signal)) ? "brought" : "lost";
    });
  }

  async dropMaster(sha256: string, signal: AbortSignal): Promise<void> {
    await this.#order.store.delete(masterKey(sha256), signal);
  }

  /** Resolves when the store has every file and the list of them; while the store is away it waits, and says so. */
  async keepTitle(title: TitlePackage, signal: AbortSignal, onWait?: (words: string) => void): Promise<void> {
    await this.#behind(() =>
      this.#patiently(
        `the title ${title.titleId}`,
        signal,
        async () => {
          await this.#clearing.wanted(title);
          await this.#keepFiles(title, signal);
        },
        onWait,
      ),
    );
  }

  /** Second copies of packages that were replaced go, a while after they were found to be. @throws Fault blob-away and the like */
  async clearReplaced(
    titles: () => Promise<readonly TitlePackage[]>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#clearing.clear(titles, nowMs, signal);
  }

  async #keepFiles(title: TitlePackage, signal: AbortSignal): Promise<void> {
    const list = listOf(title);
    if ((await this.#order.store.head(list.key, signal)) !== undefined) return;
    const folder = this.#folderOf(title);
    await inTurns([...new Map(filesOf(title).map((file) => [file.sha256, file])).values()], (file) =>
      this.#keep(mediaKey(file.sha256), join(folder, file.path), file, signal),
    );
    await this.#order.store.put(list.key, once(list.text), { sha256: sha256Of(list.text), signal });
    this.#counted(list.text.length);
    this.#order.logger.info({ title: title.titleId, at: this.#order.shown }, "a title has its second copy");
  }

  async #behind<T>(work: () => Promise<T>): Promise<T> {
    this.counts.behind += 1;
    try {
      return await work();
    } finally {
      this.counts.behind -= 1;
    }
  }

  #counted(bytes: number): void {
    this.counts.copies += 1;
    this.counts.bytes += bytes;
  }

  /** Its folder is whole or as it was. @throws Fault blob-away and the like */
  bringTitle(title: TitlePackage, signal: AbortSignal): Promise<Bringing> {
    const folder = this.#folderOf(title);
    return this.#once(folder, async () => {
      const files = filesOf(title);
      const lost = await missingIn(folder, files);
      if (lost.length === 0) return "there";
      if ((await this.#order.store.head(listOf(title).key, signal)) === undefined) {
        const { shown, logger } = this.#order;
        logger.error(
          { title: title.titleId, files: lost.length, at: shown },
          "files of a title are lost: it has no second copy",
        );
        return "lost";
      }
      const isLost = new Set(lost);
      await publishWhole(folder, async (fresh) => {
        await inTurns(files, async (file) => {
          const to = join(fresh, file.path);
          await mkdir(dirname(to), { recursive: true });
          if (!isLost.has(file)) return linkOrCopy(join(folder, file.path), to);
          if (await this.#bring(mediaKey(file.sha256), to, file, signal)) return;
          throw new Error(`${file.path} of ${title.titleId} is not at ${this.#order.shown}`);
        });
        await shareFiles({ folder: fresh, files, store: join(this.#order.originFolder, "shared"), signal });
      });
      const { titleId } = title;
      this.#order.logger.info({ title: titleId, files: lost.length }, "a title was brought back to the disk");
      return "brought";
    });
  }

  /**
   * Brings back what the disk lacks of these titles, then copies what the store lacks. One that fails holds up no other; while the
   * store is away all wait.
   */
  async settle(
    titles: readonly TitlePackage[],
    masters: readonly Kept[],
    signal: AbortSignal,
  ): Promise<void> {
    const { logger } = this.#order;
    await this.#sweep();
    const bring = (title: TitlePackage): Promise<unknown> => this.bringTitle(title, signal);
    const keep = (title: TitlePackage): Promise<unknown> => this.keepTitle(title, signal);
    for (const work of [bring, keep]) {
      for (const title of titles) {
        if (signal.aborted) return;
        await this.#patiently(`the title ${title.titleId}`, signal, () => work(title)).catch(
          (error: unknown) => {
            if (!signal.aborted)
              logger.error({ err: error, title: title.titleId }, "a title lies in one place only");
          },
        );
      }
    }
    await this.#settleMasters(masters, signal);
  }

  /** Those that were accepted before there was an archive, and lie on the disk. */
  async #settleMasters(masters: readonly Kept[], signal: AbortSignal): Promise<void> {
    const { mastersFolder, logger } = this.#order;
    for (const master of masters) {
      if (signal.aborted) return;
      if ((await sizeOf(join(mastersFolder, master.sha256))) !== master.bytes) continue;
      await this.keepMaster(master, signal).catch((error: unknown) => {
        if (!signal.aborted)
          logger.error({ err: error, master: master.sha256 }, "a master lies in one place only");
      });
    }
  }

  /** What a program that died had begun to bring. */
  async #sweep(): Promise<void> {
    const { mastersFolder } = this.#order;
    await mkdir(mastersFolder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(mastersFolder)) {
      const path = join(mastersFolder, name);
      if (!name.includes(bringingMark) || (await stat(path)).mtimeMs > performance.timeOrigin) continue;
      await rm(path, { force: true });
    }
  }

  #folderOf({ titleId }: TitlePackage): string {
    return join(this.#order.originFolder, "v", titleId);
  }

  /** The store checks what it gets against the sha256; what it has by this name is whole. */
  async #keep(key: string, path: string, { sha256, bytes }: Kept, signal: AbortSignal): Promise<void> {
    if ((await this.#order.store.head(key, signal))?.size === bytes) return;
    await this.#order.store.put(key, readFrom(path), { sha256, signal });
    this.#counted(bytes);
  }

  /** Under another name until it is whole and flushed. False: the store has none. */
  async #bring(key: string, path: string, { sha256 }: Kept, signal: AbortSignal): Promise<boolean> {
    const found = await this.#order.store.get(key, { signal });
    if (found.kind !== "found") return false;
    const fresh = `${path}${bringingMark}${randomBytes(6).toString("hex")}`;
    try {
      const hash = createHash("sha256");
      const file = await open(fresh, "wx", 0o644);
      try {
        for await (const piece of found.content) {
          hash.update(piece);
          await file.writeFile(piece);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const came = hash.digest("hex");
      if (came !== sha256) throw new Fault(dataFaults.blobHash, { key, wanted: sha256, found: came });
      await rename(fresh, path);
      await sync(dirname(path));
      return true;
    } finally {
      await found.close();
      await rm(fresh, { force: true });
    }
  }

  #once(name: string, work: () => Promise<Bringing>): Promise<Bringing> {
    const under = this.#bringing.get(name) ?? work().finally(() => this.#bringing.delete(name));
    this.#bringing.set(name, under);
    return under;
  }

  async #patiently<T>(
    what: string,
    signal: AbortSignal,
    work: () => Promise<T>,
    onWait?: (words: string) => void,
  ): Promise<T> {
    for (let restMs = firstRestMs; ; restMs = Math.min(2 * restMs, mostRestMs)) {
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        this.counts.failures += 1;
        if (!(error instanceof Fault && error.code === dataFaults.blobAway.code)) throw error;
        this.#order.logger.warn({ err: error, what }, "the second copy waits for its store");
        onWait?.(
          `${what} waits for its second copy: ${error.message} It is tried again in ${restMs / 1000} s.`,
        );
        await (this.#order.pause ?? systemPause)(restMs, signal);
      }
    }
  }
}

function systemPause(ms: number, signal: AbortSignal): Promise<unknown> {
  return rest(ms, undefined, { signal });
}

function masterKey(sha256: string): string {
  return `masters/${sha256}`;
}

async function missingIn(folder: string, files: readonly PackagedFile[]): Promise<readonly PackagedFile[]> {
  const lost: PackagedFile[] = [];
  await inTurns(files, async (file) => {
    if ((await sizeOf(join(folder, file.path))) !== file.bytes) lost.push(file);
  });
  return lost;
}

/** Some at once; after a failure no other is begun, and those under way have ended. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const left = all.values();
  let isFailed = false;
  const turns = Array.from({ length: atOnce }, async () => {
    for (const one of left) {
      if (isFailed) return;
      await work(one).catch((error: unknown) => {
        isFailed = true;
        throw error;
      });
    }
  });
  const ended = await Promise.allSettled(turns);
  for (const turn of ended) if (turn.status === "rejected") throw turn.reason;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR"].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

/** Opened when it is read, so that what is never read need not be closed. */
async function* readFrom(path: string): AsyncGenerator<Uint8Array> {
  const pieces: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: 1 << 20 });
  yield* pieces;
}
