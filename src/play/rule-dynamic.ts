// DYNAMIC: throughput while the buffer is small, BOLA once it is not.
//
// Source: "From Theory to Practice: Improving Bitrate Adaptation in the DASH Reference Player" (MMSys 2018); details as in Sabre
// (research sabre-results §2.10). A buffer of a few seconds tells little about the network, and a throughput estimate tells
// little that a large buffer does not know better. Both rules decide every time, so that whoever is not asked keeps up.
//
// DYNAMIC goes over to BOLA at more than 10 s when BOLA asks for at least as much, and back below 10 s when it asks for less:
// the change itself never lowers the rung on the way in nor raises it on the way out. DYNAMICDASH, as dash.js had it, goes by
// the buffer alone, over above 10 s and back below 5 s, and asks only the one whose turn it is.
//
// The requests of DYNAMIC are watched by the throughput rule, whoever chose the rung, and BOLA is not told of those that it
// gives up; those of DYNAMICDASH are watched by whoever chose. Replacing a segment that lay ready costs buffer without
// adding any, which BOLA would take for a weak network: after one, DYNAMIC leaves the choice to throughput.
import type { Choice, Downloaded, Rule } from "./rule.ts";
import type { Context, Film } from "./types.ts";
import { seconds } from "./words.ts";

const toBolaMs = 10_000;
const backByBufferMs = 5000;

export interface DynamicOptions<B, T> {
  readonly name: string;
  readonly bola: Rule<B>;
  readonly throughput: Rule<T>;
  /** What changes who chooses: the buffer and both choices, or the buffer alone. */
  readonly by: "choices" | "buffer";
}

export interface DynamicState<B, T> {
  readonly bola: B;
  readonly throughput: T;
  readonly bolaChooses: boolean;
}

interface Both<B, T> {
  readonly bola: { readonly choice: Choice; readonly state: B };
  readonly throughput: { readonly choice: Choice; readonly state: T };
}

export function dynamic<B, T>(options: DynamicOptions<B, T>): Rule<DynamicState<B, T>> {
  const { bola, throughput } = options;
  type State = DynamicState<B, T>;
  return {
    name: options.name,
    start: (film, maxBufferMs) => ({
      bola: bola.start(film, maxBufferMs),
      throughput: throughput.start(film, maxBufferMs),
      bolaChooses: false,
    }),
    decide: (film, state, context) =>
      options.by === "choices"
        ? decideByChoices(options, film, state, context)
        : decideByBuffer(options, film, state, context),
    explain: (film, state, context) => sentence(options, film, state, context),
    downloaded: (film, state, download) => ended(options, film, state, download),
    delayed: (film, state, ms): State => ({
      bola: bola.delayed?.(film, state.bola, ms) ?? state.bola,
      throughput: throughput.delayed?.(film, state.throughput, ms) ?? state.throughput,
      bolaChooses: state.bolaChooses,
    }),
    sought: (film, state): State => ({
      bola: bola.sought?.(film, state.bola) ?? state.bola,
      throughput: throughput.sought?.(film, state.throughput) ?? state.throughput,
      bolaChooses: state.bolaChooses,
    }),
    progressed: (film, state, progress) =>
      options.by === "buffer" && state.bolaChooses
        ? bola.progressed?.(film, state.bola, progress)
        : throughput.progressed?.(film, state.throughput, progress),
  };
}

interface Decided<B, T> {
  readonly choice: Choice;
  readonly state: DynamicState<B, T>;
}

function decideByChoices<B, T>(
  options: DynamicOptions<B, T>,
  film: Film,
  state: DynamicState<B, T>,
  context: Context,
): Decided<B, T> {
  const both = bothDecide(options, film, state, context);
  const bolaChooses = choosesByChoices(state.bolaChooses, context.bufferMs, both);
  return {
    choice: bolaChooses ? both.bola.choice : both.throughput.choice,
    state: { bola: both.bola.state, throughput: both.throughput.state, bolaChooses },
  };
}

function bothDecide<B, T>(
  options: DynamicOptions<B, T>,
  film: Film,
  state: DynamicState<B, T>,
  context: Context,
): Both<B, T> {
  return {
    bola: options.bola.decide(film, state.bola, context),
    throughput: options.throughput.decide(film, state.throughput, context),
  };
}

function choosesByChoices<B, T>(before: boolean, bufferMs: number, both: Both<B, T>): boolean {
  const asksLess = both.bola.choice.rung < both.throughput.choice.rung;
  return before ? !(bufferMs < toBolaMs && asksLess) : bufferMs > toBolaMs && !asksLess;
}

function decideByBuffer<B, T>(
  options: DynamicOptions<B, T>,
  film: Film,
  state: DynamicState<B, T>,
  context: Context,
): Decided<B, T> {
  const bolaChooses = choosesByBuffer(state.bolaChooses, context.bufferMs);
  if (bolaChooses) {
    const made = options.bola.decide(film, state.bola, context);
    return { choice: made.choice, state: { bola: made.state, throughput: state.throughput, bolaChooses } };
  }
  const made = options.throughput.decide(film, state.throughput, context);
  return { choice: made.choice, state: { bola: state.bola, throughput: made.state, bolaChooses } };
}

function choosesByBuffer(before: boolean, bufferMs: number): boolean {
  return before ? bufferMs >= backByBufferMs : bufferMs > toBolaMs;
}

function ended<B, T>(
  options: DynamicOptions<B, T>,
  film: Film,
  state: DynamicState<B, T>,
  download: Downloaded,
): DynamicState<B, T> {
  const untold = options.by === "choices" && download.abandonedTo !== undefined;
  return {
    bola: untold ? state.bola : (options.bola.downloaded?.(film, state.bola, download) ?? state.bola),
    throughput: options.throughput.downloaded?.(film, state.throughput, download) ?? state.throughput,
    bolaChooses: state.bolaChooses && !(options.by === "choices" && download.replacement),
  };
}

function sentence<B, T>(
  options: DynamicOptions<B, T>,
  film: Film,
  state: DynamicState<B, T>,
  context: Context,
): string {
  const both = options.by === "choices" ? bothDecide(options, film, state, context) : undefined;
  const bolaChooses =
    both === undefined
      ? choosesByBuffer(state.bolaChooses, context.bufferMs)
      : choosesByChoices(state.bolaChooses, context.bufferMs, both);
  const said = bolaChooses
    ? options.bola.explain(film, state.bola, context)
    : options.throughput.explain(film, state.throughput, context);
  const who = bolaChooses ? "BOLA" : "throughput";
  const rungs =
    both === undefined
      ? ""
      : `, BOLA wants ${nameOf(film, both.bola.choice)}, throughput ${nameOf(film, both.throughput.choice)}`;
  return `${who} chooses at ${seconds(context.bufferMs)} s${rungs}: ${said}`;
}

function nameOf(film: Film, choice: Choice): string {
  return film.ladder.names[choice.rung] ?? String(choice.rung);
}
