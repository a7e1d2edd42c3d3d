// Traces from files: one JSON list of periods per file, many named ones per NDJSON file, or Pensieve's lines of text.
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { playFaults } from "#play/faults.ts";
import { type Period, type Trace, traceOf } from "#play/sim-network.ts";
import { periodsOfLines } from "#play/trace-lines.ts";
import { Fault } from "#units/fault.ts";
import { namedTrace, type TracePeriods, tracePeriods } from "#wire/simulation.ts";
import { fitting, parsedJson, textOf, unreadable } from "./text-files.ts";

const endings = new Set([".json", ".ndjson", ".txt"]);

export interface TracesRead {
  readonly traces: readonly Trace[];
  /** Files of the folder that were left alone, since their names end otherwise. */
  readonly leftOut: number;
}

/**
 * Every trace of a file, or of the files of a folder, by name.
 *
 * @throws Fault that names the file, and its line or period and field
 */
export async function readTraces(path: string): Promise<TracesRead> {
  const about = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!about.isDirectory()) return { traces: await tracesOf(path), leftOut: 0 };
  const names = await readdir(path);
  const wanted = names.filter((name) => endings.has(extname(name))).sort();
  if (wanted.length === 0) throw new Fault(playFaults.noTraces, { path, found: inWords(names) });
  const traces: Trace[] = [];
  for (const name of wanted) traces.push(...(await tracesOf(join(path, name))));
  return { traces, leftOut: names.length - wanted.length };
}

function inWords(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const shown = names.toSorted().slice(0, 5).join(", ");
  return names.length > 5 ? `${names.length} others: ${shown}, …` : shown;
}

async function tracesOf(path: string): Promise<Trace[]> {
  const text = await textOf(path);
  const ending = extname(path);
  if (ending === ".ndjson") return tracesOfLines(path, text);
  const name = basename(path, ending);
  if (ending === ".txt") {
    const read = periodsOfLines(text);
    if (read.kind === "refused") throw broken(path, read.because);
    return [traceFrom(path, name, read.periods)];
  }
  const because = (complaint: string): Fault => broken(path, complaint);
  const periods = fitting(tracePeriods, parsedJson(text, because), because);
  return [traceFrom(path, name, periodsOf(periods))];
}

function tracesOfLines(path: string, text: string): Trace[] {
  const traces: Trace[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const because = (complaint: string): Fault => broken(path, `line ${index + 1}, ${complaint}`);
    const read = fitting(namedTrace, parsedJson(line, because), because);
    traces.push(traceFrom(`${path} line ${index + 1}`, read.name, periodsOf(read.trace)));
  }
  if (traces.length === 0) throw broken(path, "it has no lines");
  return traces;
}

function periodsOf(periods: TracePeriods): Period[] {
  return periods.map((period) => ({
    durationMs: period.duration_ms,
    kbps: period.bandwidth_kbps,
    latencyMs: period.latency_ms,
  }));
}

function traceFrom(path: string, name: string, periods: readonly Period[]): Trace {
  const made = traceOf(name, periods);
  if (made.kind === "refused") throw broken(path, made.because);
  return made.trace;
}

function broken(path: string, because: string): Fault {
  return new Fault(playFaults.traceBroken, { path, because });
}
