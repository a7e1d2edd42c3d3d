// What the journeys of encryption share: how protection is asked for, and the search for keys where none may be.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { protectionFor } from "#bin/protect.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
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

/** A rendition as one file: its init and all its segments. */
export async function wholeOf(outDir: string, rendition: string): Promise<Buffer> {
  const names = ["init.mp4", ...(await segmentsOf(outDir, rendition))];
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(outDir, rendition, name)))));
}

export async function segmentsOf(outDir: string, rendition: string): Promise<readonly string[]> {
  const names = (await readdir(join(outDir, rendition))).filter((name) => name.endsWith(".m4s"));
  return names.sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
}

export async function frameHashes(outDir: string, rendition: string, key?: string): Promise<string> {
  return (await decoded(await wholeOf(outDir, rendition), key)).join("\n");
}

/**
 * MP4 decoded by ffmpeg: times and hash of every frame. Through a pipe: of a file that it may seek in, ffmpeg 5.1 mixes
 * up the fragments' tables, shaka-packager's own ones too.
 */
export async function decoded(mp4: Buffer, key?: string): Promise<readonly string[]> {
  const decryption = key === undefined ? [] : ["-decryption_key", key];
  const output = ["-map", "0:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"];
  const child = spawn("ffmpeg", ["-v", "error", ...decryption, "-i", "pipe:0", ...output]);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  child.stderr.resume();
  child.stdin.on("error", () => undefined);
  child.stdin.end(mp4);
  await new Promise((resolve) => child.on("close", resolve));
  return text.split("\n").filter((line) => /^\d/.test(line));
}
