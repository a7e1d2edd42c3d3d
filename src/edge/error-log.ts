// Reads in nginx's error log which held files the disk did not give back: the viewer was cut off, and nobody else knows.
import { isServable } from "./nginx-config.ts";

/**
 * Keys of files that a read failed for with EIO (5), each once.
 *
 * nginx names the file itself (`pread() "…/v/t1/a/0.m4s" failed (5: …`) or the request that it was answering (`sendfile() failed
 * (5: … request: "GET /t/…/v/t1/a/0.m4s HTTP/1.1"`). A request may hold any text: what is found is a reason to read a file, no more.
 */
export function unreadableIn(lines: string): readonly string[] {
  const failed = lines.split("\n").filter((line) => line.includes("failed (5: "));
  const keys = failed.map((line) => /\/v\/([^\s"?\\]+)/.exec(line)?.[1] ?? "");
  return [...new Set(keys.filter(isServable))];
}
