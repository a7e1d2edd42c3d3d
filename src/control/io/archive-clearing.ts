// What was replaced goes from the store of second copies, a while later. A package's list that is no title's any more gets a note of
// when that was seen; when the note is old enough the list goes first, so that nobody trusts it, then the media that no other list names,
// the note last: whoever dies in between is followed by the next, who reads the note.
//
// Beside whoever copies: a package that is being copied, or was and is no title's yet, keeps its media, and who begins to copy waits for
// the one removal under way. Whoever reads a package has the note's time to end. The store is one installation's own.
import type { CopyCounts } from "#control/kept-elsewhere.ts";
import type { BlobStore } from "#data/ports-blob.ts";
import type { Log } from "#io/log.ts";
import type { TitlePackage } from "#model/package.ts";
import { filesOf, listOf, mediaKey, once } from "./archive-keys.ts";

interface ClearingOrder {
  readonly store: BlobStore;
  readonly logger: Log;
  /** How long what was replaced is kept. */
  readonly keepMs: number;
  readonly counts: CopyCounts;
}

/** When a list was found to be no title's, and what it names. */
interface Note {
  readonly atMs: number;
  readonly media: readonly string[];
}

const lists = "titles/";
const notes = "replaced/";

export class Clearing {
  readonly #order: ClearingOrder;
  /** Media by list, from the beginning of its copy until a title was seen to have it. */
  readonly #wanted = new Map<string, ReadonlySet<string>>();
  #removing: Promise<unknown> = Promise.resolve();

  constructor(order: ClearingOrder) {
    this.#order = order;
  }

  /** Before a package is copied: from now on nothing of it is removed. */
  async wanted(title: TitlePackage): Promise<void> {
    this.#wanted.set(listOf(title).key, new Set(filesOf(title).map(({ sha256 }) => sha256)));
    await this.#removing;
  }

  async clear(
    titles: () => Promise<readonly TitlePackage[]>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const packages = await titles();
    const current = new Set(packages.map((title) => listOf(title).key));
    for (const key of current) this.#wanted.delete(key);
    const ids = new Set<string>(packages.map(({ titleId }) => titleId));
    const others = await this.#keys(lists, signal);
    const noted = new Set(await this.#keys(notes, signal));
    for (const key of others) {
      if (!ids.has(key.split("/")[1] ?? "") || current.has(key) || noted.has(noteOf(key))) continue;
      await this.#note(key, nowMs, signal);
    }
    const due: { readonly key: string; readonly note: Note }[] = [];
    for (const name of noted) {
      const key = `${lists}${name.slice(notes.length)}`;
      const note = await this.#read<Note>(name, signal);
      if (current.has(key)) await this.#order.store.delete(name, signal);
      else if (note !== undefined && nowMs - note.atMs >= this.#order.keepMs) due.push({ key, note });
    }
    if (due.length === 0) return;
    const gone = new Set(due.map(({ key }) => key));
    const used = new Set(packages.flatMap((title) => filesOf(title).map(({ sha256 }) => sha256)));
    for (const key of others) {
      if (!gone.has(key)) for (const sha256 of await this.#mediaOf(key, signal)) used.add(sha256);
    }
    for (const { key, note } of due) await this.#remove(key, note, { used, signal });
  }

  async #remove(
    key: string,
    { media }: Note,
    { used, signal }: { readonly used: ReadonlySet<string>; readonly signal: AbortSignal },
  ): Promise<void> {
    const isWanted = (sha256: string): boolean => [...this.#wanted.values()].some((some) => some.has(sha256));
    const removed = async (blob: string): Promise<void> => {
      const removing = this.#order.store.delete(blob, signal);
      this.#removing = removing.catch(() => undefined);
      await removing;
      this.#order.counts.cleared += 1;
    };
    if (this.#wanted.has(key)) return;
    await removed(key);
    for (const sha256 of new Set(media)) {
      signal.throwIfAborted();
      if (!(used.has(sha256) || isWanted(sha256))) await removed(mediaKey(sha256));
    }
    await this.#order.store.delete(noteOf(key), signal);
    this.#order.logger.info({ list: key }, "a replaced package's second copy was taken away");
  }

  async #note(key: string, atMs: number, signal: AbortSignal): Promise<void> {
    const note: Note = { atMs, media: await this.#mediaOf(key, signal) };
    await this.#order.store.put(noteOf(key), once(JSON.stringify(note)), { ifNoneMatch: "*", signal });
  }

  /** A list that cannot be read may name any media: then this clearing ends, and the next looks anew. */
  async #mediaOf(key: string, signal: AbortSignal): Promise<readonly string[]> {
    const list = await this.#read<{ readonly files: readonly { readonly sha256: string }[] }>(key, signal);
    if (list === undefined) throw new Error(`${key} was listed, and is not there: nothing is taken away`);
    return list.files.map(({ sha256 }) => sha256);
  }

  /** What was written by us; undefined: it is gone. */
  async #read<T>(key: string, signal: AbortSignal): Promise<T | undefined> {
    const found = await this.#order.store.get(key, { signal });
    if (found.kind !== "found") return undefined;
    const pieces: Uint8Array[] = [];
    for await (const piece of found.content) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString());
  }

  async #keys(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#order.store.list(prefix, { signal })) keys.push(key);
    return keys;
  }
}

function noteOf(listKey: string): string {
  return `${notes}${listKey.slice(lists.length)}`;
}
