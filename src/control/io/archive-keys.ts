// How the second copy of titles is named: media by their sha256, and for each package a list of them.
import { createHash } from "node:crypto";
import type { PackagedFile, TitlePackage } from "#model/package.ts";

export function mediaKey(sha256: string): string {
  return `media/${sha256.slice(0, 2)}/${sha256}`;
}

export function filesOf({ renditions }: TitlePackage): readonly PackagedFile[] {
  return renditions.flatMap(({ files }) => files);
}

/** Another package of the same title has another list. */
export function listOf(title: TitlePackage): { readonly key: string; readonly text: string } {
  const files = filesOf(title).map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 }));
  const text = JSON.stringify({ titleId: title.titleId, files });
  return { key: `titles/${title.titleId}/${sha256Of(text)}`, text };
}

export async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
