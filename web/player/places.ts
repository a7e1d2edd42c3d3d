// Where a file of a title lies: which rendition an address is of, and which segment a file is.
import type { PlayAnswer } from "#wire/viewer.ts";

/** By the file's number: the sound's segments have lengths of their own. */
export function numberOf(file: string): number {
  return Number(/^(\d+)\.m4s$/.exec(file)?.[1] ?? 0);
}

/** Which rendition's folder an address lies in, and the path inside. The last match counts: a title may be called "audio". */
export function placeOf(
  url: string,
  answer: PlayAnswer,
): { readonly rendition: string; readonly file: string } | undefined {
  const parts = new URL(url, location.href).pathname.split("/");
  const index = parts.findLastIndex((part, i) => i < parts.length - 1 && Object.hasOwn(answer.sources, part));
  const rendition = parts[index];
  return rendition === undefined ? undefined : { rendition, file: parts.slice(index + 1).join("/") };
}
