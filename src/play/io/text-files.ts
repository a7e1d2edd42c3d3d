// Files that the simulator reads: whole, up to a size, and with words for what does not fit.
import { readFile, stat } from "node:fs/promises";
import { playFaults } from "#play/faults.ts";
import { Fault } from "#units/fault.ts";

/** Far above any published set of traces; a wrong file is told instead of filling the memory. */
const mostBytes = 256 * 1024 * 1024;
const mostComplaints = 5;

/** What is used of a schema of wire/. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw new Fault(playFaults.fileTooLarge, { path, bytes: size, most: mostBytes });
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw unreadable(path, error);
  }
}

export function unreadable(path: string, error: unknown): Fault {
  return new Fault(playFaults.fileUnreadable, { path, reason: reasonOf(error) }, error);
}

export function parsedJson(text: string, because: (complaint: string) => Fault): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw because(`it is not JSON: ${reasonOf(error)}`);
  }
}

/** `value` as the schema has it, or every field that does not fit, up to a limit. */
export function fitting<T>(schema: Schema<T>, value: unknown, because: (complaint: string) => Fault): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const shown = issues
    .slice(0, mostComplaints)
    .map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  if (issues.length > mostComplaints) shown.push(`and ${issues.length - mostComplaints} more`);
  throw because(shown.join("; "));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
