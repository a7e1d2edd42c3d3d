// Manifests as they were packaged, fetched from where viewers fetch them and kept: text of a few kilobytes, checked against the
// package's hash. Media never passes here.
import { createHash } from "node:crypto";
import type { PublishedTitle } from "#control/catalogue.ts";
import { controlFaults } from "#control/faults.ts";
import type { PackagedFile } from "#model/package.ts";
import { Fault } from "#units/fault.ts";

export interface ManifestShelf {
  /** @throws Fault manifest-unreachable */
  textOf(title: PublishedTitle, path: string): Promise<string>;
}

export interface ShelfOrder {
  /** Signed folders of the title, best first. */
  readonly folders: (title: PublishedTitle) => readonly string[];
  /** So many manifests are kept; the longest unused goes first. */
  readonly most: number;
}

/** A source that says nothing for so long is left for the next. Chosen by us: a player waits behind this. */
const patienceMs = 4000;
/** Far above a film of five hours in thirty rungs. */
const mostBytes = 8 * 1024 * 1024;

export function openShelf({ folders, most }: ShelfOrder): ManifestShelf {
  const kept = new Map<string, Promise<string>>();
  return {
    textOf(title, path) {
      const file = title.package.renditions.flatMap(({ files }) => files).find((one) => one.path === path);
      if (file === undefined || file.bytes > mostBytes) {
        const because = file === undefined ? "the package has no such file" : `it has ${file.bytes} bytes`;
        throw new Fault(controlFaults.manifestUnreachable, { titleId: title.id, path, because });
      }
      const key = `${title.id}/${path} ${file.sha256}`;
      const text = kept.get(key) ?? fetched(title, file, folders(title));
      kept.delete(key);
      kept.set(key, text);
      for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
      // A failure is not kept: the next player asks again.
      text.catch(() => kept.get(key) === text && kept.delete(key));
      return text;
    },
  };
}

async function fetched(
  title: PublishedTitle,
  file: PackagedFile,
  folders: readonly string[],
): Promise<string> {
  const reasons: string[] = [];
  for (const folder of folders) {
    try {
      return await fetchedFrom(`${folder}${file.path}`, file);
    } catch (error) {
      reasons.push(`${new URL(folder).host}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const because = reasons.join("; ");
  throw new Fault(controlFaults.manifestUnreachable, { titleId: title.id, path: file.path, because });
}

/** A path is signed: it must not stand in what this throws. */
async function fetchedFrom(url: string, file: PackagedFile): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
  if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}`);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body) {
    size += piece.length;
    if (size > file.bytes) throw new Error(`more than the ${file.bytes} bytes that were published`);
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  const sha256 = createHash("sha256").update(body).digest("hex");
  if (sha256 !== file.sha256) throw new Error("other bytes than were published");
  return body.toString("utf8");
}
