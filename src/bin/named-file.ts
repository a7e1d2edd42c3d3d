// Files that a command was given by name.
import { readFile } from "node:fs/promises";
import { Fault, type FaultTable } from "#units/fault.ts";

const faults = {
  unreadable: { code: "file-unreadable", status: 500, sentence: "{path} cannot be read: {reason}" },
} as const satisfies FaultTable;

/** @throws Fault file-unreadable, which names it */
export function readNamed(path: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(path).catch(unreadable(path));
}

export function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(faults.unreadable, { path, reason }, error);
  };
}
