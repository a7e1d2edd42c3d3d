// What every program does first: right Node, settings read once with all complaints, an abort signal, one place that catches.
import { resolve } from "node:path";
import { readSettings, type SettingsTable, unknownNames, type Values } from "#config/setting.ts";
import { type ShownGroup, shownSettings } from "#config/shown.ts";
import { programSettings } from "#io/settings.ts";
import { Fault } from "#units/fault.ts";
import { plainText } from "./plain-text.ts";
import { settingsByFolder, settingsTables } from "./settings-tables.ts";

export const exitFailed = 1;
export const exitUsage = 2;

/** Ends with an explanation when this does not run under Node 24 or newer. */
export function demandNode24(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return;
  process.stderr.write(
    `Millrace needs Node 24 and runs under ${process.version}. Use ./millrace or the npm scripts: they bring their own.\n`,
  );
  process.exit(exitUsage);
}

/** The values of one table from the environment; ends the program with every complaint when one is wrong. */
export function settingsOf<T extends SettingsTable>(table: T): Values<T> {
  const reading = readSettings(table, process.env);
  if (reading.kind === "read") return reading.values;
  for (const complaint of reading.complaints) process.stderr.write(`${complaint}\n`);
  process.exit(exitUsage);
}

/** Every setting as this program was started; `starts` are defaults of its own, by name. */
export function settingsNow(starts: Readonly<Record<string, number>> = {}): ShownGroup[] {
  return shownSettings(settingsByFolder, process.env, starts);
}

/**
 * Every complaint about the environment at once: values out of range, and names that look like settings and are none,
 * because a typing error would pass silently. Ends the program when there is one.
 */
export function refuseWrongSettings(): void {
  const readings = settingsTables.map((table) => readSettings(table, process.env));
  const wrong = readings.flatMap((reading) => (reading.kind === "refused" ? reading.complaints : []));
  const unknown = unknownNames(settingsTables, process.env).filter(
    (name) => !name.startsWith("MILLRACE_TEST_"),
  );
  if (unknown.length > 0)
    wrong.push(`Unknown settings: ${unknown.join(", ")}. docs/running.md lists them all.`);
  if (wrong.length === 0) return;
  process.stderr.write(`${wrong.join("\n")}\n`);
  process.exit(exitUsage);
}

export function homeFolder(): string {
  return resolve(settingsOf(programSettings).home);
}

/** Aborts on SIGINT, SIGTERM and SIGHUP; a second SIGINT ends at once. */
export function signalsOfThisProcess(): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted && name === "SIGINT") process.exit(130);
    controller.abort(new Stopped(name));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop(name));
  return controller.signal;
}

/** The reason of an abort that a person or the system asked for. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  constructor(signal: string) {
    super(`stopped by ${signal}`);
  }
}

/** Runs a program's work and turns what it throws into words and an exit status: the only catch of a program. */
export async function runProgram(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  demandNode24();
  refuseWrongSettings();
  const signal = signalsOfThisProcess();
  try {
    await work(signal);
  } catch (error) {
    if (error instanceof Stopped || (signal.aborted && error === signal.reason)) {
      process.exitCode = 130;
      return;
    }
    process.stderr.write(`${inWords(error)}\n`);
    process.exitCode = exitFailed;
  }
}

/** A Fault speaks for itself; anything else is a bug and shows its stack. */
export function inWords(error: unknown): string {
  if (error instanceof Fault)
    return `${error.message.split("\n").map(plainText).join("\n")}  [${error.code}]`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
