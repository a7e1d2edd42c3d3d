// Where a key lies in a folder. A file's name begins with "=", a folder's never does: so "a" and "a/b" are both there.
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const fileMark = "=";
/** Before a folder's name that would begin with one of the two marks. */
const folderMark = "+";

export function pathOf(root: string, key: string): string {
  const parts = key.split("/");
  const name = parts.pop() ?? "";
  return join(root, ...parts.map(folderName), `${fileMark}${name}`);
}

function folderName(part: string): string {
  return part.startsWith(fileMark) || part.startsWith(folderMark) ? `${folderMark}${part}` : part;
}

/** A file's part of its key, or a folder's with the slash; undefined: it is not ours. */
function partOf(entry: Dirent): string | undefined {
  const { name } = entry;
  if (entry.isFile()) return name.startsWith(fileMark) ? name.slice(1) : undefined;
  return entry.isDirectory() ? `${name.startsWith(folderMark) ? name.slice(1) : name}/` : undefined;
}

/** UTF-8, as S3 sorts; JavaScript compares UTF-16. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Keys behind `after` that begin with `prefix`, in order, with their paths. A folder is read when the walk comes to it, so that what is
 * there all the while comes exactly once. All names of one folder are in memory at a time.
 */
export async function* keysIn(
  root: string,
  prefix: string,
  after: string,
): AsyncGenerator<{ readonly key: string; readonly path: string }> {
  yield* walk(root, "", { prefix, after });
}

interface Wish {
  readonly prefix: string;
  readonly after: string;
}

async function* walk(
  folder: string,
  before: string,
  wish: Wish,
): AsyncGenerator<{ readonly key: string; readonly path: string }> {
  const parts = (await entriesOf(folder)).flatMap((entry) => {
    const part = partOf(entry);
    return part === undefined ? [] : [{ key: `${before}${part}`, path: join(folder, entry.name) }];
  });
  for (const { key, path } of parts.toSorted((a, b) => byBytes(a.key, b.key))) {
    if (key.endsWith("/")) {
      if (mayHold(key, wish)) yield* walk(path, key, wish);
    } else if (key.startsWith(wish.prefix) && byBytes(key, wish.after) > 0) yield { key, path };
  }
}

/** Whether keys that begin with `start` may be wanted. */
function mayHold(start: string, { prefix, after }: Wish): boolean {
  const isOnTheWay = start.startsWith(prefix) || prefix.startsWith(start);
  return isOnTheWay && (after.startsWith(start) || byBytes(start, after) > 0);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Emptied and removed since its name was read.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
