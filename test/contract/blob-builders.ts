// The blob stores that the contract suite runs on. Another adapter adds a row: how it is opened, or why it is not there.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { openFolderBlobs } from "#data/io/folder-blobs.ts";
import type { BlobFound, BlobStore } from "#data/ports-blob.ts";
import { Fault } from "#units/fault.ts";

interface BlobEngine {
  readonly name: string;
  /** Opened once; the tests of a file share it, each under keys of its own. */
  open(): Promise<BlobStore | { readonly missing: string }>;
}

const closers: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of closers.reverse()) await close();
});

export async function blobFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-blob-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const engines: readonly BlobEngine[] = [
  { name: "folder", open: once(async () => openFolderBlobs(await blobFolder())) },
];

/** Stores that the suite is meant for and cannot run on: one line for each, not one for each test. */
export const absentStores = [{ name: "S3", because: "there is no adapter for S3 yet" }];

/** One test on every store there is. `own` begins all of its keys. */
export function onEachStore(
  title: string,
  body: (store: BlobStore, own: string, t: TestContext) => Promise<void>,
): void {
  for (const { name, open } of engines) {
    test(`${title} (${name})`, async (t) => {
      const store = await open();
      if ("missing" in store) return t.skip(store.missing);
      await body(store, randomBytes(6).toString("hex"), t);
    });
  }
}

function once<A>(work: () => Promise<A>): () => Promise<A> {
  let begun: Promise<A> | undefined;
  return () => {
    begun ??= work();
    return begun;
  };
}

export async function* piecesOf(...pieces: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

export async function readAll(found: BlobFound): Promise<Buffer | string> {
  if (found.kind !== "found") return found.kind;
  const pieces: Uint8Array[] = [];
  for await (const piece of found.content) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  return bytes.length === found.bytes ? bytes : `${bytes.length} bytes in place of ${found.bytes}`;
}

/** As text; "absent" and "beyond" as they are. */
export async function textAt(store: BlobStore, key: string): Promise<string> {
  return `${await readAll(await store.get(key))}`;
}

export async function keysOf(store: BlobStore, prefix: string, after?: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, { after })) keys.push(key);
  return keys;
}

export const sha256Of = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

export const isFault =
  (code: string, ...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code && words.every((word) => error.message.includes(word));
