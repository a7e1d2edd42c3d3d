import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { Fault, type FaultTable } from "#units/fault.ts";

const faults = {
  unreadable: { code: "file-unreadable", status: 500, sentence: "{path} cannot be read: {reason}" },
  notJson: { code: "file-not-json", status: 500, sentence: "{path} is not JSON: {reason}" },
  wrongShape: { code: "file-wrong-shape", status: 500, sentence: "{path} does not fit: {complaints}" },
} as const satisfies FaultTable;

/**
 * A file an operator wrote, parsed and checked.
 *
 * @throws Fault that names the file, and every field that does not fit
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new Fault(faults.unreadable, { path, reason: reasonOf(error) }, error);
  });
  const parsed = schema.safeParse(parse(path, text));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new Fault(faults.wrongShape, { path, complaints: complaints.join("; ") });
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault(faults.notJson, { path, reason: reasonOf(error) }, error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
