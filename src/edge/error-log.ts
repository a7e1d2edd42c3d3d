// Reads in nginx's error log which held files the disk did not give back: the viewer was cut off, and nobody else knows.
import { isServable } from "./nginx-config.ts";

/** A call that failed with EIO, told before what nginx knows of the request: a request and its headers may hold any text. */
const failedRead = /\w\(\) .*failed \(5: /;
const asked = /, request: "[A-Z]+ \/t(?:\/[^/\s"]+){3}\/v\/([^\s"?\\]+)/;

/**
 * Keys of files below the folder that a read failed for with EIO (5), each once.
 *
 * nginx names the file itself (`pread() "…/v/t1/a/0.m4s" failed (5: …`) or the request that it was answering (`sendfile() failed
 * (5: … request: "GET /t/…/v/t1/a/0.m4s HTTP/1.1"`).
 */
export function unreadableIn(lines: string, folder: string): readonly string[] {
  const keys = lines.split("\n").flatMap((line) => {
    const [failure = ""] = line.split(", client: ", 1);
    if (!failedRead.test(failure)) return [];
    const [, named] = failure.split(`"${folder}/v/`, 2);
    return [named?.split('"', 1)[0] ?? asked.exec(line.slice(failure.length))?.[1] ?? ""];
  });
  return [...new Set(keys.filter(isServable))];
}
