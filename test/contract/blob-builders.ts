// What tests of blob stores are written with.
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { BlobFound, BlobStore } from "#data/ports-blob.ts";
import { Fault } from "#units/fault.ts";

const closers: (() => Promise<void>)[] = [];

after(async () => {
  for (const close of closers.reverse()) await close();
});

export async function blobFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-blob-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
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
