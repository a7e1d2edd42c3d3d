import { stat } from "node:fs/promises";
import type { z } from "zod";
import { Fault, type FaultTable } from "#units/fault.ts";
import { readNamed, unreadable } from "./named-file.ts";

const faults = {
  tooLarge: {
    code: "file-too-large",
    status: 422,
    sentence: "{path} has {bytes} bytes; files of more than {most} are not read.",
  },
  notJson: { code: "file-not-json", status: 500, sentence: "{path} is not JSON: {reason}" },
  wrongShape: { code: "file-wrong-shape", status: 500, sentence: "{path} does not fit: {complaints}" },
} as const satisfies FaultTable;

/** A text of more than 2^29 characters does not fit in a string. */
const longestText = 500_000_000;

/**
 * A file an operator wrote, parsed and checked.
 *
 * @throws Fault that names the file, and every field that does not fit
 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  mostBytes = longestText,
): Promise<T> {
  const { size } = await stat(path).catch(unreadable(path));
  if (size > mostBytes) throw new Fault(faults.tooLarge, { path, bytes: size, most: mostBytes });
  const text = (await readNamed(path)).toString("utf8");
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
    const cut = text.trim() === "" ? " (it is empty)" : atEnd(error, text) ? " (it ends too early)" : "";
    throw new Fault(faults.notJson, { path, reason: `${reasonOf(error)}${cut}` }, error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the parser stopped where the text does: a file that was cut off. */
function atEnd(error: unknown, text: string): boolean {
  const reason = reasonOf(error);
  const at = /position (\d+)/.exec(reason)?.[1];
  return /end of JSON input/i.test(reason) || (at !== undefined && Number(at) >= text.trimEnd().length);
}
