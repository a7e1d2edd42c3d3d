// `millrace abr`: the adaptation rules alone. A film and traces in, simulated sessions out; no server and no browser needed.
import { setImmediate } from "node:timers/promises";
import { defineCommand } from "citty";
import { writeWhole } from "#io/files.ts";
import { bufferFor } from "#play/buffer-goal.ts";
import { playFaults } from "#play/faults.ts";
import { type Movie, readMovie } from "#play/io/movie.ts";
import { readTraces } from "#play/io/traces.ts";
import { type RuleRow, ruleNamed, rules } from "#play/rules.ts";
import { lastingFor } from "#play/sim-film.ts";
import { metricsOf } from "#play/sim-metrics.ts";
import type { Trace } from "#play/sim-network.ts";
import { type Drawn, simulationPage } from "#play/sim-page.ts";
import { playSession, type Request } from "#play/sim-player.ts";
import { csvOf, rowOf, type Simulated, summaryTable } from "#play/sim-report.ts";
import { timelineOf } from "#play/sim-timeline.ts";
import type { Film } from "#play/types.ts";
import { Fault } from "#units/fault.ts";
import { runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

/** A page of more drawings would be slow to open. */
const mostDrawn = 200;

const example =
  "millrace abr simulate --traces DIR|FILE --movie FILE --rules throughput,… [--buffer SECONDS] [--max-length SECONDS] [--json] [--csv FILE] [--html FILE]";

interface Wanted {
  readonly traces: string;
  readonly movie: string;
  readonly rules: readonly RuleRow[];
  readonly bufferS: number | undefined;
  readonly lengthS: number | undefined;
  readonly json: boolean;
  readonly csv: string | undefined;
  readonly html: string | undefined;
}

interface Stage {
  readonly movie: Movie;
  readonly film: Film;
  readonly traces: readonly Trace[];
  readonly maxBufferMs: number;
}

interface Outcome {
  readonly sessions: readonly Simulated[];
  readonly drawn: readonly Drawn[];
}

const simulateCommand = defineCommand({
  meta: { name: "simulate", description: "Play a film on network traces with each of some rules" },
  args: {
    traces: {
      type: "string",
      description: "A trace or a folder of them: .json (periods), .ndjson (named), .txt (seconds, Mbit/s)",
    },
    movie: {
      type: "string",
      description: "JSON: a table of segment sizes, or a package's sidecar.json or its folder",
    },
    rules: {
      type: "string",
      description: `Names with commas between: ${rules.map((row) => row.name).join(", ")}`,
    },
    buffer: {
      type: "string",
      description: "The most seconds a player holds (default: what ours holds of this film)",
    },
    "max-length": { type: "string", description: "Cut or repeat the film to this many seconds" },
    json: { type: "boolean", default: false, description: "One JSON document on standard output" },
    csv: { type: "string", description: "Write a row per session to this file" },
    html: { type: "string", description: "Write a page with every session as a drawing" },
  },
  run: async ({ args }) => {
    const named = (args.rules ?? "").split(",").filter((name) => name.trim() !== "");
    const namings = named.map((name) => ruleNamed(name));
    const complaints = [
      ...usageComplaints(args, {
        options: ["buffer", "max-length", "maxLength", "json", "csv", "html"],
        needed: ["traces", "movie", "rules"],
        words: 0,
      }),
      ...(args.rules && named.length === 0 ? ["--rules: wanted at least one name, found none"] : []),
      ...namings.flatMap((naming) =>
        naming.kind === "unknown"
          ? [`--rules: there is no rule "${naming.name}"; wanted one of ${naming.known.join(", ")}`]
          : [],
      ),
      ...secondsComplaint("--buffer", args.buffer),
      ...secondsComplaint("--max-length", args["max-length"]),
      ...(["csv", "html"] as const).flatMap((name) =>
        args[name] === "" ? [`--${name}: wanted a file to write, found nothing`] : [],
      ),
    ];
    if (refusedUsage(complaints, example)) return;
    const wanted: Wanted = {
      traces: args.traces ?? "",
      movie: args.movie ?? "",
      rules: [...new Set(namings.flatMap((naming) => (naming.kind === "known" ? [naming.row] : [])))],
      bufferS: numberOf(args.buffer),
      lengthS: numberOf(args["max-length"]),
      json: args.json,
      csv: args.csv,
      html: args.html,
    };
    await runProgram((signal) => simulateAndTell(wanted, signal));
  },
});

export const abrCommand = defineCommand({
  meta: { name: "abr", description: "Adaptation rules on simulated networks: what each would have played" },
  subCommands: { simulate: simulateCommand },
});

function secondsComplaint(option: string, text: string | undefined): string[] {
  const seconds = numberOf(text);
  if (text === undefined || (seconds !== undefined && seconds > 0 && seconds <= 86_400)) return [];
  return [`${option}: wanted seconds above 0 and up to 86400, found "${text}"`];
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+(\.\d+)?$/.test(text) ? undefined : Number(text);
}

async function simulateAndTell(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const stage = await openStage(wanted);
  const { sessions, drawn } = await simulateAll(wanted, stage, signal);
  const rows = sessions.map(rowOf);
  if (wanted.csv !== undefined) await write(wanted.csv, csvOf(rows));
  if (wanted.html !== undefined) {
    const { movie, film, maxBufferMs } = stage;
    const page = {
      movie: movie.name,
      ladder: film.ladder,
      filmMs: lengthMs(film),
      maxBufferMs,
      sessions,
      drawn,
    };
    await write(wanted.html, simulationPage(page));
  }
  const document = {
    movie: stage.movie.name,
    filmSeconds: lengthMs(stage.film) / 1000,
    bufferSeconds: stage.maxBufferMs / 1000,
    results: rows,
  };
  process.stdout.write(
    wanted.json ? `${JSON.stringify(document, null, 2)}\n` : `${textTable(summaryTable(sessions))}\n`,
  );
}

async function write(path: string, content: string): Promise<void> {
  await writeWhole(path, content);
  process.stderr.write(`written    ${path}\n`);
}

async function openStage(wanted: Wanted): Promise<Stage> {
  const movie = await readMovie(wanted.movie);
  const { traces, leftOut } = await readTraces(wanted.traces);
  const film = wanted.lengthS === undefined ? movie.film : lastingFor(movie.film, wanted.lengthS * 1000);
  const { durationMs } = film.segments;
  const maxBufferMs = wanted.bufferS === undefined ? bufferFor(durationMs) : wanted.bufferS * 1000;
  const longestMs = Math.max(...durationMs);
  if (maxBufferMs < longestMs) {
    throw new Fault(playFaults.bufferTooShort, {
      wantedS: maxBufferMs / 1000,
      longestS: longestMs / 1000,
    });
  }
  const codec = movie.codec === undefined ? "" : `, its ${movie.codec} rungs`;
  process.stderr.write(
    `film       ${movie.name}${codec}: ${durationMs.length} segments, ${film.ladder.kbps.length} rungs; buffer ${maxBufferMs / 1000} s\n`,
  );
  const others = leftOut === 0 ? "" : ` (${leftOut} other files left alone)`;
  process.stderr.write(`traces     ${traces.length} from ${wanted.traces}${others}\n`);
  return { movie, film, traces, maxBufferMs };
}

async function simulateAll(wanted: Wanted, stage: Stage, signal: AbortSignal): Promise<Outcome> {
  const sessions: Simulated[] = [];
  const drawn: Drawn[] = [];
  const total = stage.traces.length * wanted.rules.length;
  for (const trace of stage.traces) {
    for (const row of wanted.rules) {
      const draws = wanted.html !== undefined && drawn.length < mostDrawn;
      const { session, requests } = simulateOne(stage, trace, row, draws);
      sessions.push(session);
      if (draws) drawn.push({ session, timeline: timelineOf(requests, trace) });
      tellProgress(sessions.length, total);
    }
    await setImmediate();
    signal.throwIfAborted();
  }
  return { sessions, drawn };
}

function simulateOne(
  { film, maxBufferMs }: Stage,
  trace: Trace,
  { name, rule, replacement }: RuleRow,
  records: boolean,
): { readonly session: Simulated; readonly requests: readonly Request[] } {
  const requests: Request[] = [];
  const order = { film, trace, rule, replacement, maxBufferMs, arithmetic: "pieces" } as const;
  const end = playSession(
    records ? { ...order, onRequest: (request) => requests.push({ ...request }) } : order,
  );
  return { session: { rule: name, trace: trace.name, metrics: metricsOf(end) }, requests };
}

/** Ten lines at most, and none for what is over at once. */
function tellProgress(done: number, total: number): void {
  const tenth = Math.max(100, Math.ceil(total / 10));
  if (done % tenth === 0 || (done === total && total >= 100))
    process.stderr.write(`simulated  ${done} of ${total} sessions\n`);
}

function lengthMs(film: Film): number {
  return film.segments.durationMs.reduce((sum, ms) => sum + ms, 0);
}
