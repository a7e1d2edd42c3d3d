// Calls the command that the words name. Wrong usage has its own exit status, goes to standard error, and says what is right.
import { stripVTControlCharacters } from "node:util";
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from "citty";
import { exitUsage } from "./program.ts";
import { usageComplaints } from "./usage.ts";

interface Called {
  readonly command: CommandDef;
  /** "millrace place plan": all names on the way, so that the usage can be typed as it stands. */
  readonly name: string;
  readonly words: readonly string[];
}

/** Help goes to standard output with status 0; wrong usage to standard error with status 2. */
export async function callMain(main: CommandDef, words: readonly string[]): Promise<void> {
  const called = await follow({ command: main, name: "millrace", words });
  if (asksForHelp(words)) {
    process.stdout.write(`${await usageOf(called)}\n`);
    return;
  }
  try {
    if (await wantsAnother(called)) throw unnamed(called);
    const command = watched(called.command);
    await runCommand(command, { rawArgs: [...called.words] });
  } catch (error) {
    if (!(error instanceof Error) || !isUsage(error)) throw error;
    process.stderr.write(`${await usageOf(called)}\n\n${error.message}\n`);
    process.exitCode = exitUsage;
  }
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The parser's own complaints are told apart by name only: it does not export their class. */
function isUsage(error: Error): boolean {
  return error instanceof UsageError || error.name === "CLIError";
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const own = end < 0 ? words : words.slice(0, end);
  return own.includes("--help") || own.includes("-h");
}

/** Goes down as far as words name commands. */
async function follow(called: Called): Promise<Called> {
  const [word = "", ...rest] = called.words;
  const commands = await subCommandsOf(called.command);
  if (commands === undefined || !Object.hasOwn(commands, word)) return called;
  const command = await resolved(commands[word] ?? {});
  return follow({ command, name: `${called.name} ${word}`, words: rest });
}

/** A command that has others below it may also do something itself, when no word names one of them. */
async function wantsAnother({ command, words: [word = "-"] }: Called): Promise<boolean> {
  if ((await subCommandsOf(command)) === undefined) return false;
  return command.run === undefined || !word.startsWith("-");
}

function unnamed({ name, words }: Called): UsageError {
  const [word] = words;
  return new UsageError(word === undefined ? `${name} needs a command` : `${name} has no command "${word}"`);
}

/** Words that the command has no place for are refused: a typing error would change nothing, silently. */
function watched({ subCommands: _, ...command }: CommandDef): CommandDef {
  return {
    ...command,
    run: async (context) => {
      const options = await resolved<ArgsDef>(command.args ?? {});
      const words = Object.values(options).filter((option) => option.type === "positional").length;
      const names = Object.keys(options).flatMap((name) => [name, inOneWord(name)]);
      const complaints = usageComplaints(context.args, { options: names, needed: [], words });
      if (complaints.length > 0) throw new UsageError(complaints.join("\n"));
      await command.run?.(context);
    },
  };
}

/** The parser gives `--token-file` a second name: tokenFile. */
function inOneWord(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

async function usageOf({ command, name }: Called): Promise<string> {
  const meta = { ...(await resolved(command.meta ?? {})), name };
  const text = await renderUsage({ ...command, meta });
  return process.stdout.isTTY && process.stderr.isTTY ? text : stripVTControlCharacters(text);
}

async function subCommandsOf(command: CommandDef) {
  return command.subCommands === undefined ? undefined : resolved(command.subCommands);
}

function resolved<T extends object>(value: T | Promise<T> | (() => T) | (() => Promise<T>)): T | Promise<T> {
  return typeof value === "function" ? value() : value;
}
