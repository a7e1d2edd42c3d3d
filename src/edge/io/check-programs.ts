// Asks programs and files about this machine. Who does not answer makes a fact untellable, and nothing worse.
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { printable, type Told, told, untold } from "#edge/check.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";

/** How long one program or file system may take. */
export const patience = milliseconds(10_000);
const mostOutput = 2 ** 20;

export interface Asker {
  /** Where programs are looked for, as in PATH. */
  readonly path: string;
  /** Of one program. */
  readonly patience: Milliseconds;
  readonly signal: AbortSignal;
}

export interface Asking {
  readonly argv: readonly [program: string, ...args: string[]];
  /** What to do when the program is not there. */
  readonly install: string;
  /** What to do when it is there and fails. */
  readonly mend: string;
  /** Of a program whose status is a verdict: what it printed counts although it failed. */
  readonly counts?: "printed";
}

/** What a program printed, on both outputs. Its words are English, whatever the operator's are. */
export async function ask(
  { path, patience: deadline, signal }: Asker,
  { argv, install, mend, counts }: Asking,
): Promise<Told<string>> {
  const [program] = argv;
  let printed = "";
  const hear = (text: string): void => {
    printed = (printed + text).slice(0, mostOutput);
  };
  const env = { PATH: path, LC_ALL: "C" };
  const order = { argv, signal, env, deadline, maxOutputBytes: mostOutput };
  try {
    const { stderr } = await run({ ...order, onStdout: hear });
    return told(printed + stderr);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    if (error.code === "process-missing") return untold(`${program} is not there`, install);
    if (error.code === "process-timeout")
      return untold(`${program} gave no answer in ${deadline / 1000} s`, mend);
    if (counts === "printed" && printed !== "") return told(printed);
    return untold(`${program}: ${printable(lastWords(error, printed), 160)}`, mend);
  }
}

function lastWords({ facts, message }: Fault, printed: string): string {
  const text = `${facts.stderr ?? ""}`.trim() || printed.trim();
  return text.split(" | ").at(-1) || message;
}

/** The first bytes of a file of the kernel's; undefined when it is not there, or says nothing in time. */
export async function kernelSays(path: string): Promise<string | undefined> {
  return inTime(firstOf(path).catch(() => undefined));
}

async function firstOf(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    return await readSome(file);
  } finally {
    await file.close();
  }
}

async function readSome(file: FileHandle): Promise<string> {
  const parts: Buffer[] = [];
  for (let left = mostOutput; left > 0; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(left, 65_536)));
    if (bytesRead === 0) break;
    parts.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What comes of it, or undefined when that takes too long: a file system that hangs cannot be interrupted. */
export async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const isOver = new AbortController();
  const late = sleep(patience, undefined, { signal: isOver.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    isOver.abort();
  }
}
