// A program that another one started ends with it, however that one died.
import { fstatSync } from "node:fs";
import { Stopped } from "./program.ts";

const parentPollMs = 300;

/**
 * Aborts when the parent is gone: the process that started this one is another one than at first, or the pipe on
 * standard input has ended, which also tells of a parent that died before.
 */
export function endOfParent(): AbortSignal {
  const ending = new AbortController();
  const end = (): void => ending.abort(new Stopped("the end of its parent"));
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && end(), parentPollMs).unref();
  if (fstatSync(0).isSocket() || fstatSync(0).isFIFO()) process.stdin.on("end", end).resume().unref();
  return ending.signal;
}
