// What the journeys of encryption share: how protection is asked for, and the search for keys where none may be.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { protectionFor } from "#bin/protect.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import type { ContentKey } from "#pack/protection.ts";
import { settings, signal, tools } from "./encode-run.ts";

export interface ProtectOrder {
  readonly keys: string;
  readonly out: string;
  readonly packager?: string;
}

export function protect({ keys, out, packager = "" }: ProtectOrder): Promise<ProtectionOrder> {
  return protectionFor({ keys, out, licenceUrl: undefined, packager }, { tools, settings, signal });
}

export async function filesIn(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export async function hashes(root: string): Promise<readonly string[]> {
  const files = await filesIn(root);
  return Promise.all(
    files.map(
      async (file) =>
        `${file.slice(root.length)} ${createHash("sha256")
          .update(await readFile(file))
          .digest("hex")}`,
    ),
  );
}

/** Every way in which a key could be written into a file or a text. */
export function formsOf({ key }: ContentKey): readonly Buffer[] {
  const raw = Buffer.from(key, "hex");
  // The last letter of base64 depends on what follows the key.
  const base64 = [raw.toString("base64"), raw.toString("base64url")].map((text) => text.slice(0, 21));
  const texts = [key, key.toUpperCase(), ...base64];
  return [raw, ...texts.map((text) => Buffer.from(text))];
}

export function holdsKey(bytes: Buffer, keys: readonly ContentKey[]): boolean {
  return keys.some((key) => formsOf(key).some((form) => bytes.includes(form)));
}
